"""A page as a linear model sees it: hashed tokens in groups, and columns of numbers."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Flags, Numbers, Offsets, Words
from corpus.kernels import njit

TABLE_SIZE = 1 << 15
"""Slots of the table of weights, for the tokens of all groups."""
MAX_WEIGHT_WORDS = 400.0
"""Maximum number of words of one block or line that count for its weight in a mean."""
_MIN_WEIGHT = 0.1
"""Weight of a block or line without words."""


class PageDescription(NamedTuple):
    """What the model of the content kind knows of a page."""

    slots: NDArray[np.int32]
    """The distinct slots of the tokens of each group (int32[n_slots])."""
    slot_offsets: Offsets
    """Where the slots of each group start (int64[n_groups + 1])."""
    columns: Numbers
    """Counts and means of the page (float32[n_columns])."""


class PageDescriptions(NamedTuple):
    """What the model of the content kind knows of several pages."""

    slots: NDArray[np.int32]
    """The distinct slots of all groups of the first page, then those of the second."""
    slot_offsets: Offsets
    """Where the slots of each group of each page start (int64[n_pages * n_groups + 1])."""
    columns: Numbers
    """Counts and means of each page (float32[n_pages, n_columns])."""

    @classmethod
    def of_one(cls, page: PageDescription) -> PageDescriptions:
        """Return the description of a single page."""
        return cls(page.slots, page.slot_offsets, page.columns[np.newaxis])


@njit
def distinct_slots(tokens: Words, group: int, seen: Flags, slots: NDArray[np.int32], n: int) -> int:
    """Append the distinct slots of the tokens of a group to `slots`; return their new number.

    `seen` is a buffer without any true value, before and after.
    """
    first = n
    for i in range(tokens.size):
        mixed = np.uint32(tokens[i] ^ np.uint32(group * 0x9E3779B1)) * np.uint32(0x85EBCA6B)
        slot = np.int64(np.uint32(mixed ^ (mixed >> np.uint32(13))) & np.uint32(TABLE_SIZE - 1))
        if not seen[slot]:
            seen[slot] = True
            slots[n] = slot
            n += 1
    for i in range(first, n):
        seen[slots[i]] = False
    return n


def describe(groups: Sequence[Words], columns: Numbers) -> PageDescription:
    """Return the description of a page with these groups of tokens (uint32) and columns."""
    slots = np.empty(sum(len(tokens) for tokens in groups), np.int32)
    seen = np.zeros(TABLE_SIZE, np.bool_)
    offsets, n = np.zeros(len(groups) + 1, np.int64), 0
    for group, tokens in enumerate(groups):
        n = distinct_slots(tokens, group, seen, slots, n)
        offsets[group + 1] = n
    return PageDescription(slots[:n].copy(), offsets, columns)


def hash_tokens(tokens: Iterable[str]) -> Words:
    """Return a hash of each token (uint32[n_tokens])."""
    hashes = [zlib.crc32(token.encode("utf-8", "replace")) for token in tokens]
    return np.array(hashes, np.uint32)


@njit
def fill_means(table: Numbers, chosen: Offsets, words: Numbers, means: Numbers) -> None:
    """Fill in what `column_means` returns; there is at least one row.

    The sums are loops, because the sum of a library can differ in its last bit on another machine.
    """
    for j in range(chosen.size):
        total = weighted = weight = 0.0
        for i in range(words.size):
            value = np.float64(table[i, chosen[j]])
            own = words[i] if words[i] < MAX_WEIGHT_WORDS else MAX_WEIGHT_WORDS
            own += _MIN_WEIGHT
            total += value
            weighted += own * value
            weight += own
        means[j] = weighted / weight
        means[chosen.size + j] = total / words.size


def column_means(table: Numbers, chosen: Offsets, words: Numbers) -> Numbers:
    """Return means over the rows of a table: by words, then with equal weights.

    `chosen` are the columns (int64), `words` the number of words of each row. The result is
    float32[2 * len(chosen)]; all zero if there are no rows.
    """
    means = np.zeros(2 * len(chosen), np.float32)
    if len(words):
        fill_means(table, chosen, words, means)
    return means
