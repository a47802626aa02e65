"""Decide once for the whole corpus what happens to the documents that a pass has kept.

First the ids are made unique (only after the first pass). Then each corpus stage of the pass
decides in turn, on the documents that the stages before it kept. The decisions are written in one
file per run, row by row, for the next pass to apply.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import storage
from corpus.documents import DUPLICATE_OF, ID, KEY
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline.apply_stage import added_column, check_decisions, decision_column
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.kept_documents import KeptRuns
from corpus.pipeline.reference_documents import ReferenceDocuments
from corpus.pipeline.repeated_ids import RenamedIds, UniqueIds, given_ids, make_ids_unique
from corpus.pipeline.sorted_runs import TEXT_BYTES, FetchFromRuns, SortedRun, map_batch
from corpus.stages.base import DECISION, CorpusStage
from corpus.stages.own_mistakes import naming_mistakes_of

MAX_DOCUMENTS_ON_ONE_WORKER = 1_000_000
"""A corpus of at most this many documents is decided on by one worker."""


@dataclass
class Decisions:
    """What was decided on every document of a pass."""

    stages: tuple[CorpusStage, ...]
    runs: tuple[SortedRun, ...]
    files: tuple[Path, ...]
    """The decisions, one file per run."""

    bytes: int
    """The size of all texts in UTF-8, removed ones included."""

    kept_documents: int
    kept_bytes: int
    """The number of documents that are kept, and the size of their texts in UTF-8."""

    metrics: list[dict[str, object]] = field(default_factory=list)
    """The metrics of each stage."""

    renamed: RenamedIds | None = None
    """The documents that got a new id, because they share theirs with another document."""

    @property
    def kept(self) -> KeptRuns:
        """The kept documents, read from disk."""
        return KeptRuns(self.stages, self.runs, self.files)

    @property
    def added(self) -> pa.Schema:
        """The columns, other than those of stages, that applying the decisions adds."""
        return pa.schema([(self.renamed.column, pa.string())] if self.renamed else [])


@dataclass(frozen=True)
class DecideTask:
    """The decisions after one pass: a picklable task."""

    stages: tuple[CorpusStage, ...]
    runs: tuple[SortedRun, ...]
    seed: int
    folder: Path
    base: Path
    """What paths in the config are relative to."""
    first: bool
    """Whether this is the first pass, after which ids are made unique."""


def decide(task: DecideTask, engine: Engine) -> Decisions:
    """Let every stage decide, and write the decisions into the folder of the task.

    A small corpus is decided on by one worker, which has loaded the kernels already. A large one is
    decided on here, and all workers share what the stages compute in parallel.
    """
    runs = tuple(run for run in task.runs if run.rows)
    task = replace(task, runs=runs)
    if sum(run.rows for run in runs) <= MAX_DOCUMENTS_ON_ONE_WORKER:
        (decisions,) = map_or_raise(engine, run_decide, [task])
        return decisions
    return run_decide(task, partial(map_or_raise, engine))


def _return_large_arrays_at_once() -> None:
    """Let the C library return each large array to the system as soon as it is freed.

    By default, glibc keeps freed arrays of up to 32 MB in its heap, once it has seen such an array:
    a decision had half its memory in such holes.
    """
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 17)


_M_MMAP_THRESHOLD = -3
"""The number of the parameter in `malloc.h`."""


def _return_free_memory() -> None:
    """Return the memory of arrays that are no longer used to the system, where it can be asked."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)


def run_decide(task: DecideTask, parallel_map: Callable[..., Iterator[Any]] = map) -> Decisions:
    """Let every stage decide in this process; `parallel_map` calls a function on many tasks."""
    _return_large_arrays_at_once()
    parts = MappedParts(tuple(run.observed for run in task.runs))
    fetch = FetchFromRuns(task.runs)
    alive = np.ones(sum(run.rows for run in task.runs), np.bool_)
    unique = _unique_ids(CorpusView(parts, fetch, alive), task, parallel_map)
    if unique.duplicate_of:
        alive[unique.duplicate_of.rows] = False
    view = CorpusView(unique.parts, fetch, alive)
    by_stage, alive = _decide_in_turn(task, view, parallel_map)
    bytes, kept_bytes = _text_bytes(view, alive)
    return Decisions(
        task.stages,
        task.runs,
        _write(task.folder, by_stage, parts, unique),
        bytes,
        int(alive.sum()),
        kept_bytes,
        [
            _metrics(stage, decisions)
            for stage, decisions in zip(task.stages, by_stage, strict=True)
        ],
        unique.renamed,
    )


