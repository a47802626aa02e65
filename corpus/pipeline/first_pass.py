"""The first pass, seen from the build: what to read, what is in the cache, which record is poison.

A piece's name in the cache is a hash of all that it depends on: the bytes of its file, the settings
of its source and of the stages it goes through, the code, the libraries. So nothing stale is found
there, and a killed build finds all it had done.

A piece that raises, overruns or kills its worker is halved until the record that does it stands
alone; that record is rejected and the rest is done. The reject is part of the cached piece: it is
remembered.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import storage
from corpus.errors import InputError
from corpus.fingerprints import sources_hash
from corpus.pipeline.engine import Engine, Lost
from corpus.pipeline.identity import canonical, stage_source, versions
from corpus.pipeline.piece_tasks import FirstPassTask, PieceResult, run_first_pass
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import Piece, open_piece
from corpus.sources.inputs import Input, file_stamp

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.progress import Progress

SECONDS = 60.0
SECONDS_PER_MB = 5.0
"""How long a piece may take, as the last resort: a minute, and five seconds for each megabyte."""


@dataclass
class FirstPass:
    """What the first pass made."""

    pieces: list[Piece] = field(default_factory=list)
    rejected: list[tuple[str, int | None, str, int]] = field(default_factory=list)
    inputs: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    """For each file of each source: records, rejected, and the order-free hash of its records."""

    read: int = 0
    bytes: int = 0

    def add(self, piece: Piece, source: int) -> dict[str, Any]:
        """Count a finished piece, and return its summary."""
        summary = piece.summary()
        self.pieces.append(piece)
        self.read += summary["read"]
        self.rejected += [tuple(row.values()) for row in piece.rejected().to_pylist()]
        for name, more in summary["inputs"].items():
            none = {"records": 0, "rejected": 0, "content": f"{0:032x}"}
            held = self.inputs.setdefault((source, name), none)
            held["records"] += more["records"]
            held["rejected"] += more["rejected"]
            total = int(held["content"], 16) + int(more["content"], 16)
            held["content"] = f"{total % (1 << 128):032x}"
        return summary


def first_pass(
    inputs: Sequence[Input],
    config: Config,
    segment: Segment,
    *,
    engine: Engine,
    cache: Path,
    limit: int | None,
    progress: Progress,
) -> FirstPass:
    """Carry every piece of input through the first segment, or take it from the cache."""
    done = FirstPass(bytes=sum(item.file.bytes for item in inputs))
    progress.start(
        "pass 1: " + ", ".join(["read", *(s.stage for s in segment.documents)]), bytes=done.bytes
    )
    used: set[Path] = set()
    counted: FirstPassTask | None = None
    for task, piece in _carried(_tasks(inputs, config, segment, cache), engine, limit):
        summary = done.add(piece, config.sources.index(task.source))
        used |= {piece.folder, _parts(task)}
        size = 0 if task is counted else _size(task)  # a task may come with many pieces
        progress.advance(documents=summary["read"], bytes=size)
        counted = task
    _unchanged(inputs, used)
    if limit is None:
        _prune(cache, used)
    return done


def _unchanged(inputs: Sequence[Input], used: set[Path]) -> None:
    """Raise `InputError` if a file changed while it was read: what was made of it is forgotten."""
    for item in inputs:
        if file_stamp(item.file) != item.stamp:
            for made in used:
                storage.remove(made)
            raise InputError(
                f"{item.file.name}: changed while it was read; build again when it is at rest"
            )


def _tasks(
    inputs: Sequence[Input], config: Config, segment: Segment, cache: Path
) -> Iterator[FirstPassTask]:
    """Yield the task of each piece of input; its folder is named after all it depends on."""
    from corpus.sources import split_into_chunks

    common = {
        "stages": [
            [s.stage, stage_source(s), s.model_dump(mode="json")] for s in segment.documents
        ],
        "observations": [
            [type(o).__name__, o.model_dump(mode="json")] for o in segment.observations
        ],
        "as_of": str(config.as_of),
        "code": sources_hash(),
        "versions": versions(),
    }
    hashes = {(item.source, item.file.name): item.sha256 for item in inputs}
    for index, source in enumerate(config.sources):
        files = [item.file for item in inputs if item.source == index]
        told = common | {"source": source.model_dump(mode="json", exclude={"path"})}
        for piece in split_into_chunks(files, source):
            key = told | {
                "files": [[file.name, hashes[index, file.name]] for file in piece.files],
                "cut": piece.identity(),
            }
            name = hashlib.sha256(canonical(key)).hexdigest()[:32]
            yield FirstPassTask(segment, source, piece, cache / name)


def _carried(
    tasks: Iterator[FirstPassTask], engine: Engine, limit: int | None
) -> Iterator[tuple[FirstPassTask, Piece]]:
    """Yield each task with its piece, or its parts' pieces where a record in it was poison."""
    if limit is not None:
        yield from _limited(tasks, engine, limit)
        return
    asked: deque[FirstPassTask] = deque()
    known: list[tuple[FirstPassTask, Piece]] = []

    def wanted() -> Iterator[FirstPassTask]:
        for task in tasks:
            parts = _remembered(task)
            known.extend((task, piece) for piece in parts)
            if not parts:
                asked.append(task)
                yield task

    for result in engine.map(_once, wanted(), seconds=_seconds):
        task = asked.popleft()
        if isinstance(result, Lost):
            pieces = list(_isolated(task, result, engine))
            storage.write(
                _parts(task), json.dumps([piece.folder.name for piece in pieces]).encode()
            )
            yield from ((task, piece) for piece in pieces)
        else:
            yield task, result
    yield from known


