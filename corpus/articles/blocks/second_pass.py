"""The features of the second pass: what the first pass says about the blocks around a block.

A short line between two sure paragraphs is content; a sentence in a list of teasers is not.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers, Offsets
from corpus.articles.blocks.feature_columns import N_FEATURES
from corpus.articles.lines.counters import WORDS
from corpus.kernels import njit

STEPS = (-3, -2, -1, 1, 2, 3)
WINDOWS = (4, 12, 40)
LEVELS = 5
MAX_WORDS = 150.0
NO_SCORE = np.float32(-6)
"""The score of a block beyond the ends of the page."""
NAMES = (
    "score",
    *(f"score at {step:+d}" for step in STEPS),
    *(f"mean probability {side} within {size} blocks" for size in WINDOWS
      for side in ("before", "after")),
    "mean probability with the same path",
    "mean probability of the others with the same path",
    "highest probability with the same path",
    *(f"{name} of ancestor {level}" for level in range(LEVELS)
      for name in ("mean probability", "share of the page's content")),
    "share of content on the page",
    "words of content on the page",
    "highest probability on the page",
    "distance to the middle of the content",
    "blocks after the middle of the content",
    "share of the content before it",
    "probability by the highest",
    "share of probable blocks",
)  # fmt: skip
"""What each column contains; they follow those of the first pass."""
N_COLUMNS = N_FEATURES + len(NAMES)
_STEPS, _WINDOWS = np.array(STEPS), np.array(WINDOWS)
_EPSILON = 1e-6


@njit(error_model="numpy")
def _fill(
    scores: Numbers,
    probabilities: Numbers,
    node: NDArray[np.int32],
    parent: NDArray[np.int32],
    group: Offsets,
    n_groups: int,
    table: Numbers,
    first: int,
) -> None:
    """Fill in the columns from `first` on."""
    n, m = node.size, parent.size
    weight, mass = np.zeros(n + 1), np.zeros(n + 1)
    group_weight, group_mass = np.zeros(n_groups), np.zeros(n_groups)
    group_best = np.zeros(n_groups)
    node_weight, node_mass = np.zeros(m), np.zeros(m)
    highest, centre, n_probable = 0.0, 0.0, 0
    for i in range(n):
        count, p = np.float64(table[i, WORDS]), np.float64(probabilities[i])
        w = 1 + (count if count < MAX_WORDS else MAX_WORDS)
        weight[i + 1], mass[i + 1] = weight[i] + w, mass[i] + w * p
        path = int(group[i])
        group_weight[path] += w
        group_mass[path] += w * p
        group_best[path] = p if p > group_best[path] else group_best[path]
        node_weight[node[i]] += w
        node_mass[node[i]] += w * p
        highest = p if p > highest else highest
        centre += i * w * p
        n_probable += int(p > 0.5)
    for step in range(m - 1):
        at = m - 1 - step
        node_weight[parent[at]] += node_weight[at]
        node_mass[parent[at]] += node_mass[at]
    content = mass[n] + _EPSILON
    centre /= content
    for i in range(n):
        row = table[i, first:]
        p, w = np.float64(probabilities[i]), weight[i + 1] - weight[i]
        row[0] = scores[i]
        at = 1
        for k in range(_STEPS.size):
            j = i + int(_STEPS[k])
            row[at] = scores[j] if 0 <= j < n else NO_SCORE
            at += 1
        for k in range(_WINDOWS.size):
            size = int(_WINDOWS[k])
            low = i - size if i > size else 0
            high = i + size + 1 if i + size < n else n
            row[at] = (mass[i] - mass[low]) / (weight[i] - weight[low] + 1)
            row[at + 1] = (mass[high] - mass[i + 1]) / (weight[high] - weight[i + 1] + 1)
            at += 2
        path = int(group[i])
        row[at] = group_mass[path] / group_weight[path]
        row[at + 1] = (group_mass[path] - w * p) / (group_weight[path] - w + 1)
        row[at + 2] = group_best[path]
        at += 3
        ancestor = np.int64(node[i])
        for _ in range(LEVELS):
            if ancestor >= 0:
                row[at] = node_mass[ancestor] / (node_weight[ancestor] + _EPSILON)
                row[at + 1] = node_mass[ancestor] / content
                ancestor = parent[ancestor]
            at += 2
        row[at] = mass[n] / weight[n]
        row[at + 1] = mass[n]
        row[at + 2] = highest
        row[at + 3] = i - centre if i > centre else centre - i
        row[at + 4] = i - centre
        row[at + 5] = mass[i] / content
        row[at + 6] = p / (highest + _EPSILON)
        row[at + 7] = n_probable / n


def second_pass_table(
    table: Numbers,
    scores: Numbers,
    probabilities: Numbers,
    tree: tuple[NDArray[np.int32], NDArray[np.int32]],
    paths: tuple[Offsets, int],
) -> Numbers:
    """Return the features of the first pass and those of the second (float32[n, N_COLUMNS]).

    `tree` is the node of each block and the parent of each node; `paths` is the path of each block
    and the number of paths.
    """
    wide = np.zeros((len(table), N_COLUMNS), np.float32)
    wide[:, :N_FEATURES] = table
    _fill(scores, probabilities, *tree, *paths, wide, N_FEATURES)
    return wide
