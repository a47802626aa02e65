"""What the words of a line say, whatever stands around it: a linear model over hashed words.

A short line counts by its words, pairs of words and itself as a whole ("Most Read"). A long one
counts by how it starts and ends, and by all of its words in a second table, each worth
1/sqrt(words): the words that make a paragraph are not those that make a menu.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers, Offsets, Words
from corpus.kernels import njit

SIZE = 1 << 15
"""Slots of each of the two tables."""

SHORT_LINE = 14
WHOLE_LINE = 6
MOST_WORDS = 1024
"""Words of one line that are looked at: the rest of a very long line says nothing new."""

ROOM = 3 * MOST_WORDS + 12
"""Slots that one line can fill."""


@njit
def mix(a: np.uint32, b: np.uint32) -> np.uint32:
    """Return one hash of two, in order."""
    spread = np.uint32(np.uint32(b) + np.uint32(0x9E3779B9) + (np.uint32(a) << np.uint32(6)))
    return np.uint32((np.uint32(a) ^ spread) * np.uint32(16777619))


@njit
def slot(hashed: np.uint32) -> np.int32:
    """Return where a hash falls in a table."""
    return np.int32((hashed ^ (hashed >> np.uint32(15))) & np.uint32(SIZE - 1))


@njit
def slots(words: Words, first: int, stop: int, out: NDArray[np.int32]) -> tuple[int, int]:
    """Fill `out` with the slots of the line `words[first:stop]`; return how many, how many count 1.

    Those after the ones that count 1 count 1/sqrt(words), and lie in the second table.
    """
    n = 0
    stop = stop if stop < first + MOST_WORDS else first + MOST_WORDS
    if stop - first <= SHORT_LINE:
        whole = np.uint32(77)
        for i in range(first, stop):
            out[n] = slot(words[i])
            n += 1
            whole = mix(whole, words[i])
            if i > first:
                out[n] = slot(mix(words[i - 1], words[i]))
                n += 1
        if first < stop <= first + WHOLE_LINE:
            out[n] = slot(whole)
            n += 1
        return n, n
    for i in range(4):
        out[n] = slot(mix(np.uint32(11), words[first + i]))
        out[n + 1] = slot(mix(np.uint32(13), words[stop - 1 - i]))
        n += 2
    pair = mix(mix(np.uint32(17), words[first]), words[first + 1])
    out[n] = slot(pair)
    out[n + 1] = slot(mix(pair, words[first + 2]))
    n += 2
    ones = n
    for i in range(first, stop):
        out[n] = slot(mix(np.uint32(19), words[i])) + SIZE
        n += 1
    return n, ones


@njit
def _scores(
    words: Words,
    firsts: Offsets,
    weights: NDArray[np.int8],
    scale: np.float32,
    bias: np.float32,
    out: NDArray[np.int32],
    found: Numbers,
) -> None:
    """Fill in what `scores` returns; `out` has room for the slots of one line."""
    for i in range(found.size):
        n, ones = slots(words, firsts[i], firsts[i + 1], out)
        sharp = 0
        for j in range(ones):
            sharp += weights[out[j]]
        dull = 0
        for j in range(ones, n):
            dull += weights[out[j]]
        found[i] = bias + scale * np.float32(sharp + dull / np.sqrt(n - ones + (n == ones)))


def scores(
    words: Words,
    firsts: Offsets,
    weights: NDArray[np.int8],
    scale: np.float32,
    bias: np.float32,
) -> Numbers:
    """Return the log-odds of each line (float32[n_lines]) that it is part of the article.

    `weights` is int8[2 * SIZE], in units of `scale`.
    """
    found = np.empty(firsts.size - 1, np.float32)
    _scores(words, firsts, weights, scale, bias, np.empty(ROOM, np.int32), found)
    return found


@njit
def slot_matrix(words: Words, firsts: Offsets) -> tuple[NDArray[np.int32], Offsets, Numbers]:
    """Return the slots of all lines as a sparse matrix to train on: columns, pointers, values."""
    n_lines = firsts.size - 1
    columns = np.empty(3 * words.size + 12 * n_lines, np.int32)
    values = np.empty(columns.size, np.float32)
    rows = np.zeros(n_lines + 1, np.int64)
    out = np.empty(ROOM, np.int32)
    filled = 0
    for i in range(n_lines):
        n, ones = slots(words, firsts[i], firsts[i + 1], out)
        for j in range(n):
            columns[filled + j] = out[j]
            values[filled + j] = 1.0 if j < ones else 1.0 / np.sqrt(n - ones)
        filled += n
        rows[i + 1] = filled
    return columns[:filled], rows, values[:filled]
