"""Kernel that counts the words of texts, as `corpus.words.definition` defines them.

count_words(pa.array(["It's Zürich", "東京", None]))     -> [3, 2, 0]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.words.folding import FoldingInput, fold_text, folding_input
from corpus.words.simd import BLOCK, nonspace64, popcount

# isort: split
from numba import uint64

from corpus.kernels import njit_without_allocation

_ONE, _TOP_BIT = np.uint64(1), np.uint64(63)


@njit_without_allocation
def _count_words(source: FoldingInput, out: NDArray[np.int64]) -> None:
    """Write the number of words of each text to `out`: how often a space precedes another byte."""
    for k in range(out.size):
        end = fold_text(source, k)
        in_word, base, count = uint64(0), 0, 0
        while base < end:  # the spaces after `end` complete the last block
            nonspaces = nonspace64(source.folded, base)
            count += popcount(nonspaces & ~(nonspaces << _ONE | in_word))
            in_word = nonspaces >> _TOP_BIT
            base += BLOCK
        out[k] = count


def count_words(column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Return the number of words of each text: int64[n_texts]. A null has none."""
    source = folding_input(column)
    counts = np.empty(len(source.offsets) - 1, np.int64)
    _count_words(source, counts)
    return counts
