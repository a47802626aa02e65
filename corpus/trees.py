"""Boosted trees, asked about many lines at once and without a branch.

Walking down a tree waits for memory at every node. Instead every node is asked about every line:
the answer "right" rules out the leaves left of it, and the leftmost leaf that is left over is
where the line ends. That is more questions, but they have no order, so the processor asks eight
and more at a time. (QuickScorer: Lucchese et al., SIGIR 2015; its vector form: Lucchese et al.,
SIGIR 2016.)
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

ABREAST = 128
"""Lines that are asked about at once: their features fit the processor's second cache."""
WIDTH = 32
"""Fewer lines are filled up to a multiple of this, which vectors take without a rest."""
MOST_LEAVES = 32
"""Leaves of a tree: each has a bit."""
_ALL = np.uint32(0xFFFFFFFF)

Real = TypeVar("Real", bound=np.floating[Any])
Numbers = NDArray[np.floating[Any]]
"""float32 or float64: a forest and the rows that it scores have the same type, and so have the
scores."""


class Forest(NamedTuple):
    """The inner nodes of all trees, one tree after the other, and their leaves."""

    column: NDArray[np.uint16]
    """The feature that a node compares."""
    limit: Numbers
    """A line goes left if the feature is at most this."""
    left_over: NDArray[np.uint32]
    """The leaves that are left over if it goes right; bit 0 is the tree's leftmost leaf."""
    starts: NDArray[np.int32]
    """Where the nodes of each tree start (int32[n_trees + 1])."""
    leaves: Numbers
    """What each leaf adds to the score ([n_trees, MOST_LEAVES]), at the place of its bit."""
    base: np.floating[Any]
    """The score before the first tree."""


@njit
def place_of(bits: np.uint32) -> np.uint32:
    """Return a number from 0 to 31 that is another one for each lowest bit that is set.

    The bit alone, times a de Bruijn sequence, has five bits on top that no other bit gives; so a
    leaf is kept at the place of its bit. (Leiserson, Prokop and Randall 1998.)
    """
    lowest = bits & (~bits + np.uint32(1))
    return np.uint32(lowest * np.uint32(0x077CB531)) >> np.uint32(27)


@njit
def _grow(
    table: Numbers,
    column: NDArray[np.uint16],
    limit: Numbers,
    left_over: NDArray[np.uint32],
    starts: NDArray[np.int32],
    leaves: Numbers,
    block: Numbers,
    left: NDArray[np.uint32],
    found: Numbers,
) -> None:
    """Add what all trees say of each row to `found`, `ABREAST` rows at a time."""
    n_rows, n_columns = table.shape
    for start in range(0, n_rows, ABREAST):
        n = ABREAST if start + ABREAST <= n_rows else n_rows - start
        width = (n + WIDTH - 1) // WIDTH * WIDTH
        for i in range(n):
            for k in range(n_columns):
                block[k * ABREAST + i] = table[start + i, k]
        for tree in range(starts.size - 1):
            for i in range(width):
                left[i] = _ALL
            for node in range(starts[tree], starts[tree + 1]):
                first = np.uint64(column[node]) * np.uint64(
                    ABREAST
                )  # unsigned: no index from the end
                least, mask = limit[node], left_over[node]
                for i in range(width):
                    before = left[i]
                    after = before & mask
                    left[i] = after if block[first + np.uint64(i)] > least else before
            for i in range(n):
                found[start + i] += leaves[tree, place_of(left[i])]


def grow(
    table: NDArray[Real],
    column: NDArray[np.uint16],
    limit: Numbers,
    left_over: NDArray[np.uint32],
    starts: NDArray[np.int32],
    leaves: Numbers,
    base: np.floating[Any],
) -> NDArray[Real]:
    """Return the score of each row of `table` ([n_rows], of its type): the sum over all trees."""
    n_rows, n_columns = table.shape
    found = np.full(n_rows, base, table.dtype)
    block = np.zeros(n_columns * ABREAST, table.dtype)
    left = np.empty(ABREAST, np.uint32)
    _grow(table, column, limit, left_over, starts, leaves, block, left, found)
    return found
