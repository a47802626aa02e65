"""Leaks between splits: documents that are too similar to one of an earlier split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.observations import CorpusView
from corpus.similarity.bands import Bands
from corpus.similarity.compared_pairs import Resolution
from corpus.similarity.greedy import resolve_duplicates
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import RankedDocuments, numbers
from corpus.similarity.row_order import Copies, copies_of_earlier, merged_by_position


@dataclass(frozen=True)
class Leaks:
    """The documents, in order of precedence, that are too similar to one of an earlier split."""

    positions: NDArray[np.int64]
    """int64[n_leaks], ascending: the positions of the leaks among the rows."""

    leaked_from: NDArray[np.int64]
    """int64[n_leaks]: the position of the similar document."""

    score: NDArray[np.float64]
    """float64[n_leaks]: the Jaccard similarity with that document."""

    documents: RankedDocuments
    resolution: Resolution
    overlap: int
    """Number of contents left in more than one split: counted independently, always 0."""


def find_leaks(
    corpus: CorpusView,
    signatures: Signatures,
    rows: NDArray[np.int64],
    group: NDArray[np.int8],
    *,
    threshold: float,
    shape: Bands,
) -> Leaks:
    """Return the leaks among these rows, which are sorted by `group`, in order of precedence.

    Exact copies within a group are compared once. A text without words matches only exact copies.
    """
    content = corpus.column("content")
    copies = copies_of_earlier(content, rows, group)
    has_words = (numbers(corpus.column(signatures.shingles)) > 0)[rows]
    is_compared = has_words.copy()
    is_compared[copies.positions] = False
    compared = np.flatnonzero(is_compared)
    del is_compared
    documents = RankedDocuments(corpus, signatures, rows[compared])
    groups = np.searchsorted(group[compared], np.arange(int(group.max(initial=0)) + 1))
    resolution = resolve_duplicates(
        documents, threshold=threshold, shape=shape, groups=groups, measure_remaining=True
    )
    similar = np.flatnonzero(resolution.duplicate_of >= 0)
    leaks = _LeakedRows(
        compared[similar], compared[resolution.duplicate_of[similar]], resolution.score[similar]
    )
    leaks = _with_copies(leaks, copies)
    leaks = merged_by_position(leaks, _copies_without_words(content, rows, group, has_words))
    is_left = np.ones(len(rows), np.bool_)
    is_left[leaks.positions] = False
    overlap = count_overlap(corpus, rows[is_left], group[is_left])
    return Leaks(*leaks, documents, resolution, overlap)


class _LeakedRows(NamedTuple):
    """Leaks, as in `Leaks`."""

    positions: NDArray[np.int64]
    leaked_from: NDArray[np.int64]
    score: NDArray[np.float64]


def _with_copies(leaks: _LeakedRows, copies: Copies) -> _LeakedRows:
    """Return the leaks with the exact copies of each, which leak from the same document."""
    if not len(leaks.positions):
        return leaks
    place = np.searchsorted(leaks.positions, copies.firsts)
    place = np.minimum(place, len(leaks.positions) - 1)
    is_leak = leaks.positions[place] == copies.firsts
    place = place[is_leak]
    return merged_by_position(
        leaks, _LeakedRows(copies.positions[is_leak], leaks.leaked_from[place], leaks.score[place])
    )


def _copies_without_words(
    content: pa.ChunkedArray,
    rows: NDArray[np.int64],
    group: NDArray[np.int8],
    has_words: NDArray[np.bool_],
) -> _LeakedRows:
    """Return the texts without words that equal a text of an earlier group."""
    positions, firsts = copies_of_earlier(content, rows)
    leaks = ~has_words[positions] & (group[firsts] < group[positions])
    return _LeakedRows(positions[leaks], firsts[leaks], np.ones(int(leaks.sum())))


def count_overlap(corpus: CorpusView, rows: NDArray[np.int64], group: NDArray[np.int8]) -> int:
    """Return how many of these rows have the same words as a row of an earlier group."""
    copies = copies_of_earlier(corpus.column("content"), rows)
    return int((group[copies.firsts] != group[copies.positions]).sum())
