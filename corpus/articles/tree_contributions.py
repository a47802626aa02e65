"""How much each feature adds to the score of a row, in a forest of boosted trees.

The value of an inner node is the mean of its leaves, weighted by the rows of the table that reach
each. A row that goes from a node to its child adds the difference of their values to the feature
that the node compares (Saabas 2014, "Interpreting random forests"). So the contributions of a row
and the mean score add up to its score, and they say how it differs from the other rows.

This is plain numpy, for explanations: about a second for a forest of 200 trees and 2,000 rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.trees import Forest, leaf_slot

_PRIOR = 1.0
"""Rows that a node has beside its own, half of them in either child: few rows say little."""


def tree_contributions(table: NDArray[np.floating[Any]], forest: Forest) -> NDArray[np.float64]:
    """Return the contribution of each feature to the score of each row.

    The result is float64[n_rows, n_columns]; contributions are relative to the mean of all rows.
    """
    contributions = np.zeros(table.shape)
    every_row = np.arange(len(table))
    for tree in range(len(forest.tree_offsets) - 1):
        _add_tree(table, forest, tree, every_row, contributions)
    return contributions


def _add_tree(
    table: NDArray[np.floating[Any]],
    forest: Forest,
    tree: int,
    rows: NDArray[np.int64],
    contributions: NDArray[np.float64],
) -> None:
    """Add the contributions of one tree.

    Its nodes are in the order of the leaves: node i is between leaf i and leaf i + 1. The first
    leaf below a node is the lowest that its mask excludes.
    """
    first = int(forest.tree_offsets[tree])
    n_nodes = int(forest.tree_offsets[tree + 1]) - first
    first_leaves = [_lowest_zero(int(forest.leaf_mask[first + i])) for i in range(n_nodes)]

    def add(low: int, high: int, own: NDArray[np.int64]) -> float:
        """Add the contributions below the node of the leaves low to high; return its value."""
        if low == high:
            return float(forest.leaf_values[tree, leaf_slot(np.uint32(1 << low))])
        node = max(i for i in range(low, high) if first_leaves[i] == low)
        feature, limit = int(forest.feature[first + node]), forest.threshold[first + node]
        is_right = table[own, feature] > limit
        left, right = own[~is_right], own[is_right]
        left_value, right_value = add(low, node, left), add(node + 1, high, right)
        total = len(left) * left_value + len(right) * right_value
        value = total + _PRIOR * (left_value + right_value) / 2
        value /= len(own) + _PRIOR
        contributions[left, feature] += left_value - value
        contributions[right, feature] += right_value - value
        return value

    if n_nodes:
        add(0, n_nodes, rows)


def _lowest_zero(mask: int) -> int:
    """Return the number of the lowest bit that is not set."""
    return (~mask & (mask + 1)).bit_length() - 1
