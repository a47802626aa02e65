"""The first pass: read every chunk of input, or take its output from the cache.

The name of a chunk in the cache is a hash of everything that its output depends on: the bytes of
its file, the settings of its source and of the stages, the code, and the libraries. So nothing
stale is used, and a killed build continues where it stopped.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.errors import InputError
from corpus.pipeline.engine import Engine, TaskFailure
from corpus.pipeline.identity import canonical_json, pass_settings, watched_files
from corpus.pipeline.isolate_poison import (
    bytes_to_read,
    isolate,
    parts_file,
    parts_of,
    remember_parts,
    run_or_reuse,
    run_task,
    time_limit,
)
from corpus.pipeline.pass_tasks import HASH_MODULUS, FirstPassTask
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import SortedRun
from corpus.sources import Reject
from corpus.sources.files.inputs import Input, is_as_hashed
from corpus.sources.files.stamps import file_stamp
from corpus.sources.formats import without_group
from corpus.sources.notes import FileNotes
from corpus.sources.notes import from_json as notes_from_json

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.progress import Progress


MAX_POSTPONED = 4
"""Tasks that failed and wait until no other task needs memory. Each may have its bytes with it."""


class InputCounts(NamedTuple):
    """What was read of one input file."""

    records: int = 0
    rejected: int = 0
    content: str = f"{0:032x}"
    """The sum of the hashes of its records, in hex, which does not depend on their order."""

    skipped: Mapping[str, int] = MappingProxyType({})
    """Records that are not documents, by reason."""

    def plus(self, more: Mapping[str, Any]) -> InputCounts:
        """Return the sum with the counts of another chunk of the file."""
        total = int(self.content, 16) + int(more["content"], 16)
        return InputCounts(
            self.records + more["records"],
            self.rejected + more["rejected"],
            f"{total % HASH_MODULUS:032x}",
            dict(sorted((Counter(self.skipped) + Counter(more["skipped"])).items())),
        )


@dataclass
class FirstPass:
    """The result of the first pass."""

    runs: list[SortedRun] = field(default_factory=list)
    rejected: list[Reject] = field(default_factory=list)
    inputs: dict[tuple[int, str], InputCounts] = field(default_factory=dict)
    """By the number of the source in the config and the name of the file."""

    notes: dict[tuple[int, str], FileNotes] = field(default_factory=dict)
    """Losses within records, by the number of the source and the name of the file."""

    used: set[Path] = field(default_factory=set)
    """The files of the cache that belong to this pass."""

    date_formats: dict[int, str] = field(default_factory=dict)
    """The inferred format of ambiguous dates, by the number of the source."""

    read: int = 0
    """The number of records read."""

    bytes: int = 0
    """The size of all input files."""

    def add(self, run: SortedRun, task: FirstPassTask, source: int) -> int:
        """Count a finished run, and return the number of records read for it."""
        summary = run.summary()
        inputs = {file.name: file.input_name for file in task.chunk.files}
        self.runs.append(run)
        self.read += summary["read"]
        self.rejected += [Reject(**row) for row in run.rejected().to_pylist()]
        for name, counts in summary["inputs"].items():
            file = (source, inputs.get(name, name))
            self.inputs[file] = self.inputs.get(file, InputCounts()).plus(counts)
        for name, note in summary.get("notes", {}).items():  # a poison record has none
            file = (source, inputs.get(name, name))
            self.notes[file] = self.notes.get(file, FileNotes()).plus(notes_from_json(note))
        return int(summary["read"])


def first_pass(
    inputs: Sequence[Input],
    config: Config,
    segment: Segment,
    *,
    engine: Engine,
    cache: Path,
    this_time: Path,
    limit: int | None,
    progress: Progress,
) -> FirstPass:
    """Carry every chunk of input through the first segment, or take its run from the cache.

    Rejects that may be due to the machine are written to `this_time`, and not to the cache.
    """
    result = FirstPass(bytes=sum(item.file.bytes for item in inputs))
    steps = ["read", *(stage.stage for stage in segment.document_stages)]
    progress.start("pass 1: " + ", ".join(steps), bytes=result.bytes)
    used = result.used
    tasks = _tasks(inputs, config, segment, cache, this_time, in_groups=limit is None)
    for task, run in _run_tasks(tasks, engine, limit):
        read = result.add(run, task, config.sources.index(task.source))
        size = 0 if parts_file(task) in used else bytes_to_read(task)  # it may have several runs
        used |= {run.folder, parts_file(task)}
        progress.advance(documents=read, bytes=size)
    _check_unchanged(inputs)
    return result


def _check_unchanged(inputs: Sequence[Input]) -> None:
    """Raise `InputError` if a file changed after it was read: it may not be complete yet.

    What was made of it stays in the cache: all of it was as it was hashed when it was read.
    """
    for item in inputs:
        if file_stamp(item.file.path) != item.stamp and not is_as_hashed(item):
            raise InputError(
                f"{item.file.name}: changed while it was read; build again when it is complete"
            )


def _tasks(
    inputs: Sequence[Input],
    config: Config,
    segment: Segment,
    cache: Path,
    this_time: Path,
    *,
    in_groups: bool,
) -> Iterator[FirstPassTask]:
    """Yield one task per chunk of input; its folder is named after everything it depends on.

    Without `in_groups`, each file of many records has tasks of its own.
    """
    from corpus.sources import split_into_chunks

    watched = watched_files([*segment.document_stages, *segment.deciding_stages])
    common = pass_settings(segment, config)
    hashes = {(item.source, item.file.name): item.sha256 for item in inputs}
    largest: dict[str, int] = {}
    for item in inputs:
        largest[item.file.name] = max(largest.get(item.file.name, 0), item.file.bytes)
    for index, source in enumerate(config.sources):
        files = [item.file for item in inputs if item.source == index]
        settings = source.model_dump(mode="json", exclude={"path", "remote"})
        chunks = split_into_chunks(files, source)
        for chunk in chunks if in_groups else chain.from_iterable(map(without_group, chunks)):
            key = common | {
                "source": settings,
                "files": [
                    [file.name, hashes[index, file.input_name], *map(list, file.partition)]
                    for file in chunk.files
                ],
                "chunk": chunk.identity(),
            }
            sizes = {
                file.name: largest[file.name]
                for file in chunk.files
                if largest.get(file.name, 0) > file.bytes
            }
            key |= {"largest": sizes} if sizes else {}
            name = hashlib.sha256(canonical_json(key)).hexdigest()[:32]
            yield FirstPassTask(segment, source, chunk, cache / name, this_time, watched, sizes)


def _run_tasks(
    tasks: Iterator[FirstPassTask], engine: Engine, limit: int | None
) -> Iterator[tuple[FirstPassTask, SortedRun]]:
    """Yield each task with its run, or with each run of its parts if it has a poison record."""
    if limit is not None:
        yield from _run_until(tasks, engine, limit)
        return
    submitted: deque[tuple[FirstPassTask, FirstPassTask]] = deque()
    failed: list[tuple[FirstPassTask, FirstPassTask, TaskFailure]] = []

    def to_run() -> Iterator[FirstPassTask]:
        for task in tasks:
            for part in parts_of(task):
                submitted.append((task, part))
                yield part

    for result in engine.map(run_or_reuse, to_run(), seconds=time_limit):
        task, part = submitted.popleft()
        if not isinstance(result, TaskFailure):
            yield task, result
            continue
        failed.append((task, part, result))
        if len(failed) > MAX_POSTPONED:
            yield from _isolate(*failed.pop(), engine)
    for each in failed:
        yield from _isolate(*each, engine)


def _isolate(
    task: FirstPassTask, part: FirstPassTask, failure: TaskFailure, engine: Engine
) -> Iterator[tuple[FirstPassTask, SortedRun]]:
    """Yield a task with each run that replaces a part of it, or all of it, that failed."""
    runs = list(isolate(part, failure, engine))
    if part is task:
        remember_parts(task, runs)
    yield from ((task, run) for run in runs)


def _run_until(
    tasks: Iterator[FirstPassTask], engine: Engine, limit: int
) -> Iterator[tuple[FirstPassTask, SortedRun]]:
    """Yield runs, one after the other, until they contain `limit` records."""
    left = limit
    for task in tasks:
        if left <= 0:
            return
        limited = replace(
            task,
            chunk=replace(task.chunk, records=(0, left)),
            folder=task.folder.with_name(f"{task.folder.name}-{left}"),
        )
        for run in run_task(limited, engine):
            left -= run.summary()["read"]
            yield limited, run