def _metrics(stage: CorpusStage, decisions: pa.RecordBatch) -> dict[str, object]:
    with naming_mistakes_of(stage):
        return stage.metrics(decisions)


def _unique_ids(
    corpus: CorpusView, task: DecideTask, parallel_map: Callable[..., Iterator[Any]]
) -> UniqueIds:
    """Return the documents with unique ids: after the first pass, they may have others."""
    if task.first:
        fetch = FetchFromRuns(task.runs)
        return make_ids_unique(corpus, fetch, task.folder / "ids", parallel_map)
    return UniqueIds(MappedParts(tuple(run.observed for run in task.runs)))


class _Decided(NamedTuple):
    by_stage: MappedParts
    """The decisions of each stage, one row per document."""
    alive: NDArray[np.bool_]


def _decide_in_turn(
    task: DecideTask, corpus: CorpusView, parallel_map: Callable[..., Iterator[Any]]
) -> _Decided:
    """Return the decisions of each stage, made on the documents that the ones before it kept."""
    alive = corpus.alive
    reference = ReferenceDocuments(task.base, task.folder / "reference", parallel_map)
    allocate = partial(storage.disk_array, task.folder)
    by_stage = []
    for index, stage in enumerate(task.stages):
        view = CorpusView(
            corpus.parts, corpus.fetch, alive.copy(), task.seed, parallel_map, reference, allocate
        )
        decisions = _decide(stage, view) if len(alive) else _no_decisions(stage)
        alive = alive & decisions.column("reason").is_null().to_numpy(zero_copy_only=False)
        path = task.folder / "stages" / f"{index:06d}.arrow"
        with arrow_file(path, decisions.schema) as out:
            out.write_batch(decisions)
        by_stage.append(partial(map_batch, path))
        del decisions
        _return_free_memory()
    return _Decided(MappedParts(tuple(by_stage)), alive)


def _decide(stage: CorpusStage, corpus: CorpusView) -> pa.RecordBatch:
    """Return the decisions of a stage: one for each document, with the columns that it declares."""
    with naming_mistakes_of(stage):
        decisions = stage.decide(corpus)
        check_decisions(stage, decisions, len(corpus.alive))
    return decisions


def _no_decisions(stage: CorpusStage) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], pa.schema([*DECISION, *stage.adds]))


def _text_bytes(corpus: CorpusView, alive: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the size of all texts, and of those that are kept, in UTF-8."""
    total = kept = 0
    for index, first in enumerate(corpus.starts[:-1].tolist()):
        sizes = corpus.parts[index].column(TEXT_BYTES).to_numpy().astype(np.int64)
        total += int(sizes.sum())
        kept += int(sizes[alive[first : first + len(sizes)]].sum())
    return total, kept


def _write(
    folder: Path,
    by_stage: Sequence[pa.RecordBatch],
    parts: Sequence[pa.RecordBatch],
    unique: UniqueIds,
) -> tuple[Path, ...]:
    """Write for each run the ids of its documents, which of them are repeated, and the decisions.

    `parts` are the observations with the ids that the sources give.
    """
    files, first = [], 0
    for index, (part, unique_part) in enumerate(zip(parts, unique.parts, strict=True)):
        last = first + part.num_rows
        columns = {ID: unique_part.column(ID), KEY: unique_part.column(KEY)}
        columns[DUPLICATE_OF] = (
            unique.duplicate_of.column(first, last)
            if unique.duplicate_of
            else pa.nulls(part.num_rows, pa.string())
        )
        if unique.renamed:
            columns[added_column(unique.renamed.column)] = given_ids(part)
        for i, decisions in enumerate(by_stage):
            rows = decisions.slice(first, part.num_rows)
            columns |= {decision_column(i, name): rows.column(name) for name in rows.schema.names}
        first = last
        batch = pa.record_batch(columns)
        files.append(folder / f"{index:06d}.arrow")
        with arrow_file(files[-1], batch.schema) as out:
            out.write_batch(batch)
    return tuple(files)
