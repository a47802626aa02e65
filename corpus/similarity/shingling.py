"""Kernels that hash the words and shingles of a folded text, one window of words at a time.

    edges      where words start and end, from a mask of the bytes that are not spaces, 64 per step
    words      one hash per word, 16 bytes per step without a branch
    shingles   one polynomial of word hashes per shingle, vectorised over the shingles

A window fits in the L1 cache, and a text of any length takes no more memory than one of a few
thousand words. The hashes have 64 bits. Corpora depend on them: a change of the hashes is a change
of the output.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.words.simd import BLOCK, load8, nonspace64, popcount, trailing_zeros

# isort: split
from numba import uint64

from corpus.kernels import njit, njit_without_allocation

WINDOW_EDGES = 4096
"""Edges in a window: two per word."""

MAX_SHINGLE_WORDS = 64

M1, M2, M3 = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))
BASE = np.uint64(0x9FB21C651E98DF25)
_ONE, _EIGHT, _SIXTEEN, _HALF, _TOP_BIT = (np.uint64(x) for x in (1, 8, 16, 32, 63))

# Masks of the bytes that belong to the word in the two lanes of its last 16 bytes, by bytes left.
_FIRST_LANE = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(17)], np.uint64)
_SECOND_LANE = np.array([(1 << 8 * max(size - 8, 0)) - 1 for size in range(17)], np.uint64)

# columns of the cursor of a window
NEXT_BLOCK, OPEN_EDGES, N_WORDS, N_SHINGLES = 0, 1, 2, 3


class Window(NamedTuple):
    """The buffers of `next_shingles`, and how far it has come in a text."""

    edges: NDArray[np.uint32]
    words: NDArray[np.uint64]
    """Hashes of the words in the window."""

    shingles: NDArray[np.uint64]
    """Hashes of the shingles in the window: the result."""

    cursor: NDArray[np.int64]
    """int64[4]: next block, edges of an unfinished word (0 or 1), words kept, shingles so far."""

    lanes: NDArray[np.uint64]
    """uint64[2, n_words]: the last 16 bytes of each word."""


@njit(inline="always")
def mix_lane(state: np.uint64, lane: np.uint64, multiplier: np.uint64) -> np.uint64:
    """Mix eight more bytes into a hash."""
    state = (state ^ lane) * multiplier
    return state ^ (state >> _HALF)


def new_window() -> Window:
    """Return the buffers that `next_shingles` works in."""
    words = WINDOW_EDGES // 2 + MAX_SHINGLE_WORDS
    return Window(
        np.empty(WINDOW_EDGES + 2 * BLOCK, np.uint32),
        np.empty(words, np.uint64),
        np.empty(words, np.uint64),
        np.zeros(4, np.int64),
        np.empty((2, words), np.uint64),
    )


@njit_without_allocation
def _find_edges(
    text: NDArray[np.uint8], base: int, size: int, out: NDArray[np.uint32], count: int
) -> tuple[int, int]:
    """Write start, end, start, end, ... of words; return the next block and the number of edges.

    Starts at the block at `base` and stops at the end of the text or of the window. `count` is 1 if
    out[0] is the start of an unfinished word.
    """
    in_word = uint64(count)
    while base <= size and count < WINDOW_EDGES - BLOCK:
        nonspaces = nonspace64(text, base)
        edges = nonspaces ^ (nonspaces << _ONE | in_word)
        in_word = nonspaces >> _TOP_BIT
        after = count + popcount(edges)
        while edges:  # eight at a time: one unpredictable branch for eight edges
            for k in range(8):
                out[count + k] = base + trailing_zeros(edges)
                edges &= edges - _ONE
            count += 8
        count = after
        base += BLOCK
    return base, count


@njit_without_allocation
def _hash_words(
    text: NDArray[np.uint8],
    edges: NDArray[np.uint32],
    count: int,
    out: NDArray[np.uint64],
    lanes: NDArray[np.uint64],
) -> None:
    """Hash each word: its bytes, zero-padded to a multiple of 16, in two lanes of 8 bytes.

    The last lanes of all words are read first and then mixed, many words at a time.
    """
    first, second = lanes[0], lanes[1]
    for k in range(count):
        i, size, state = uint64(edges[2 * k]), uint64(edges[2 * k + 1] - edges[2 * k]), M3
        while size > _SIXTEEN:
            state = mix_lane(mix_lane(state, load8(text, i), M1), load8(text, i + _EIGHT), M2)
            i += _SIXTEEN
            size -= _SIXTEEN
        out[k] = state
        first[k] = load8(text, i) & _FIRST_LANE[size]
        second[k] = load8(text, i + _EIGHT) & _SECOND_LANE[size]
    for k in range(count):
        out[k] = mix_lane(mix_lane(out[k], first[k], M1), second[k], M2)


@njit_without_allocation
def _hash_shingles(
    words: NDArray[np.uint64], total: int, size: int, out: NDArray[np.uint64]
) -> None:
    """Hash `total` shingles of `size` words each."""
    for k in range(total):
        out[k] = words[k]
    for later in range(1, size):
        for k in range(total):
            out[k] = out[k] * BASE + words[k + later]
    for k in range(total):
        out[k] = mix_lane(mix_lane(uint64(size), out[k], M2), uint64(0), M3)


@njit_without_allocation
def next_shingles(text: NDArray[np.uint8], end: int, size: int, window: Window) -> int:
    """Write the hashes of a folded text's next shingles to `window.shingles`; return their number.

    The text is finished when cursor[NEXT_BLOCK] exceeds `end`. Set the cursor to zeros before a new
    text. Shingles keep their order, and repeated ones are repeated. `size` is at most
    MAX_SHINGLE_WORDS.
    """
    edges, words, cursor = window.edges, window.words, window.cursor
    n_words = cursor[N_WORDS]
    base, n_edges = _find_edges(text, cursor[NEXT_BLOCK], end, edges, cursor[OPEN_EDGES])
    count = n_edges >> 1
    _hash_words(text, edges, count, words[n_words:], window.lanes)
    if n_edges & 1:
        edges[0] = edges[n_edges - 1]
    n_words += count
    total = 0
    if n_words >= size:
        total = n_words - size + 1
        _hash_shingles(words, total, size, window.shingles)
        n_words = size - 1
        for k in range(n_words):  # the next window's first shingle begins with these
            words[k] = words[total + k]
    elif base > end and n_words > 0 and cursor[N_SHINGLES] == 0:
        total += 1
        _hash_shingles(words, total, n_words, window.shingles)
    cursor[NEXT_BLOCK], cursor[OPEN_EDGES] = base, n_edges & 1
    cursor[N_WORDS], cursor[N_SHINGLES] = n_words, cursor[N_SHINGLES] + total
    return total
