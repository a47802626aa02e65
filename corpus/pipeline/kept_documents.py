"""The place, size, split and language of each document that a pass has kept, one run at a time.

They are read from the observations and the decisions on disk. So a corpus of any size takes the
memory of one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import DUPLICATE_OF, KEY, LANGUAGE, SPLIT, TRAIN, halves
from corpus.pipeline.apply_stage import decision_column, open_decisions
from corpus.pipeline.portions import portions_of
from corpus.pipeline.sorted_runs import TEXT_BYTES, SortedRun
from corpus.stages.base import DecidingStage


class KeptDocuments(NamedTuple):
    """The documents of one run that are kept."""

    keys: NDArray[np.uint64]
    """uint64[n_kept]: the first 64 bits of each key."""

    portions: NDArray[np.uint64]
    """uint64[n_kept]: the portion of each document."""

    bytes: NDArray[np.int64]
    """int64[n_kept]: the size of each text in UTF-8."""

    splits: pa.Array
    """The split of each document (string); `train` without a split stage."""

    languages: pa.Array | None = None
    """The language of each document (string), if a stage has tagged it."""


@dataclass(frozen=True)
class KeptRuns:
    """The kept documents of every run, read again each time that they are iterated."""

    stages: Sequence[DecidingStage]
    runs: Sequence[SortedRun]
    files: Sequence[Path]
    """The decisions on each run."""

    def __iter__(self) -> Iterator[KeptDocuments]:
        """Yield the kept documents of each run."""
        for run, file in zip(self.runs, self.files, strict=True):
            yield _kept_documents(self.stages, run.observed(), open_decisions(file))


def is_kept(n_stages: int, decisions: pa.RecordBatch) -> pa.Array:
    """Return which documents the decisions of a run keep (bool[n_documents])."""
    names = (decision_column(i, "reason") for i in range(n_stages))
    return reduce(pc.and_, (decisions.column(name).is_null() for name in (DUPLICATE_OF, *names)))


def _kept_documents(
    stages: Sequence[DecidingStage], observed: pa.RecordBatch, decisions: pa.RecordBatch
) -> KeptDocuments:
    """Return the kept documents of a run. Row *i* of both batches is document *i*."""
    kept = is_kept(len(stages), decisions)
    languages = _latest(LANGUAGE, len(stages), observed, decisions)
    splits = _latest(SPLIT, len(stages), observed, decisions)
    if splits is None:
        splits = pa.repeat(pa.scalar(TRAIN, pa.string()), observed.num_rows)
    return KeptDocuments(
        halves(observed.column(KEY).filter(kept))[:, 0],
        portions_of(observed)[kept.to_numpy(zero_copy_only=False)],
        observed.column(TEXT_BYTES).filter(kept).to_numpy().astype(np.int64),
        splits.filter(kept),
        None if languages is None else languages.filter(kept),
    )


def _latest(
    name: str, n_stages: int, observed: pa.RecordBatch, decisions: pa.RecordBatch
) -> pa.Array | None:
    """Return a column as last decided, or as observed; None if there is none."""
    for i in reversed(range(n_stages)):
        if decision_column(i, name) in decisions.schema.names:
            return decisions.column(decision_column(i, name))
    return observed.column(name) if name in observed.schema.names else None
