"""The documents a stage compares, numbered by their rank in its order.

Row numbers mean nothing (the same corpus may be cut otherwise), so candidates are found, compared
and judged by rank: the documents that come first in a stage's order have the low numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import DTypeLike, NDArray

from corpus.documents import halves as halves_of
from corpus.observations import CorpusView
from corpus.similarity.observations import Signatures, signatures_of


@dataclass(frozen=True)
class Ranked:
    """Documents in rank order, with what was observed of them."""

    corpus: CorpusView
    observed: Signatures
    rows: NDArray[np.int64]
    """int64[n_ranked]: the row of the document of each rank."""

    scopes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    """uint64[n_ranked]: only documents of one scope are a pair; empty where any two may be."""

    def __len__(self) -> int:
        """Return how many documents there are."""
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
        """int64[n_ranked]: about how many bytes a comparison of the document takes."""
        text = numbers(self.corpus.column("text_bytes"))[self.rows]
        return text + 8 * numbers(self.corpus.column(self.observed.shingles))[self.rows]

    def by_part(
        self, ranks: NDArray[np.int64]
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield for each part that holds some: its number, rising rows in it, their ranks."""
        ordered = ranks[np.argsort(self.rows[ranks], kind="stable")]
        rows = self.rows[ordered]
        cuts = np.searchsorted(rows, self.starts)
        for part in np.flatnonzero(np.diff(cuts)).tolist():
            these = slice(cuts[part], cuts[part + 1])
            yield part, rows[these] - self.starts[part], ordered[these]

    def signatures(self, ranks: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return the signatures of documents given in rising order of rank: uint16[n, n_hashes]."""
        out = np.empty((len(ranks), self.observed.hashes), np.uint16)
        for part, rows, found in self.by_part(ranks):
            out[np.searchsorted(ranks, found)] = self.parts[part][rows]
        return out


def firsts(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Return for each place the first one where all the keys are the same."""
    order = np.lexsort(keys)  # stable: of equal ones the first comes first
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    found = np.empty(len(order), np.int64)
    found[order] = order[fresh][np.cumsum(fresh) - 1]
    return found


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return every value once, rising: by sorting, which on numbers like pairs beats hashing."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def numbers(column: pa.ChunkedArray, type: DTypeLike = np.int64) -> NDArray[Any]:
    """Return an observed column of numbers, NaN where a float is missing."""
    found = [chunk.to_numpy(zero_copy_only=False).astype(type) for chunk in column.chunks]
    return np.concatenate([np.zeros(0, type), *found])


def halves(column: pa.ChunkedArray) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return a column of 16 bytes as two numbers, the upper half first: both sort alike."""
    upper, lower = np.empty(len(column), np.uint64), np.empty(len(column), np.uint64)
    at = 0
    for chunk in column.chunks:
        upper[at : at + len(chunk)], lower[at : at + len(chunk)] = halves_of(chunk).T
        at += len(chunk)
    return upper, lower


def halves_at(
    column: pa.ChunkedArray, rows: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return what `halves` does, of these rows alone."""
    if 4 * len(rows) > len(column):
        upper, lower = halves(column)
        return upper[rows], lower[rows]
    return halves(column.take(pa.array(rows)))
