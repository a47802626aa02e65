"""Hash the words and the shingles of a folded text, a window of words at a time.

    edges      where words start and end, from the bits of the bytes that are not spaces, 64 a step
    words      one hash a word, 16 bytes a step without a branch
    shingles   one polynomial of the word hashes a shingle, vectorised over the shingles

A window fits the nearest cache, and a text of any length takes no more memory than one of a few
thousand words. The hashes are 64 bits wide, and part of the build's promise: a change of them is a
change of the corpus.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.words.simd import BLOCK, load8, lowest, ones, solid64

# isort: split
from numba import uint64

from corpus.kernels import njit

WINDOW = 4096
"""Edges in a window: two for each word."""

MOST_WORDS = 64
"""The longest shingle there is room for."""

M1, M2, M3 = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))
BASE = np.uint64(0x9FB21C651E98DF25)
_ONE, _EIGHT, _SIXTEEN, _HALF, _TOP = (np.uint64(x) for x in (1, 8, 16, 32, 63))

# which bytes of the two lanes of the last 16 bytes belong to the word, by how many are left
_FIRST = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(17)], np.uint64)
_SECOND = np.array([(1 << 8 * max(size - 8, 0)) - 1 for size in range(17)], np.uint64)

Room = tuple[
    NDArray[np.uint32],
    NDArray[np.uint64],
    NDArray[np.uint64],
    NDArray[np.int64],
    NDArray[np.uint64],
]
"""Edges, word hashes, shingle hashes of a window; a cursor: block, open edges, words, shingles;
last two lanes of words."""


@njit(inline="always")
def stir(state: np.uint64, lane: np.uint64, multiplier: np.uint64) -> np.uint64:
    """Mix eight more bytes into a hash."""
    state = (state ^ lane) * multiplier
    return state ^ (state >> _HALF)


def window_room() -> Room:
    """Return the space that `next_shingles` works in."""
    words = WINDOW // 2 + MOST_WORDS
    return (
        np.empty(WINDOW + 2 * BLOCK, np.uint32),
        np.empty(words, np.uint64),
        np.empty(words, np.uint64),
        np.zeros(4, np.int64),
        np.empty((2, words), np.uint64),
    )


@njit
def _edges(
    text: NDArray[np.uint8], base: int, size: int, out: NDArray[np.uint32], found: int
) -> tuple[int, int]:
    """Write start, end, start, end, ... of words; return the next block and the number of edges.

    Begins at the block at `base`. Stops at the end of the text or of the window. `found` is 1
    where out[0] is the start of a word still open.
    """
    carry = uint64(found)
    while base <= size and found < WINDOW - BLOCK:
        solid = solid64(text, base)
        turns = solid ^ (solid << _ONE | carry)
        carry = solid >> _TOP
        after = found + ones(turns)
        while turns:  # eight at a time: one branch that is hard to predict for eight edges
            for k in range(8):
                out[found + k] = base + lowest(turns)
                turns &= turns - _ONE
            found += 8
        found = after
        base += BLOCK
    return base, found


@njit
def _hash_words(
    text: NDArray[np.uint8],
    edge: NDArray[np.uint32],
    count: int,
    out: NDArray[np.uint64],
    at: int,
    lanes: NDArray[np.uint64],
) -> None:
    """Hash each word: its bytes, padded with zeros to a multiple of 16, in two lanes of 8 bytes.

    The last lanes of all words are read first and mixed then, many words at a time.
    """
    out, first, second = out[at:], lanes[0], lanes[1]
    for k in range(count):
        i, size, state = uint64(edge[2 * k]), uint64(edge[2 * k + 1] - edge[2 * k]), M3
        while size > _SIXTEEN:
            state = stir(stir(state, load8(text, i), M1), load8(text, i + _EIGHT), M2)
            i += _SIXTEEN
            size -= _SIXTEEN
        out[k] = state
        first[k] = load8(text, i) & _FIRST[size]
        second[k] = load8(text, i + _EIGHT) & _SECOND[size]
    for k in range(count):
        out[k] = stir(stir(out[k], first[k], M1), second[k], M2)


@njit
def _hash_shingles(
    word: NDArray[np.uint64], total: int, size: int, out: NDArray[np.uint64]
) -> None:
    """Hash `total` shingles of `size` words each."""
    for k in range(total):
        out[k] = word[k]
    for later in range(1, size):
        for k in range(total):
            out[k] = out[k] * BASE + word[k + later]
    for k in range(total):
        out[k] = stir(stir(uint64(size), out[k], M2), uint64(0), M3)


@njit
def next_shingles(text: NDArray[np.uint8], end: int, size: int, room: Room) -> int:
    """Write the hashes of a folded text's next shingles to the room; return their number.

    The text is at an end when cursor[0] is past `end`; set the cursor to zeros before a new one.
    Shingles are in order, repeated ones are repeated. `size` is at most MOST_WORDS.
    """
    edge, word, shingle, cursor, lanes = room
    held = cursor[2]
    base, found = _edges(text, cursor[0], end, edge, cursor[1])
    count = found >> 1
    _hash_words(text, edge, count, word, held, lanes)
    if found & 1:
        edge[0] = edge[found - 1]
    held += count
    total = 0
    if held >= size:
        total = held - size + 1
        _hash_shingles(word, total, size, shingle)
        held = size - 1
        for k in range(held):  # the next window's first shingle begins with these
            word[k] = word[total + k]
    elif base > end and held > 0 and cursor[3] == 0:
        total += 1
        _hash_shingles(word, total, held, shingle)
    cursor[0], cursor[1], cursor[2], cursor[3] = base, found & 1, held, cursor[3] + total
    return total
