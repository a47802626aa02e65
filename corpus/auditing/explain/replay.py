"""Replay the stages on one document: read it again from its source, and apply one stage at a time.

Decisions about the whole corpus cannot be repeated for one document. They are taken from the build,
including the lines that were cut out of its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from corpus.auditing.explain.locate import Location, cut_spans
from corpus.auditing.explain.source_record import config_of, read_record
from corpus.config.model import Config
from corpus.documents import (
    CONTENT,
    CRAWLED,
    EVIDENCE,
    LANGUAGE,
    REASON,
    SCORE,
    TEXT,
    column,
    optional,
    reasons,
)
from corpus.observations import compute_observations
from corpus.stages import CorpusStage, DocumentStage, ThresholdStage
from corpus.stages.clean import Clean
from corpus.stages.deduplicate_lines import DeduplicateLines
from corpus.stages.own_mistakes import naming_mistakes_of
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.thresholds import Threshold

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line

MARKS = (REASON, EVIDENCE, SCORE)
"""The columns in which a stage marks a removal."""


class Signal(NamedTuple):
    """A measurement of the document, and the threshold that it was compared with."""

    threshold: Threshold
    value: float | None
    outside: bool
    compared: bool
    """Whether documents in its language are compared with the threshold."""


@dataclass(frozen=True)
class Step:
    """What one stage did to the document."""

    stage: str
    before: dict[str, Any]
    after: dict[str, Any]
    """The columns after the stage; they include `MARKS` if the stage removed the document."""

    lines: tuple[Line, ...] = ()
    """Each line of a page that was cleaned; for HTML, each visible line."""

    visible: str | None = None
    """The visible text of HTML that was cleaned, if the engine removed lines without scoring."""

    signals: tuple[Signal, ...] = ()
    """What the stage compared with its thresholds."""


@dataclass(frozen=True)
class Trace:
    """What each document stage did to a document."""

    record: dict[str, Any]
    """The document as it was read."""

    steps: tuple[Step, ...]
    source_changed: bool
    """Whether the source file has changed since the build; the record is still in it."""

    @property
    def text(self) -> str:
        """Return the text after the last stage."""
        return str(self.last[TEXT] or "")

    @property
    def last(self) -> dict[str, Any]:
        """Return the columns after the last stage."""
        return self.steps[-1].after if self.steps else self.record


def replay(
    folder: Path,
    manifest: dict[str, Any],
    location: Location,
    *,
    config: Config | None = None,
    until: str | None = None,
) -> Trace:
    """Return what each stage did to a document, up to its removal or to the stage `until`.

    Without a config, that of the build is used. Raises InputError if the source cannot be read as
    it was.
    """
    config = config or config_of(folder, manifest)
    document, changed = read_record(config, manifest, location)
    record = document.to_pylist()[0]
    last = until or (location.row["stage"] if location.split is None else None)
    steps = []
    for stage in config.stages if last != "read" else ():
        if stage.stage == until:
            break
        before = document.to_pylist()[0]
        if isinstance(stage, DocumentStage):
            with naming_mistakes_of(stage):
                signals = _signals(stage, document)
                document = stage.apply(document)
            after = document.to_pylist()[0]
            lines = _scored_lines(stage, before, after)
            visible = None if lines else _visible_text(stage, before, after)
            steps.append(Step(stage.stage, before, after, lines, visible, signals))
            if reasons(document)[0].is_valid:
                break
        elif isinstance(stage, DeduplicateLines | SiteBoilerplate) and stage.stage != last:
            document = _without_lines(document, cut_spans(folder, location.id, stage.stage))
            steps.append(Step(stage.stage, before, document.to_pylist()[0]))
            continue
        if stage.stage == last or (isinstance(stage, CorpusStage) and stage.changes_text):
            break
    return Trace(record, tuple(steps), changed)


def _signals(stage: DocumentStage, document: pa.RecordBatch) -> tuple[Signal, ...]:
    """Return what the stage compares with thresholds."""
    thresholds = stage.thresholds() if isinstance(stage, ThresholdStage) else ()
    if not thresholds:
        return ()
    measured = compute_observations(document, stage.observes())  # type: ignore[attr-defined]
    languages = optional(document, LANGUAGE, pa.string())
    return tuple(
        Signal(
            each,
            measured.column(each.column)[0].as_py(),
            bool(each.outside(measured, languages)[0].as_py()),
            bool(each.compared(measured, languages)[0].as_py()),
        )
        for each in thresholds
    )


def _scored_lines(
    stage: DocumentStage, before: dict[str, Any], after: dict[str, Any]
) -> tuple[Line, ...]:
    """Return each line with the line model's score, if the stage cleaned a page line by line."""
    unparsed = after.get(REASON) in ("bad_html", "too_large", "empty")
    if not isinstance(stage, Clean) or unparsed or not stage.reads_lines(before.get(CONTENT)):
        return ()
    crawled = before.get(CRAWLED)
    fetched = crawled if isinstance(crawled, datetime) else None
    return tuple(stage.lines(before[TEXT] or "", before[CONTENT], crawled=fetched))


def _visible_text(
    stage: DocumentStage, before: dict[str, Any], after: dict[str, Any]
) -> str | None:
    """Return the visible text of HTML that the stage cleaned; None if it was not parsed."""
    unparsed = after.get(REASON) in ("bad_html", "too_large")
    if not isinstance(stage, Clean) or before.get(CONTENT) != "html" or unparsed:
        return None
    from corpus.articles.html.visible_text import visible_text

    return visible_text(before[TEXT] or "")


def _without_lines(document: pa.RecordBatch, spans: list[tuple[int, int]]) -> pa.RecordBatch:
    """Return the document without the lines that were cut out of its text."""
    from corpus.similarity.lines import remove_spans

    text = remove_spans(document.column(TEXT)[0].as_py() or "", spans)
    return column(document, TEXT, [text], pa.large_string())
