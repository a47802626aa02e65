"""Boosted trees: the score of a row, and where the values of leaves are stored."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.trees import Forest, leaf_slot, predict


def test_score_is_the_sum_over_trees():
    """Comparing all nodes reaches the same leaf as following the tree from node to node."""
    # each tree: feature 0 <= 1 ? (feature 1 <= 5 ? a : b) : c
    a, b, c = (np.uint32(1 << leaf) for leaf in range(3))
    leaves = np.zeros((2, 32), np.float32)
    for tree in range(2):
        for bit, value in ((a, 10), (b, 20), (c, 40)):
            leaves[tree, leaf_slot(bit)] = value * (1 + 2 * tree)
    everything = np.uint32(0xFFFFFFFF)
    forest = Forest(
        feature=np.array([0, 1, 0, 1], np.uint16),
        threshold=np.array([1, 5, 1, 5], np.float32),
        leaf_mask=np.array([everything ^ a ^ b, everything ^ a] * 2, np.uint32),
        tree_offsets=np.array([0, 2, 4], np.int32),
        leaf_values=leaves,
        base=np.float32(0.5),
    )
    rows = [([0, 5], 40.5), ([1, 6], 80.5), ([2, 5], 160.5), ([2, 6], 160.5)] * 50
    table = np.array([row for row, _ in rows], np.float32)
    assert predict(table, forest).tolist() == [score for _, score in rows]


def test_each_leaf_has_its_own_slot():
    """No two leaves of a tree share a slot, whichever leaves remain to their right."""
    bits = [np.uint32((0xFFFFFFFF << leaf) & 0xFFFFFFFF) for leaf in range(32)]
    assert {int(leaf_slot(bit)) for bit in bits} == set(range(32))


def _random_forest(n_columns: int, dtype: type[np.floating]) -> Forest:
    """Return a forest with a tree of each size from 1 to 31 nodes; any masks make a forest."""
    random = np.random.default_rng(7)
    sizes = np.arange(1, 32)
    n_nodes = int(sizes.sum())
    mask = random.integers(0, 1 << 32, n_nodes, np.uint32) | np.uint32(1 << 31)
    return Forest(
        feature=random.integers(0, n_columns, n_nodes, np.uint16),
        threshold=random.integers(0, 9, n_nodes).astype(dtype),
        leaf_mask=mask,
        tree_offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        leaf_values=random.normal(size=(len(sizes), 32)).astype(dtype),
        base=dtype(0.25),
    )


def _plain_score(row: NDArray[np.floating], forest: Forest) -> np.floating:
    """Return the score of one row, computed node by node."""
    score = forest.base
    for tree, (first, stop) in enumerate(itertools.pairwise(forest.tree_offsets.tolist())):
        remaining = 0xFFFFFFFF
        for node in range(first, stop):
            if row[forest.feature[node]] > forest.threshold[node]:
                remaining &= int(forest.leaf_mask[node])
        score += forest.leaf_values[tree, leaf_slot(np.uint32(remaining))]
    return score


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_and_groups_change_no_bit(dtype: type[np.floating]):
    """Any number of rows and of nodes gives the bits of a plain evaluation, node by node."""
    forest = _random_forest(5, dtype)
    table = np.random.default_rng(3).integers(0, 10, (130, 5)).astype(dtype)
    table[7, 2], table[8, 0] = np.nan, np.inf
    plain = [_plain_score(row, forest) for row in table]
    for n_rows in (0, 1, 31, 33, 128, 130):
        scores = predict(table[:n_rows], forest)
        assert scores.dtype == dtype
        assert scores.tolist() == [float(score) for score in plain[:n_rows]]
