"""Decide once for the whole corpus what happens to the documents that a pass has kept.

First the ids are made unique (only after the first pass). Then each corpus stage of the pass
decides in turn, on the documents that the stages before it kept. The decisions are written in one
file per run, row by row, for the next pass to apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import storage
from corpus.documents import DUPLICATE_OF, ID, KEY, LANGUAGE, SPLIT, TRAIN, halves
from corpus.observations import CorpusView
from corpus.pipeline.apply_stage import added_column, check_decisions, decision_column
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.reference_documents import ReferenceDocuments
from corpus.pipeline.repeated_ids import RenamedIds, UniqueIds, given_ids, make_ids_unique
from corpus.pipeline.sorted_runs import TEXT_BYTES, FetchFromRuns, SortedRun
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

    keys: NDArray[np.uint64]
    """uint64[n_documents]: the first 64 bits of each key."""

    bytes: NDArray[np.int64]
    """int64[n_documents]: the size of each text in UTF-8."""

    alive: NDArray[np.bool_]
    """bool[n_documents]: whether the document is kept."""

    splits: pa.ChunkedArray
    """The split of each document (string); `train` without a split stage."""

    languages: pa.ChunkedArray | None = None
    """The language of each document (string), if a stage has tagged it."""

    metrics: list[dict[str, object]] = field(default_factory=list)
    """The metrics of each stage."""

    renamed: RenamedIds | None = None
    """The documents that got a new id, because they share theirs with another document."""

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


def run_decide(task: DecideTask, parallel_map: Callable[..., Iterator[Any]] = map) -> Decisions:
    """Let every stage decide in this process; `parallel_map` calls a function on many tasks."""
    parts = [run.observed() for run in task.runs]
    fetch = FetchFromRuns(task.runs)
    n = sum(part.num_rows for part in parts)
    alive = np.ones(n, np.bool_)
    keys = _keys(parts)
    unique = _unique_ids(CorpusView(parts, fetch, alive), keys, task, parallel_map)
    alive &= unique.duplicate_of.is_null().to_numpy()
    view = CorpusView(unique.parts, fetch, alive)
    by_stage, alive = _decide_in_turn(task, view, parallel_map)
    return Decisions(
        task.stages,
        task.runs,
        _write(task.folder, by_stage, parts, unique),
        keys[:, 0],
        _text_bytes(parts),
        alive,
        _splits(by_stage, parts, n),
        _languages(parts),
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
    corpus: CorpusView,
    keys: NDArray[np.uint64],
    task: DecideTask,
    parallel_map: Callable[..., Iterator[Any]],
) -> UniqueIds:
    """Return the documents with unique ids: after the first pass, they may have others."""
    if task.first:
        return make_ids_unique(corpus, keys, FetchFromRuns(task.runs), parallel_map)
    none = pa.chunked_array([pa.nulls(len(keys), pa.string())])
    return UniqueIds(list(corpus.parts), none, None)


class _Decided(NamedTuple):
    by_stage: list[pa.RecordBatch]
    """The decisions of each stage, one row per document."""
    alive: NDArray[np.bool_]


def _decide_in_turn(
    task: DecideTask, corpus: CorpusView, parallel_map: Callable[..., Iterator[Any]]
) -> _Decided:
    """Return the decisions of each stage, made on the documents that the ones before it kept."""
    alive = corpus.alive
    reference = ReferenceDocuments(task.base, task.folder / "reference", parallel_map)
    allocate = partial(storage.disk_array, task.folder)
    by_stage: list[pa.RecordBatch] = []
    for stage in task.stages:
        view = CorpusView(
            corpus.parts, corpus.fetch, alive.copy(), task.seed, parallel_map, reference, allocate
        )
        decisions = _decide(stage, view) if len(alive) else _no_decisions(stage)
        by_stage.append(decisions)
        alive = alive & decisions.column("reason").is_null().to_numpy(zero_copy_only=False)
    return _Decided(by_stage, alive)


def _decide(stage: CorpusStage, corpus: CorpusView) -> pa.RecordBatch:
    """Return the decisions of a stage: one for each document, with the columns that it declares."""
    with naming_mistakes_of(stage):
        decisions = stage.decide(corpus)
        check_decisions(stage, decisions, len(corpus.alive))
    return decisions


def _no_decisions(stage: CorpusStage) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], pa.schema([*DECISION, *stage.adds]))


def _keys(parts: Sequence[pa.RecordBatch]) -> NDArray[np.uint64]:
    """Return the key of each document, uint64[n_documents, 2]."""
    keys = [halves(part.column(KEY)) for part in parts if part.num_rows]
    return np.concatenate(keys) if keys else np.zeros((0, 2), np.uint64)


def _text_bytes(parts: Sequence[pa.RecordBatch]) -> NDArray[np.int64]:
    sizes = [part.column(TEXT_BYTES).to_numpy() for part in parts if part.num_rows]
    return np.concatenate(sizes) if sizes else np.zeros(0, np.int64)


def _splits(
    by_stage: Sequence[pa.RecordBatch], parts: Sequence[pa.RecordBatch], n: int
) -> pa.ChunkedArray:
    """Return the split of each document: decided just now, or by an earlier pass, or `train`."""
    for decisions in by_stage:
        if SPLIT in decisions.schema.names:
            return pa.chunked_array([decisions.column(SPLIT)])
    if parts and SPLIT in parts[0].schema.names:
        return pa.chunked_array([part.column(SPLIT) for part in parts])
    return pa.chunked_array([pa.array([TRAIN] * n, pa.string())])


def _languages(parts: Sequence[pa.RecordBatch]) -> pa.ChunkedArray | None:
    if not parts or LANGUAGE not in parts[0].schema.names:
        return None
    return pa.chunked_array([part.column(LANGUAGE) for part in parts])


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
        duplicate_of = unique.duplicate_of.slice(first, part.num_rows)
        columns = {ID: unique_part.column(ID), KEY: unique_part.column(KEY)}
        columns[DUPLICATE_OF] = pa.concat_arrays(duplicate_of.chunks)
        if unique.renamed:
            columns[added_column(unique.renamed.column)] = given_ids(part)
        for i, decisions in enumerate(by_stage):
            rows = decisions.slice(first, part.num_rows)
            columns |= {decision_column(i, name): rows.column(name) for name in rows.schema.names}
        first += part.num_rows
        batch = pa.record_batch(columns)
        files.append(folder / f"{index:06d}.arrow")
        with arrow_file(files[-1], batch.schema) as out:
            out.write_batch(batch)
    return tuple(files)
