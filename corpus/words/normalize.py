"""Kernel that normalizes texts: the words of each, lower-cased and joined by single spaces.

split_words(pa.array(["It's Zürich", "東京", None]))
    -> ["it", "s", "zürich", "東", "京"], [3, 2, 0]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import strings
from corpus.words.folding import FoldingInput, fold_text, folding_input
from corpus.words.simd import BLOCK, copy64, nonspace64, trailing_zeros

# isort: split
from corpus.kernels import njit_without_allocation

_ONE, _TOP_BIT = np.uint64(1), np.uint64(63)


@njit_without_allocation
def _normalize(source: FoldingInput, out: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
    """Write the words of each text to `out` with one space between two; text k ends at ends[k + 1].

    The cost is one step per 64 bytes, and one more per dropped space. `out` must have room for the
    folded texts: a block may be written past the last word.
    """
    folded, filled = source.folded, 0
    ends[0] = 0
    for k in range(ends.size - 1):
        begin, base = filled, 0
        size = fold_text(source, k)
        after_space = _ONE  # so that spaces at the start are dropped, too
        while base < size:
            spaces = ~nonspace64(folded, base)
            drop = spaces & (spaces << _ONE | after_space)
            after_space = spaces >> _TOP_BIT
            copied, block = 0, min(BLOCK, size - base)
            while copied < block:
                copy64(folded, base + copied, out, filled)
                until = min(trailing_zeros(drop), block)
                drop &= drop - _ONE
                filled += until - copied
                copied = until + 1
            base += BLOCK
        if filled > begin and out[filled - 1] == 0x20:
            filled -= 1
        ends[k + 1] = filled


def normalize(
    column: pa.Array | pa.ChunkedArray,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the normalized texts, concatenated, and their bounds: uint8[...], int64[n_texts + 1].

    A null is an empty text.
    """
    source = folding_input(column)
    size = int(source.offsets[-1] - source.offsets[0])
    out = np.empty(2 * size + 2 * BLOCK, np.uint8)
    ends = np.empty(len(source.offsets), np.int64)
    _normalize(source, out, ends)
    return out, ends


def split_words(
    column: pa.Array | pa.ChunkedArray,
) -> tuple[pa.LargeStringArray, NDArray[np.int64]]:
    """Return the words of all texts, text by text, and their number per text: int64[n_texts]."""
    out, ends = normalize(column)
    lists = pc.split_pattern(strings(out, ends), " ")
    counts = np.where(np.diff(ends) > 0, pc.list_value_length(lists).to_numpy(), 0)
    words = lists.flatten()
    return words.filter(pc.not_equal(words, "")), counts
