"""Who goes: in rank order, each document that is near enough to one already kept, and no other.

The answer is unique, and found without comparing all pairs. Compare what is known to matter; judge
by what is known; then compare what matters now. It is the answer as soon as no two of those kept
share a bucket without having been compared: each of them is then far enough from all the others,
and each that goes has one that is kept, earlier and near enough. So in a bucket of many near copies
the first ones are compared with the rest, and the rest never with each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands, fewest_agreements
from corpus.similarity.candidates import agreeing, band_pairs, earlier, later
from corpus.similarity.comparing import similarities
from corpus.similarity.ranked import Ranked

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

HEADS = 16
"""Documents of a bucket that are compared with all of it in the first round, by default."""

PENDING = 1 << 22
"""Candidate pairs (32 MB) that are collected before they are compared."""

MOST, MOST_EACH = 1 << 24, 32
"""Comparisons that are allowed in all, and more of them for each document.

Texts of one template that are like each other, but not near, are compared in pairs without end: a
hundred thousand of them, in thousands of millions. What is left then may hold near duplicates, and
says so; what goes is proven all the same.
"""

ALL: NDArray[np.int64] = np.zeros(0, np.int64)
"""No groups: any two documents may be a pair."""


@dataclass(frozen=True)
class Settled:
    """Which documents go, and what is known of the pairs that were compared."""

    near: NDArray[np.int64]
    """int64[n_ranked]: the rank of the most similar one kept; -1 where it stays itself."""

    score: NDArray[np.float64]
    """float64[n_ranked]: the Jaccard with that one."""

    compared: int
    """How many pairs were compared exactly."""

    left: float
    """The highest Jaccard of two compared documents that both stay."""

    complete: bool
    """Whether all that matters was compared: false if there was more of it than is allowed."""


@njit
def _judge(edges: NDArray[np.uint64], kept: NDArray[np.bool_]) -> None:
    """Clear kept[later] where kept[earlier]; the edges are sorted by the later document."""
    for k in range(edges.size):
        if kept[int64(edges[k] & uint64(0xFFFFFFFF))]:
            kept[int64(edges[k] >> uint64(32))] = False


class _Known:
    """The pairs compared so far, sorted, and what follows from them."""

    def __init__(self, documents: Ranked, threshold: float) -> None:
        self.documents = documents
        self.threshold = threshold
        self.pairs = np.zeros(0, np.uint64)
        self.score = np.zeros(0, np.float64)

    def unknown(self, pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return those of the pairs that have not been compared."""
        if len(self.pairs) == 0:
            return pairs
        place = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        return pairs[self.pairs[place] != pairs]

    def compare(self, pairs: NDArray[np.uint64]) -> None:
        """Compare more pairs."""
        pairs = self.unknown(np.unique(pairs))
        score = similarities(self.documents, pairs)
        order = np.argsort(every := np.concatenate([self.pairs, pairs]), kind="stable")
        self.pairs, self.score = every[order], np.concatenate([self.score, score])[order]

    def kept(self) -> NDArray[np.bool_]:
        """Return who stays, by what is known: bool[n_ranked]."""
        kept = np.ones(len(self.documents), np.bool_)
        _judge(self.pairs[self.score >= self.threshold], kept)
        return kept

    def settled(self, *, complete: bool) -> Settled:
        """Return who goes, with the most similar one that is kept; the earlier one of equals."""
        kept, one, other = self.kept(), earlier(self.pairs), later(self.pairs)
        near = np.full(len(kept), -1, np.int64)
        best = np.full(len(kept), np.nan)
        reasons = np.flatnonzero((self.score >= self.threshold) & kept[one] & ~kept[other])
        # the last one written stays
        reasons = reasons[np.lexsort((-one[reasons], self.score[reasons]))]
        near[other[reasons]] = one[reasons]
        best[other[reasons]] = self.score[reasons]
        left = self.score[kept[one] & kept[other]]
        return Settled(near, best, len(self.pairs), float(left.max(initial=0.0)), complete)


def settle(
    documents: Ranked,
    *,
    threshold: float,
    shape: Bands,
    groups: NDArray[np.int64] = ALL,
    heads: int = HEADS,
) -> Settled:
    """Return which of the ranked documents go, and why.

    With groups (the first rank of each, rising), documents of one group are never compared: only
    those of another and lower group can make a document go.
    """
    known = _Known(documents, threshold)
    fewest = fewest_agreements(documents.observed.hashes, threshold)
    kept = known.kept()
    while True:
        present, crowded = kept.copy(), False
        pending: list[NDArray[np.uint64]] = []
        for found, more in band_pairs(documents, present, shape, groups=groups, heads=heads):
            crowded |= more
            pending.append(agreeing(documents, known.unknown(found), fewest=fewest))
            if sum(map(len, pending)) > PENDING:
                known.compare(np.concatenate(pending))
                present &= known.kept()
                pending.clear()
            if len(known.pairs) > MOST + MOST_EACH * len(documents):
                return known.settled(complete=False)
        known.compare(np.concatenate([np.zeros(0, np.uint64), *pending]))
        kept = known.kept()
        if not crowded and not (kept & ~present).any():
            return known.settled(complete=True)
        heads *= 8
