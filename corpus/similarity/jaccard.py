"""The exact Jaccard of texts: over their sets of 64-bit shingle hashes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.similarity.shingling import Room, next_shingles, window_room
from corpus.words.characters import folding
from corpus.words.folding import fold, room
from corpus.words.simd import frozen

# isort: split
from corpus.kernels import njit


@njit
def _shingles(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    table: NDArray[np.uint64],
    size: int,
    text: NDArray[np.uint8],
    window: Room,
    starts: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> None:
    """Write the shingle hashes of all texts end to end; text k's begin at starts[k]."""
    shingle, cursor, filled = window[2], window[3], 0
    for d in range(offsets.size - 1):
        starts[d] = filled
        end = fold(data, offsets[d], offsets[d + 1], table, text, 0)
        for j in range(cursor.size):
            cursor[j] = 0
        while cursor[0] <= end:
            total = next_shingles(text, end, size, window)
            for k in range(total):
                out[filled + k] = shingle[k]
            filled += total
    starts[offsets.size - 1] = filled


@njit
def _distinct(ranked: NDArray[np.uint64], starts: NDArray[np.int64]) -> None:
    """Leave each sorted run with every value once, and close the gaps; starts follow."""
    filled, begin = 0, starts[0]
    for d in range(starts.size - 1):
        end = starts[d + 1]
        starts[d] = filled
        for k in range(begin, end):
            if k == begin or ranked[k] != ranked[k - 1]:
                ranked[filled] = ranked[k]
                filled += 1
        begin = end
    starts[starts.size - 1] = filled


def shingle_sets(
    column: pa.Array | pa.ChunkedArray, *, words: int = 5
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return each text's shingle hashes, distinct and sorted, and where each text's begin.

    All of them end to end (uint64), and int64[n_texts + 1].
    """
    data, offsets = texts(column)
    starts = np.empty(len(offsets), np.int64)
    # a word and what separates it from the next take two bytes or more
    out = np.empty(int(offsets[-1] - offsets[0]) // 2 + len(offsets), np.uint64)
    space = room(offsets), window_room()
    _shingles(frozen(data), frozen(offsets), folding(), words, *space, starts, out)
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        out[begin:end].sort()
    _distinct(out, starts)
    return out[: starts[-1]], starts


@njit
def _shared(
    sets: NDArray[np.uint64],
    starts: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Count what is in both sets of each pair, without a branch that depends on the hashes."""
    for k in range(left.size):
        i, j, shared = starts[left[k]], starts[right[k]], 0
        p, q = starts[left[k] + 1], starts[right[k] + 1]
        while i < p and j < q:
            x, y = sets[i], sets[j]
            shared += x == y
            i += x <= y
            j += y <= x
        out[k] = shared


def jaccards(
    sets: NDArray[np.uint64],
    starts: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the Jaccard of the sets `left[k]` and `right[k]`, for each k: float64[n_pairs]."""
    shared, size = np.empty(len(left), np.int64), np.diff(starts)
    _shared(sets, starts, left, right, shared)
    return shared / np.maximum(size[left] + size[right] - shared, 1)


def containments(
    sets: NDArray[np.uint64],
    starts: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return how much of the set `right[k]` is in `left[k]`, for each k: float64[n_pairs]."""
    shared = np.empty(len(left), np.int64)
    _shared(sets, starts, left, right, shared)
    return shared / np.maximum(np.diff(starts)[right], 1)
