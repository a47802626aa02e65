"""Show what a build would do, without doing it: `corpus check`.

The config is checked in full and the sources are listed; no document is read. Estimates are marked
with "about". The rates below are CPU time on one core, measured on news articles of 2 to 4 kB.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from pathlib import Path

from corpus.config.model import Config
from corpus.markup import html
from corpus.pipeline.prepare_workers import INPUT_BYTES_PER_WORKER
from corpus.pipeline.segments import Segment, segments
from corpus.similarity.bands import comparison_recall
from corpus.sources.inputs import Input, find_inputs
from corpus.sources.settings import content_of
from corpus.stages import DocumentStage, Stage
from corpus.stages.containment import Containment
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.split import Split
from corpus.terminal import format_bytes, format_duration

STAGE_BYTES_PER_SECOND = {
    "site_boilerplate": 45e6,
    "language": 20e6,
    "deduplicate": 120e6,
    "deduplicate_lines": 65e6,
    "containment": 65e6,
    "split": 350e6,
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

RECALL_SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Plan:
    """What a build of this config would read and do."""

    config: Config
    inputs: tuple[Input, ...]
    workers: int
    problems: tuple[str, ...]

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
        files = _count(len(self.inputs), "file")
        return f"<Plan {self.config.name}: {files}, about {format_duration(self.seconds)}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html(str(self), lines=True)}</pre>"

    def __str__(self) -> str:
        """Return the plan for people."""
        config = self.config
        lines = [f"{config.name}, into {config.destination}", "", "reads"]
        lines += [f"  {line}" for line in self._sources()]
        lines += ["", "does"]
        lines += [f"  {line}" for line in _passes(segments(config.stages))]
        for stage in config.stages:
            lines += ["", *recall_lines(stage)] if recall_lines(stage) else []
        lines += ["", "needs"]
        lines += [f"  {line}" for line in self._needs()]
        if self.problems:
            lines += ["", "warnings"]
            lines += [f"  {line}" for line in self.problems]
        return "\n".join(lines)

    def _sources(self) -> Iterator[str]:
        for index, source in enumerate(self.config.sources):
            files = [item.file for item in self.inputs if item.source == index]
            size = format_bytes(sum(file.bytes for file in files))
            formats = sum((file.formats for file in files), Counter())
            kinds = ", ".join(f"{kind} ({content_of(source, kind)})" for kind in sorted(formats))
            yield f"{source.path}: {_count(len(files), 'file')}, {size}, {kinds}"

    def _needs(self) -> Iterator[str]:
        text = self.text_bytes
        yield f"{_count(self.workers, 'worker')}, about {format_duration(self.seconds)}"
        free = shutil.disk_usage(_existing(self.config.destination)).free
        yield (
            f"about {format_bytes(text * SHARD_BYTES_PER_TEXT_BYTE)} for the corpus and "
            f"{format_bytes(text * SCRATCH_BYTES_PER_TEXT_BYTE)} of scratch space beside it; "
            f"{format_bytes(free)} are free"
        )


def plan(config: Config, *, jobs: int | None = None) -> Plan:
    """Return what a build of the config would do. Raises `InputError` if there is no input."""
    inputs = tuple(find_inputs(config.sources, config.folder).inputs)
    size = sum(item.file.bytes for item in inputs)
    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_BYTES_PER_WORKER)))
    return Plan(config, inputs, workers, tuple(_problems(config, inputs)))


def recall_lines(stage: Stage) -> list[str]:
    """Return the recall of a stage that looks for similar texts; nothing for other stages."""
    if isinstance(stage, Containment):
        return _containment_lines(stage)
    if not isinstance(stage, Deduplicate | Split) or stage.bands is None:
        return []
    at = stage.threshold if isinstance(stage, Deduplicate) else stage.leakage_threshold
    assert at is not None  # noqa: S101  (else it has no bands)
    bands, rows = stage.bands
    recalls_at = [
        comparison_recall(s, stage.bands, hashes=stage.hashes, threshold=at)
        for s in RECALL_SIMILARITIES
    ]
    # Rounded down: a recall of almost 1 must not read as 1.
    rounded = [floor(1e4 * recall) / 1e4 for recall in recalls_at]
    curve = [f"{recall:.4f} at {s}" for s, recall in zip(RECALL_SIMILARITIES, rounded, strict=True)]
    return [
        f"{stage.stage}: removes at a Jaccard similarity of at least {at}, compared exactly",
        f"  candidates from {bands} bands of {rows} hashes; recall {', '.join(curve)}",
    ]


def _containment_lines(stage: Containment) -> list[str]:
    from corpus.similarity.containment import recall_by_size

    curve = ", ".join(
        f"{recall:.4f} at {size}" for size, recall in recall_by_size(stage.share).items()
    )
    verb, name, share = "removes" if stage.remove else "marks", stage.stage, stage.share
    return [
        f"{name}: {verb} texts with at least {share:g} of their shingles in a longer one",
        f"  candidates from a sample of shingles; recall by number of shingles {curve}",
    ]


def _passes(passes: Sequence[Segment]) -> Iterator[str]:
    for number, segment in enumerate(passes, 1):
        first = ["read"] if number == 1 else ["apply decisions"]
        yield f"pass {number}   {' · '.join([*first, *(s.stage for s in segment.document_stages)])}"
        if segment.corpus_stages:
            yield f"decide   {' · '.join(s.stage for s in segment.corpus_stages)}"
    yield "write    apply · shards · ledgers · audit · card"


def _problems(config: Config, inputs: Sequence[Input]) -> Iterator[str]:
    """Yield what may be a mistake: empty, unreadable or duplicate files, no test split."""
    empty = [item.file.name for item in inputs if not item.file.bytes]
    if empty:
        yield f"{_count(len(empty), 'empty file')}, the first is {empty[0]}"
    local = [item.file for item in inputs if "://" not in item.file.path]
    unreadable = [file.name for file in local if not os.access(file.path, os.R_OK)]
    if unreadable:
        files = _count(len(unreadable), "file")
        yield f"{files} without read permission, the first is {unreadable[0]}"
    repeated = [path for path, n in Counter(item.file.path for item in inputs).items() if n > 1]
    if repeated:
        yield f"{_count(len(repeated), 'file')} in two sources, the first is {repeated[0]}"
    inside = [f.name for f in local if Path(f.path).is_relative_to(config.destination)]
    if inside:
        yield f"{_count(len(inside), 'file')} of the build in {config.output.path} would be read"
    if not any(isinstance(stage, Split) for stage in config.stages):
        yield "no stage 'split': all documents will be in train"
    if all(isinstance(s, DocumentStage | SiteBoilerplate) for s in config.stages):
        yield "no stage compares documents: duplicates will be kept"
    if config.card.license is None:
        yield "card.license is not set; without a license nobody may use the corpus"


def _text_bytes(item: Input) -> int:
    compressed = item.file.name.lower().endswith(COMPRESSED_EXTENSIONS)
    return round(item.file.bytes * (TEXT_BYTES_PER_COMPRESSED_BYTE if compressed else 1))


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
