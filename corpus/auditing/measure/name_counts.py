"""Counts by name (language, source, publisher, host) that stay exact, mergeable and bounded.

A corpus may have more publishers than memory has room for. Past `LIMIT` names, those with the
smallest hash are kept: a name that belongs to the `LIMIT` smallest of a whole belongs to the
`LIMIT` smallest of each of its parts, so what is kept has been counted from its first document to
its last, however the corpus was cut. The counts of the names kept are exact, and so is the sum
over the others; how many others there are is estimated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LIMIT = 100_000
"""Names kept in memory: about 10 MB for each kind of name."""

LONGEST = 200
"""Characters of a name that are looked at: names with an equal beginning this long count as one."""

TOP = 50
"""Names that are told one by one; the others are summed."""

MEASURES = ("documents", "characters", "bytes", "words", "doubtful")
"""What is counted; `doubtful` documents are those whose language is in doubt."""

KEYS = ("name", "split")
SCHEMA = pa.schema(
    [(key, pa.string()) for key in KEYS] + [(measure, pa.int64()) for measure in MEASURES]
)


@dataclass(frozen=True)
class Tally:
    """Counts by name and split: one row each, the name null where it is not known."""

    rows: pa.Table
    """Columns of `SCHEMA`."""

    kept: int = LIMIT
    """Names kept at most."""

    whole: bool = True
    """Whether all names are there: false once some had to go."""

    def merge(self, other: Tally) -> Tally:
        """Return the counts of both; grouping is associative and knows no order."""
        rows = _summed(pa.concat_tables([self.rows, other.rows]))
        whole = self.whole and other.whole
        return _bounded(rows, min(self.kept, other.kept), whole=whole)

    def to_json(self, totals: dict[str, int], *, top: int = TOP) -> dict[str, Any]:
        """Return the names with the most documents, the sum of the others and of the nameless.

        `totals` are the measures of the whole corpus. The names told, `others` and `unknown` sum
        to them.
        """
        known: dict[str, dict[str, Any]] = {}
        unknown = _nothing()
        for row in self.rows.to_pylist() if self.rows.num_rows <= 4 * top else self._largest(top):
            into = unknown if row["name"] is None else known.setdefault(row["name"], _nothing())
            for measure in MEASURES:
                into[measure] += row[measure]
            into["splits"][row["split"]] = row["documents"]
        ranked = sorted(known, key=lambda name: (-known[name]["documents"], name))[:top]
        told = [{"name": name, **known[name], "splits": _sorted(known[name])} for name in ranked]
        unknown["splits"] = _sorted(unknown)
        names = self._names()
        others = {
            measure: totals[measure] - unknown[measure] - sum(row[measure] for row in told)
            for measure in MEASURES
        }
        return {
            "names": names,
            "exact": self.whole,
            "rows": told,
            "others": {"names": names - len(told), **others},
            "unknown": unknown,
            "concentration": self._concentration(),
        }

    def _concentration(self) -> dict[str, float] | None:
        """Return how concentrated the names are, among the documents that have one.

        The shares of the largest and of the largest ten; and how many names of equal size would be
        as concentrated (the inverse of Simpson's index). None where not all names are there.
        """
        known = self.rows.filter(pc.is_valid(self.rows["name"]))
        if not self.whole or not known.num_rows:
            return None
        sums = known.group_by("name", use_threads=False).aggregate([("documents", "sum")])
        ranked = np.sort(sums["documents_sum"].to_numpy())[::-1]
        whole = int(ranked.sum())
        return {
            "largest": round(int(ranked[0]) / whole, 4),
            "ten": round(int(ranked[:10].sum()) / whole, 4),
            "effective": round(whole**2 / sum(n * n for n in ranked.tolist()), 2),
        }

    def _largest(self, top: int) -> list[dict[str, Any]]:
        """Return the rows of the `top` names with the most documents, and of the nameless."""
        known = self.rows.filter(pc.is_valid(self.rows["name"]))
        sums = known.group_by("name", use_threads=False).aggregate([("documents", "sum")])
        order = [("documents_sum", "descending"), ("name", "ascending")]
        names = sums.sort_by(order).slice(0, top)["name"]
        wanted = pc.or_(pc.is_null(self.rows["name"]), pc.is_in(self.rows["name"], names))
        return self.rows.filter(wanted).to_pylist()

    def _names(self) -> int:
        """Return how many names there are: exactly, or estimated from the largest hash kept."""
        names = pc.unique(self.rows["name"]).drop_null()
        if self.whole:
            return len(names)
        largest = max(_hash(name) for name in names.to_pylist())
        return round((len(names) - 1) * 2**64 / largest)


def tally(measured: pa.Table, kind: str, split: str, *, kept: int = LIMIT) -> Tally:
    """Return the measures of the documents of a split by their names.

    `measured` has a row for each document, with `MEASURES` and its name in the column `kind`.
    """
    names = pc.utf8_slice_codeunits(measured[kind].cast(pa.string()), 0, LONGEST)
    names = pc.if_else(pc.equal(names, ""), pa.scalar(None, pa.string()), names)
    splits = pa.repeat(pa.scalar(split), len(names))
    columns = [names, splits, *(measured[measure] for measure in MEASURES)]
    return _bounded(_summed(pa.table(columns, schema=SCHEMA)), kept, whole=True)


def nothing(*, kept: int = LIMIT) -> Tally:
    """Return the tally of no documents, which changes none that it is merged with."""
    return Tally(SCHEMA.empty_table(), kept)


def _summed(table: pa.Table) -> pa.Table:
    sums = [(measure, "sum") for measure in MEASURES]
    summed = table.group_by(list(KEYS), use_threads=False).aggregate(sums)
    return summed.rename_columns(
        [name.removesuffix("_sum") for name in summed.column_names]
    ).select(SCHEMA.names)


def _bounded(rows: pa.Table, kept: int, *, whole: bool) -> Tally:
    """Keep the names with the smallest hashes where there are more than `kept` of them."""
    names = pc.unique(rows["name"]).drop_null()
    if len(names) <= kept:
        return Tally(rows, kept, whole)
    hashes = np.array([_hash(name) for name in names.to_pylist()], np.uint64)
    smallest = names.take(pa.array(np.argpartition(hashes, kept)[:kept]))
    wanted = pc.or_(pc.is_null(rows["name"]), pc.is_in(rows["name"], smallest))
    return Tally(rows.filter(wanted), kept, whole=False)


def _hash(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _nothing() -> dict[str, Any]:
    return {**dict.fromkeys(MEASURES, 0), "splits": {}}


def _sorted(row: dict[str, Any]) -> dict[str, int]:
    return dict(sorted(row["splits"].items()))
