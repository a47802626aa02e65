"""What a split gives away: documents too like one of an earlier split, exact copies first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.observations import CorpusView
from corpus.similarity.bands import Bands
from corpus.similarity.compared_pairs import Settled
from corpus.similarity.greedy import settle
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import Ranked, firsts, halves, numbers


@dataclass(frozen=True)
class Leaks:
    """Which documents, in order of precedence, are too like one of an earlier split."""

    near: NDArray[np.int64]
    """int64[n_rows]: the number of one that it is too like; -1 where it stays."""

    score: NDArray[np.float64]
    documents: Ranked
    found: Settled
    overlap: int
    """How many contents are left in more than one split: counted anew, and always none."""


def leaks(
    corpus: CorpusView,
    signatures: Signatures,
    rows: NDArray[np.int64],
    group: NDArray[np.int64],
    *,
    threshold: float,
    shape: Bands,
) -> Leaks:
    """Return what leaks among these rows, whose groups, rising, are in order of precedence.

    Copies within a group are compared once. A text without words is like its exact copies alone.
    """
    upper, lower = (half[rows] for half in halves(corpus.column("content")))
    original = firsts(group, lower, upper)
    every = np.arange(len(rows))
    shingled = numbers(corpus.column(signatures.shingles))[rows] > 0
    compared = np.flatnonzero((original == every) & shingled)
    documents = Ranked(corpus, signatures, rows[compared])
    groups = np.searchsorted(group[compared], np.arange(group.max(initial=0) + 1))
    found = settle(documents, threshold=threshold, shape=shape, groups=groups, measured=True)
    near, score = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
    near[compared] = np.where(found.near >= 0, compared[found.near], -1)
    score[compared] = found.score
    near, score = near[original], score[original]
    earliest = firsts(lower, upper)
    copies = ~shingled & (group[earliest] < group)
    near[copies], score[copies] = earliest[copies], 1.0
    return Leaks(near, score, documents, found, _overlap(group, lower, upper, near < 0))


def overlap(corpus: CorpusView, rows: NDArray[np.int64], group: NDArray[np.int64]) -> int:
    """Return how many of these rows say, word for word, what one of an earlier group says."""
    upper, lower = (half[rows] for half in halves(corpus.column("content")))
    return _overlap(group, lower, upper, np.ones(len(rows), np.bool_))


def _overlap(
    group: NDArray[np.int64],
    lower: NDArray[np.uint64],
    upper: NDArray[np.uint64],
    stays: NDArray[np.bool_],
) -> int:
    """Return how many documents that stay say what one of an earlier group says that stays."""
    group, lower, upper = group[stays], lower[stays], upper[stays]
    return int((group[firsts(lower, upper)] != group).sum())
