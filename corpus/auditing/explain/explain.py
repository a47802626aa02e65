"""Tell the story of one document: what was read, what each stage made of it, where it is and why.

    corpus explain build/news 4f1c09

The record is read again from its source and carried through the stages, one at a time. Where the
source is gone or has changed, the story says so, and tells what the build itself knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from corpus.auditing.explain.locate import Whereabouts, find
from corpus.auditing.explain.page_lines import page_lines
from corpus.auditing.explain.replay import MARKS, Step, Trace, retrace
from corpus.auditing.explain.side_by_side import side_by_side
from corpus.builds.reader import REMOVED_FILE, manifest_of, table
from corpus.config.model import Config
from corpus.documents import EVIDENCE, REASON, SCORE, TEXT
from corpus.errors import ConfigError, CorpusError
from corpus.stages import STAGES
from corpus.terminal import shown

MOST_LINES = 24
"""How many of the lines that a stage changed are shown."""

MOST_GONE = 5
"""How many of the documents that went for the sake of one are named."""

MOST_COMPARED = 3_000
"""How many lines of a text are compared."""


def explain(
    folder: Path, id: str, *, source: bool = True, config: Config | None = None, columns: int = 100
) -> str:
    """Return the story of the document with this id, or the only one whose id begins so.

    Without `source`, nothing but the build is read. Stages of one's own and sources elsewhere are
    used only with the `config`: what a build says of itself is data, and nothing to be run.
    Raises `ConfigError` where there is no such document.
    """
    manifest = manifest_of(folder)
    found = find(folder, id)
    lines = [f"{found.id}", f"  from {found.source}"]
    trace: Trace | None = None
    if source:
        try:
            trace = retrace(folder, manifest, found, own=config)
        except (CorpusError, OSError) as error:
            lines.append(f"  the source cannot be read again: {error}")
    if trace is not None:
        lines += _way(trace)
        lines += _differs(trace, found)
    lines += ["", *_end(folder, manifest, found, trace)]
    lines += _compared(folder, manifest, found, trace, columns, config)
    return "\n".join(lines)


def _way(trace: Trace) -> Iterator[str]:
    """Yield what was read, and what each stage did."""
    if trace.changed:
        yield "  the file has changed since the build; this record is still in it"
    record = trace.record
    yield ""
    yield f"read: record {record['_record']}, {_size(record)} of {record['_content']}"
    yield from _told(record, {})
    for step in trace.steps:
        yield ""
        yield from _did(step)


def _did(step: Step) -> Iterator[str]:
    """Yield what one stage did: to the document, to its text, to its columns."""
    if reason := step.after.get(REASON):
        yield f"{step.stage}: removed, {reason}{_evidence(step.after)}"
    elif step.before[TEXT] == step.after[TEXT]:
        yield f"{step.stage}: the text stays as it is"
    else:
        yield f"{step.stage}: {_size(step.before)} become {_size(step.after)}"
    yield from _told(step.after, step.before)
    if step.lines:
        yield from page_lines(step.lines)
        return
    if step.visible is not None:
        yield "    the engine took lines before they had a chance of their own; the visible lines:"
        kept = "" if step.after.get(REASON) == "no_article" else step.after[TEXT]
        yield from _lines(step.visible, kept or "")
        return
    yield from _lines(step.before[TEXT] or "", step.after[TEXT] or "")


def _told(row: dict[str, Any], before: dict[str, Any]) -> Iterator[str]:
    """Yield the columns that a row has and that were not so before."""
    hidden = ("id", "source", TEXT, *MARKS)
    for name, value in row.items():
        if name.startswith("_") or name in hidden or value is None or before.get(name) == value:
            continue
        yield f"    {name}: {shown(value, most=80)}"


def _lines(before: str, after: str) -> Iterator[str]:
    """Yield the lines that a stage took out (-), put in (+) or wrote otherwise (both)."""
    old, new = (
        [line.strip() for line in text.splitlines()[:MOST_COMPARED] if line.strip()]
        for text in (before, after)
    )
    told, same = [], 0
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            same += b - a
            continue
        told += [f"    - {shown(line, most=80)}" for line in old[a:b]]
        told += [f"    + {shown(line, most=80)}" for line in new[c:d]]
    yield from told[:MOST_LINES]
    if len(told) > MOST_LINES:
        yield f"    ... and {len(told) - MOST_LINES:,} more lines"
    if told:
        yield f"    {same:,} line{'' if same == 1 else 's'} as before"


def _differs(trace: Trace, found: Whereabouts) -> Iterator[str]:
    if found.split is not None and trace.text != (found.row[TEXT] or ""):
        yield ""
        yield "run again, the stages give another text than the build has: the code has changed"


def _end(
    folder: Path, manifest: dict[str, Any], found: Whereabouts, trace: Trace | None
) -> Iterator[str]:
    """Yield where the document is, and why."""
    if found.split is not None:
        yield f"kept: split {found.split}, {folder / found.file}"
        yield from _told(found.row, trace.last if trace else {})
        yield from _for_its_sake(folder, found.id)
        return
    row = found.row
    yield f"removed by {row['stage']}: {row['reason']}{_evidence(_marks(row))}"
    cls = STAGES.get(row["stage"])
    meaning = cls.reasons.get(row["reason"]) if cls else None
    if meaning:
        yield f"    {row['reason']}: {meaning}"
    if settings := next((s for s in manifest["stages"] if s["stage"] == row["stage"]), None):
        said = [
            f"{key}={shown(value, whole=True)}"
            for key, value in settings.items()
            if key not in ("stage", "metrics", "reasons") and value not in (None, [], {})
        ]
        yield f"    settings: {', '.join(said)}"


def _for_its_sake(folder: Path, id: str) -> Iterator[str]:
    """Yield the documents that were removed because this one is there."""
    columns = ["id", "stage", "reason", "score"]
    gone = table(folder, REMOVED_FILE, columns, [("evidence", "==", id)])
    rows = gone.sort_by([("stage", "ascending"), ("id", "ascending")]).to_pylist()
    for row in rows[:MOST_GONE]:
        score = f", score {row['score']:.4g}" if row["score"] is not None else ""
        why = f"{row['stage']}, {row['reason']}{score}"
        yield f"    for its sake {shown(row['id'], most=60)} went: {why}"
    if len(rows) > MOST_GONE:
        yield f"    and {len(rows) - MOST_GONE:,} more"


def _marks(row: dict[str, Any]) -> dict[str, Any]:
    return {EVIDENCE: row["evidence"], SCORE: row["score"]}


def _evidence(row: dict[str, Any]) -> str:
    """Return a removal's evidence and score, as far as there are any."""
    evidence = f", evidence {shown(row[EVIDENCE], most=80)}" if row.get(EVIDENCE) else ""
    score = row.get(SCORE)
    return evidence + (f", score {score:.4g}" if score is not None else "")


