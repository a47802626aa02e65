"""The pairs compared so far, and which documents are removed because of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import earlier, later
from corpus.similarity.ranked_documents import RankedDocuments, distinct
from corpus.similarity.remembered import remembered_or_compared

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

MAX_REMEMBERED_MISSES = 1 << 24
"""Pairs below the threshold (256 MB) that are remembered: those with the highest similarity."""

NEAR_MISS_MARGIN = 0.1
"""A pair of kept documents is a near miss if it is at most this far below the threshold."""


@dataclass(frozen=True)
class Resolution:
    """Which documents are removed as duplicates, and what the comparisons showed."""

    duplicate_of: NDArray[np.int64]
    """int64[n_ranked]: the rank of the most similar kept document; -1 if the document is kept."""

    score: NDArray[np.float64]
    """float64[n_ranked]: the Jaccard similarity with that document."""

    compared: int
    """Number of pairs compared exactly."""

    near_misses: NDArray[np.uint64]
    """Pairs of kept documents just below the threshold, most similar first."""

    near_miss_scores: NDArray[np.float64]
    """float64[n_near_misses]: their Jaccard similarity."""

    highest_remaining: float
    """The highest Jaccard similarity of two compared documents that are both kept."""

    budget_exhausted: bool
    """Whether measuring stopped early. Then a higher similarity may remain, below the threshold."""


@njit_without_allocation
def select_kept(edges: NDArray[np.uint64], kept: NDArray[np.bool_]) -> None:
    """Clear kept[later] where kept[earlier]; the edges are sorted by the later document."""
    for k in range(edges.size):
        if kept[int64(edges[k] & uint64(0xFFFFFFFF))]:
            kept[int64(edges[k] >> uint64(32))] = False


class ComparedPairs:
    """The pairs compared so far, sorted, and what follows from them."""

    def __init__(self, documents: RankedDocuments, threshold: float) -> None:
        self.documents = documents
        self.threshold = threshold
        self.compared = 0
        self.highest_miss = 0.0  # highest similarity below the threshold of two present documents
        self.budget_exhausted = False  # whether uncompared pairs may exceed `highest_miss`
        self.pairs = np.zeros(0, np.uint64)
        self.score = np.zeros(0, np.float64)
        self._unmerged: list[tuple[NDArray[np.uint64], NDArray[np.float64]]] = []

    def unknown(self, pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the pairs that are not remembered as compared."""
        if len(self.pairs) == 0:
            return pairs
        position = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        return pairs[self.pairs[position] != pairs]

    def compare(self, pairs: NDArray[np.uint64], present: NDArray[np.bool_]) -> None:
        """Compare more pairs, and clear `present` for the documents that these pairs remove."""
        pairs = self.unknown(distinct(pairs))
        score = remembered_or_compared(self.documents, pairs)
        self.compared += len(pairs)
        select_kept(pairs[score >= self.threshold], present)
        self._unmerged.append((pairs, score))
        if sum(len(new_pairs) for new_pairs, _ in self._unmerged) > MAX_REMEMBERED_MISSES // 4:
            self._merge()
        both = (score < self.threshold) & present[earlier(pairs)] & present[later(pairs)]
        self.highest_miss = float(score[both].max(initial=self.highest_miss))

    def _merge(self) -> None:
        """Sort the new pairs in among the others, and forget the least similar of too many."""
        pairs = np.concatenate([self.pairs, *(pairs for pairs, _ in self._unmerged)])
        score = np.concatenate([self.score, *(score for _, score in self._unmerged)])
        self._unmerged.clear()
        pairs, first = np.unique(pairs, return_index=True)
        score = score[first]
        misses = score[score < self.threshold]
        if len(misses) > MAX_REMEMBERED_MISSES:
            middle = len(misses) // 2
            remembered = score >= np.partition(misses, middle)[middle]
            pairs, score = pairs[remembered], score[remembered]
        self.pairs, self.score = pairs, score

    def kept(self) -> NDArray[np.bool_]:
        """Return which documents are kept according to all compared pairs: bool[n_ranked]."""
        if self._unmerged:
            self._merge()
        kept = np.ones(len(self.documents), np.bool_)
        select_kept(self.pairs[self.score >= self.threshold], kept)
        return kept

    def highest_remaining(self, kept: NDArray[np.bool_]) -> float:
        """Return the highest Jaccard similarity of two compared documents that are both kept."""
        if self._unmerged:
            self._merge()
        both = kept[earlier(self.pairs)] & kept[later(self.pairs)]
        return float(self.score[both].max(initial=0.0))

    def resolution(self) -> Resolution:
        """Return which documents are removed, each with the most similar kept document.

        Of equally similar ones, the earlier is named.
        """
        kept, first, second = self.kept(), earlier(self.pairs), later(self.pairs)
        duplicate_of = np.full(len(kept), -1, np.int64)
        best = np.full(len(kept), np.nan)
        removing = np.flatnonzero((self.score >= self.threshold) & kept[first] & ~kept[second])
        # ascending: the last assignment to a document wins
        removing = removing[np.lexsort((-first[removing], self.score[removing]))]
        duplicate_of[second[removing]] = first[removing]
        best[second[removing]] = self.score[removing]
        near = np.flatnonzero(kept[first] & kept[second])
        near = near[self.score[near] >= self.threshold - NEAR_MISS_MARGIN]
        near = near[np.lexsort((self.pairs[near], -self.score[near]))]
        return Resolution(
            duplicate_of,
            best,
            self.compared,
            self.pairs[near],
            self.score[near],
            self.highest_remaining(kept),
            self.budget_exhausted,
        )
