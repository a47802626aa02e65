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

from corpus.kernels import njit_without_allocation

BLOCK_ROWS = 128
"""Rows evaluated at once: their features fit into the second-level cache of the processor."""
COLUMN_SIZE = BLOCK_ROWS + 16
"""Distance between the columns of a block. At a power of two, the values of one row would share a
few sets of the first-level cache, and evict each other: filling a block took four times as long."""
GROUP_NODES = 8
"""Nodes compared in one loop: the leaves that remain for a row are loaded and stored once."""
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


@njit_without_allocation
def leaf_slot(remaining: np.uint32) -> np.uint32:
    """Return a number from 0 to 31 that identifies the lowest bit that is set.

    A single bit times a de Bruijn sequence has a different five-bit prefix for each bit. So the
    value of a leaf is stored in the slot of its bit. (Leiserson, Prokop and Randall 1998.)
    """
    lowest = remaining & (~remaining + np.uint32(1))
    return np.uint32(lowest * np.uint32(0x077CB531)) >> np.uint32(27)


@njit_without_allocation
def _compare_group(
    node: int,
    feature: NDArray[np.uint16],
    limit: Numbers,
    mask: NDArray[np.uint32],
    block: Numbers,
    remaining: NDArray[np.uint32],
) -> None:
    """Compare every row with `GROUP_NODES` nodes from `node` on."""
    # unsigned, so that numba does not check for an index from the end
    size = np.uint64(COLUMN_SIZE)
    c0, c1 = np.uint64(feature[node]) * size, np.uint64(feature[node + 1]) * size
    c2, c3 = np.uint64(feature[node + 2]) * size, np.uint64(feature[node + 3]) * size
    c4, c5 = np.uint64(feature[node + 4]) * size, np.uint64(feature[node + 5]) * size
    c6, c7 = np.uint64(feature[node + 6]) * size, np.uint64(feature[node + 7]) * size
    t0, t1, t2, t3 = limit[node], limit[node + 1], limit[node + 2], limit[node + 3]
    t4, t5, t6, t7 = limit[node + 4], limit[node + 5], limit[node + 6], limit[node + 7]
    m0, m1, m2, m3 = mask[node], mask[node + 1], mask[node + 2], mask[node + 3]
    m4, m5, m6, m7 = mask[node + 4], mask[node + 5], mask[node + 6], mask[node + 7]
    for row in range(remaining.size):
        i = np.uint64(row)
        leaves = remaining[i]
        leaves = leaves & m0 if block[c0 + i] > t0 else leaves
        leaves = leaves & m1 if block[c1 + i] > t1 else leaves
        leaves = leaves & m2 if block[c2 + i] > t2 else leaves
        leaves = leaves & m3 if block[c3 + i] > t3 else leaves
        leaves = leaves & m4 if block[c4 + i] > t4 else leaves
        leaves = leaves & m5 if block[c5 + i] > t5 else leaves
        leaves = leaves & m6 if block[c6 + i] > t6 else leaves
        leaves = leaves & m7 if block[c7 + i] > t7 else leaves
        remaining[i] = leaves


@njit_without_allocation
def _compare_node(
    column: Numbers, limit: np.floating[Any], mask: np.uint32, remaining: NDArray[np.uint32]
) -> None:
    """Compare every row with one node."""
    for row in range(remaining.size):
        i = np.uint64(row)
        leaves = remaining[i]
        remaining[i] = leaves & mask if column[i] > limit else leaves


@njit_without_allocation
def _add_trees(
    table: Numbers,
    forest: Forest,
    block: Numbers,
    buffer: NDArray[np.uint32],
    scores: Numbers,
) -> None:
    """Add what each tree gives each row to `scores`.

    `block` (float[n_columns * COLUMN_SIZE]) and `buffer` (uint32[BLOCK_ROWS]) are buffers.
    """
    feature, threshold, leaf_mask = forest.feature, forest.threshold, forest.leaf_mask
    tree_offsets, leaf_values = forest.tree_offsets, forest.leaf_values
    n_rows, n_columns = table.shape
    for start in range(0, n_rows, BLOCK_ROWS):
        n = BLOCK_ROWS if start + BLOCK_ROWS <= n_rows else n_rows - start
        padded = (n + VECTOR_ROWS - 1) // VECTOR_ROWS * VECTOR_ROWS
        remaining = buffer[:padded]
        for i in range(n):
            for k in range(n_columns):
                block[k * COLUMN_SIZE + i] = table[start + i, k]
        for tree in range(tree_offsets.size - 1):
            first, stop = tree_offsets[tree], tree_offsets[tree + 1]
            remaining[:] = _ALL_LEAVES
            if stop - first < GROUP_NODES:
                for node in range(first, stop):
                    column = block[feature[node] * COLUMN_SIZE :]
                    _compare_node(column, threshold[node], leaf_mask[node], remaining)
            else:
                for node in range(first, stop, GROUP_NODES):
                    # the last group overlaps the one before it: comparing twice changes nothing
                    group = node if node + GROUP_NODES <= stop else stop - GROUP_NODES
                    _compare_group(group, feature, threshold, leaf_mask, block, remaining)
            for i in range(n):
                scores[start + i] += leaf_values[tree, leaf_slot(remaining[i])]


def predict(table: NDArray[Real], forest: Forest) -> NDArray[Real]:
    """Return the score of each row of `table`: the sum over all trees (float[n_rows])."""
    n_rows, n_columns = table.shape
    scores = np.full(n_rows, forest.base, table.dtype)
    block = np.zeros(n_columns * COLUMN_SIZE, table.dtype)
    remaining = np.empty(BLOCK_ROWS, np.uint32)
    _add_trees(table, forest, block, remaining, scores)
    return scores