def _compared(
    folder: Path,
    manifest: dict[str, Any],
    found: Whereabouts,
    trace: Trace | None,
    columns: int,
    own: Config | None,
) -> Iterator[str]:
    """Yield the document beside the one that it was removed for, where both texts can be had."""
    if found.split is not None or trace is None or not found.row["evidence"]:
        return
    try:
        other = find(folder, found.row["evidence"])
    except ConfigError:
        return  # the evidence is no id
    if other.id != found.row["evidence"]:
        return
    text = _text(folder, manifest, other, own, until=found.row["stage"])
    if text is None:
        return
    yield ""
    where = f"in {other.split}" if other.split else "itself removed later"
    heads = ("this document", f"{other.id}, {where}")
    yield from side_by_side(trace.text, text, heads=heads, columns=columns)


def _text(
    folder: Path, manifest: dict[str, Any], found: Whereabouts, own: Config | None, *, until: str
) -> str | None:
    """Return the text that a stage compared, or else what the build has; None where it has none."""
    try:
        return retrace(folder, manifest, found, own=own, until=until).text
    except (CorpusError, OSError):
        return None if found.split is None else str(found.row[TEXT] or "")


def _size(row: dict[str, Any]) -> str:
    return f"{len(row[TEXT] or ''):,} characters"
