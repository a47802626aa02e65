"""The parts of items, and the shingles of each part.

A part is the question of an item with its options, or its answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.contamination.index import ANSWER, QUESTION
from corpus.contamination.items import Item

MAX_WINDOW = 1 << 15
"""Maximum length of a window, in shingles."""


class Limits(NamedTuple):
    """What decides which parts are indexed, and how they are compared."""

    words: int
    """Words in a shingle."""

    shortest: int
    """Minimum number of words of a part."""

    window: float
    """Length of a window, in multiples of the words of a part."""

    @property
    def fewest(self) -> int:
        """The minimum number of shingles of a part."""
        return self.shortest - self.words + 1


class Parts(NamedTuple):
    """Parts of items, in the order of the items."""

    owners: NDArray[np.uint32]
    """uint32[n_parts]: 2 * number of the item, and 1 more if it is the answer."""

    digests: NDArray[np.uint64]
    """uint64[n_parts, 2]: equal for parts with the same shingles."""

    has_words: NDArray[np.bool_]
    """bool[n_parts]: whether it has any word; those of short segments count."""

    windows: NDArray[np.uint32]
    """uint32[n_parts]: length of its window, in shingles."""

    counts: NDArray[np.uint32]
    """uint32[n_parts]: number of distinct shingles."""


def parts_of(items: Sequence[Item], first: int, limits: Limits) -> tuple[Parts, NDArray[np.uint64]]:
    """Return the parts of items of which the first one has the number `first`.

    Also return the distinct shingles of all parts, concatenated: uint64[sum of counts].
    """
    segments: list[str] = []
    part_of: list[int] = []
    owners: list[int] = []
    for number, item in enumerate(items, first):
        for kind, texts in ((QUESTION, item.question), (ANSWER, item.answer)):
            if kind == QUESTION or texts:
                part_of += [len(owners)] * len(texts)
                segments += texts
                owners.append(2 * number + kind)
    part, hashes, words = _shingles(segments, np.array(part_of, np.int64), len(owners), limits)
    counts = np.bincount(part, minlength=len(owners))
    window = np.ceil(limits.window * words).astype(np.int64) - limits.words + 1
    ends = np.cumsum(counts).tolist()
    digests = [
        hashlib.blake2b(hashes[end - count : end].tobytes(), digest_size=16).digest()
        for end, count in zip(ends, counts.tolist(), strict=True)
    ]
    parts = Parts(
        np.array(owners, np.uint32),
        np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2),
        words > 0,
        window.clip(1, MAX_WINDOW).astype(np.uint32),
        counts.astype(np.uint32),
    )
    return parts, hashes


def concatenated(parts: Sequence[Parts]) -> Parts:
    """Return several batches of parts as one."""
    if not parts:
        none = np.zeros(0, np.uint32)
        return Parts(none, np.zeros((0, 2), np.uint64), np.zeros(0, np.bool_), none, none)
    return Parts(*map(np.concatenate, zip(*parts, strict=True)))


def _shingles(
    segments: Sequence[str], part_of: NDArray[np.int64], n_parts: int, limits: Limits
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct shingles of all parts: their parts, ascending, and their hashes.

    Also return the number of words of each part.
    """
    from corpus.similarity.jaccard import shingle_sets
    from corpus.words.count import count_words

    column = pa.array(segments, pa.large_string())
    n_words = count_words(column)
    words = np.bincount(part_of, n_words, minlength=n_parts).astype(np.int64)
    hashes, starts = shingle_sets(column, words=limits.words)
    counts = np.diff(starts)
    is_long = np.repeat(n_words >= limits.words, counts)
    part, hashes = np.repeat(part_of, counts)[is_long], hashes[is_long]
    order = np.lexsort((hashes, part))
    part, hashes = part[order], hashes[order]
    is_new = np.append(True, (part[1:] != part[:-1]) | (hashes[1:] != hashes[:-1]))[: len(part)]
    return part[is_new], hashes[is_new], words
