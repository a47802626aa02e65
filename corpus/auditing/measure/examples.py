"""Keep examples of what a build removes and changes: three for each stage and reason.

The ledger has no texts. During the build, the beginnings of a few texts are kept in scratch files:
for each stage and reason, the three documents with the smallest keys. Keys are hashes, so the
choice is random, but it depends neither on the workers nor on the order of the input. Patterns of
personal data are masked before anything is shown. So with each excerpt, what stands around it is
kept: an address may go on beyond it, and a word before it may name a number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus import arrow_buffers
from corpus.auditing.measure.personal_data import mask_private_keys
from corpus.documents import ID, KEY, RECORD_HASH, TEXT, reasons

MAX_EXAMPLES = 3
"""Documents shown for each stage and reason."""

EXCERPT_CHARACTERS = 400
"""Maximum length of the beginning of a text."""

BEYOND_CHARACTERS = 400
"""Characters after an excerpt that are kept: the longest e-mail address has fewer."""

BEFORE_CHARACTERS = 240
"""Characters before a removed line that are kept."""

MAX_REMOVED_LINES = 8
"""Lines shown that a stage removed from a document."""

MAX_LINE_CHARACTERS = 200

MAX_COMPARED_CHARACTERS = 100_000
"""Characters of each text in which removed lines are looked for."""

Excerpt = tuple[str, str]
"""An id, and the beginning of its text with what follows the excerpt."""

Changes = dict[str, list[dict[str, Any]]]
"""For each stage, a few documents whose text it changed, ordered by key."""


def removal_excerpts(
    documents: pa.RecordBatch, because: pa.Array
) -> tuple[pa.StringArray, pa.StringArray]:
    """Return the beginning of the text of a few documents for each reason, and what follows it.

    Both are string[n_documents], and null for all other documents. They are the documents with the
    smallest keys. Equal keys are equal records; all of them are included.
    """
    keys = documents.column(KEY).cast(pa.binary())
    chosen = pa.array([False] * documents.num_rows)
    for reason in pc.unique(because).to_pylist():
        has_reason = pc.equal(because, reason)
        smallest = sorted(set(keys.filter(has_reason).to_pylist()))[:MAX_EXAMPLES]
        is_small = pc.is_in(keys, pa.array(smallest, pa.binary()))
        chosen = pc.or_(chosen, pc.and_(has_reason, is_small))
    excerpts: list[str | None] = [None] * documents.num_rows
    beyond: list[str | None] = [None] * documents.num_rows
    rows = pc.indices_nonzero(pc.fill_null(chosen, fill_value=False)).to_pylist()
    texts = arrow_buffers.beginnings(
        documents.column(TEXT), EXCERPT_CHARACTERS + BEYOND_CHARACTERS, rows
    )
    for row, text in zip(rows, texts.to_pylist(), strict=True):
        if text is not None:
            excerpts[row], beyond[row] = text[:EXCERPT_CHARACTERS], text[EXCERPT_CHARACTERS:]
    return pa.array(excerpts, pa.string()), pa.array(beyond, pa.string())


def removal_examples(ledger: pa.Table) -> list[dict[str, Any]]:
    """Return the examples in a ledger that is sorted by key, one row each."""
    with_text = ledger.filter(pc.is_valid(ledger.column("excerpt")))
    names = [ID, "source", "stage", "reason", "evidence", "score", "excerpt", "beyond"]
    return first_of_each_reason(with_text.select(names).to_pylist())


def duplicate_excerpts(
    batch: pa.RecordBatch, removed: Iterable[pa.Table], shown_ids: Collection[str]
) -> list[Excerpt]:
    """Return the ids and beginnings of some documents that were removed as similar to another.

    `removed` has a ledger for each stage. For each, these are the documents with the lowest scores:
    a few among those similar to each of `shown_ids`, which are the clusters that the audit shows,
    and a few among all.
    """
    shown = pa.array(sorted(shown_ids), pa.string())
    excerpts: list[Excerpt] = []
    for table in removed:
        rows = table.filter(pc.is_valid(table["evidence"]))
        if rows.num_rows == 0:
            continue
        rows = rows.sort_by([("score", "ascending")])
        chosen = set(range(min(MAX_EXAMPLES * 2, rows.num_rows)))
        members: Counter[str] = Counter()
        for row in pc.indices_nonzero(pc.is_in(rows["evidence"], shown)).to_pylist():
            id = rows["evidence"][row].as_py()
            if members[id] < MAX_EXAMPLES:
                chosen.add(row)
            members[id] += 1
        few = rows.take(pa.array(sorted(chosen), pa.int64()))
        found = pc.indices_nonzero(pc.is_in(batch.column(KEY), few[KEY].combine_chunks()))
        texts = arrow_buffers.beginnings(
            batch.column(TEXT), EXCERPT_CHARACTERS + BEYOND_CHARACTERS, found.to_pylist()
        )
        keys = batch.column(KEY).take(found).to_pylist()
        by_key = dict(zip(keys, texts.to_pylist(), strict=True))
        pairs = zip(few[ID].to_pylist(), few[KEY].to_pylist(), strict=True)
        excerpts += [(id, by_key[key]) for id, key in pairs if key in by_key]
    return excerpts


def first_of_each_reason(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first few examples of each stage and reason."""
    by_reason: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        few = by_reason.setdefault((row["stage"], row["reason"]), [])
        if len(few) < MAX_EXAMPLES:
            few.append(row)
    return [row for key in sorted(by_reason) for row in by_reason[key]]


