"""Show what a build would do, without doing it: `corpus check`.

The config is checked in full, the sources are listed, and the first records of each are read: at
most a few megabytes. Estimates are marked with "about". The rates below are CPU time on one core,
measured on news articles of 2 to 4 kB.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.cli.recall import recall_lines
from corpus.config.model import Config
from corpus.errors import CorpusError
from corpus.markup import count_of, html
from corpus.pipeline.prepare_workers import INPUT_BYTES_PER_WORKER
from corpus.pipeline.segments import Segment, segments
from corpus.preview.describe import LINE_WIDTH, describe
from corpus.preview.errors import source_errors, source_warnings
from corpus.preview.output import describe_output, nearest_folder, output_errors
from corpus.preview.source_preview import SourcePreview, preview_source
from corpus.sources.files.inputs import Input, find_inputs
from corpus.sources.settings import content_of
from corpus.stages import DocumentStage
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.split import Split
from corpus.terminal import format_bytes, format_duration, safe

STAGE_BYTES_PER_SECOND = {
    "site_boilerplate": 45e6,
    "language": 20e6,
    "deduplicate": 120e6,
    "deduplicate_lines": 65e6,
    "containment": 65e6,
    "split": 350e6,
    "tokens": 1.1e6,
}
"""Bytes of text per second and core, by the name of the stage."""

CLEAN_BYTES_PER_SECOND = {"text": 70e6, "page": 6e6, "html": 6e6}
"""Bytes per second and core of the stage `clean`, by the content of the source."""

PIPELINE_BYTES_PER_SECOND = 20e6
"""Bytes of text per second and core to read, store between the passes, write and audit."""

OTHER_STAGE_BYTES_PER_SECOND = 500e6
"""Bytes of text per second and core of any other stage: filters, and stages of your own."""

START_SECONDS = 4.0
"""Seconds before the first document: workers start, models and kernels are loaded."""

COMPRESSED_EXTENSIONS = (".gz", ".zst", ".bz2", ".xz", ".parquet", ".arrow")
TEXT_BYTES_PER_COMPRESSED_BYTE = 3.0
"""Bytes of text per byte of a compressed file."""

SCRATCH_BYTES_PER_TEXT_BYTE = 1.2
"""Bytes of scratch per byte of text: compressed texts and signatures between the passes."""

SHARD_BYTES_PER_TEXT_BYTE = 0.5
"""Bytes of shards per byte of text."""


@dataclass(frozen=True)
class Plan:
    """What a build of this config would read and do."""

    config: Config
    inputs: tuple[Input, ...]
    workers: int
    sources: tuple[SourcePreview, ...]
    """What the first records of each source look like."""

    warnings: tuple[str, ...]
    """What is probably a mistake, or loses something; a build would go on."""

    errors: tuple[CorpusError, ...]
    """Why a build would surely stop; the exit code of `corpus check` is that of the first."""

    @property
    def text_bytes(self) -> int:
        """Return the estimated size of the text in the inputs, in bytes."""
        return sum(_text_bytes(item) for item in self.inputs)

    @property
    def seconds(self) -> float:
        """Return the estimated time of a first build, in seconds."""
        cost = sum(self._cost(item) for item in self.inputs)
        return START_SECONDS + cost / self.workers

    def _cost(self, item: Input) -> float:
        """Return the estimated CPU time for one file, in seconds."""
        content = content_of(self.config.sources[item.source], item.file.format)
        rates = STAGE_BYTES_PER_SECOND | {"clean": CLEAN_BYTES_PER_SECOND[content]}
        seconds_per_byte = sum(
            1 / rates.get(stage.stage, OTHER_STAGE_BYTES_PER_SECOND) for stage in self.config.stages
        )
        return _text_bytes(item) * (seconds_per_byte + 1 / PIPELINE_BYTES_PER_SECOND)

    def __repr__(self) -> str:
        files = count_of(len(self.inputs), "file")
        return f"<Plan {self.config.name}: {files}, about {format_duration(self.seconds)}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html(str(self), lines=True)}</pre>"

    def __str__(self) -> str:
        """Return the plan for people."""
        config = self.config
        lines = [f"{config.name}, into {config.destination}"]
        lines += [f"  {there}"] if (there := describe_output(config.destination)) else []
        lines += ["", "reads"]
        lines += [f"  {line}" for line in self._sources()]
        lines += ["", "does"]
        lines += [f"  {line}" for line in _passes(segments(config.stages))]
        for stage in config.stages:
            lines += ["", *recall_lines(stage)] if recall_lines(stage) else []
        lines += ["", "needs"]
        lines += [f"  {line}" for line in self._needs()]
        for heading, texts in (("warnings", self.warnings), ("errors", self.errors)):
            if texts:
                lines += ["", "a build would stop" if heading == "errors" else heading]
                lines += [line for text in texts for line in _wrapped(safe(str(text), lines=True))]
        return "\n".join(lines)

    def _sources(self) -> Iterator[str]:
        for source, preview in zip(self.config.sources, self.sources, strict=True):
            kinds = ", ".join(f"{kind} ({content_of(source, kind)})" for kind in preview.formats)
            files = count_of(preview.files, "file")
            yield f"{safe(source.path)}: {files}, {format_bytes(preview.bytes)}, {kinds}"
            yield from (f"    {line}" for line in describe(preview))

    def _needs(self) -> Iterator[str]:
        text = self.text_bytes
        yield f"{count_of(self.workers, 'worker')}, about {format_duration(self.seconds)}"
        free = shutil.disk_usage(nearest_folder(self.config.destination)).free
        yield (
            f"about {format_bytes(text * SHARD_BYTES_PER_TEXT_BYTE)} for the corpus and "
            f"{format_bytes(text * SCRATCH_BYTES_PER_TEXT_BYTE)} of scratch space beside it; "
            f"{format_bytes(free)} are free"
        )


def plan(config: Config, *, jobs: int | None = None) -> Plan:
    """Return what a build of the config would do. Raises `InputError` if there is no input."""
    found = find_inputs(config.sources, config.folder)
    inputs = tuple(found.inputs)
    size = sum(item.file.bytes for item in inputs)
    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_BYTES_PER_WORKER)))
    previews = tuple(
        preview_source(
            config, index, [item.file for item in inputs if item.source == index], skipped
        )
        for index, skipped in enumerate(found.skipped)
    )
    needed = sum(map(_text_bytes, inputs)) * (
        SHARD_BYTES_PER_TEXT_BYTE + SCRATCH_BYTES_PER_TEXT_BYTE
    )
    errors = [
        *(error for preview in previews for error in preview.errors),
        *source_errors(config, previews),
        *output_errors(config.destination, needed),
        *_stage_errors(config),
    ]
    warnings = [
        *_problems(config, inputs),
        *(text for preview in previews for text in preview.warnings),
        *source_warnings(config, previews),
    ]
    return Plan(config, inputs, workers, previews, tuple(warnings), tuple(errors))


def _stage_errors(config: Config) -> Iterator[CorpusError]:
    """Yield why workers could not load a stage of the config."""
    from corpus.pipeline.build import refuse_main_stages

    try:
        refuse_main_stages(config)
    except CorpusError as error:
        yield error


def _passes(passes: Sequence[Segment]) -> Iterator[str]:
    for number, segment in enumerate(passes, 1):
        first = ["read"] if number == 1 else ["apply decisions"]
        yield f"pass {number}   {' · '.join([*first, *(s.stage for s in segment.document_stages)])}"
        if segment.deciding_stages:
            yield f"decide   {' · '.join(s.stage for s in segment.deciding_stages)}"
    yield "write    apply · shards · ledgers · audit · card"


def _problems(config: Config, inputs: Sequence[Input]) -> Iterator[str]:
    """Yield what may be a mistake: empty, unreadable or duplicate files, no test split."""
    empty = [item.file.name for item in inputs if not item.file.bytes]
    if empty:
        yield f"{count_of(len(empty), 'empty file')}, the first is {empty[0]}"
    local = [item.file for item in inputs if "://" not in item.file.path]
    unreadable = [file.name for file in local if not os.access(file.path, os.R_OK)]
    if unreadable:
        files = count_of(len(unreadable), "file")
        yield f"{files} without read permission, the first is {unreadable[0]}"
    repeated = [path for path, n in Counter(item.file.path for item in inputs).items() if n > 1]
    if repeated:
        yield f"{count_of(len(repeated), 'file')} in two sources, the first is {repeated[0]}"
    inside = [f.name for f in local if Path(f.path).is_relative_to(config.destination)]
    if inside:
        yield f"{count_of(len(inside), 'file')} of the build in {config.output.path} would be read"
    if not any(isinstance(stage, Split) for stage in config.stages):
        yield "no stage 'split': all documents will be in train"
    if all(isinstance(s, DocumentStage | SiteBoilerplate) for s in config.stages):
        yield "no stage compares documents: duplicates will be kept"
    if config.card.license is None:
        yield "card.license is not set; without a license nobody may use the corpus"


def _text_bytes(item: Input) -> int:
    compressed = item.file.name.lower().endswith(COMPRESSED_EXTENSIONS)
    return round(item.file.bytes * (TEXT_BYTES_PER_COMPRESSED_BYTE if compressed else 1))


def _wrapped(text: str) -> Iterator[str]:
    """Yield the lines of a message, indented; its own line ends are kept."""
    for line in text.split("\n"):
        start = line[: len(line) - len(line.lstrip())]
        yield from textwrap.wrap(
            line.strip(), LINE_WIDTH, initial_indent=f"  {start}", subsequent_indent=f"    {start}",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
