"""Carry one document through the stages again: read from its source, one stage at a time.

Decisions on the whole corpus cannot be made for one document; what they were stands in the build,
the lines that were cut out of it included.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from corpus.auditing.explain.locate import Whereabouts, cut_from
from corpus.config.model import Config
from corpus.documents import (
    CONTENT,
    EVIDENCE,
    ID,
    ID_IS_GIVEN,
    REASON,
    RECORD_HASH,
    SCORE,
    TEXT,
    column,
    optional,
    reasons,
)
from corpus.errors import InputError
from corpus.sources.filesystems import is_uri
from corpus.stages import CorpusStage, DocumentStage
from corpus.stages.clean import Clean
from corpus.stages.deduplicate_lines import DeduplicateLines
from corpus.stages.site_boilerplate import SiteBoilerplate

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line

MARKS = (REASON, EVIDENCE, SCORE)


@dataclass(frozen=True)
class Step:
    """What one stage did to the document."""

    stage: str
    before: dict[str, Any]
    after: dict[str, Any]
    """The columns behind it; `_reason` and its like where the stage removed it."""

    lines: tuple[Line, ...] = ()
    """Of a page that was cleaned, each line; of HTML those that are visible."""

    visible: str | None = None
    """Of HTML that was cleaned, its visible text, where an engine took lines away before any had a
    chance."""


@dataclass(frozen=True)
class Trace:
    """The way of a document through the stages that judge each by itself."""

    record: dict[str, Any]
    """The document as it was read."""

    steps: tuple[Step, ...]
    changed: bool
    """The source is no longer the file that was built from; the record is still in it."""

    @property
    def text(self) -> str:
        """Return its text, as the last of the stages left it."""
        return str(self.last[TEXT] or "")

    @property
    def last(self) -> dict[str, Any]:
        """Return its columns, as the last of the stages left them."""
        return self.steps[-1].after if self.steps else self.record


def retrace(
    folder: Path,
    manifest: dict[str, Any],
    found: Whereabouts,
    *,
    own: Config | None = None,
    until: str | None = None,
) -> Trace:
    """Return the document's way, up to the stage `until`; it ends where the document was removed.

    Raises `InputError` where the source cannot be read as it was.
    """
    config = own or _config(folder, manifest)
    document, changed = _held(config, manifest, found)
    record = document.to_pylist()[0]
    last = until or (found.row["stage"] if found.split is None else None)
    steps = []
    for stage in config.stages if last != "read" else ():
        if stage.stage == until:
            break
        if isinstance(stage, DocumentStage):
            before = document.to_pylist()[0]
            document = stage.apply(document)
            after = document.to_pylist()[0]
            judged = _judged(stage, before, after)
            seen = None if judged else _visible(stage, before, after)
            steps.append(Step(stage.stage, before, after, judged, seen))
            if reasons(document)[0].is_valid:
                break
        elif isinstance(stage, DeduplicateLines | SiteBoilerplate) and stage.stage != last:
            before = document.to_pylist()[0]
            document = _without_lines(document, cut_from(folder, found.id, stage.stage))
            steps.append(Step(stage.stage, before, document.to_pylist()[0]))
            continue
        if stage.stage == last or (isinstance(stage, CorpusStage) and stage.changes_text):
            break
    return Trace(record, tuple(steps), changed)


def _judged(
    stage: DocumentStage, before: dict[str, Any], after: dict[str, Any]
) -> tuple[Line, ...]:
    """Return what the line model makes of each line, where the stage has read a page by lines."""
    unread = after.get(REASON) in ("bad_html", "too_large", "empty")
    if not isinstance(stage, Clean) or unread or not stage.reads_lines(before.get(CONTENT)):
        return ()
    return tuple(stage.lines(before[TEXT] or "", before[CONTENT]))


def _visible(stage: DocumentStage, before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """Return the visible text of HTML that the stage has read; None where it would not parse it."""
    unread = after.get(REASON) in ("bad_html", "too_large")
    if not isinstance(stage, Clean) or before.get(CONTENT) != "html" or unread:
        return None
    from corpus.articles.html.extract import visible

    return visible(before[TEXT] or "")


def _without_lines(document: pa.RecordBatch, spans: list[tuple[int, int]]) -> pa.RecordBatch:
    """Return the document without the lines that the ledger says were cut out of it."""
    from corpus.similarity.lines import remove_spans

    text = remove_spans(document.column(TEXT)[0].as_py() or "", spans)
    return column(document, TEXT, [text], pa.large_string())


def _config(folder: Path, manifest: dict[str, Any]) -> Config:
    """Return the config that the build was made by, in the folder it was in."""
    if any("use" in stage for stage in manifest["config"].get("stages", ())):
        raise InputError(
            "it has a stage of the user's own, and no code that a build names is run; "
            "name the config: --config"
        )
    if any(is_uri(source["path"]) for source in manifest["config"].get("sources", ())):
        raise InputError(
            "a source is not on this machine, and no address that a build names is asked; "
            "name the config: --config"
        )
    try:
        run = json.loads((folder / "run.json").read_bytes())
        home = Path(run["config"]).parent
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            f"{folder / 'run.json'}: does not say where the config was; name it: --config"
        ) from None
    try:
        return Config.model_validate_json(
            json.dumps(manifest["config"]), strict=True, context={"folder": home}
        )
    except (ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        raise InputError(f"the config cannot be read again: {why}; name it: --config") from error


def _held(
    config: Config, manifest: dict[str, Any], found: Whereabouts
) -> tuple[pa.RecordBatch, bool]:
    """Return the document, and whether its file is another than was built from.

    Two sources may have files of one name: each is looked into.
    """
    held: list[tuple[Any, pa.RecordBatch, bool]] = []
    fault = InputError(f"{found.source}: not among the inputs of the build")
    for told in manifest["inputs"]:
        if told["source"] == found.source:
            try:
                path, document = _record(config, told, found)
            except InputError as error:
                fault = error
                continue
            held.append((_digest(document), document, _hash(path) != told["sha256"]))
    if not held:
        raise fault
    return min(held, key=lambda one: one[0])[1:]


def _record(config: Config, told: dict[str, Any], found: Whereabouts) -> tuple[str, pa.RecordBatch]:
    """Return the path of the source's file, and the document alone in a batch."""
    from corpus.sources import find, pieces, read

    if not 0 <= told["config"] < len(config.sources):
        raise InputError(f"{found.source}: its source is not in the config, which has fewer")
    source = config.sources[told["config"]]
    file = next((f for f in find(source, config.folder) if f.name == found.source), None)
    if file is None:
        raise InputError(f"{found.source}: no longer there")
    best: pa.RecordBatch | None = None
    for piece in pieces([file], source):
        for documents, _ in read(piece, source):
            mine = documents.filter(_is(documents, found))
            for row in range(mine.num_rows):
                one = mine.slice(row, 1)
                # of records with one id of the user's own, the smallest digest is the document
                if best is None or _digest(one) < _digest(best):
                    best = one
    if best is None:
        raise InputError(f"{found.source}: has changed, and no longer holds this record")
    return file.path, best


def _is(documents: pa.RecordBatch, found: Whereabouts) -> pa.Array:
    """Return which of the documents is the one: by its record's hash, or by its own id."""
    digests = pa.array([value.hex() for value in documents.column(RECORD_HASH).to_pylist()])
    if found.split is None:
        return pc.equal(digests, found.row["record"])
    given = optional(documents, ID_IS_GIVEN, pa.bool_())
    base = found.id[:32]  # equal records are told apart by a number behind the hash
    return pc.if_else(given, pc.equal(documents.column(ID), found.id), pc.equal(digests, base))


def _digest(document: pa.RecordBatch) -> bytes:
    return bytes(document.column(RECORD_HASH)[0].as_py())


def _hash(path: str) -> str:
    import hashlib

    from corpus.sources.filesystems import open_file

    with open_file(path) as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 22):
            digest.update(chunk)
    return digest.hexdigest()