def record_changes(
    stage: str, before: pa.RecordBatch, after: pa.RecordBatch, changes: Changes
) -> None:
    """Add to `changes` a few documents of a batch that a stage kept with another text."""
    if after.column(TEXT).equals(before.column(TEXT)):
        return
    differs = pc.fill_null(pc.not_equal(before.column(TEXT), after.column(TEXT)), fill_value=False)
    differs = pc.and_(differs, pc.is_null(reasons(after)))
    if not pc.any(differs).as_py():
        return
    rows = pc.indices_nonzero(differs)
    keys = after.column(KEY).take(rows).to_pylist()
    order = sorted(range(len(keys)), key=lambda i: keys[i])[:MAX_EXAMPLES]
    few = pa.array([rows[i].as_py() for i in order], pa.int64())
    pairs = zip(before.take(few).to_pylist(), after.take(few).to_pylist(), strict=True)
    examples = [
        {
            "key": old[KEY].hex(),
            ID: new[ID],
            "source": new["source"],
            "digest": old[RECORD_HASH].hex(),
            **_excerpt("before", old[TEXT] or ""),
            **_excerpt("after", new[TEXT] or ""),
            "characters": [len(old[TEXT] or ""), len(new[TEXT] or "")],
            **_removed_lines(old[TEXT] or "", new[TEXT] or ""),
        }
        for old, new in pairs
    ]
    changes[stage] = _smallest([*changes.get(stage, []), *examples])


def _excerpt(name: str, text: str) -> dict[str, str]:
    """Return the beginning of a text, and what follows it."""
    end = EXCERPT_CHARACTERS
    return {name: text[:end], f"beyond_{name}": text[end : end + BEYOND_CHARACTERS]}


def _removed_lines(before: str, after: str) -> dict[str, list[Any]]:
    """Return the first lines that are no longer in the text, and what stands around each.

    Private keys, which have many lines, are masked here: no line tells that it belongs to one.
    """
    before = before[:MAX_COMPARED_CHARACTERS]
    masked = mask_private_keys(before)
    kept = {line.strip() for line in after[:MAX_COMPARED_CHARACTERS].splitlines()}
    gone: list[str] = []
    around: list[tuple[str, str]] = []
    begin = 0
    for whole in before.splitlines(keepends=True):
        line = whole.strip()
        if line and line not in kept and len(gone) < MAX_REMOVED_LINES:
            first = begin + len(whole) - len(whole.lstrip())
            last = first + min(len(line), MAX_LINE_CHARACTERS)
            start = max(0, first - BEFORE_CHARACTERS)
            gone.append(masked[first:last])
            around.append((masked[start:first], masked[last : last + BEYOND_CHARACTERS]))
        begin += len(whole)
    return {"gone": gone, "around": around}


def _smallest(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with the smallest keys."""
    by_key = {row["key"]: row for row in rows}
    return [by_key[key] for key in sorted(by_key)[:MAX_EXAMPLES]]


def merge_changes(parts: Iterable[Mapping[str, list[dict[str, Any]]]]) -> Changes:
    """Return the examples of changed texts from all parts of a build."""
    merged: Changes = {}
    for part in parts:
        for stage, rows in part.items():
            merged[stage] = _smallest([*merged.get(stage, []), *rows])
    return merged
