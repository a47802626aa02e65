"""Run one task of the first pass, and isolate the record that makes it fail.

A poison record raises, overruns the time limit, or kills its worker. The task is halved until the
poison record stands alone. That record is rejected, and the others are processed. The reject is
part of the cached output, so the next build does not try the record again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from corpus import storage
from corpus.pipeline.engine import Engine, TaskFailure
from corpus.pipeline.pass_tasks import FirstPassTask, PassResult, run_first_pass
from corpus.pipeline.sorted_runs import SortedRun, open_run
from corpus.sources import Reject
from corpus.sources.reject_remedies import NOT_CARRIED

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
    cached = open_run(task.folder)
    if cached is None:
        storage.remove(task.folder)
    return cached or run_first_pass(task)


def isolate(task: FirstPassTask, failure: TaskFailure, engine: Engine) -> Iterator[SortedRun]:
    """Yield the runs of both halves of a failed task. A record that fails alone is rejected."""
    (counted,) = engine.map(_count_records, [task], seconds=time_limit)
    if isinstance(counted, TaskFailure):
        yield _rejected(task, None, counted.reason, bytes_to_read(task))
        return
    low, high, number = counted
    if high - low <= 1:
        yield _rejected(task, number, failure.reason, 0)
        return
    middle = (low + high) // 2
    for first, last in ((low, middle), (middle, high)):
        half = replace(
            task,
            chunk=replace(task.chunk, records=(first, last)),
            folder=task.folder.with_name(f"{_chunk_name(task)}-{first}-{last}"),
        )
        yield from run_task(half, engine)


def parts_file(task: FirstPassTask) -> Path:
    """Return the file that lists the parts of a task that failed as a whole."""
    return task.folder.with_name(f"{task.folder.name}.parts")


def remember_parts(task: FirstPassTask, parts: Sequence[SortedRun]) -> None:
    """Write which runs replace a task that failed as a whole."""
    storage.write(parts_file(task), json.dumps([run.folder.name for run in parts]).encode())


def remembered_parts(task: FirstPassTask) -> list[SortedRun]:
    """Return the parts that an earlier build made of a task with a poison record, if any."""
    try:
        names = json.loads(parts_file(task).read_bytes())
        parts = [open_run(task.folder.with_name(name)) for name in names]
    except (OSError, ValueError, TypeError):
        return []
    return [] if None in parts else [run for run in parts if run]


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


def _rejected(task: FirstPassTask, record: int | None, cause: str, size: int) -> SortedRun:
    """Write the run of a task that failed: a reject of one record, or of all its files."""
    reason = f"{NOT_CARRIED}: {cause}"
    files = task.chunk.files if record is None else (task.chunk.file,)
    share = size // len(files)
    result = PassResult(rejected=[Reject(file.name, record, reason, share) for file in files])
    counts = {"records": 0, "rejected": 1, "content": f"{0:032x}", "skipped": {}}
    storage.remove(task.folder)
    return result.write(
        task.folder, task.segment, read=len(files), inputs={file.name: counts for file in files}
    )
