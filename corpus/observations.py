"""What a stage may know about the whole corpus when it decides.

    observations   small columns, one row per document, measured in parallel and kept on disk
    documents      chosen columns of a few chosen documents, read again from disk

Rows are numbered through the parts: first the rows of part 0, then those of part 1. A row number
means nothing outside one decision, and no decision may depend on it: two equal corpora may be
divided into different parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol, TypeVar, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from corpus.documents import ID, KEY

T = TypeVar("T")
R = TypeVar("R")


class Observation(BaseModel, ABC):
    """A measurement of each document: a frozen value, so that equal ones are measured once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def reads(self) -> tuple[str, ...] | None:
        """Return the columns of the documents that it is measured on; None for any."""
        return None

    def signals(self) -> Mapping[str, str]:
        """Return those of its columns that a corpus may publish, each with a description."""
        return {}

    @abstractmethod
    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return its columns, one row per document. Their names must depend on its settings."""


@dataclass(frozen=True)
class MappedParts(Sequence[pa.RecordBatch]):
    """Parts in files that are mapped each time they are used, and given back afterwards.

    A mapped file would otherwise keep every page that was once read in the process's memory.
    """

    openers: tuple[Callable[[], pa.RecordBatch], ...]
    """Each maps one part."""

    @overload
    def __getitem__(self, index: int) -> pa.RecordBatch: ...
    @overload
    def __getitem__(self, index: slice) -> MappedParts: ...
    def __getitem__(self, index: int | slice) -> pa.RecordBatch | MappedParts:
        """Return one part, mapped anew."""
        if isinstance(index, slice):
            return MappedParts(self.openers[index])
        return self.openers[index]()

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.openers)


Fetch = Callable[[int, NDArray[np.int64], Sequence[str]], pa.RecordBatch]
"""(part, ascending rows within the part, columns) -> those documents. Picklable, so that workers
can call it."""


class RememberedScores(Protocol):
    """Scores of pairs of documents that were computed before.

    A score depends only on the contents of the two: what is remembered is what would be computed.
    """

    def known(
        self, contents: NDArray[np.uint64], left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the score of each pair of `contents` (uint64[n, 2]); NaN if it is unknown."""

    def learn(
        self,
        contents: NDArray[np.uint64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        scores: NDArray[np.float64],
    ) -> bool:
        """Remember the scores of more pairs; return whether there is room for others."""


def _remember_nothing(_: int) -> RememberedScores | None:
    """Return None: this view was made without a memory."""
    return None


def _no_reference_documents(path: str, _: Iterable[Observation]) -> CorpusView:
    """Raise: this view was made without access to other documents."""
    raise LookupError(f"{path}: this corpus has no access to reference documents")


def _allocate_in_memory(count: int) -> NDArray[np.uint64]:
    """Return an uninitialised array, uint64[count]."""
    return np.empty(count, np.uint64)


@dataclass(frozen=True)
class CorpusView:
    """The observations of a corpus, which documents are left of it, and access to their texts."""

    parts: Sequence[pa.RecordBatch]
    """Observations (`MappedParts` if they are files); every part has the same columns."""

    fetch: Fetch

    alive: NDArray[np.bool_]
    """bool[n_documents]: false for a document that an earlier stage removed."""

    seed: int = 0

    parallel_map: Callable[..., Iterator[Any]] = map
    """The engine's `map`: calls a picklable function on many tasks; results keep their order."""

    reference_documents: Callable[[str, Iterable[Observation]], CorpusView] = (
        _no_reference_documents
    )
    """(path, observations) -> other documents, of an earlier build or of files. The path is
    relative to the config. A stage that calls this returns the path from `reads`."""

    allocate: Callable[[int], NDArray[np.uint64]] = _allocate_in_memory
    """Returns a large array, uint64[count]. A build puts it in a file instead of memory."""

    remembered: Callable[[int], RememberedScores | None] = _remember_nothing
    """(words per shingle) -> the Jaccard similarities that are known, or None. They save time, and
    have no effect on a decision."""

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """int64[n_parts + 1]: the number of the first row of each part, then the number of rows."""
        return np.cumsum([0, *(part.num_rows for part in self.parts)], dtype=np.int64)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return an observed column of all documents, one chunk per part, without copying it."""
        type = self.parts[0].schema.field(name).type if self.parts else pa.null()
        return pa.chunked_array([part.column(name) for part in self.parts], type)

    def take(self, name: str, rows: NDArray[np.int64]) -> pa.Array:
        """Return an observed column of these rows, in the order given, one part after the other."""
        order = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[order], self.starts)
        chunks = []
        for index in np.flatnonzero(np.diff(bounds)).tolist():
            here = rows[order[bounds[index] : bounds[index + 1]]] - self.starts[index]
            chunks.append(self.parts[index].column(name).take(pa.array(here)))
        if not chunks:
            return pa.array([], self.column(name).type)
        inverse = np.empty(len(rows), np.int64)
        inverse[order] = np.arange(len(rows))
        return pa.concat_arrays(chunks).take(pa.array(inverse))

    def documents(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """Return the `columns` of the documents with these row numbers, in the order given."""
        order = np.argsort(rows, kind="stable")
        starts = self.starts
        ascending = rows[order]
        bounds = np.searchsorted(ascending, starts)
        batches = [
            self.fetch(part, ascending[bounds[part] : bounds[part + 1]] - starts[part], columns)
            for part in range(len(self.parts))
            if bounds[part] < bounds[part + 1]
        ]
        if not batches:
            return pa.table({name: pa.array([], pa.string()) for name in columns})
        inverse = np.empty(len(rows), np.int64)
        inverse[order] = np.arange(len(rows))
        return pa.Table.from_batches(batches).take(pa.array(inverse))

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """Call `function` on each task, on the workers; results keep the order of the tasks."""
        return self.parallel_map(function, tasks)


def concatenate_views(corpus: CorpusView, others: CorpusView, columns: Sequence[str]) -> CorpusView:
    """Return one view of the documents of both, `corpus` first, with these observed columns."""
    parts = MappedParts(
        tuple(
            partial(_part_with_columns, parts, index, list(columns))
            for parts in (corpus.parts, others.parts)
            for index in range(len(parts))
        )
    )
    fetch = partial(
        _fetch_from_either, first=corpus.fetch, second=others.fetch, n_first=len(corpus.parts)
    )
    return CorpusView(
        parts,
        fetch,
        np.concatenate([corpus.alive, others.alive]),
        corpus.seed,
        corpus.parallel_map,
        allocate=corpus.allocate,
    )


def _part_with_columns(
    parts: Sequence[pa.RecordBatch], index: int, columns: list[str]
) -> pa.RecordBatch:
    return parts[index].select(columns)


def _fetch_from_either(
    part: int,
    rows: NDArray[np.int64],
    columns: Sequence[str],
    *,
    first: Fetch,
    second: Fetch,
    n_first: int,
) -> pa.RecordBatch:
    return first(part, rows, columns) if part < n_first else second(part - n_first, rows, columns)


def in_memory(
    documents: pa.RecordBatch, observations: Iterable[Observation], *, seed: int = 0
) -> CorpusView:
    """Return the view that a stage would have of a corpus that consists of this one batch."""

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
    columns: dict[str, pa.Array] = {KEY: documents.column(KEY), ID: documents.column(ID)}
    for observation in dict.fromkeys(observations):
        columns |= observation.columns(documents)
    return pa.record_batch(columns)
