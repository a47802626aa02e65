"""What several documents have in common, and should not: the same address, or the very same text.

The hashes of all values would take memory that grows with the corpus, so those are kept that are
smallest: a value is either counted in all its documents or in none, however the corpus was cut.
Rates are therefore exact up to `LIMIT` values, and estimates without a bias beyond (their relative
error is about one in the square root of the values that are kept).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LIMIT = 1 << 16
"""Values that are kept: 2 MB at most."""

SCHEMA = pa.schema([("hash", pa.uint64()), ("split", pa.string()), ("documents", pa.int64())])


@dataclass(frozen=True)
class Repeats:
    """How many documents of each split have each value."""

    rows: pa.Table = field(default_factory=SCHEMA.empty_table)
    kept: int = LIMIT
    whole: bool = True

    def merge(self, other: Repeats) -> Repeats:
        """Return the counts of both."""
        rows = _summed(pa.concat_tables([self.rows, other.rows]))
        return _bounded(rows, min(self.kept, other.kept), whole=self.whole and other.whole)

    def to_json(self) -> dict[str, Any]:
        """Return how many documents share a value with another one, within and across splits.

        `documents` and `values` are those that were looked at: all of them where `exact`.
        """
        by_value = self.rows.group_by("hash", use_threads=False).aggregate(
            [("documents", "sum"), ("split", "count")]
        )
        n = by_value["documents_sum"].to_numpy()
        across = by_value["split_count"].to_numpy() > 1
        return {
            "exact": self.whole,
            "values": len(n),
            "documents": int(n.sum()),
            "repeated": int((n - 1).sum()),
            "largest": int(n.max()) if len(n) else 0,
            "across_splits": int(across.sum()),
            "documents_across_splits": int(n[across].sum()),
        }


def repeats(
    hashes: NDArray[np.uint64], there: pa.Array, split: str, *, kept: int = LIMIT
) -> Repeats:
    """Return the counts of a batch: the hash of each document's value, and where there is one."""
    mine = pa.array(hashes).filter(there)
    counts = pc.value_counts(mine)
    rows = pa.table(
        [
            counts.field("values"),
            pa.repeat(pa.scalar(split), len(counts)),
            counts.field("counts"),
        ],
        schema=SCHEMA,
    )
    return _bounded(rows, kept, whole=True)


def _summed(rows: pa.Table) -> pa.Table:
    found = rows.group_by(["hash", "split"], use_threads=False).aggregate([("documents", "sum")])
    return found.rename_columns([n.removesuffix("_sum") for n in found.column_names]).select(
        SCHEMA.names
    )


def _bounded(rows: pa.Table, kept: int, *, whole: bool) -> Repeats:
    values = pc.unique(rows["hash"]).to_numpy()
    if len(values) <= kept:
        return Repeats(rows, kept, whole)
    largest = np.partition(values, kept - 1)[kept - 1]
    return Repeats(rows.filter(pc.less_equal(rows["hash"], pa.scalar(largest))), kept, whole=False)
