"""Examples of what a build removed and changed: three of each, so that a person can judge.

The ledger holds no texts. The beginnings of a few texts are kept on the way, in scratch: of each
stage and reason, the three documents whose keys are smallest. Keys are hashes, so that is a random
choice, which neither workers nor the order of the input have a say in. What looks like personal
data is masked before anything is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ID, KEY, RECORD_HASH, TEXT, reasons

EXAMPLES = 3
"""Documents that are shown for each stage and reason."""

EXCERPT = 400
"""Characters of each text that are shown."""

LINES = 8
"""Lines that a stage took out of a document that are shown."""

Excerpt = tuple[str, str]
"""An id, and how its text begins."""

Changed = dict[str, list[dict[str, Any]]]
"""For each stage, the few documents whose text it changed, in the order of their keys."""


def excerpts(documents: pa.RecordBatch, because: pa.Array) -> pa.Array:
    """Return the beginning of the text of a few documents of each reason; null for the others.

    Of those with the smallest keys; equal keys are equal records, and are all among the few.
    """
    keys = documents.column(KEY).cast(pa.binary())
    wanted = pa.array([False] * documents.num_rows)
    for reason in pc.unique(because).to_pylist():
        of = pc.equal(because, reason)
        smallest = sorted(set(keys.filter(of).to_pylist()))[:EXAMPLES]
        wanted = pc.or_(wanted, pc.and_(of, pc.is_in(keys, pa.array(smallest, pa.binary()))))
    text = documents.column(TEXT)
    short = pc.utf8_slice_codeunits(
        pc.if_else(wanted, text, pa.scalar(None, text.type)), 0, EXCERPT
    )
    return short.cast(pa.string())


def removed(ledger: pa.Table) -> list[dict[str, Any]]:
    """Return the examples of a ledger that is in the order of its keys, each as one row."""
    shown = ledger.filter(pc.is_valid(ledger.column("excerpt")))
    names = [ID, "source", "stage", "reason", "evidence", "score", "excerpt"]
    return first_few(shown.select(names).to_pylist())


def beside_kept(
    batch: pa.RecordBatch, gone: Iterable[pa.Table], shown: Collection[str]
) -> list[Excerpt]:
    """Return how some documents of a batch begin that went for another one, as (id, text).

    Of those that went for one of `shown`, and of all others, by each stage the few with the lowest
    scores: members of the clusters that the audit shows, and removals that only just were alike.
    """
    found: list[Excerpt] = []
    for table in gone:
        rows = table.filter(pc.is_valid(table["evidence"])).sort_by([("score", "ascending")])
        few = {int(i) for i in range(min(EXAMPLES * 2, rows.num_rows))}
        if shown:
            for id in shown:
                of = pc.indices_nonzero(pc.equal(rows["evidence"], id))
                few |= set(of.slice(0, EXAMPLES).to_pylist())
        told = rows.take(pa.array(sorted(few), pa.int64()))
        texts = batch.filter(pc.is_in(batch.column(KEY), told[KEY].combine_chunks()))
        begins = pc.utf8_slice_codeunits(texts.column(TEXT), 0, EXCERPT).to_pylist()
        of_key = dict(zip(texts.column(KEY).to_pylist(), begins, strict=True))
        pairs = zip(told[ID].to_pylist(), told[KEY].to_pylist(), strict=True)
        found += [(id, of_key[key]) for id, key in pairs if key in of_key]
    return found


def first_few(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first few examples of each stage and reason."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        few = found.setdefault((row["stage"], row["reason"]), [])
        if len(few) < EXAMPLES:
            few.append(row)
    return [row for key in sorted(found) for row in found[key]]


def changed(stage: str, before: pa.RecordBatch, after: pa.RecordBatch, found: Changed) -> None:
    """Note a few of the documents of a batch that a stage left, with another text."""
    if after.column(TEXT).equals(before.column(TEXT)):
        return
    other = pc.fill_null(pc.not_equal(before.column(TEXT), after.column(TEXT)), fill_value=False)
    other = pc.and_(other, pc.is_null(reasons(after)))
    if not pc.any(other).as_py():
        return
    rows = pc.indices_nonzero(other)
    keys = after.column(KEY).take(rows).to_pylist()
    order = sorted(range(len(keys)), key=lambda i: keys[i])[:EXAMPLES]
    few = pa.array([rows[i].as_py() for i in order], pa.int64())
    told = zip(before.take(few).to_pylist(), after.take(few).to_pylist(), strict=True)
    rows_told = [
        {
            "key": b[KEY].hex(),
            ID: a[ID],
            "source": a["source"],
            "digest": b[RECORD_HASH].hex(),
            "before": (b[TEXT] or "")[:EXCERPT],
            "after": (a[TEXT] or "")[:EXCERPT],
            "characters": [len(b[TEXT] or ""), len(a[TEXT] or "")],
            "gone": _gone(b[TEXT] or "", a[TEXT] or ""),
        }
        for b, a in told
    ]
    found[stage] = _smallest([*found.get(stage, []), *rows_told])


def _gone(before: str, after: str) -> list[str]:
    """Return the first lines that are no longer there."""
    stays = {line.strip() for line in after[:100_000].splitlines()}
    lines = (line.strip() for line in before[:100_000].splitlines())
    return [line[:200] for line in lines if line and line not in stays][:LINES]


def _smallest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    by_key = {row["key"]: row for row in rows}
    return [by_key[key] for key in sorted(by_key)[:EXAMPLES]]


def joined(parts: Iterable[Mapping[str, list[dict[str, Any]]]]) -> Changed:
    """Return the examples of many pieces as one choice."""
    found: Changed = {}
    for part in parts:
        for stage, rows in part.items():
            found[stage] = _smallest([*found.get(stage, []), *rows])
    return found
