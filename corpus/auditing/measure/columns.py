"""Measure whole columns of documents: words, hosts, months, missing values.

Nothing here loops over documents in Python. A gigabyte of text takes a few seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

RENARD_R10 = (100, 125, 160, 200, 250, 315, 400, 500, 630, 800)
LENGTH_EDGES = (
    *(0, 1, 2, 3, 4, 5, 6, 8),
    *(n * 10**power // 100 for power in range(1, 7) for n in RENARD_R10),
)
"""Lower edges of the bins of length: Renard's R10 series, ten bins per decade. The last bin is
open."""

SCORE_BINS = 20
"""Number of bins of the language score from 0 to 1; the last one includes 1."""

PLAUSIBLE_YEARS = (1, 9999)
"""Dates outside these years are implausible and belong to no month."""

HOST_PATTERN = r"^[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:]+)"


def hosts(urls: pa.Array) -> pa.Array:
    """Return the host of each URL in lower case: string[n_urls]; null if there is none."""
    host = pc.struct_field(pc.extract_regex(urls, HOST_PATTERN), "host")
    return pc.ascii_lower(host).cast(pa.string())


def documents_by_month(dates: pa.Array) -> dict[str, int]:
    """Return the number of documents of each month: `{"2023-05": 12}`."""
    month = _plausible(dates).astype("datetime64[M]")
    months, counts = np.unique(month, return_counts=True)
    return dict(zip(months.astype(str).tolist(), counts.tolist(), strict=True))


def undated_counts(dates: pa.Array) -> dict[str, int]:
    """Return how many documents have no date, and how many a date outside `PLAUSIBLE_YEARS`."""
    dated = len(dates) - dates.null_count
    return {"undated": dates.null_count, "implausible": dated - len(_plausible(dates))}


def _plausible(dates: pa.Array) -> NDArray[np.datetime64]:
    microseconds = dates.drop_null().cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    valid = microseconds.astype("datetime64[us]")
    first_year, last_year = PLAUSIBLE_YEARS
    first, end = (np.datetime64(f"{year:04}", "Y") for year in (first_year, last_year + 1))
    return valid[(valid >= first) & (valid < end)]


def filled_counts(documents: pa.RecordBatch) -> dict[str, int]:
    """Return how many documents have a value in each column: neither null nor an empty string."""
    counts = {}
    for name, values in zip(documents.schema.names, documents.columns, strict=True):
        if name.startswith("_"):
            continue  # an internal column
        n = len(values) - values.null_count
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            n = pc.sum(pc.not_equal(pc.binary_length(values), 0)).as_py() or 0
        counts[name] = n
    return counts


def length_histogram(lengths: pa.Array) -> dict[str, int]:
    """Return the number of documents in each non-empty bin of `LENGTH_EDGES`, by bin number."""
    return _histogram(np.searchsorted(LENGTH_EDGES, lengths.to_numpy(), side="right") - 1)


def score_histogram(scores: pa.Array) -> dict[str, int]:
    """Return the number of scores in each non-empty bin of `SCORE_BINS`, by bin number."""
    valid = np.clip(np.nan_to_num(scores.drop_null().to_numpy()), 0, 1)
    return _histogram(np.minimum(valid * SCORE_BINS, SCORE_BINS - 1).astype(np.int64))


def _histogram(bins: NDArray[np.int64]) -> dict[str, int]:
    return {str(bin): n for bin, n in enumerate(np.bincount(bins).tolist()) if n}


def parse_dates(documents: pa.RecordBatch) -> pa.Array:
    """Return the dates (timestamp[us, UTC][n_documents]); null where a date cannot be parsed."""
    wanted = pa.timestamp("us", "UTC")
    if "date" not in documents.schema.names:
        return pa.nulls(documents.num_rows, wanted)
    dates: Any = documents.column("date")
    if pa.types.is_timestamp(dates.type) or pa.types.is_date(dates.type):
        return dates.cast(pa.timestamp("us"), safe=False).cast(wanted)
    text = dates.cast(pa.string())
    day = pc.struct_field(pc.extract_regex(text, r"^(?P<day>\d{4}-\d{2}-\d{2})"), "day")
    return pc.strptime(day, format="%Y-%m-%d", unit="us", error_is_null=True).cast(wanted)
