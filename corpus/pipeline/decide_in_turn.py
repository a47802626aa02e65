"""Let the stages of a pass decide, one after the other, on what was observed.

A corpus stage sees all documents at once. A threshold stage sees one run at a time. Both may
observe columns that the stages before them decided, such as the language. Decisions are written to
disk as soon as they are made.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.errors import InputError
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline.apply_stage import check_decisions
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import map_batch
from corpus.sources.columns.observation import is_empty
from corpus.stages.base import DECISION, CorpusStage, DecidingStage
from corpus.stages.own_mistakes import naming_mistakes_of


@dataclass(frozen=True)
class StageDecisions:
    """The decisions of one stage, on disk: one row for each document."""

    stage: DecidingStage
    path: Path
    """A file with all decisions of a corpus stage; of a threshold stage, a folder of one file for
    each run."""

    observed: Sequence[pa.RecordBatch]
    """What the stage observed, run by run."""

    starts: tuple[int, ...]
    """The number of the first document of each run, then the number of documents."""

    def of_run(self, index: int) -> pa.RecordBatch:
        """Return the decisions on the documents of one run, memory-mapped."""
        if isinstance(self.stage, CorpusStage):
            first, last = self.starts[index : index + 2]
            return map_batch(self.path).slice(first, last - first)
        return map_batch(_file_of_run(self.path, index))


class Decided(NamedTuple):
    """What all stages decided."""

    by_stage: tuple[StageDecisions, ...]
    alive: NDArray[np.bool_]
    """bool[n_documents]: which documents are kept."""

    metrics: list[dict[str, object]]
    """The metrics of each stage."""

    removed: Counter[tuple[str, str]]
    """The number of documents removed, by stage and reason."""


def decide_in_turn(segment: Segment, corpus: CorpusView, folder: Path) -> Decided:
    """Return the decisions of each stage, made on the documents that the ones before it kept."""
    alive = corpus.alive
    by_stage: list[StageDecisions] = []
    metrics: list[dict[str, object]] = []
    removed: Counter[tuple[str, str]] = Counter()
    for index, stage in enumerate(segment.deciding_stages):
        own = folder / f"{index:06d}"
        parts = _with_decided_columns(segment, index, corpus, by_stage, own / "observed")
        view = replace(corpus, parts=parts, alive=alive.copy())
        decisions = StageDecisions(stage, own / "decided", parts, tuple(corpus.starts.tolist()))
        metrics.append(_decide(decisions, view))
        alive = _keep(decisions, alive, removed)
        by_stage.append(decisions)
        _return_free_memory()
    return Decided(tuple(by_stage), alive, metrics, removed)


def _decide(decisions: StageDecisions, corpus: CorpusView) -> dict[str, object]:
    """Write the decisions of a stage, and return its metrics."""
    stage = decisions.stage
    if isinstance(stage, CorpusStage):
        with naming_mistakes_of(stage):
            decided = stage.decide(corpus) if len(corpus.alive) else _no_decisions(stage)
            check_decisions(stage, decided, len(corpus.alive))
            _write(decisions.path, decided)
            return stage.metrics(decided)
    with naming_mistakes_of(stage):
        required = stage.required_columns()
    for column, remedy in required.items():
        if is_empty(corpus, column):
            raise InputError(f"stage {stage.stage!r}: {remedy}")
    for index in range(len(corpus.parts)):
        with naming_mistakes_of(stage):
            decided = stage.decisions(stage.judge(corpus.parts[index]))
            check_decisions(stage, decided, corpus.parts[index].num_rows)
        _write(_file_of_run(decisions.path, index), decided)
    with naming_mistakes_of(stage):
        return stage.metrics(_on_documents(decisions, corpus.alive))


def _on_documents(decisions: StageDecisions, alive: NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
    """Yield the decisions on the documents that are `alive`, run by run."""
    for index, (first, last) in enumerate(pairwise(decisions.starts)):
        yield decisions.of_run(index).filter(pa.array(alive[first:last]))


def _no_decisions(stage: CorpusStage) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], pa.schema([*DECISION, *stage.adds]))


def _keep(
    decisions: StageDecisions, alive: NDArray[np.bool_], removed: Counter[tuple[str, str]]
) -> NDArray[np.bool_]:
    """Return which documents are still kept after a stage; count those that it removed."""
    still_alive = alive.copy()
    for index in range(len(decisions.starts) - 1):
        first, last = decisions.starts[index : index + 2]
        reason = decisions.of_run(index).column("reason")
        still_alive[first:last] &= reason.is_null().to_numpy(zero_copy_only=False)
        counts = pc.value_counts(reason.filter(pa.array(alive[first:last])).drop_null())
        for row in counts.to_pylist():
            removed[decisions.stage.stage, row["values"]] += row["counts"]
    return still_alive


def _with_decided_columns(
    segment: Segment,
    index: int,
    corpus: CorpusView,
    by_stage: Sequence[StageDecisions],
    folder: Path,
) -> Sequence[pa.RecordBatch]:
    """Return the observations with those of columns that earlier stages decided, run by run."""
    observations = segment.decided_observations(index)
    if not observations:
        return corpus.parts
    for run in range(len(corpus.parts)):
        columns: dict[str, pa.Array] = {}
        for decisions in by_stage:
            decided = decisions.of_run(run)
            columns |= {each.name: decided.column(each.name) for each in decisions.stage.adds}
        documents = pa.record_batch(columns)
        observed = {
            name: values
            for observation in observations
            for name, values in observation.columns(documents).items()
        }
        _write(_file_of_run(folder, run), pa.record_batch(observed))
    openers = (
        partial(_joined, corpus.parts, run, _file_of_run(folder, run))
        for run in range(len(corpus.parts))
    )
    return MappedParts(tuple(openers))


def _joined(parts: Sequence[pa.RecordBatch], run: int, file: Path) -> pa.RecordBatch:
    """Return the observations of a run with the columns of a file, which replace equal names.

    A column may be observed before a stage fills it, and again afterwards.
    """
    columns: dict[str, pa.Array] = {}
    for batch in (parts[run], map_batch(file)):
        columns |= zip(batch.schema.names, batch.columns, strict=True)
    return pa.record_batch(columns)


def _file_of_run(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}.arrow"


def _write(path: Path, batch: pa.RecordBatch) -> None:
    with arrow_file(path, batch.schema) as out:
        out.write_batch(batch)


LARGE_ARRAY = 1 << 21
"""Bytes of an array that is returned at once: more than a batch of documents has."""


def return_large_arrays_at_once() -> None:
    """Let the C library return each large array to the system as soon as it is freed.

    By default, glibc keeps freed arrays of up to 32 MB in its heap, once it has seen such an array:
    a decision had half its memory in such holes. Smaller arrays than `LARGE_ARRAY` stay there:
    batches of texts are read by the thousand, and each would cost a fault for every page.
    """
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_ARRAY)


_M_MMAP_THRESHOLD = -3
"""The number of the parameter in `malloc.h`."""


def _return_free_memory() -> None:
    """Return the memory of arrays that are no longer used to the system, where it can be asked."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
