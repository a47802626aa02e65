"""The documents that a stage compares, numbered by their rank in its order of preference.

Row numbers depend on how a corpus is divided into parts, so pairs are proposed, compared and
resolved by rank. The documents that come first in a stage's order have the low ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray

from corpus.documents import halves as halves_of_array
from corpus.observations import CorpusView
from corpus.similarity.observations import Signatures, signatures_of


@dataclass(frozen=True)
class RankedDocuments:
    """Documents in rank order, with their observations."""

    corpus: CorpusView
    observed: Signatures
    rows: NDArray[np.int64]
    """int64[n_ranked]: the row of the document at each rank."""

    scopes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    """uint64[n_ranked]: only documents of the same scope can be a pair. Empty: any two can."""

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.rows)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """int64[n_parts + 1]: the first row of each part."""
        return self.corpus.starts

    @cached_property
    def parts(self) -> list[NDArray[np.uint16]]:
        """Return the signatures of each part."""
        return signatures_of(self.corpus.column(self.observed.signature))

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """int64[n_ranked]: the approximate memory, in bytes, that comparing the document takes."""
        text = numbers(self.corpus.column("text_bytes"))[self.rows]
        return text + 8 * numbers(self.corpus.column(self.observed.shingles))[self.rows]

    def by_part(
        self, ranks: NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield for each part that has any: its number, rows in it (ascending), their ranks."""
        ordered = ranks[np.argsort(self.rows[ranks], kind="stable")]
        rows = self.rows[ordered]
        bounds = np.searchsorted(rows, self.starts)
        for part in np.flatnonzero(np.diff(bounds)).tolist():
            in_part = slice(bounds[part], bounds[part + 1])
            yield part, rows[in_part] - self.starts[part], ordered[in_part]

    def signatures(self, ranks: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return the signatures of documents, given by ascending rank: uint16[n, n_hashes]."""
        out = np.empty((len(ranks), self.observed.hashes), np.uint16)
        for part, rows, ranks_in_part in self.by_part(ranks):
            out[np.searchsorted(ranks, ranks_in_part)] = self.parts[part][rows]
        return out


def first_occurrences(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Return for each position the first position at which all keys have the same values."""
    order = np.lexsort(keys)  # stable: of equal positions the first comes first
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    first = np.empty(len(order), np.int64)
    first[order] = order[is_first][np.cumsum(is_first) - 1]
    return first


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values, ascending. For numbers like pairs, sorting beats hashing."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def numbers(column: pa.ChunkedArray, type: DTypeLike = np.int64) -> NDArray[Any]:
    """Return an observed column of numbers as an array; a missing float is NaN."""
    chunks = [chunk.to_numpy(zero_copy_only=False).astype(type) for chunk in column.chunks]
    return np.concatenate([np.zeros(0, type), *chunks])


def halves(column: pa.ChunkedArray) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the upper and lower half of a 16-byte column as numbers that sort like the bytes."""
    upper, lower = np.empty(len(column), np.uint64), np.empty(len(column), np.uint64)
    start = 0
    for chunk in column.chunks:
        end = start + len(chunk)
        upper[start:end], lower[start:end] = halves_of_array(chunk).T
        start = end
    return upper, lower


def halves_at(
    column: pa.ChunkedArray, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return what `halves` returns, for these rows only."""
    if 4 * len(rows) > len(column):
        upper, lower = halves(column)
        return upper[rows], lower[rows]
    return halves(column.take(pa.array(rows)))
