"""Exact Jaccard similarity and containment of texts, over their sets of 64-bit shingle hashes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.similarity.shingling import NEXT_BLOCK, Window, new_window, next_shingles
from corpus.words.folding import FoldingInput, fold_text, folding_input

# isort: split
from corpus.kernels import njit_without_allocation


@njit_without_allocation
def _shingles(
    source: FoldingInput,
    size: int,
    window: Window,
    starts: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> None:
    """Write the shingle hashes of all texts, concatenated; those of text k begin at starts[k]."""
    shingles, cursor, filled = window.shingles, window.cursor, 0
    for d in range(starts.size - 1):
        starts[d] = filled
        end = fold_text(source, d)
        for j in range(cursor.size):
            cursor[j] = 0
        while cursor[NEXT_BLOCK] <= end:
            total = next_shingles(source.folded, end, size, window)
            for k in range(total):
                out[filled + k] = shingles[k]
            filled += total
    starts[starts.size - 1] = filled


@njit_without_allocation
def _remove_repeats(ordered: NDArray[np.uint64], starts: NDArray[np.int64]) -> None:
    """Remove repeated values from each sorted run and close the gaps; updates `starts`."""
    filled, begin = 0, starts[0]
    for d in range(starts.size - 1):
        end = starts[d + 1]
        starts[d] = filled
        for k in range(begin, end):
            if k == begin or ordered[k] != ordered[k - 1]:
                ordered[filled] = ordered[k]
                filled += 1
        begin = end
    starts[starts.size - 1] = filled


def shingle_sets(
    column: pa.Array | pa.ChunkedArray, *, words: int = 5
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct shingle hashes of each text, sorted, and where those of each text begin.

    The hashes are concatenated: uint64[n_hashes] and int64[n_texts + 1].
    """
    source = folding_input(column)
    offsets = source.offsets
    starts = np.empty(len(offsets), np.int64)
    # a word and its separator take at least two bytes
    hashes = np.empty(int(offsets[-1] - offsets[0]) // 2 + len(offsets), np.uint64)
    _shingles(source, words, new_window(), starts, hashes)
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        hashes[begin:end].sort()
    _remove_repeats(hashes, starts)
    return hashes[: starts[-1]], starts


@njit_without_allocation
def _count_shared(
    sets: NDArray[np.uint64],
    starts: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Count the hashes in both sets of each pair, without a branch that depends on the hashes."""
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
    """Return the Jaccard similarity of the sets `left[k]` and `right[k]`: float64[n_pairs]."""
    shared, size = np.empty(len(left), np.int64), np.diff(starts)
    _count_shared(sets, starts, left, right, shared)
    return shared / np.maximum(size[left] + size[right] - shared, 1)


def containments(
    sets: NDArray[np.uint64],
    starts: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the share of the set `right[k]` that is in `left[k]`: float64[n_pairs]."""
    shared = np.empty(len(left), np.int64)
    _count_shared(sets, starts, left, right, shared)
    return shared / np.maximum(np.diff(starts)[right], 1)
