"""What a build would do, found out without doing it: `corpus check`.

The config is read in full and the sources are listed; no document is read. What is estimated says
so (`about`): the rates below are CPU time of one core, measured on news of 2 to 4 kB.
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
from corpus.pipeline.build import INPUT_PER_WORKER
from corpus.pipeline.segments import Segment, segments
from corpus.similarity.bands import compared
from corpus.sources.inputs import Input, find_inputs
from corpus.sources.settings import content_of
from corpus.stages import DocumentStage, Stage
from corpus.stages.containment import Containment
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.site_boilerplate import SiteBoilerplate
from corpus.stages.split import Split
from corpus.terminal import in_bytes, in_time

RATES = {
    "site_boilerplate": 45e6,
    "language": 20e6,
    "deduplicate": 120e6,
    "deduplicate_lines": 65e6,
    "containment": 65e6,
    "split": 350e6,
}
"""Bytes of text a second and core, by the name of the stage."""

CLEAN = {"text": 70e6, "page": 6e6, "html": 6e6}
"""Bytes a second and core of the stage `clean`, by what it is given."""

CARRIED = 20e6
"""Bytes of text a second and core to read, keep between the passes, write, measure and describe."""

ELSE = 500e6
"""The same of a stage that is not named: filters, and stages of one's own."""

START = 4.0
"""Seconds before the first document: workers start, models and kernels load."""

PACKED = (".gz", ".zst", ".bz2", ".xz", ".parquet", ".arrow")
UNPACKED = 3.0
"""How many times larger the text of a packed file is."""

SCRATCH = 1.2
"""Bytes between the passes for each byte of text: texts, packed, and signatures."""

SHARDS = 0.5
"""Bytes of shards for each byte of text."""

SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Plan:
    """What a build of this config would read and do."""

    config: Config
    inputs: tuple[Input, ...]
    workers: int
    problems: tuple[str, ...]

    @property
    def text_bytes(self) -> int:
        """Return about how much text the inputs hold, in bytes."""
        return sum(_unpacked(item) for item in self.inputs)

    @property
    def seconds(self) -> float:
        """Return about how long a first build takes, in seconds."""
        cost = sum(self._cost(item) for item in self.inputs)
        return START + cost / self.workers

    def _cost(self, item: Input) -> float:
        """Return about how long a core works on one file, in seconds."""
        content = content_of(self.config.sources[item.source], item.file.format)
        rates = RATES | {"clean": CLEAN[content]}
        pace = sum(1 / rates.get(stage.stage, ELSE) for stage in self.config.stages)
        return _unpacked(item) * (pace + 1 / CARRIED)

    def text(self) -> str:
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
            lines += ["", "look at"]
            lines += [f"  {line}" for line in self.problems]
        return "\n".join(lines)

    def _sources(self) -> Iterator[str]:
        for index, source in enumerate(self.config.sources):
            files = [item.file for item in self.inputs if item.source == index]
            size = in_bytes(sum(file.bytes for file in files))
            formats = Counter(file.format for file in files)
            kinds = ", ".join(f"{kind} ({content_of(source, kind)})" for kind in sorted(formats))
            yield f"{source.path}: {_count(len(files), 'file')}, {size}, {kinds}"

    def _needs(self) -> Iterator[str]:
        text = self.text_bytes
        yield f"{_count(self.workers, 'worker')}, about {in_time(self.seconds)}"
        free = shutil.disk_usage(_existing(self.config.destination)).free
        yield (
            f"about {in_bytes(text * SHARDS)} for the corpus and {in_bytes(text * SCRATCH)} of "
            f"scratch beside it; {in_bytes(free)} are free"
        )


def plan(config: Config, *, jobs: int | None = None) -> Plan:
    """Return what a build of the config would do; raises `InputError` if there is no input."""
    inputs = tuple(find_inputs(config.sources, config.folder))
    size = sum(item.file.bytes for item in inputs)
    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_PER_WORKER)))
    return Plan(config, inputs, workers, tuple(_problems(config, inputs)))


def recall_lines(stage: Stage) -> list[str]:
    """Return how surely a stage finds texts that are alike; nothing if it looks for none."""
    if isinstance(stage, Containment):
        return _containment_lines(stage)
    if not isinstance(stage, Deduplicate | Split) or stage.bands is None:
        return []
    at = stage.threshold if isinstance(stage, Deduplicate) else stage.leakage_threshold
    assert at is not None  # noqa: S101  (else it has no bands)
    bands, rows = stage.bands
    found = [compared(s, stage.bands, hashes=stage.hashes, threshold=at) for s in SIMILARITIES]
    # Rounded down: what is found nearly always must not read as always.
    told = zip(SIMILARITIES, (floor(1e4 * share) / 1e4 for share in found), strict=True)
    curve = [f"{share:.4f} at {s}" for s, share in told]
    return [
        f"{stage.stage}: removes at a Jaccard of {at} and over, by exact comparison of candidates",
        f"  candidates by {bands} bands of {rows} hashes: found of all pairs {', '.join(curve)}",
    ]


def _containment_lines(stage: Containment) -> list[str]:
    from corpus.similarity.containment import recalls

    told = ", ".join(f"{share:.4f} of {size}" for size, share in recalls(stage.share).items())
    does = "removes" if stage.remove else "marks"
    return [
        f"{stage.stage}: {does} what is in a longer text with {stage.share:g} of its shingles",
        f"  candidates by a sample of shingles: found of texts of so many shingles {told}",
    ]


def _passes(found: Sequence[Segment]) -> Iterator[str]:
    for number, segment in enumerate(found, 1):
        first = ["read"] if number == 1 else ["apply what was decided"]
        yield f"pass {number}   {' · '.join([*first, *(s.stage for s in segment.documents)])}"
        if segment.corpus:
            yield f"decide   {' · '.join(s.stage for s in segment.corpus)}"
    yield "write    apply · shards · ledgers · audit · card"


def _problems(config: Config, inputs: Sequence[Input]) -> Iterator[str]:
    """Yield what may not be meant: empty, unreadable or doubled files, no test split, no space."""
    empty = [item.file.name for item in inputs if not item.file.bytes]
    if empty:
        yield f"{_count(len(empty), 'file')} without a byte, the first is {empty[0]}"
    local = [item.file for item in inputs if "://" not in item.file.path]
    barred = [file.name for file in local if not os.access(file.path, os.R_OK)]
    if barred:
        yield f"{_count(len(barred), 'file')} that may not be read, the first is {barred[0]}"
    twice = [path for path, n in Counter(item.file.path for item in inputs).items() if n > 1]
    if twice:
        yield f"{_count(len(twice), 'file')} that two sources name, the first is {twice[0]}"
    inside = [f.name for f in local if Path(f.path).is_relative_to(config.destination)]
    if inside:
        yield f"{_count(len(inside), 'file')} of an old build at {config.output.path} would be read"
    if not any(isinstance(stage, Split) for stage in config.stages):
        yield "no stage split: all documents will be train"
    if all(isinstance(s, DocumentStage | SiteBoilerplate) for s in config.stages):
        yield "no stage compares documents: duplicates stay"
    if config.card.license is None:
        yield "card.license: not said; nobody may use a corpus without one"


def _unpacked(item: Input) -> int:
    packed = item.file.name.lower().endswith(PACKED)
    return round(item.file.bytes * (UNPACKED if packed else 1))


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return folder


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