def _once(task: FirstPassTask) -> Piece:
    """Return the piece from the cache, or make it; a damaged one is made anew."""
    ready = open_piece(task.folder)
    if ready is None:
        storage.remove(task.folder)
    return ready or run_first_pass(task)


def _whole(task: FirstPassTask) -> str:
    """Return the name of the piece that a task is, or is a part of."""
    return task.folder.name.partition("-")[0]


def _parts(task: FirstPassTask) -> Path:
    """Return the file that names the parts of a piece that could not be done in one."""
    return task.folder.with_name(f"{task.folder.name}.parts")


def _remembered(task: FirstPassTask) -> list[Piece]:
    """Return the parts that an earlier build made of a piece with a poison record, if any."""
    try:
        names = json.loads(_parts(task).read_bytes())
        found = [open_piece(task.folder.with_name(name)) for name in names]
    except (OSError, ValueError, TypeError):
        return []
    return [] if None in found else [piece for piece in found if piece]


def _limited(
    tasks: Iterator[FirstPassTask], engine: Engine, limit: int
) -> Iterator[tuple[FirstPassTask, Piece]]:
    """Yield pieces, one after the other, until they hold `limit` records."""
    left = limit
    for task in tasks:
        if left <= 0:
            return
        part = replace(
            task,
            piece=replace(task.piece, records=(0, left)),
            folder=task.folder.with_name(f"{task.folder.name}-{left}"),
        )
        for piece in _done(part, engine):
            left -= piece.summary()["read"]
            yield part, piece


def _done(task: FirstPassTask, engine: Engine) -> Iterator[Piece]:
    """Yield what comes of one task: its piece, or where it was lost the pieces of its parts."""
    (result,) = engine.map(_once, [task], seconds=_seconds)
    if isinstance(result, Lost):
        yield from _isolated(task, result, engine)
    else:
        yield result


def _isolated(task: FirstPassTask, lost: Lost, engine: Engine) -> Iterator[Piece]:
    """Yield the pieces of a lost task's halves; a record that is lost alone is rejected."""
    (counted,) = engine.map(_count, [task], seconds=_seconds)
    if isinstance(counted, Lost):
        yield _reject(task, None, counted.why, _size(task))
        return
    low, high, number = counted
    if high - low <= 1:
        yield _reject(task, number, lost.why, 0)
        return
    middle = (low + high) // 2
    for a, b in ((low, middle), (middle, high)):
        part = replace(
            task,
            piece=replace(task.piece, records=(a, b)),
            folder=task.folder.with_name(f"{_whole(task)}-{a}-{b}"),
        )
        yield from _done(part, engine)


def _count(task: FirstPassTask) -> tuple[int, int, int | None]:
    """Return the records [low, high) of a piece, and the number of the first in its file."""
    from corpus.documents import RECORD
    from corpus.sources import count_records, read

    if task.piece.records is None:
        return 0, count_records(task.piece, task.source), None
    low, high = task.piece.records
    number = None
    if high - low == 1:
        for documents, _ in read(task.piece, task.source):
            number = documents.column(RECORD)[0].as_py() if documents.num_rows else None
    return low, high, number


def _reject(task: FirstPassTask, record: int | None, why: str, size: int) -> Piece:
    """Write the piece that says that a record, or all that the task was to read, is lost."""
    reason = f"could not be carried through the stages: {why}"
    files = task.piece.files if record is None else (task.piece.file,)
    share = size // len(files)
    found = PieceResult(rejected=[(file.name, record, reason, share) for file in files])
    lost = {"records": 0, "rejected": 1, "content": f"{0:032x}"}
    inputs = {file.name: lost for file in files}
    storage.remove(task.folder)
    return found.write(task.folder, task.segment, read=len(files), inputs=inputs)


def _size(task: FirstPassTask) -> int:
    """Return how much a task has to read, in bytes: a cut piece is a part of its file."""
    from corpus.sources.chunks import CHUNK_BYTES

    size = int(task.piece.bytes)
    return size if task.piece.stop is None else min(size, CHUNK_BYTES)


def _seconds(task: FirstPassTask) -> float:
    return SECONDS + SECONDS_PER_MB * _size(task) / 1e6


def _prune(cache: Path, used: set[Path]) -> None:
    """Delete the pieces that this build did not use."""
    if cache.is_dir():
        for folder in cache.iterdir():
            if folder in used:
                continue
            if folder.is_dir():
                storage.remove(folder)
            else:
                folder.unlink()
