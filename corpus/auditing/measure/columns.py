"""What is measured of all documents at once: words, hosts, months, what is filled.

Nothing here loops over documents in Python; a gigabyte of text takes a few seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts

R10 = (100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
LENGTHS = (0, 1, 2, 3, 4, 5, 6, 8, *(n * 10**power // 100 for power in range(1, 7) for n in R10))
"""Lower ends of the bins of length in characters: Renard's R10, ten bins a decade; the last is
open."""

SCORES = 20
"""Bins of the language score from 0 to 1, the last with 1 in it."""

YEARS = (1, 9999)
"""Dates outside these years are implausible, and have no month."""

HOST = r"^[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:]+)"


def words(text: pa.Array) -> NDArray[np.int64]:
    """Return how many words each text has: int64[n_texts]; null has none.

    A word here is a run of bytes above the space. That is a measure of size which costs little; in
    scripts written without spaces it is too small. Deduplication has a finer definition of its
    own.
    """
    data, offsets = texts(text)
    body = data[offsets[0] : offsets[-1]]
    bounds = offsets - offsets[0]
    inside = body > 0x20
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    firsts = bounds[:-1][bounds[:-1] < bounds[1:]]  # a document's first byte follows nothing
    begins[firsts] = inside[firsts]
    return np.diff(np.searchsorted(np.flatnonzero(begins), bounds))


def hosts(urls: pa.Array) -> pa.Array:
    """Return the host that each URL names, in lower case: string[n_urls], null for none."""
    found = pc.struct_field(pc.extract_regex(urls, HOST), "host")
    return pc.ascii_lower(found).cast(pa.string())


def months(dates: pa.Array) -> dict[str, int]:
    """Return how many documents are of each month: `{"2023-05": 12}`."""
    month = _plausible(dates).astype("datetime64[M]")
    found, counts = np.unique(month, return_counts=True)
    return dict(zip(found.astype(str).tolist(), counts.tolist(), strict=True))


def undated(dates: pa.Array) -> dict[str, int]:
    """Return how many documents have no date, and how many one outside `YEARS`."""
    dated = len(dates) - dates.null_count
    return {"undated": dates.null_count, "implausible": dated - len(_plausible(dates))}


def _plausible(dates: pa.Array) -> NDArray[np.datetime64]:
    valid = dates.drop_null().cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    found = valid.astype("datetime64[us]")
    first, last = (np.datetime64(f"{year:04}", "Y") for year in (YEARS[0], YEARS[1] + 1))
    return found[(found >= first) & (found < last)]


def filled(documents: pa.RecordBatch) -> dict[str, int]:
    """Return in how many documents each column has a value: neither null nor an empty string."""
    found = {}
    for name, values in zip(documents.schema.names, documents.columns, strict=True):
        if name.startswith("_"):
            continue  # of the run, not of the corpus
        n = len(values) - values.null_count
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            n = pc.sum(pc.not_equal(pc.binary_length(values), 0)).as_py() or 0
        found[name] = n
    return found


def length_bins(characters: pa.Array) -> dict[str, int]:
    """Return how many documents are in each bin of `LENGTHS` that has any, by the bin's number."""
    return _counted(np.searchsorted(LENGTHS, characters.to_numpy(), side="right") - 1)


def score_bins(scores: pa.Array) -> dict[str, int]:
    """Return how many scores are in each bin of `SCORES` that has any, by the bin's number."""
    valid = np.clip(np.nan_to_num(scores.drop_null().to_numpy()), 0, 1)
    return _counted(np.minimum(valid * SCORES, SCORES - 1).astype(np.int64))


def _counted(bins: NDArray[np.int64]) -> dict[str, int]:
    return {str(bin): n for bin, n in enumerate(np.bincount(bins).tolist()) if n}


def dates_of(documents: pa.RecordBatch) -> pa.Array:
    """Return the dates (timestamp[us, UTC][n_documents]); what cannot be read as one is null."""
    wanted = pa.timestamp("us", "UTC")
    if "date" not in documents.schema.names:
        return pa.nulls(documents.num_rows, wanted)
    found: Any = documents.column("date")
    if pa.types.is_timestamp(found.type) or pa.types.is_date(found.type):
        return found.cast(pa.timestamp("us"), safe=False).cast(wanted)
    text = found.cast(pa.string())
    day = pc.struct_field(pc.extract_regex(text, r"^(?P<day>\d{4}-\d{2}-\d{2})"), "day")
    return pc.strptime(day, format="%Y-%m-%d", unit="us", error_is_null=True).cast(wanted)
