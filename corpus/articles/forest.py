"""Boosted trees as flat arrays: nodes in pre-order, the left child is the next node.

Most lines are furniture beyond doubt after a few dozen trees; the others get them all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.articles.arrays import Numbers
from corpus.kernels import njit


class Forest(NamedTuple):
    """The nodes of all trees, one after the other."""

    column: NDArray[np.int16]
    """The feature that is compared; -1 in a leaf."""
    value: NDArray[np.float32]
    """Left if the feature is at most this; in a leaf, what the tree adds to the score."""
    right: NDArray[np.int16]
    """How many nodes further the right child is."""
    roots: NDArray[np.int32]
    base: np.float32
    """The score before the first tree."""


@njit
def grow(table: Numbers, forest: Forest, early: int, margin: np.float32) -> Numbers:
    """Return the score of each row of `table` (float32[n_rows]).

    One that is beyond the margin after `early` trees gets no more of them.
    """
    found = np.empty(table.shape[0], np.float32)
    for i in range(table.shape[0]):
        row = table[i]
        score = forest.base
        for tree in range(forest.roots.size):
            if tree == early and abs(score) > margin:
                break
            node = np.int64(forest.roots[tree])
            column = forest.column[node]
            while column >= 0:
                node += 1 if row[column] <= forest.value[node] else forest.right[node]
                column = forest.column[node]
            score += forest.value[node]
        found[i] = score
    return found
