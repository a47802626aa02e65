"""The boosted trees that estimate how likely a predicted language is correct.

scikit-learn trains them and `ensemble_weights.npz` stores them node by node (`TreeNodes`). They are
converted to the form of `corpus.trees`, which evaluates them for many texts at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit_without_allocation
from corpus.languages.ensemble_kernels import exponential
from corpus.trees import MAX_LEAVES, Forest, leaf_slot, predict


class TreeNodes(NamedTuple):
    """Trees as nodes; a node whose `feature` is -1 is a leaf."""

    root: NDArray[np.int32]
    """int32[n_trees]: the first node of each tree."""
    feature: NDArray[np.int8]
    """int8[n_nodes]: the feature that a node compares."""
    threshold: NDArray[np.float64]
    """float64[n_nodes]: a feature of at most this leads to the left."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    """float64[n_nodes]: what a leaf adds to the log-odds."""
    base: NDArray[np.float64]
    """float64[1]: the log-odds before the first tree."""


def to_forest(nodes: TreeNodes) -> Forest:
    """Return the trees in the form of `corpus.trees`. Raises ValueError if one is too large."""
    feature: list[int] = []
    threshold: list[float] = []
    leaf_mask: list[int] = []
    tree_offsets = [0]
    leaf_values = np.zeros((len(nodes.root), MAX_LEAVES))
    for tree, root in enumerate(nodes.root.tolist()):
        n_leaves = 0
        pending = [(root, False)]  # depth first, left before right; True: its left part is done
        first_leaf: dict[int, int] = {}
        while pending:
            node, left_done = pending.pop()
            if left_done:
                feature.append(int(nodes.feature[node]))
                threshold.append(float(nodes.threshold[node]))
                skipped = (1 << n_leaves) - (1 << first_leaf[node])
                leaf_mask.append(0xFFFFFFFF ^ skipped)
                pending.append((int(nodes.right[node]), False))
            elif nodes.feature[node] >= 0:
                first_leaf[node] = n_leaves
                pending += [(node, True), (int(nodes.left[node]), False)]
            else:
                if n_leaves == MAX_LEAVES:
                    raise ValueError(f"tree {tree} has more than {MAX_LEAVES} leaves")
                leaf_values[tree, leaf_slot(np.uint32(1 << n_leaves))] = nodes.value[node]
                n_leaves += 1
        tree_offsets.append(len(feature))
    return Forest(
        np.array(feature, np.uint16),
        np.array(threshold, np.float64),
        np.array(leaf_mask, np.uint32),
        np.array(tree_offsets, np.int32),
        leaf_values,
        np.float64(nodes.base[0]),
    )


def probabilities(features: NDArray[np.float64], forest: Forest) -> NDArray[np.float64]:
    """Return the probability of each row of features (float64[n_rows]), rounded to four digits."""
    log_odds = predict(features, forest)
    rounded = np.zeros(len(log_odds))
    _round_logistic(log_odds, rounded)
    return rounded


@njit_without_allocation
def _round_logistic(log_odds: NDArray[np.float64], rounded: NDArray[np.float64]) -> None:
    """Write the logistic function of each number, rounded to four digits."""
    for row in range(len(log_odds)):
        power = exponential(-abs(log_odds[row]))
        probability = (power if log_odds[row] < 0 else 1.0) / (1.0 + power)
        rounded[row] = np.floor(probability * 10_000.0 + 0.5) / 10_000.0
