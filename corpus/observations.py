"""What a stage may know of the whole corpus when it decides.

    observations   small columns, one row for each document, made in parallel, kept on disk
    documents      the columns of a few chosen documents, re-read from where the pass put them

Rows are numbered through the parts: part 0's rows first, then part 1's. The numbers mean nothing
outside one decision, and nothing that a stage decides may depend on them: two equal corpora may be
cut into other parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

T = TypeVar("T")
R = TypeVar("R")


class Observation(BaseModel, ABC):
    """Something measured of each document: a frozen value, so that equal ones are measured once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return its columns, one row for each document; a name tells all of its settings."""


Fetch = Callable[[int, NDArray[np.int64], Sequence[str]], pa.RecordBatch]
"""(part, rows within it in rising order, columns) -> those documents; picklable, so that workers
can call it."""


def _nowhere(path: str, _: Iterable[Observation]) -> CorpusView:
    """Raise: these documents know of no others."""
    raise LookupError(f"{path}: there is nothing to look it up in")


def _memory(count: int) -> NDArray[np.uint64]:
    """Return room for so many numbers."""
    return np.empty(count, np.uint64)


@dataclass(frozen=True)
class CorpusView:
    """The observations of a corpus, what earlier stages left of it, and a way to its texts."""

    parts: Sequence[pa.RecordBatch]
    """Observations, memory-mapped where they are files; every part has the same columns."""

    fetch: Fetch

    alive: NDArray[np.bool_]
    """bool[n_documents]: false for a document that an earlier stage removed."""

    seed: int = 0

    spread: Callable[..., Iterator[Any]] = map
    """The engine's `map`: calls a picklable function on many tasks, results in order."""

    reference_documents: Callable[[str, Iterable[Observation]], CorpusView] = _nowhere
    """(path, what to observe) -> other documents: of an earlier build, or of a file. The path is
    relative to the config. A stage that asks for it says so in `reads`."""

    space: Callable[[int], NDArray[np.uint64]] = _memory
    """Gives room for so many numbers where memory is no place for them: a build, in a file."""

    @property
    def starts(self) -> NDArray[np.int64]:
        """int64[n_parts + 1]: the number of the first row of each part, and of all rows."""
        return np.cumsum([0, *(part.num_rows for part in self.parts)], dtype=np.int64)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return an observed column over all documents, one chunk for each part, uncopied."""
        type = self.parts[0].schema.field(name).type if self.parts else pa.null()
        return pa.chunked_array([part.column(name) for part in self.parts], type)

    def documents(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """Return the `columns` of the documents with these row numbers, in the order given."""
        order = np.argsort(rows, kind="stable")
        starts = self.starts
        ranked = rows[order]
        cuts = np.searchsorted(ranked, starts)
        found = [
            self.fetch(part, ranked[cuts[part] : cuts[part + 1]] - starts[part], columns)
            for part in range(len(self.parts))
            if cuts[part] < cuts[part + 1]
        ]
        if not found:
            return pa.table({name: pa.array([], pa.string()) for name in columns})
        back = np.empty(len(rows), np.int64)
        back[order] = np.arange(len(rows))
        return pa.Table.from_batches(found).take(pa.array(back))

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Call `function` on many tasks, on the workers; results come in the order of the tasks."""
        return self.spread(function, tasks)


def beside(corpus: CorpusView, others: CorpusView, names: Sequence[str]) -> CorpusView:
    """Return the documents of both, those of the corpus first; `names` are the columns observed."""
    parts = [part.select(list(names)) for part in (*corpus.parts, *others.parts)]
    fetch = partial(_of_both, one=corpus.fetch, other=others.fetch, border=len(corpus.parts))
    alive = np.concatenate([corpus.alive, others.alive])
    return CorpusView(parts, fetch, alive, corpus.seed, corpus.spread, space=corpus.space)


def _of_both(
    part: int,
    rows: NDArray[np.int64],
    columns: Sequence[str],
    *,
    one: Fetch,
    other: Fetch,
    border: int,
) -> pa.RecordBatch:
    return one(part, rows, columns) if part < border else other(part - border, rows, columns)


def in_memory(
    documents: pa.RecordBatch, observations: Iterable[Observation], *, seed: int = 0
) -> CorpusView:
    """Return what a stage would see of a corpus that is this one batch."""

    def fetch(_: int, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.RecordBatch:
        return documents.select(list(columns)).take(pa.array(rows))

    return CorpusView(
        [compute_observations(documents, observations)],
        fetch,
        np.ones(documents.num_rows, np.bool_),
        seed,
    )


def compute_observations(
    documents: pa.RecordBatch, observations: Iterable[Observation]
) -> pa.RecordBatch:
    """Return the columns of every distinct observation, with the documents' keys and ids."""
    from corpus.documents import ID, KEY

    found: dict[str, pa.Array] = {KEY: documents.column(KEY), ID: documents.column(ID)}
    for observation in dict.fromkeys(observations):
        found |= observation.columns(documents)
    return pa.record_batch(found)
