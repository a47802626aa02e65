"""Contributions of features to the scores of boosted trees."""

from __future__ import annotations

import numpy as np

from corpus.articles.blocks.model import load
from corpus.articles.tree_contributions import tree_contributions
from corpus.trees import Forest, leaf_slot, predict


def stump(feature: int, limit: float, low: float, high: float) -> Forest:
    """Return a forest of one tree with one comparison."""
    leaves = np.zeros((1, 32), np.float32)
    leaves[0, leaf_slot(np.uint32(1))], leaves[0, leaf_slot(np.uint32(2))] = low, high
    return Forest(
        np.array([feature], np.uint16),
        np.array([limit], np.float32),
        np.array([0xFFFFFFFE], np.uint32),
        np.array([0, 1], np.int32),
        leaves,
        np.float32(0),
    )


def test_only_the_compared_feature_contributes():
    """The feature that a tree compares has the whole difference between the rows."""
    table = np.array([[5, 0], [5, 2]], np.float32)
    contributions = tree_contributions(table, stump(1, 1.0, -1.0, 3.0))
    assert contributions[:, 0].tolist() == [0, 0]
    assert contributions[1, 1] - contributions[0, 1] == 4


def test_contributions_add_up_to_the_score():
    """The score of each row is its contributions and one number that all rows share."""
    forest = load().first_pass
    table = np.random.default_rng(1).random((7, 400), np.float32) * 20
    contributions = tree_contributions(table, forest)
    rest = predict(table, forest) - contributions.sum(1)
    assert np.allclose(rest, rest[0], atol=1e-3)
