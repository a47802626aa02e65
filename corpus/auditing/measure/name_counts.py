"""Count documents by name (language, source, publisher, host): exact, mergeable, bounded.

A corpus may have more publishers than fit into memory. Beyond `MAX_NAMES` names, only those with
the smallest hashes are kept. A name among the `MAX_NAMES` smallest of a corpus is also among the
`MAX_NAMES` smallest of each of its parts, so it is counted from its first document to its last,
however the corpus is split into parts. The counts of the kept names are exact, and so is the sum
over all others. The number of other names is estimated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.report import Concentration, NameTable, Totals

MAX_NAMES = 100_000
"""Maximum number of names kept in memory: about 10 MB for each kind of name."""

MAX_NAME_CHARACTERS = 200
"""Names are truncated to this length; names with the same beginning count as one."""

MAX_ROWS = 50
"""Maximum number of names with a row of their own; all others are summed."""

MEASURES = ("documents", "characters", "bytes", "words", "doubtful")
"""What is counted. `doubtful` documents have a low language score."""

KEYS = ("name", "split")
SCHEMA = pa.schema(
    [(key, pa.string()) for key in KEYS] + [(measure, pa.int64()) for measure in MEASURES]
)


@dataclass(frozen=True)
class NameCounts:
    """Counts by name and split, one row each; the name is null where it is unknown."""

    rows: pa.Table
    """Columns of `SCHEMA`."""

    max_names: int = MAX_NAMES
    complete: bool = True
    """Whether all names were kept."""

    def merge(self, other: NameCounts) -> NameCounts:
        """Return the counts of both; merging is associative and commutative."""
        rows = _sum_rows(pa.concat_tables([self.rows, other.rows]))
        complete = self.complete and other.complete
        return _limit(rows, min(self.max_names, other.max_names), complete=complete)

    def to_json(self, totals: Totals, *, top: int = MAX_ROWS) -> NameTable:
        """Return the names with the most documents, all others summed, and unnamed documents.

        `totals` are the measures of the whole corpus. `rows`, `others` and `unknown` sum to them.
        """
        known: dict[str, dict[str, Any]] = {}
        unknown = _zeros()
        for row in self.rows.to_pylist() if self.rows.num_rows <= 4 * top else self._largest(top):
            counts = unknown if row["name"] is None else known.setdefault(row["name"], _zeros())
            for measure in MEASURES:
                counts[measure] += row[measure]
            counts["splits"][row["split"]] = row["documents"]
        ranked = sorted(known, key=lambda name: (-known[name]["documents"], name))[:top]
        rows = [{"name": name, **known[name], "splits": _sorted(known[name])} for name in ranked]
        unknown["splits"] = _sorted(unknown)
        names = self._number_of_names()
        all_totals = cast("dict[str, int]", totals)
        others = {
            measure: all_totals[measure] - unknown[measure] - sum(row[measure] for row in rows)
            for measure in MEASURES
        }
        table = {
            "names": names,
            "exact": self.complete,
            "rows": rows,
            "others": {"names": names - len(rows), **others},
            "unknown": unknown,
            "concentration": self._concentration(),
        }
        return cast("NameTable", table)

    def _concentration(self) -> Concentration | None:
        """Return how unevenly documents are spread over names; None if not all names were kept.

        `largest` and `ten` are the shares of the largest name and of the largest ten, among
        documents with a name. `effective` is the number of names of equal size that would be as
        concentrated: the inverse of Simpson's index.
        """
        known = self.rows.filter(pc.is_valid(self.rows["name"]))
        if not self.complete or not known.num_rows:
            return None
        sums = known.group_by("name", use_threads=False).aggregate([("documents", "sum")])
        ranked = np.sort(sums["documents_sum"].to_numpy())[::-1]
        total = int(ranked.sum())
        return {
            "largest": round(int(ranked[0]) / total, 4),
            "ten": round(int(ranked[:10].sum()) / total, 4),
            "effective": round(total**2 / sum(n * n for n in ranked.tolist()), 2),
        }

    def _largest(self, top: int) -> list[dict[str, Any]]:
        """Return the rows of the `top` names with the most documents, and those without a name."""
        known = self.rows.filter(pc.is_valid(self.rows["name"]))
        sums = known.group_by("name", use_threads=False).aggregate([("documents", "sum")])
        order = [("documents_sum", "descending"), ("name", "ascending")]
        names = sums.sort_by(order).slice(0, top)["name"]
        wanted = pc.or_(pc.is_null(self.rows["name"]), pc.is_in(self.rows["name"], names))
        return self.rows.filter(wanted).to_pylist()

    def _number_of_names(self) -> int:
        """Return the number of names: exact, or estimated from the largest hash kept."""
        names = pc.unique(self.rows["name"]).drop_null()
        if self.complete:
            return len(names)
        largest = max(_hash(name) for name in names.to_pylist())
        return round((len(names) - 1) * 2**64 / largest)


def count_names(
    measured: pa.Table, kind: str, split: str, *, max_names: int = MAX_NAMES
) -> NameCounts:
    """Return the measures of the documents of a split, summed by name.

    `measured` has one row per document: `MEASURES`, and the name in the column `kind`.
    """
    names = pc.utf8_slice_codeunits(measured[kind].cast(pa.string()), 0, MAX_NAME_CHARACTERS)
    names = pc.if_else(pc.equal(names, ""), pa.scalar(None, pa.string()), names)
    splits = pa.repeat(pa.scalar(split), len(names))
    columns = [names, splits, *(measured[measure] for measure in MEASURES)]
    return _limit(_sum_rows(pa.table(columns, schema=SCHEMA)), max_names, complete=True)


def no_names(*, max_names: int = MAX_NAMES) -> NameCounts:
    """Return the counts of no documents: the neutral element of `merge`."""
    return NameCounts(SCHEMA.empty_table(), max_names)


def _sum_rows(table: pa.Table) -> pa.Table:
    sums = [(measure, "sum") for measure in MEASURES]
    summed = table.group_by(list(KEYS), use_threads=False).aggregate(sums)
    return summed.rename_columns(
        [name.removesuffix("_sum") for name in summed.column_names]
    ).select(SCHEMA.names)


def _limit(rows: pa.Table, max_names: int, *, complete: bool) -> NameCounts:
    """Keep only the names with the smallest hashes if there are more than `max_names`."""
    names = pc.unique(rows["name"]).drop_null()
    if len(names) <= max_names:
        return NameCounts(rows, max_names, complete)
    hashes = np.array([_hash(name) for name in names.to_pylist()], np.uint64)
    smallest = names.take(pa.array(np.argpartition(hashes, max_names)[:max_names]))
    wanted = pc.or_(pc.is_null(rows["name"]), pc.is_in(rows["name"], smallest))
    return NameCounts(rows.filter(wanted), max_names, complete=False)


def _hash(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _zeros() -> dict[str, Any]:
    return {**dict.fromkeys(MEASURES, 0), "splits": {}}


def _sorted(row: dict[str, Any]) -> dict[str, int]:
    return dict(sorted(row["splits"].items()))
