"""Decide once for the whole corpus what happens to the documents that a pass has kept.

First the ids are made unique (only after the first pass). Then each deciding stage of the pass
decides in turn, on the documents that the stages before it kept. The decisions are written in one
file per run, row by row, for the next pass to apply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import storage
from corpus.documents import DUPLICATE_OF, ID, KEY
from corpus.fingerprints import sources_hash
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline.apply_stage import added_column, decision_column
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.decide_in_turn import (
    StageDecisions,
    decide_in_turn,
    return_large_arrays_at_once,
)
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.identity import canonical_json, versions
from corpus.pipeline.kept_documents import KeptRuns
from corpus.pipeline.reference_documents import ReferenceDocuments
from corpus.pipeline.remembered_pairs import PairFiles, RememberedPairs
from corpus.pipeline.repeated_ids import RenamedIds, UniqueIds, given_ids, make_ids_unique
from corpus.pipeline.segments import Segment
from corpus.pipeline.signal_columns import SignalColumn, signal_columns
from corpus.pipeline.sorted_runs import TEXT_BYTES, FetchFromRuns, SortedRun
from corpus.stages.base import DecidingStage

if TYPE_CHECKING:
    from corpus.config.model import Config

MAX_DOCUMENTS_ON_ONE_WORKER = 1_000_000
"""A corpus of at most this many documents is decided on by one worker."""


@dataclass
class Decisions:
    """What was decided on every document of a pass."""

    stages: tuple[DecidingStage, ...]
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

    removed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """The number of documents that the stages removed, by stage and reason."""

    signals: tuple[SignalColumn, ...] = ()
    """The columns with measurements that every document gets."""

    renamed: RenamedIds | None = None
    """The documents that got a new id, because they share theirs with another document."""

    used: tuple[Path, ...] = ()
    """The files of the cache with similarities that were used."""

    @property
    def kept(self) -> KeptRuns:
        """The kept documents, read from disk."""
        return KeptRuns(self.stages, self.runs, self.files)

    @property
    def added(self) -> pa.Schema:
        """The columns, other than those of stages, that applying the decisions adds."""
        ids = [pa.field(self.renamed.column, pa.string())] if self.renamed else []
        return pa.schema([*(signal.field for signal in self.signals), *ids])


@dataclass(frozen=True)
class DecideTask:
    """The decisions after one pass: a picklable task."""

    segment: Segment
    runs: tuple[SortedRun, ...]
    seed: int
    folder: Path
    base: Path
    """What paths in the config are relative to."""
    first: bool
    """Whether this is the first pass, after which ids are made unique."""
    signals: bool = False
    """Whether documents get columns with what was measured."""
    earlier_signals: tuple[SignalColumn, ...] = ()
    """Those that they got after earlier passes."""
    pair_files: PairFiles | None = None
    """Where the similarities of compared pairs are remembered."""


def decide_task(
    index: int,
    segment: Segment,
    runs: Sequence[SortedRun],
    config: Config,
    folder: Path,
    earlier: Sequence[Decisions],
    *,
    cache: Path | None = None,
) -> DecideTask:
    """Return the task to decide after pass `index`, from 0; `earlier` was decided before it.

    With a `cache`, similarities that builds have measured are not measured again.
    """
    code = canonical_json([sources_hash(), versions()]).decode() if cache else ""
    return DecideTask(
        segment,
        tuple(runs),
        config.seed,
        folder / f"decisions-{index}",
        base=config.folder,
        first=index == 0,
        signals=config.output.signals,
        earlier_signals=tuple(signal for each in earlier for signal in each.signals),
        pair_files=PairFiles(cache, code) if cache else None,
    )


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
    return_large_arrays_at_once()
    parts = MappedParts(tuple(run.observed for run in task.runs))
    fetch = FetchFromRuns(task.runs)
    alive = np.ones(sum(run.rows for run in task.runs), np.bool_)
    unique = _unique_ids(CorpusView(parts, fetch, alive), task, parallel_map)
    if unique.duplicate_of:
        alive[unique.duplicate_of.rows] = False
    remembered = RememberedPairs(task.pair_files) if task.pair_files else None
    view = CorpusView(
        unique.parts,
        fetch,
        alive,
        task.seed,
        parallel_map,
        ReferenceDocuments(task.base, task.folder / "reference", parallel_map),
        partial(storage.disk_array, task.folder),
        *([remembered] if remembered else []),
    )
    decided = decide_in_turn(task.segment, view, task.folder / "stages")
    signals: tuple[SignalColumn, ...] = ()
    if task.signals and task.runs:
        signals = signal_columns(task.segment, task.runs, task.earlier_signals)
    bytes, kept_bytes = _text_bytes(view, decided.alive)
    return Decisions(
        task.segment.deciding_stages,
        task.runs,
        _write(task.folder, decided.by_stage, parts, unique, signals),
        bytes,
        int(decided.alive.sum()),
        kept_bytes,
        decided.metrics,
        decided.removed,
        signals,
        unique.renamed,
        remembered.write() if remembered else (),
    )


def _unique_ids(
    corpus: CorpusView, task: DecideTask, parallel_map: Callable[..., Iterator[Any]]
) -> UniqueIds:
    """Return the documents with unique ids: after the first pass, they may have others."""
    if task.first:
        fetch = FetchFromRuns(task.runs)
        return make_ids_unique(corpus, fetch, task.folder / "ids", parallel_map)
    return UniqueIds(MappedParts(tuple(run.observed for run in task.runs)))


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
    by_stage: Sequence[StageDecisions],
    parts: Sequence[pa.RecordBatch],
    unique: UniqueIds,
    signals: Sequence[SignalColumn],
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
        for signal in signals:
            columns[added_column(signal.field.name)] = part.column(signal.observed)
        for i, decisions in enumerate(by_stage):
            rows = decisions.of_run(index)
            columns |= {decision_column(i, name): rows.column(name) for name in rows.schema.names}
        first = last
        batch = pa.record_batch(columns)
        batch = batch.take(pa.array(np.arange(part.num_rows)))  # equal decisions are equal bytes
        files.append(folder / f"{index:06d}.arrow")
        with arrow_file(files[-1], batch.schema) as out:
            out.write_batch(batch)
    return tuple(files)
