"""Score a line by its own words: a linear model over hashed words.

A short line is represented by its words, its word pairs, and the whole line ("Most Read"). A long
line is represented by its start and its end, and by all of its words in a second table, each with
weight 1/sqrt(n_words), because a paragraph has other words than a menu.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers, Offsets, Words
from corpus.kernels import njit, njit_without_allocation

TABLE_SIZE = 1 << 15
"""Slots of each of the two tables of weights."""

MAX_SHORT_LINE_WORDS = 14
"""A line of more words is a long one."""
MAX_PHRASE_WORDS = 6
"""A line of at most this many words also has a slot as a whole."""
MAX_WORDS = 1024
"""Maximum number of words examined in a line: the rest of a very long line adds nothing new."""
MAX_SLOTS = 3 * MAX_WORDS + 12
"""Maximum number of slots that one line can have."""

_PHRASE, _STARTS_WITH, _ENDS_WITH, _OPENING, _CONTAINS = (
    np.uint32(77),
    np.uint32(11),
    np.uint32(13),
    np.uint32(17),
    np.uint32(19),
)
"""Hashed with a word, so that the same word has a slot of its own for each kind of feature."""


class Lexicon(NamedTuple):
    """The weights of the linear model."""

    weights: NDArray[np.int8]
    """The weight of each slot of both tables, in units of `scale` (int8[2 * TABLE_SIZE])."""
    scale: np.float32
    bias: np.float32


@njit_without_allocation
def combine_hashes(a: np.uint32, b: np.uint32) -> np.uint32:
    """Return one hash of two; their order matters."""
    spread = np.uint32(np.uint32(b) + np.uint32(0x9E3779B9) + (np.uint32(a) << np.uint32(6)))
    return np.uint32((np.uint32(a) ^ spread) * np.uint32(16777619))


@njit_without_allocation
def slot_of(word_hash: np.uint32) -> np.int32:
    """Return the slot of a hash in a table."""
    return np.int32((word_hash ^ (word_hash >> np.uint32(15))) & np.uint32(TABLE_SIZE - 1))


@njit_without_allocation
def line_slots(words: Words, first: int, stop: int, slots: NDArray[np.int32]) -> tuple[int, int]:
    """Fill `slots` with those of the line `words[first:stop]`.

    Returns how many there are, and how many of them have weight 1. Those come first. The others are
    in the second table and have weight 1/sqrt(n_words).
    """
    n = 0
    stop = stop if stop < first + MAX_WORDS else first + MAX_WORDS
    if stop - first <= MAX_SHORT_LINE_WORDS:
        phrase = _PHRASE
        for i in range(first, stop):
            slots[n] = slot_of(words[i])
            n += 1
            phrase = combine_hashes(phrase, words[i])
            if i > first:
                slots[n] = slot_of(combine_hashes(words[i - 1], words[i]))
                n += 1
        if first < stop <= first + MAX_PHRASE_WORDS:
            slots[n] = slot_of(phrase)
            n += 1
        return n, n
    for i in range(4):
        slots[n] = slot_of(combine_hashes(_STARTS_WITH, words[first + i]))
        slots[n + 1] = slot_of(combine_hashes(_ENDS_WITH, words[stop - 1 - i]))
        n += 2
    pair = combine_hashes(combine_hashes(_OPENING, words[first]), words[first + 1])
    slots[n] = slot_of(pair)
    slots[n + 1] = slot_of(combine_hashes(pair, words[first + 2]))
    n += 2
    n_ones = n
    for i in range(first, stop):
        slots[n] = slot_of(combine_hashes(_CONTAINS, words[i])) + TABLE_SIZE
        n += 1
    return n, n_ones


@njit_without_allocation
def _cue_scores(
    words: Words,
    word_offsets: Offsets,
    lexicon: Lexicon,
    slots: NDArray[np.int32],
    scores: Numbers,
) -> None:
    """Fill in what `cue_scores` returns; `slots` is a buffer for the slots of one line."""
    weights, scale, bias = lexicon.weights, lexicon.scale, lexicon.bias
    for i in range(scores.size):
        n, n_ones = line_slots(words, word_offsets[i], word_offsets[i + 1], slots)
        sum_of_ones = 0
        for j in range(n_ones):
            sum_of_ones += weights[slots[j]]
        sum_of_words = 0
        for j in range(n_ones, n):
            sum_of_words += weights[slots[j]]
        mean = sum_of_words / np.sqrt(n - n_ones + (n == n_ones))
        scores[i] = bias + scale * np.float32(sum_of_ones + mean)


def cue_scores(words: Words, word_offsets: Offsets, lexicon: Lexicon) -> Numbers:
    """Return the log-odds that each line is part of the article (float32[n_lines])."""
    log_odds = np.empty(word_offsets.size - 1, np.float32)
    _cue_scores(words, word_offsets, lexicon, np.empty(MAX_SLOTS, np.int32), log_odds)
    return log_odds


@njit
def slot_matrix(words: Words, word_offsets: Offsets) -> tuple[NDArray[np.int32], Offsets, Numbers]:
    """Return the slots of all lines as a sparse matrix (CSR) to train on.

    The column and the value of each entry, and where each row starts.
    """
    n_lines = word_offsets.size - 1
    columns = np.empty(3 * words.size + 12 * n_lines, np.int32)
    values = np.empty(columns.size, np.float32)
    row_offsets = np.zeros(n_lines + 1, np.int64)
    slots = np.empty(MAX_SLOTS, np.int32)
    n_entries = 0
    for i in range(n_lines):
        n, n_ones = line_slots(words, word_offsets[i], word_offsets[i + 1], slots)
        for j in range(n):
            columns[n_entries + j] = slots[j]
            values[n_entries + j] = 1.0 if j < n_ones else 1.0 / np.sqrt(n - n_ones)
        n_entries += n
        row_offsets[i + 1] = n_entries
    return columns[:n_entries], row_offsets, values[:n_entries]
