"""Run one task of the first pass, and isolate the record that makes it fail.

A poison record raises, overruns the time limit, or kills its worker. The task is halved until the
poison record stands alone. That record is rejected, and the others are processed.

The cache remembers how a task was halved, so the next build has the same parts. It also remembers
a reject, unless the machine may be the cause, as with a lack of memory or a killed worker. The next
build tries such a record again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from corpus import storage
from corpus.pipeline.engine import Engine, TaskFailure
from corpus.pipeline.pass_tasks import FirstPassTask, PassResult, run_first_pass
from corpus.pipeline.sorted_runs import SortedRun, discard_damaged, open_run
from corpus.sources import Reject
from corpus.sources.formats import is_group
from corpus.sources.reject_remedies import NOT_CARRIED, THIS_TIME

R = TypeVar("R")

BASE_SECONDS = 60.0
SECONDS_PER_MB = 5.0
"""The time limit of a task is a minute plus five seconds per megabyte. It is the last resort."""


def run_task(task: FirstPassTask, engine: Engine) -> Iterator[SortedRun]:
    """Yield the run of a task, or the runs of its parts if it failed as a whole."""
    (result,) = engine.map(run_or_reuse, [task], seconds=time_limit)
    if isinstance(result, TaskFailure):
        yield from isolate(task, result, engine)
    else:
        yield result


def run_or_reuse(task: FirstPassTask) -> SortedRun:
    """Return the run of a task from the cache, or make it. A damaged run is made again."""
    if cached := open_run(task.folder):
        return cached
    discard_damaged(task.folder)
    return run_first_pass(task)


def isolate(task: FirstPassTask, failure: TaskFailure, engine: Engine) -> Iterator[SortedRun]:
    """Yield the runs of both halves of a failed task. A record that fails alone is rejected.

    A group of files is divided into files first, so that none of them must be read to count.
    """
    if is_group(task.chunk):
        first, last = _files_of_group(task)
        middle = (first + last) // 2
        for low, high in ((first, middle), (middle, last)):
            yield from run_task(_some_files(task, low, high), engine)
        return
    counted = _run_twice(_count_records, task, engine)
    if isinstance(counted, TaskFailure):
        yield _rejected(task, None, counted, bytes_to_read(task))
        return
    low, high, number = counted
    if high - low <= 1:
        result = _run_twice(run_or_reuse, task, engine) if failure.may_pass else failure
        yield _rejected(task, number, result, 0) if isinstance(result, TaskFailure) else result
        return
    middle = (low + high) // 2
    for first, last in ((low, middle), (middle, high)):
        yield from run_task(_part(task, first, last), engine)


def _run_twice(
    function: Callable[[FirstPassTask], R], task: FirstPassTask, engine: Engine
) -> R | TaskFailure:
    """Return the result of a task, which runs again if it fails because of the machine."""
    (result,) = engine.map(function, [task], seconds=time_limit)
    if isinstance(result, TaskFailure) and result.may_pass:
        (result,) = engine.map(function, [task], seconds=time_limit)
    return result


def _part(task: FirstPassTask, first: int, last: int) -> FirstPassTask:
    """Return the task for some records of a chunk, counted from 0 in the chunk."""
    name = task.folder.name if task.chunk.records is None else task.folder.name.rsplit("-", 2)[0]
    return replace(
        task,
        chunk=replace(task.chunk, records=(first, last)),
        folder=task.folder.with_name(f"{name}-{first}-{last}"),
    )


def _some_files(task: FirstPassTask, first: int, last: int) -> FirstPassTask:
    """Return the task for some files of a group, counted from 0 in the whole group."""
    before, _ = _files_of_group(task)
    return replace(
        task,
        chunk=replace(task.chunk, files=task.chunk.files[first - before : last - before]),
        folder=task.folder.with_name(f"{_chunk_name(task)}-{first}-{last}"),
    )


def _files_of_group(task: FirstPassTask) -> tuple[int, int]:
    """Return which files of the whole group a task for some of them has: [first, last)."""
    _, *numbers = task.folder.name.split("-")
    first = int(numbers[0]) if numbers else 0
    return first, first + len(task.chunk.files)


def parts_file(task: FirstPassTask) -> Path:
    """Return the file that lists the parts of a task that failed as a whole."""
    return task.folder.with_name(f"{task.folder.name}.parts")


def remember_parts(task: FirstPassTask, parts: Sequence[SortedRun]) -> None:
    """Write which files and records the runs have that replace a task that failed as a whole."""
    names = [run.folder.name for run in parts]
    if names != [task.folder.name]:
        ranges = [[int(n) for n in name.split("-")[1:]] for name in names]
        path = parts_file(task)
        storage.write(path, storage.seal(path.name, json.dumps(ranges).encode()))


def parts_of(task: FirstPassTask) -> list[FirstPassTask]:
    """Return the parts that an earlier build made of a task with a poison record, or the task."""
    path = parts_file(task)
    try:
        ranges = storage.unseal(path.name, path.read_bytes())
    except OSError:
        ranges = None
    if not ranges:
        return [task]
    if not is_group(task.chunk):
        return [_part(task, *each) for each in json.loads(ranges)]
    parts = []
    for first, last, *records in json.loads(ranges):
        files = _some_files(task, first, last)
        parts.append(_part(files, *records) if records else files)
    return parts


def bytes_to_read(task: FirstPassTask) -> int:
    """Return the size of a task in bytes. A chunk may be only a part of its file."""
    from corpus.sources.chunks import CHUNK_BYTES

    size = int(task.chunk.bytes)
    return size if task.chunk.stop is None else min(size, CHUNK_BYTES)


def time_limit(task: FirstPassTask) -> float:
    """Return the seconds that a task may take."""
    return BASE_SECONDS + SECONDS_PER_MB * bytes_to_read(task) / 1e6


def _chunk_name(task: FirstPassTask) -> str:
    """Return the cache name of the chunk that a task reads, or reads a part of."""
    return task.folder.name.partition("-")[0]


class _Records(NamedTuple):
    """The records [low, high) of a chunk; for a single one, also its number in the file."""

    low: int
    high: int
    number: int | None


def _count_records(task: FirstPassTask) -> _Records:
    from corpus.documents import RECORD
    from corpus.sources import count_records, read

    if task.chunk.records is None:
        return _Records(0, count_records(task.chunk, task.source), None)
    low, high = task.chunk.records
    number = None
    if high - low == 1:
        for documents, *_ in read(task.chunk, task.source):
            number = documents.column(RECORD)[0].as_py() if documents.num_rows else None
    return _Records(low, high, number)


def _rejected(
    task: FirstPassTask, record: int | None, failure: TaskFailure, size: int
) -> SortedRun:
    """Write the run of a task that failed: a reject of one record, or of all its files."""
    folder = task.folder
    if failure.may_pass:
        folder = task.this_time / folder.name
    reason = f"{THIS_TIME if failure.may_pass else NOT_CARRIED}: {failure.reason}"
    files = task.chunk.files if record is None else (task.chunk.file,)
    share = size // len(files)
    result = PassResult(rejected=[Reject(file.name, record, reason, share) for file in files])
    counts = {"records": 0, "rejected": 1, "content": f"{0:032x}", "skipped": {}}
    discard_damaged(folder)
    return result.write(
        folder, task.segment, read=len(files), inputs={file.name: counts for file in files}
    )
