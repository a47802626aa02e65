"""The pairs that have been compared, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import earlier, later
from corpus.similarity.comparing import similarities
from corpus.similarity.ranked_documents import Ranked, distinct

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

HELD = 1 << 24
"""Compared pairs (256 MB) that are remembered beside those that are near: the nearest misses."""

MISSES = 0.1
"""How far under the threshold a pair that both stay counts as a near miss."""


@dataclass(frozen=True)
class Settled:
    """Which documents go, and what is known of the pairs that were compared."""

    near: NDArray[np.int64]
    """int64[n_ranked]: the rank of the most similar one kept; -1 where it stays itself."""

    score: NDArray[np.float64]
    """float64[n_ranked]: the Jaccard with that one."""

    compared: int
    """How many pairs were compared exactly."""

    misses: NDArray[np.uint64]
    """Pairs just under the threshold that both stay, the nearest first."""

    missed: NDArray[np.float64]
    """float64[n_misses]: their Jaccard."""

    left: float
    """The highest Jaccard of two compared documents that both stay."""

    spent: bool
    """Whether measuring that was given up: what is left may be higher, under the threshold."""


@njit
def judge(edges: NDArray[np.uint64], kept: NDArray[np.bool_]) -> None:
    """Clear kept[later] where kept[earlier]; the edges are sorted by the later document."""
    for k in range(edges.size):
        if kept[int64(edges[k] & uint64(0xFFFFFFFF))]:
            kept[int64(edges[k] >> uint64(32))] = False


class Known:
    """The pairs compared so far, sorted, and what follows from them."""

    def __init__(self, documents: Ranked, threshold: float) -> None:
        self.documents = documents
        self.threshold = threshold
        self.compared = 0
        self.miss = 0.0  # the highest Jaccard under the threshold, of two then present
        self.spent = False  # whether pairs are left that might be higher
        self.pairs = np.zeros(0, np.uint64)
        self.score = np.zeros(0, np.float64)
        self._new: list[tuple[NDArray[np.uint64], NDArray[np.float64]]] = []

    def unknown(self, pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return those of the pairs that are not remembered."""
        if len(self.pairs) == 0:
            return pairs
        place = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        return pairs[self.pairs[place] != pairs]

    def compare(self, pairs: NDArray[np.uint64], present: NDArray[np.bool_]) -> None:
        """Compare more pairs; who goes by them alone is no longer present."""
        pairs = self.unknown(distinct(pairs))
        score = similarities(self.documents, pairs)
        self.compared += len(pairs)
        judge(pairs[score >= self.threshold], present)
        self._new.append((pairs, score))
        if sum(len(some) for some, _ in self._new) > HELD // 4:
            self._merge()
        both = (score < self.threshold) & present[earlier(pairs)] & present[later(pairs)]
        self.miss = float(score[both].max(initial=self.miss))

    def _merge(self) -> None:
        """Sort what is new among the rest, and forget the farthest of too many."""
        every = np.concatenate([self.pairs, *(pairs for pairs, _ in self._new)])
        score = np.concatenate([self.score, *(score for _, score in self._new)])
        self._new.clear()
        every, first = np.unique(every, return_index=True)
        score = score[first]
        misses = score[score < self.threshold]
        if len(misses) > HELD:
            stays = score >= np.partition(misses, len(misses) // 2)[len(misses) // 2]
            every, score = every[stays], score[stays]
        self.pairs, self.score = every, score

    def kept(self) -> NDArray[np.bool_]:
        """Return who stays, by all that is known: bool[n_ranked]."""
        if self._new:
            self._merge()
        kept = np.ones(len(self.documents), np.bool_)
        judge(self.pairs[self.score >= self.threshold], kept)
        return kept

    def left(self, kept: NDArray[np.bool_]) -> float:
        """Return the highest Jaccard of two compared documents that are both kept."""
        if self._new:
            self._merge()
        both = kept[earlier(self.pairs)] & kept[later(self.pairs)]
        return float(self.score[both].max(initial=0.0))

    def settled(self) -> Settled:
        """Return who goes, with the most similar one that is kept; the earlier one of equals."""
        kept, one, other = self.kept(), earlier(self.pairs), later(self.pairs)
        near = np.full(len(kept), -1, np.int64)
        best = np.full(len(kept), np.nan)
        reasons = np.flatnonzero((self.score >= self.threshold) & kept[one] & ~kept[other])
        # the last one written stays
        reasons = reasons[np.lexsort((-one[reasons], self.score[reasons]))]
        near[other[reasons]] = one[reasons]
        best[other[reasons]] = self.score[reasons]
        stay = np.flatnonzero(kept[one] & kept[other])
        stay = stay[self.score[stay] >= self.threshold - MISSES]
        stay = stay[np.lexsort((self.pairs[stay], -self.score[stay]))]
        misses = (self.pairs[stay], self.score[stay])
        return Settled(near, best, self.compared, *misses, self.left(kept), self.spent)
