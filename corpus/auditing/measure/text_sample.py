"""Some of the texts themselves, held until the end, so that they can be looked at closely.

Counting words, lines and characters takes memory that grows with what is counted, and time. So it
is done on documents chosen by the hashes of their ids: those with the smallest, as many as fit a
number of bytes. A corpus that fits is held whole, and what is told of it is exact; of a larger one
every document is as likely to be held as another, however the corpus was cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.auditing.measure.columns import dates_of
from corpus.documents import ID, TEXT, optional

BUILD = 4 << 20
"""Bytes of text that a build looks at closely: a fraction of a second."""

AUDIT = 64 << 20
"""Bytes of text that `corpus audit` looks at closely."""

LONGEST = 1 << 16
"""Characters of a document that are held."""

NAMES = ("title", "language", "publisher", "source", "url")
SCHEMA = pa.schema(
    [
        ("hash", pa.uint64()),
        ("bytes", pa.int64()),
        ("split", pa.string()),
        (ID, pa.string()),
        *((name, pa.string()) for name in NAMES),
        ("date", pa.string()),
        (TEXT, pa.large_string()),
    ]
)


@dataclass(frozen=True)
class Held:
    """The documents with the smallest hashes whose texts fit `budget` bytes."""

    budget: int = BUILD
    rows: pa.Table = field(default_factory=SCHEMA.empty_table)
    whole: bool = True
    """Whether no document had to go, and none was cut short."""

    final: bool = False
    """Whether the rows are in order and cut to size."""

    def merge(self, other: Held) -> Held:
        """Return what is held of both; it is cut to size when it is twice too large."""
        rows = pa.concat_tables([self.rows, other.rows])
        both = Held(max(self.budget, other.budget), rows, self.whole and other.whole)
        return both if (pc.sum(rows["bytes"]).as_py() or 0) <= 2 * both.budget else both.settled()

    def settled(self) -> Held:
        """Return it in the order of the hashes, cut to size."""
        if self.final:
            return self
        rows = self.rows.take(pa.array(_order(self.rows)))
        sizes = rows["bytes"].to_numpy()
        n = int(np.searchsorted(np.cumsum(sizes), self.budget, side="right"))
        return Held(
            self.budget,
            rows.slice(0, n).combine_chunks(),
            self.whole and n == len(sizes),
            final=True,
        )


def _order(rows: pa.Table) -> NDArray[np.int64]:
    """Return the order by hash; documents with one hash are told apart by all that they say."""
    hashes = rows["hash"].to_numpy()
    order = np.argsort(hashes, kind="stable")
    ranked = hashes[order]
    same = ranked[1:] == ranked[:-1]
    tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
    if len(order) > 1 and len(tied):
        told = rows.take(pa.array(order[tied])).to_pylist()
        among = sorted(range(len(tied)), key=lambda i: (ranked[tied[i]], repr(told[i])))
        order[tied] = order[tied][among]
    return order


def hold(
    parts: Sequence[pa.RecordBatch],
    hashes: Sequence[NDArray[np.uint64]],
    *,
    split: str,
    budget: int,
) -> Held:
    """Return what is held of some batches, whose ids have these hashes."""
    sizes = [
        np.minimum(pc.fill_null(pc.binary_length(part.column(TEXT)), 0), LONGEST) for part in parts
    ]
    order = np.argsort(np.concatenate(hashes), kind="stable")
    ends = np.cumsum(np.concatenate(sizes)[order], dtype=np.int64)
    # as many as would fit if no character took more than a byte, so never too few
    n = int(np.searchsorted(ends, budget, side="right"))
    chosen = np.sort(order[:n])
    starts = np.cumsum([0, *map(len, hashes)])
    cuts = np.searchsorted(chosen, starts)
    found = [
        _held(part, some[rows], rows, split, budget)
        for part, some, rows in zip(
            parts,
            hashes,
            (chosen[a:b] - start for a, b, start in zip(cuts[:-1], cuts[1:], starts, strict=False)),
            strict=True,
        )
    ]
    rows = pa.concat_tables([held.rows for held in found])
    return Held(budget, rows, n == len(order) and all(held.whole for held in found))


def _held(
    documents: pa.RecordBatch,
    hashes: NDArray[np.uint64],
    rows: NDArray[np.int64],
    split: str,
    budget: int,
) -> Held:
    """Return these rows of a batch."""
    few = documents.take(pa.array(rows)) if len(rows) < documents.num_rows else documents
    text = pc.fill_null(optional(few, TEXT, pa.large_string()), "")
    cut = (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST
    short = pc.utf8_slice_codeunits(text, 0, LONGEST) if cut else text
    columns = {
        "hash": hashes,
        "bytes": pc.binary_length(short).cast(pa.int64()),
        "split": pa.repeat(pa.scalar(split), few.num_rows),
        ID: optional(few, ID, pa.string()),
        **{name: optional(few, name, pa.string()) for name in NAMES},
        "date": days(few),
        TEXT: short,
    }
    arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA]
    table = pa.Table.from_arrays(arrays, schema=SCHEMA)
    return Held(budget, table, not cut or short.equals(text))


def days(documents: pa.RecordBatch) -> pa.Array:
    """Return the day of each document, `2023-05-22` (string[n_documents]); null for none."""
    told = dates_of(documents).cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return pc.utf8_slice_codeunits(told, 0, 10)
