"""Boosted trees: the score of a row, and where the values of leaves are stored."""

from __future__ import annotations

import numpy as np

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
