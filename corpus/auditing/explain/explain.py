"""Explain one document: what was read, what each stage changed, where the document is, and why.

    corpus explain build/news 4f1c09

The record is read again from its source, and the stages are applied to it one at a time. If the
source is missing or has changed, the explanation says so, and uses what the build itself records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.auditing.explain.locate import Location, locate
from corpus.auditing.explain.replay import MARKS, Step, Trace, replay
from corpus.auditing.explain.side_by_side import changed_lines, page_lines, side_by_side
from corpus.builds.exchange import read_unreplaced
from corpus.builds.reader import REMOVED_FILE, manifest_of, table
from corpus.config.model import Config
from corpus.documents import EVIDENCE, READ_REASONS, READ_STEP, REASON, REDACTED, SCORE, TEXT
from corpus.errors import ConfigError, CorpusError
from corpus.markup import count_of, html
from corpus.stages import STAGES
from corpus.terminal import format_number, format_value, safe

MAX_REMOVED_BECAUSE = 5
"""Documents listed that were removed because of the explained one."""

MAX_REDACTED = 50
"""Redactions listed."""

MAX_VALUE_CHARACTERS = 80
MAX_ID_CHARACTERS = 60


@dataclass(frozen=True, repr=False)
class Explanation:
    """What happened to a document, as text."""

    id: str
    path: Path
    """The file that has the document: a shard of the build, or its ledger of removals."""

    lines: tuple[str, ...]
    """The explanation, line by line."""

    def __str__(self) -> str:
        """Return the explanation as text."""
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        """Return the id and the file: `<Explanation mill: build/news/data/train-...parquet>`."""
        return f"<Explanation {safe(self.id)}: {safe(str(self.path))}>"

    def _repr_html_(self) -> str:
        """Return the explanation as HTML, for a notebook."""
        return f"<pre>{html(str(self), lines=True)}</pre>"


@dataclass(frozen=True)
class _Context:
    """The build and the document that are explained."""

    folder: Path
    manifest: dict[str, Any]
    location: Location
    config: Config | None
    trace: Trace | None = None


def explain(
    folder: Path, id: str, *, source: bool = True, config: Config | None = None, columns: int = 100
) -> Explanation:
    """Return what happened to the document with an id that begins with `id`.

    Without `source`, only the build is read. Custom stages are run, remote sources are read, and
    the sources of a build from elsewhere are read only if `config` is given: what a build's own
    manifest names is data, and is never run or opened.
    `columns` is the width of the text. Raises ConfigError if there is no such document.
    """
    return read_unreplaced(
        [folder], lambda: _explain(folder, id, source=source, config=config, columns=columns)
    )


def _explain(
    folder: Path, id: str, *, source: bool, config: Config | None, columns: int
) -> Explanation:
    manifest = manifest_of(folder)
    location = locate(folder, id)
    lines = [f"{location.id}", f"  from {location.source}"]
    trace: Trace | None = None
    if source:
        try:
            trace = replay(folder, manifest, location, config=config)
        except (CorpusError, OSError) as error:
            lines.append(f"  the source cannot be read again: {error}")
    context = _Context(folder, manifest, location, config, trace)
    if trace is not None:
        lines += _steps(trace, columns)
        lines += _code_changed(trace, location)
    lines += ["", *_outcome(context)]
    lines += _comparison(context, columns)
    # a title or a path may have a line break
    return Explanation(location.id, folder / location.file, tuple("\n".join(lines).split("\n")))


def _steps(trace: Trace, columns: int) -> Iterator[str]:
    """Yield what was read, and what each stage did."""
    if trace.source_changed:
        yield "  the file has changed since the build; this record is still in it"
    record = trace.record
    yield ""
    yield f"read: record {record['_record']} ({record['_content']}), {_size(record)}"
    yield from _columns(record, {})
    for step in trace.steps:
        yield ""
        yield from _step(step, columns)


def _step(step: Step, columns: int) -> Iterator[str]:
    """Yield what one stage did: to the document, to its columns, to its text."""
    if reason := step.after.get(REASON):
        yield f"{step.stage}: removed, {reason}{_evidence(step.after)}"
    elif step.before[TEXT] == step.after[TEXT]:
        yield f"{step.stage}: text unchanged"
    else:
        yield f"{step.stage}: text changed, {_size(step.before)} -> {_size(step.after)}"
    yield from _columns(step.after, step.before)
    yield from _signals(step)
    if step.lines:
        yield from page_lines(step.lines, columns=columns)
    elif step.visible is not None:
        yield "    the HTML extractor does not score the lines; changes to the visible text:"
        kept = "" if step.after.get(REASON) == "no_article" else step.after[TEXT]
        yield from changed_lines(step.visible, kept or "")
    elif step.stage == "redact":
        yield from _redacted(step)
    else:
        yield from changed_lines(step.before[TEXT] or "", step.after[TEXT] or "")


def _signals(step: Step) -> Iterator[str]:
    """Yield what was measured beside the bounds that apply to the document, and their settings."""
    for signal in step.signals:
        if not signal.compared:
            continue
        threshold = signal.threshold
        value = "no value" if signal.value is None else threshold.format(signal.value)
        mark = ", outside" if signal.outside else ""
        bounds = f"{threshold.bounds}; {safe(threshold.setting)}"
        yield f"    {safe(threshold.title)}: {value} (kept: {bounds}){mark}"
    if others := sum(not signal.compared for signal in step.signals):
        yield f"    and {count_of(others, 'bound')} for documents in other languages"


def _redacted(step: Step) -> Iterator[str]:
    """Yield the position and type of what was redacted, never its text."""
    known = len(step.before.get(REDACTED) or ())
    rows = (step.after.get(REDACTED) or [])[known:]
    for row in rows[:MAX_REDACTED]:
        yield (
            f"    {row['column']}, character {row['begin']:,}: {row['type']}, "
            f"{count_of(row['characters'], 'character')}, {row['replaced_by']}"
        )
    if len(rows) > MAX_REDACTED:
        yield f"    and {len(rows) - MAX_REDACTED:,} more: see ledger/redacted.parquet"


def _columns(row: dict[str, Any], before: dict[str, Any]) -> Iterator[str]:
    """Yield the columns that have a new value."""
    hidden = ("id", "source", TEXT, *MARKS)
    for name, value in row.items():
        if name.startswith("_") or name in hidden or value is None or before.get(name) == value:
            continue
        yield f"    {name}: {format_value(value, max_characters=MAX_VALUE_CHARACTERS, expand=True)}"


def _code_changed(trace: Trace, location: Location) -> Iterator[str]:
    if location.split is not None and trace.text != (location.row[TEXT] or ""):
        yield ""
        yield "replaying the stages gives a different text than the build has: the code has changed"


def _outcome(context: _Context) -> Iterator[str]:
    """Yield where the document is, and why."""
    location, row = context.location, context.location.row
    if location.split is not None:
        yield f"kept: split {location.split}, {context.folder / location.file}"
        yield from _columns(row, context.trace.last if context.trace else {})
        yield from _removed_because(context.folder, location.id)
        return
    evidence = _evidence({EVIDENCE: row["evidence"], SCORE: row["score"]})
    yield f"removed by {row['stage']}: {row['reason']}{evidence}"
    stages = context.manifest["stages"]
    entry = next((s for s in stages if s["stage"] == row["stage"]), None)
    cls = STAGES.get(row["stage"])
    reasons = (entry or {}).get("reasons") or (cls.reasons if cls else None)
    reasons = READ_REASONS if row["stage"] == READ_STEP else reasons
    if isinstance(reasons, dict) and (meaning := reasons.get(row["reason"])):
        yield f"    {row['reason']}: {meaning}"
    if entry:
        values = [
            f"{key}={format_value(value, expand=True)}"
            for key, value in entry.items()
            if key not in ("stage", "metrics", "reasons") and value not in (None, [], {})
        ]
        yield f"    settings: {', '.join(values)}"


def _removed_because(folder: Path, id: str) -> Iterator[str]:
    """Yield the documents that were removed because this one is kept."""
    columns = ["id", "stage", "reason", "score"]
    removed = table(folder, REMOVED_FILE, columns, [("evidence", "==", id)])
    rows = removed.sort_by([("stage", "ascending"), ("id", "ascending")]).to_pylist()
    for row in rows[:MAX_REMOVED_BECAUSE]:
        score = f", score {format_number(row['score'])}" if row["score"] is not None else ""
        name = format_value(row["id"], max_characters=MAX_ID_CHARACTERS)
        yield f"    removed because of it: {name} ({row['stage']}, {row['reason']}{score})"
    if len(rows) > MAX_REMOVED_BECAUSE:
        yield f"    and {len(rows) - MAX_REMOVED_BECAUSE:,} more"


def _evidence(row: dict[str, Any]) -> str:
    """Return the evidence and the score of a removal, if it has them."""
    value = row.get(EVIDENCE)
    text = format_value(value, max_characters=MAX_VALUE_CHARACTERS)
    evidence = f", evidence {text}" if value else ""
    score = row.get(SCORE)
    return evidence + (f", score {format_number(score)}" if score is not None else "")


def _comparison(context: _Context, columns: int) -> Iterator[str]:
    """Yield a removed document next to the one it was removed for, if both texts are available."""
    location = context.location
    if location.split is not None or context.trace is None or not location.row["evidence"]:
        return
    try:
        other = locate(context.folder, location.row["evidence"])
    except ConfigError:
        return  # the evidence is not an id
    if other.id != location.row["evidence"]:
        return
    text = _compared_text(context, other, stage=location.row["stage"])
    if text is None:
        return
    yield ""
    where = f"in {other.split}" if other.split else "itself removed later"
    heads = ("this document", f"{other.id}, {where}")
    yield from side_by_side(context.trace.text, text, heads=heads, columns=columns)


def _compared_text(context: _Context, other: Location, *, stage: str) -> str | None:
    """Return the text that a stage compared, or the text in the build, or None if there is none."""
    folder, manifest = context.folder, context.manifest
    try:
        return replay(folder, manifest, other, config=context.config, until=stage).text
    except (CorpusError, OSError):
        return None if other.split is None else str(other.row[TEXT] or "")


def _size(row: dict[str, Any]) -> str:
    return f"{len(row[TEXT] or ''):,} characters"
