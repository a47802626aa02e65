"""Fit boosted trees, and flatten them into the arrays that `corpus.trees` evaluates.

LightGBM fits trees in a fifth to a tenth of the time that scikit-learn takes, and a cross-validated
model has dozens of forests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np

from corpus.trees import MAX_LEAVES, Forest, leaf_slot

ALL_LEAVES = 0xFFFFFFFF
COMMON_SETTINGS = {
    "objective": "binary", "max_bin": 63, "num_threads": 1, "verbose": -1, "seed": 0,
    "deterministic": True, "force_col_wise": True, "use_missing": False,
}  # fmt: skip


def rounded_down(limit: float) -> float:
    """Return the largest float32 up to `limit`: it separates the same float32 numbers."""
    near = np.float32(limit)
    return float(near if near <= limit else np.nextafter(near, np.float32(-np.inf)))


def flatten(booster: lightgbm.Booster) -> Forest:
    """Return the trees as flat arrays: inner nodes, and leaves in their slots."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    inner: list[tuple[int, float, int]] = []
    leaves = np.zeros((len(trees), MAX_LEAVES), np.float32)
    starts = [0]

    def add_node(node: dict[str, Any], tree: int, n_leaves: int) -> int:
        """Add a node and those below it; return how many leaves there are after the last one."""
        if "split_feature" not in node:
            leaves[tree, leaf_slot(np.uint32(1 << n_leaves))] = node["leaf_value"]
            return n_leaves + 1
        middle = add_node(node["left_child"], tree, n_leaves)
        left = (1 << middle) - (1 << n_leaves)
        inner.append((node["split_feature"], rounded_down(node["threshold"]), ALL_LEAVES ^ left))
        return add_node(node["right_child"], tree, middle)

    for tree, root in enumerate(trees):
        add_node(root, tree, 0)
        starts.append(len(inner))
    feature, threshold, leaf_mask = zip(*inner, strict=True) if inner else ((), (), ())
    return Forest(
        np.array(feature, np.uint16),
        np.array(threshold, np.float32),
        np.array(leaf_mask, np.uint32),
        np.array(starts, np.int32),
        leaves,
        np.float32(0),  # the leaves of the first tree include it
    )


def averaged(forests: Sequence[Forest]) -> Forest:
    """Return one forest that scores a row by the mean of what several give it."""
    starts = np.cumsum([0, *np.concatenate([np.diff(forest.tree_offsets) for forest in forests])])
    return Forest(
        np.concatenate([forest.feature for forest in forests]),
        np.concatenate([forest.threshold for forest in forests]),
        np.concatenate([forest.leaf_mask for forest in forests]),
        starts.astype(np.int32),
        np.concatenate([forest.leaf_values for forest in forests]) / np.float32(len(forests)),
        np.float32(np.mean([forest.base for forest in forests])),
    )


def fit_forest(
    tables: Any, labels: Any, weights: Any, settings: dict[str, Any], *, n_seeds: int = 1
) -> Forest:
    """Return boosted trees fitted to the features; with several seeds, the mean of their forests.

    Forests of other seeds differ where the data leave a choice, and their mean differs less from
    one training to the next than each of them.
    """
    data = lightgbm.Dataset(tables, labels, weight=weights / weights.mean(), params=COMMON_SETTINGS)
    all_settings = COMMON_SETTINGS | settings
    return averaged(
        [flatten(lightgbm.train(all_settings | {"seed": seed}, data)) for seed in range(n_seeds)]
    )
