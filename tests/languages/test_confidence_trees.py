"""The boosted trees give probabilities, with arithmetic that is the same on every machine."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages import ensemble_weights, model_cache
from corpus.languages.confidence_trees import TreeNodes, probabilities, to_forest
from corpus.languages.ensemble_weights import PATH, STORED_NODES, STORED_TREES
from corpus.trees import predict


def walk(nodes: TreeNodes, row: np.ndarray) -> float:
    """Return the log-odds of a row, by following each tree from its root to a leaf."""
    log_odds = nodes.base[0]
    for root in nodes.root:
        node = root
        while nodes.feature[node] >= 0:
            goes_left = row[nodes.feature[node]] <= nodes.threshold[node]
            node = nodes.left[node] if goes_left else nodes.right[node]
        log_odds += nodes.value[node]
    return float(log_odds)


def test_probabilities_come_from_the_leaves() -> None:
    """Each tree adds the value of the leaf that the features lead to; equal goes left."""
    nodes = TreeNodes(
        root=np.array([0, 3], np.int32),
        feature=np.array([1, -1, -1, -1], np.int8),
        threshold=np.array([0.5, 0, 0, 0]),
        left=np.array([1, 0, 0, 0], np.int32),
        right=np.array([2, 0, 0, 0], np.int32),
        value=np.array([0.0, -3.0, 2.0, 1.0]),
        base=np.array([0.25]),
    )
    features = np.array([[9.0, 0.5], [9.0, 0.6]])
    expected = [1 / (1 + math.exp(1.75)), 1 / (1 + math.exp(-3.25))]
    predicted = probabilities(features, to_forest(nodes)).tolist()
    assert predicted == pytest.approx(expected, abs=2e-4)
    assert [round(probability, 4) for probability in predicted] == predicted


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(STORED_TREES)))
def test_converted_trees_have_the_same_log_odds(seed: int, field: str) -> None:
    """The shipped trees give bit-equal sums before and after conversion, even at thresholds."""
    arrays = model_cache.read_npz(PATH.read_bytes())
    nodes = TreeNodes(*(arrays[f"{STORED_TREES[field]}_{name}"] for name in STORED_NODES))
    n_features = int(nodes.feature.max()) + 1
    rng = np.random.default_rng(seed)
    rows = rng.choice(nodes.threshold, (150, n_features)) + rng.choice([0, 0, 1e-9], (150, 1))
    forest = getattr(ensemble_weights.load(), field)
    assert predict(rows, forest).tolist() == [walk(nodes, row) for row in rows]


def test_a_tree_with_too_many_leaves_is_refused() -> None:
    """A tree of 33 leaves does not fit the 32 bits of the evaluator."""
    n_inner = 32
    inner = np.arange(n_inner)  # each leads left to a leaf, right to the next inner node
    leaf = np.full(n_inner + 1, -1)
    nodes = TreeNodes(
        root=np.array([0], np.int32),
        feature=np.concatenate([np.zeros(n_inner), leaf]).astype(np.int8),
        threshold=np.zeros(2 * n_inner + 1),
        left=np.concatenate([n_inner + inner, leaf]).astype(np.int32),
        right=np.concatenate([inner[1:], [2 * n_inner], leaf]).astype(np.int32),
        value=np.zeros(2 * n_inner + 1),
        base=np.zeros(1),
    )
    with pytest.raises(ValueError, match="more than 32 leaves"):
        to_forest(nodes)
