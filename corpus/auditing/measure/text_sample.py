"""A sample of the texts, kept until the end so that words, lines and characters can be counted.

Those counts take time, and memory that grows with the number of distinct values. So they are made
on the documents whose ids have the smallest hashes, as many as fit a number of bytes. If the whole
corpus fits, the counts are exact. In a larger corpus every document is equally likely to be in the
sample, however the corpus is split into parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.auditing.measure.columns import parse_dates
from corpus.documents import ID, TEXT, optional

BUILD_SAMPLE_BYTES = 4 << 20
"""Bytes of text in the sample of a build: counting takes a fraction of a second."""

AUDIT_SAMPLE_BYTES = 64 << 20
"""Bytes of text in the sample of `corpus audit`."""

MAX_TEXT_CHARACTERS = 1 << 16
"""Longer texts are truncated to this length."""

FIELDS = ("title", "language", "publisher", "source", "url")
SCHEMA = pa.schema(
    [
        ("hash", pa.uint64()),
        ("bytes", pa.int64()),
        ("split", pa.string()),
        (ID, pa.string()),
        *((name, pa.string()) for name in FIELDS),
        ("date", pa.string()),
        (TEXT, pa.large_string()),
    ]
)


@dataclass(frozen=True)
class TextSample:
    """The documents with the smallest hashes whose texts fit into `max_bytes`."""

    max_bytes: int = BUILD_SAMPLE_BYTES
    rows: pa.Table = field(default_factory=SCHEMA.empty_table)
    complete: bool = True
    """Whether all documents are in the sample, none of them truncated."""

    is_trimmed: bool = False
    """Whether the rows are sorted and cut to size."""

    def merge(self, other: TextSample) -> TextSample:
        """Return the sample of both; it is trimmed once it is twice too large."""
        rows = pa.concat_tables([self.rows, other.rows])
        complete = self.complete and other.complete
        both = TextSample(max(self.max_bytes, other.max_bytes), rows, complete)
        size = pc.sum(rows["bytes"]).as_py() or 0
        return both if size <= 2 * both.max_bytes else both.trimmed()

    def trimmed(self) -> TextSample:
        """Return the sample sorted by hash and cut to size."""
        if self.is_trimmed:
            return self
        rows = self.rows.take(pa.array(_order(self.rows)))
        sizes = rows["bytes"].to_numpy()
        n = int(np.searchsorted(np.cumsum(sizes), self.max_bytes, side="right"))
        return TextSample(
            self.max_bytes,
            rows.slice(0, n).combine_chunks(),
            self.complete and n == len(sizes),
            is_trimmed=True,
        )


def _order(rows: pa.Table) -> NDArray[np.int64]:
    """Return the order by hash; the content of the rows breaks ties."""
    hashes = rows["hash"].to_numpy()
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    is_equal = ranked[1:] == ranked[:-1]
    tied = np.flatnonzero(np.concatenate([is_equal, [False]]) | np.concatenate([[False], is_equal]))
    if len(order) > 1 and len(tied):
        contents = rows.take(pa.array(order[tied])).to_pylist()
        among = sorted(range(len(tied)), key=lambda i: (ranked[tied[i]], repr(contents[i])))
        order[tied] = order[tied][among]
    return order


def sample_texts(
    parts: Sequence[pa.RecordBatch],
    hashes: Sequence[NDArray[np.uint64]],
    *,
    split: str,
    max_bytes: int,
) -> TextSample:
    """Return a sample of some batches, given the hashes of their ids."""
    sizes = [
        np.minimum(pc.fill_null(pc.binary_length(part.column(TEXT)), 0), MAX_TEXT_CHARACTERS)
        for part in parts
    ]
    order = np.argsort(np.concatenate(hashes), kind="stable")
    ends = np.cumsum(np.concatenate(sizes)[order], dtype=np.int64)
    # As many as would fit if every character took one byte: never too few.
    n = int(np.searchsorted(ends, max_bytes, side="right"))
    chosen = np.sort(order[:n])
    starts = np.cumsum([0, *map(len, hashes)])
    cuts = np.searchsorted(chosen, starts)
    samples = [
        _sample_batch(part, part_hashes[rows], rows, split, max_bytes)
        for part, part_hashes, rows in zip(
            parts,
            hashes,
            (chosen[a:b] - start for a, b, start in zip(cuts[:-1], cuts[1:], starts, strict=False)),
            strict=True,
        )
    ]
    rows = pa.concat_tables([sample.rows for sample in samples])
    complete = n == len(order) and all(sample.complete for sample in samples)
    return TextSample(max_bytes, rows, complete)


def _sample_batch(
    documents: pa.RecordBatch,
    hashes: NDArray[np.uint64],
    rows: NDArray[np.int64],
    split: str,
    max_bytes: int,
) -> TextSample:
    """Return some rows of a batch as a sample."""
    few = documents.take(pa.array(rows)) if len(rows) < documents.num_rows else documents
    text = pc.fill_null(optional(few, TEXT, pa.large_string()), "")
    too_long = (pc.max(pc.binary_length(text)).as_py() or 0) > MAX_TEXT_CHARACTERS
    short = arrow_buffers.beginnings(text, MAX_TEXT_CHARACTERS) if too_long else text
    columns = {
        "hash": hashes,
        "bytes": pc.binary_length(short).cast(pa.int64()),
        "split": pa.repeat(pa.scalar(split), few.num_rows),
        ID: optional(few, ID, pa.string()),
        **{name: optional(few, name, pa.string()) for name in FIELDS},
        "date": days(few),
        TEXT: short,
    }
    arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA]
    table = pa.Table.from_arrays(arrays, schema=SCHEMA)
    # a slice would keep the texts of the whole shard in memory, and send them to the parent
    table = table.take(pa.array(np.arange(table.num_rows)))
    return TextSample(max_bytes, table, not too_long or short.equals(text))


def days(documents: pa.RecordBatch) -> pa.Array:
    """Return the date of each document as `2023-05-22` (string[n_documents]); null if unknown."""
    seconds = parse_dates(documents).cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return pc.utf8_slice_codeunits(seconds, 0, 10)
