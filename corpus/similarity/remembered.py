"""Exact similarities of pairs that were compared before, so that their texts are not read again.

The similarity of two texts depends only on their words, which their content hashes (16 bytes each)
identify. So whatever is remembered, and whoever compared it, the similarity is the one that a
comparison returns, bit for bit. A pair that is not remembered is compared.

Contents are numbered in the order of their hashes, and a pair of contents is stored as one number,
`larger << 32 | smaller`:

    contents   uint64[n, 2]   a text is in many pairs, and its hash is stored once
    pairs      uint64[m]      ascending
    scores     float64[m]
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import earlier, later
from corpus.similarity.comparing import Scores, similarities
from corpus.similarity.ranked_documents import RankedDocuments, distinct, halves_at

MAX_PAIRS = 1 << 21
"""Pairs that are stored at most: 32 MB, and at most 64 MB for their contents."""

PAIRS_AT_A_TIME = 1 << 18
"""Pairs whose contents are in memory at a time."""

CONTENT = "content"
"""The observed column with the content hash."""

_HALF, _LOW_HALF = np.uint64(32), np.uint64(0xFFFFFFFF)
_HEADER = 2


class _Compared(NamedTuple):
    """Pairs of some contents, and their similarities."""

    contents: NDArray[np.uint64]
    """uint64[n, 2]: upper and lower half of each hash."""

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    scores: Scores


class RememberedSimilarities:
    """Similarities of pairs that were compared before, and of those that are compared now."""

    def __init__(
        self, contents: NDArray[np.uint64], pairs: NDArray[np.uint64], scores: Scores
    ) -> None:
        self._contents, self._pairs, self._scores = contents, pairs, scores
        self._upper = np.ascontiguousarray(contents[:, 0])
        self._used = np.zeros(len(pairs), np.bool_)
        self._new: list[_Compared] = []

    @classmethod
    def nothing(cls) -> Self:
        """Return an empty memory."""
        return cls(np.zeros((0, 2), np.uint64), np.zeros(0, np.uint64), np.zeros(0))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the memory that `to_bytes` stored."""
        n, m = np.frombuffer(data, np.int64, _HEADER).tolist()
        numbers = np.frombuffer(data, np.uint64)[_HEADER:]
        contents, pairs, scores = np.split(numbers, [2 * n, 2 * n + m])
        return cls(contents.reshape(n, 2), pairs, scores.view(np.float64))

    def to_bytes(self) -> bytes:
        """Return contents, pairs and scores, one after the other, as they are in memory."""
        sizes = np.array([len(self._contents), len(self._pairs)], np.int64)
        return b"".join(
            each.tobytes() for each in (sizes, self._contents, self._pairs, self._scores)
        )

    def __len__(self) -> int:
        """Return the number of pairs, those that were compared just now included."""
        return len(self._pairs) + self.n_new

    @property
    def n_new(self) -> int:
        """The number of pairs that were compared and not remembered before."""
        return sum(len(new.scores) for new in self._new)

    def known(
        self, contents: NDArray[np.uint64], left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> Scores:
        """Return the similarity of each pair of contents, NaN if it is not remembered."""
        scores = np.full(len(left), np.nan)
        if not len(self._pairs):
            return scores
        place = np.searchsorted(self._upper, contents[:, 0])
        place[place == len(self._upper)] = 0
        is_known = (self._contents[place] == contents).all(axis=1)
        candidates = np.flatnonzero(is_known[left] & is_known[right])
        pairs = _pair_numbers(place[left[candidates]], place[right[candidates]])
        where = np.searchsorted(self._pairs, pairs)
        where[where == len(self._pairs)] = 0
        is_remembered = self._pairs[where] == pairs
        where = where[is_remembered]
        self._used[where] = True
        scores[candidates[is_remembered]] = self._scores[where]
        return scores

    def learn(
        self,
        contents: NDArray[np.uint64],
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        scores: Scores,
    ) -> bool:
        """Remember the similarities of more pairs; return whether there is room for others."""
        room = max(0, MAX_PAIRS - self.n_new)
        if room:
            both = left[:room].astype(np.uint32), right[:room].astype(np.uint32)
            self._new.append(_Compared(contents, *both, scores[:room]))
        return len(scores) < room

    def with_new(self) -> RememberedSimilarities:
        """Return a memory of all pairs; without those that were not used now if it is too full."""
        fits = len(self) <= MAX_PAIRS
        used = np.arange(len(self._pairs)) if fits else np.flatnonzero(self._used)
        pairs = self._pairs[used]
        sides = later(pairs).astype(np.uint32), earlier(pairs).astype(np.uint32)
        old = _Compared(self._contents, *sides, self._scores[used])
        return _merged([old, *self._new])


def _merged(all_compared: list[_Compared]) -> RememberedSimilarities:
    """Return one memory of all these pairs, or of the first `MAX_PAIRS` of them."""
    contents = np.concatenate([compared.contents for compared in all_compared])
    order = np.lexsort((contents[:, 1], contents[:, 0]))
    contents = contents[order]
    is_first = np.ones(len(contents), np.bool_)
    is_first[1:] = (contents[1:] != contents[:-1]).any(axis=1)
    number = np.empty(len(contents), np.int64)
    number[order] = np.cumsum(is_first) - 1
    contents, start, pairs = contents[is_first], 0, []
    for compared in all_compared:
        own = number[start : start + len(compared.contents)]
        pairs.append(_pair_numbers(own[compared.left], own[compared.right]))
        start += len(compared.contents)
    every_pair, first = np.unique(np.concatenate(pairs), return_index=True)
    every_pair, first = every_pair[:MAX_PAIRS], first[:MAX_PAIRS]
    scores = np.concatenate([compared.scores for compared in all_compared])[first]
    left, right = later(every_pair), earlier(every_pair)
    used = np.zeros(len(contents), np.bool_)
    used[left] = used[right] = True
    number = np.cumsum(used) - 1
    return RememberedSimilarities(
        contents[used], _pair_numbers(number[left], number[right]), scores
    )


def _pair_numbers(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint64]:
    larger, smaller = np.maximum(left, right), np.minimum(left, right)
    return larger.astype(np.uint64) << _HALF | smaller.astype(np.uint64)


def remembered_or_compared(documents: RankedDocuments, pairs: NDArray[np.uint64]) -> Scores:
    """Return the Jaccard similarity of each pair of ranks; only texts of unknown pairs are read."""
    corpus = documents.corpus
    memory = corpus.remembered(documents.observed.words)
    if memory is None or not len(pairs) or CONTENT not in corpus.parts[0].schema.names:
        return similarities(documents, pairs)
    scores = np.empty(len(pairs))
    for start in range(0, len(pairs), PAIRS_AT_A_TIME):
        batch = slice(start, start + PAIRS_AT_A_TIME)
        scores[batch] = memory.known(*_contents(documents, pairs[batch]))
    unknown = np.flatnonzero(np.isnan(scores))
    scores[unknown] = similarities(documents, pairs[unknown])
    for start in range(0, len(unknown), PAIRS_AT_A_TIME):
        new = unknown[start : start + PAIRS_AT_A_TIME]
        if not memory.learn(*_contents(documents, pairs[new]), scores[new]):
            break
    return scores


def _contents(
    documents: RankedDocuments, pairs: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct contents of pairs, and the two of each pair, numbered from 0."""
    left, right = earlier(pairs), later(pairs)
    ranks = distinct(np.concatenate([left, right]))
    column = documents.corpus.column(CONTENT)
    contents = np.stack(halves_at(column, documents.rows[ranks]), axis=1)
    return contents, np.searchsorted(ranks, left), np.searchsorted(ranks, right)
