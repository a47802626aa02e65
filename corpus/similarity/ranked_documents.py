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

    def signatures_of_part(self, part: int) -> NDArray[np.uint16]:
        """Return the signatures of all rows of a part: uint16[n_rows, n_hashes], mapped anew."""
        return signatures_of(self.corpus.parts[part].column(self.observed.signature))

    def sizes(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the approximate memory, in bytes, that comparing each document takes: int64[n]."""
        sizes = np.empty(len(ranks), np.int64)
        position = np.argsort(self.rows[ranks], kind="stable")
        start = 0
        for part, rows, ranks_in_part in self.by_part(ranks):
            observed, end = self.corpus.parts[part], start + len(ranks_in_part)
            text = observed.column("text_bytes").to_numpy()[rows]
            shingles = observed.column(self.observed.shingles).to_numpy()[rows]
            sizes[position[start:end]] = text + 8 * shingles.astype(np.int64)
            start = end
        return sizes

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

    def every_part(self) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield what `by_part` yields for all documents, with four bytes of memory for each row."""
        unranked = np.uint32(len(self.rows))
        rank_of = np.full(int(self.starts[-1]), unranked, np.uint32)
        rank_of[self.rows] = np.arange(len(self.rows), dtype=np.uint32)
        for part in range(len(self.starts) - 1):
            ranks = rank_of[self.starts[part] : self.starts[part + 1]]
            rows = np.flatnonzero(ranks != unranked)
            if len(rows):
                yield part, rows, ranks[rows].astype(np.int64)

    def signatures(self, rows: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return the signatures of documents, given by ascending row: uint16[n, n_hashes]."""
        out = np.empty((len(rows), self.observed.hashes), np.uint16)
        bounds = np.searchsorted(rows, self.starts)
        for part in np.flatnonzero(np.diff(bounds)).tolist():
            here = slice(bounds[part], bounds[part + 1])
            rows_in_part = rows[here] - self.starts[part]
            # with "clip" values are copied once
            self.signatures_of_part(part).take(rows_in_part, axis=0, out=out[here], mode="clip")
        return out


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values, ascending. For numbers like pairs, sorting beats hashing."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def numbers(column: pa.ChunkedArray, type: DTypeLike = np.int64) -> NDArray[Any]:
    """Return an observed column of numbers as an array; a missing float is NaN."""
    values, start = np.empty(len(column), type), 0
    for chunk in column.chunks:
        values[start : start + len(chunk)] = chunk.to_numpy(zero_copy_only=False)
        start += len(chunk)
    return values


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
    """Return what `halves` returns, for these rows only, one chunk after the other."""
    both = np.empty((len(rows), 2), np.uint64)
    order = np.argsort(rows, kind="stable")
    starts = np.cumsum([0, *map(len, column.chunks)])
    bounds = np.searchsorted(rows[order], starts)
    for chunk in np.flatnonzero(np.diff(bounds)).tolist():
        here = order[bounds[chunk] : bounds[chunk + 1]]
        both[here] = halves_of_array(column.chunk(chunk))[rows[here] - starts[chunk]]
    return both[:, 0], both[:, 1]
