"""Count values that several documents share and should not: the same URL, or the same text.

Keeping the hashes of all values would take memory that grows with the corpus, so only the values
with the smallest hashes are kept. Each value is counted in all of its documents or in none, however
the corpus is split into parts. Rates are exact up to `MAX_VALUES` values. Beyond that they are
unbiased estimates; their relative error is about one over the square root of the values kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.auditing.report import RepeatedValues

MAX_VALUES = 1 << 16
"""Maximum number of values kept: at most 2 MB."""

SCHEMA = pa.schema([("hash", pa.uint64()), ("split", pa.string()), ("documents", pa.int64())])


@dataclass(frozen=True)
class Repeats:
    """How many documents of each split have each value."""

    rows: pa.Table = field(default_factory=SCHEMA.empty_table)
    max_values: int = MAX_VALUES
    complete: bool = True
    """Whether all values were kept."""

    def merge(self, other: Repeats) -> Repeats:
        """Return the counts of both."""
        rows = _sum_rows(pa.concat_tables([self.rows, other.rows]))
        complete = self.complete and other.complete
        return _limit(rows, min(self.max_values, other.max_values), complete=complete)

    def to_json(self) -> RepeatedValues:
        """Return how many documents share a value with another one, within and across splits.

        `documents` and `values` are those that were counted: all of them if `exact`.
        """
        by_value = self.rows.group_by("hash", use_threads=False).aggregate(
            [("documents", "sum"), ("split", "count")]
        )
        n = by_value["documents_sum"].to_numpy()
        across = by_value["split_count"].to_numpy() > 1
        return {
            "exact": self.complete,
            "values": len(n),
            "documents": int(n.sum()),
            "repeated": int((n - 1).sum()),
            "largest": int(n.max()) if len(n) else 0,
            "across_splits": int(across.sum()),
            "documents_across_splits": int(n[across].sum()),
        }


def count_repeats(
    hashes: NDArray[np.uint64], present: pa.Array, split: str, *, max_values: int = MAX_VALUES
) -> Repeats:
    """Return the counts of a batch, given the hash of each value and whether it is present."""
    counts = pc.value_counts(pa.array(hashes).filter(present))
    rows = pa.table(
        [
            counts.field("values"),
            pa.repeat(pa.scalar(split), len(counts)),
            counts.field("counts"),
        ],
        schema=SCHEMA,
    )
    return _limit(rows, max_values, complete=True)


def _sum_rows(rows: pa.Table) -> pa.Table:
    sums = rows.group_by(["hash", "split"], use_threads=False).aggregate([("documents", "sum")])
    names = [name.removesuffix("_sum") for name in sums.column_names]
    return sums.rename_columns(names).select(SCHEMA.names)


def _limit(rows: pa.Table, max_values: int, *, complete: bool) -> Repeats:
    """Keep only the values with the smallest hashes if there are more than `max_values`."""
    values = pc.unique(rows["hash"]).to_numpy()
    if len(values) <= max_values:
        return Repeats(rows, max_values, complete)
    largest = np.partition(values, max_values - 1)[max_values - 1]
    kept = rows.filter(pc.less_equal(rows["hash"], pa.scalar(largest)))
    return Repeats(kept, max_values, complete=False)
