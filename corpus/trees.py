"""Boosted decision trees, evaluated for many rows at once and without branches.

Following a tree from node to node waits for memory at every step. Instead, every node is compared
with every row. A row that goes right at a node cannot reach the leaves left of that node; the
leftmost leaf that remains is the row's leaf. That makes more comparisons, but they can run in any
order, so the processor does eight or more of them at a time. (QuickScorer: Lucchese et al., SIGIR
2015; with vector instructions: Lucchese et al., SIGIR 2016.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

BLOCK_ROWS = 128
"""Rows evaluated at once: their features fit into the second-level cache of the processor."""
VECTOR_ROWS = 32
"""Blocks are padded to a multiple of this many rows, so that no vector is partly filled."""
MAX_LEAVES = 32
"""Maximum number of leaves of a tree: each has one bit."""
_ALL_LEAVES = np.uint32(0xFFFFFFFF)

Real = TypeVar("Real", bound=np.floating[Any])
Numbers = NDArray[np.floating[Any]]
"""float32 or float64. A forest, the rows that it scores and their scores have the same type."""


class Forest(NamedTuple):
    """The inner nodes of all trees, one tree after the other, and the leaves of each tree."""

    feature: NDArray[np.uint16]
    """The feature that each node compares: its column (uint16[n_nodes])."""
    threshold: Numbers
    """A row goes left if its feature is at most this (float[n_nodes])."""
    leaf_mask: NDArray[np.uint32]
    """The leaves that remain if a row goes right (uint32[n_nodes]); bit 0 is the leftmost leaf."""
    tree_offsets: NDArray[np.int32]
    """Where the nodes of each tree start (int32[n_trees + 1])."""
    leaf_values: Numbers
    """What each leaf adds to the score, in its `leaf_slot` (float[n_trees, MAX_LEAVES])."""
    base: np.floating[Any]
    """The score before the first tree."""


_STORED_NAMES = ("column", "limit", "left_over", "starts", "leaves", "base")
"""Names of the fields in model files."""


def pack_forest(forest: Forest, name: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a forest under the names that they have in model files."""
    named = zip(_STORED_NAMES, forest, strict=True)
    return {f"{name}_{field}": np.asarray(array) for field, array in named}


def unpack_forest(arrays: Mapping[str, NDArray[np.generic]], name: str) -> Forest:
    """Return the forest that `pack_forest` turned into arrays."""
    fields: dict[str, Any] = {
        field: arrays[f"{name}_{stored}"]
        for field, stored in zip(Forest._fields, _STORED_NAMES, strict=True)
    }
    return Forest(**fields | {"base": fields["base"][()]})


@njit
def leaf_slot(remaining: np.uint32) -> np.uint32:
    """Return a number from 0 to 31 that identifies the lowest bit that is set.

    A single bit times a de Bruijn sequence has a different five-bit prefix for each bit. So the
    value of a leaf is stored in the slot of its bit. (Leiserson, Prokop and Randall 1998.)
    """
    lowest = remaining & (~remaining + np.uint32(1))
    return np.uint32(lowest * np.uint32(0x077CB531)) >> np.uint32(27)


@njit
def _add_trees(
    table: Numbers,
    forest: Forest,
    block: Numbers,
    remaining: NDArray[np.uint32],
    scores: Numbers,
) -> None:
    """Add what each tree gives each row to `scores`.

    `block` (float[n_columns * BLOCK_ROWS]) and `remaining` (uint32[BLOCK_ROWS]) are buffers.
    """
    feature, threshold, leaf_mask = forest.feature, forest.threshold, forest.leaf_mask
    tree_offsets, leaf_values = forest.tree_offsets, forest.leaf_values
    n_rows, n_columns = table.shape
    for start in range(0, n_rows, BLOCK_ROWS):
        n = BLOCK_ROWS if start + BLOCK_ROWS <= n_rows else n_rows - start
        padded = (n + VECTOR_ROWS - 1) // VECTOR_ROWS * VECTOR_ROWS
        for i in range(n):
            for k in range(n_columns):
                block[k * BLOCK_ROWS + i] = table[start + i, k]
        for tree in range(tree_offsets.size - 1):
            for i in range(padded):
                remaining[i] = _ALL_LEAVES
            for node in range(tree_offsets[tree], tree_offsets[tree + 1]):
                # unsigned, so that numba does not check for an index from the end
                first = np.uint64(feature[node]) * np.uint64(BLOCK_ROWS)
                limit, mask = threshold[node], leaf_mask[node]
                for i in range(padded):
                    before = remaining[i]
                    after = before & mask
                    remaining[i] = after if block[first + np.uint64(i)] > limit else before
            for i in range(n):
                scores[start + i] += leaf_values[tree, leaf_slot(remaining[i])]


def predict(table: NDArray[Real], forest: Forest) -> NDArray[Real]:
    """Return the score of each row of `table`: the sum over all trees (float[n_rows])."""
    n_rows, n_columns = table.shape
    scores = np.full(n_rows, forest.base, table.dtype)
    block = np.zeros(n_columns * BLOCK_ROWS, table.dtype)
    remaining = np.empty(BLOCK_ROWS, np.uint32)
    _add_trees(table, forest, block, remaining, scores)
    return scores
