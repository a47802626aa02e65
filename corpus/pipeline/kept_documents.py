"""The key, size, split and language of each document that a pass has kept, one run at a time.

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
from corpus.pipeline.sorted_runs import TEXT_BYTES, SortedRun
from corpus.stages.base import CorpusStage


class KeptDocuments(NamedTuple):
    """The documents of one run that are kept."""

    keys: NDArray[np.uint64]
    """uint64[n_kept]: the first 64 bits of each key."""

    bytes: NDArray[np.int64]
    """int64[n_kept]: the size of each text in UTF-8."""

    splits: pa.Array
    """The split of each document (string); `train` without a split stage."""

    languages: pa.Array | None = None
    """The language of each document (string), if a stage has tagged it."""


@dataclass(frozen=True)
class KeptRuns:
    """The kept documents of every run, read again each time that they are iterated."""

    stages: Sequence[CorpusStage]
    runs: Sequence[SortedRun]
    files: Sequence[Path]
    """The decisions on each run."""

    def __iter__(self) -> Iterator[KeptDocuments]:
        """Yield the kept documents of each run."""
        for run, file in zip(self.runs, self.files, strict=True):
            yield _kept_documents(self.stages, run.observed(), open_decisions(file))


def _kept_documents(
    stages: Sequence[CorpusStage], observed: pa.RecordBatch, decisions: pa.RecordBatch
) -> KeptDocuments:
    """Return the kept documents of a run. Row *i* of both batches is document *i*."""
    names = [decision_column(i, "reason") for i in range(len(stages))]
    is_kept = reduce(
        pc.and_, (pc.is_null(decisions.column(name)) for name in (DUPLICATE_OF, *names))
    )
    languages = observed.column(LANGUAGE) if LANGUAGE in observed.schema.names else None
    return KeptDocuments(
        halves(observed.column(KEY).filter(is_kept))[:, 0],
        observed.column(TEXT_BYTES).filter(is_kept).to_numpy().astype(np.int64),
        _splits(len(stages), observed, decisions).filter(is_kept),
        None if languages is None else languages.filter(is_kept),
    )


def _splits(n_stages: int, observed: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.Array:
    """Return the split of each document: decided just now, or by an earlier pass, or `train`."""
    for name in (decision_column(i, SPLIT) for i in range(n_stages)):
        if name in decisions.schema.names:
            return decisions.column(name)
    if SPLIT in observed.schema.names:
        return observed.column(SPLIT)
    return pa.repeat(pa.scalar(TRAIN, pa.string()), observed.num_rows)
