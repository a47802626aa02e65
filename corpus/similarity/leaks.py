"""Leaks between splits: documents that are too similar to one of an earlier split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.observations import CorpusView
from corpus.similarity.bands import Bands
from corpus.similarity.compared_pairs import Resolution
from corpus.similarity.greedy import resolve_duplicates
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import RankedDocuments, first_occurrences, halves, numbers


@dataclass(frozen=True)
class Leaks:
    """Which documents, in order of precedence, are too similar to one of an earlier split."""

    leaked_from: NDArray[np.int64]
    """int64[n_rows]: the position of the similar document; -1 if the document is kept."""

    score: NDArray[np.float64]
    """float64[n_rows]: the Jaccard similarity with that document."""

    documents: RankedDocuments
    resolution: Resolution
    overlap: int
    """Number of contents left in more than one split: counted independently, always 0."""


def find_leaks(
    corpus: CorpusView,
    signatures: Signatures,
    rows: NDArray[np.int64],
    group: NDArray[np.int64],
    *,
    threshold: float,
    shape: Bands,
) -> Leaks:
    """Return the leaks among these rows, which are sorted by `group`, in order of precedence.

    Exact copies within a group are compared once. A text without words matches only exact copies.
    """
    upper, lower = (half[rows] for half in halves(corpus.column("content")))
    original = first_occurrences(group, lower, upper)
    has_words = numbers(corpus.column(signatures.shingles))[rows] > 0
    compared = np.flatnonzero((original == np.arange(len(rows))) & has_words)
    documents = RankedDocuments(corpus, signatures, rows[compared])
    groups = np.searchsorted(group[compared], np.arange(group.max(initial=0) + 1))
    resolution = resolve_duplicates(
        documents, threshold=threshold, shape=shape, groups=groups, measure_remaining=True
    )
    leaked_from, score = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
    duplicate_of = resolution.duplicate_of
    leaked_from[compared] = np.where(duplicate_of >= 0, compared[duplicate_of], -1)
    score[compared] = resolution.score
    leaked_from, score = leaked_from[original], score[original]
    earliest = first_occurrences(lower, upper)
    copies = ~has_words & (group[earliest] < group)
    leaked_from[copies], score[copies] = earliest[copies], 1.0
    overlap = _count_overlap(group, lower, upper, leaked_from < 0)
    return Leaks(leaked_from, score, documents, resolution, overlap)


def count_overlap(corpus: CorpusView, rows: NDArray[np.int64], group: NDArray[np.int64]) -> int:
    """Return how many of these rows have the same words as a row of an earlier group."""
    upper, lower = (half[rows] for half in halves(corpus.column("content")))
    return _count_overlap(group, lower, upper, np.ones(len(rows), np.bool_))


def _count_overlap(
    group: NDArray[np.int64],
    lower: NDArray[np.uint64],
    upper: NDArray[np.uint64],
    kept: NDArray[np.bool_],
) -> int:
    """Return how many kept documents have the same words as a kept one of an earlier group."""
    group, lower, upper = group[kept], lower[kept], upper[kept]
    return int((group[first_occurrences(lower, upper)] != group).sum())
