"""Boosted trees, as arrays: how likely a tag is right, given its signs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit


class Forest(NamedTuple):
    """Trees, node by node; where `sign` is -1 the node is a leaf."""

    root: NDArray[np.int32]
    """int32[n_trees]: the first node of each tree."""
    sign: NDArray[np.int8]
    """int8[n_nodes]: the sign that a node asks about."""
    threshold: NDArray[np.float64]
    """float64[n_nodes]: up to this, the way leads left."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    """float64[n_nodes]: what a leaf adds to the log-odds."""
    start: NDArray[np.float64]
    """float64[1]: the log-odds before any tree."""


@njit(inline="always")
def exponential(x: float) -> float:
    """Return e**x for x up to 0, to three digits, by multiplication alone.

    The mathematical library's own may differ in its last bit from machine to machine.
    """
    if x < -40.0:
        return 0.0
    power = 1.0 + x / 1048576.0
    for _ in range(20):
        power *= power
    return power


def chances(signs: NDArray[np.float64], forest: Forest) -> NDArray[np.float64]:
    """Return the probability (float64[n_texts]) for each row of signs, rounded to four digits."""
    found = np.zeros(len(signs))
    ask(signs, *forest, found)
    return found


@njit
def ask(
    signs: NDArray[np.float64],
    root: NDArray[np.int32],
    sign: NDArray[np.int8],
    threshold: NDArray[np.float64],
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    value: NDArray[np.float64],
    start: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """Write the probability for each row of signs (float64[n_texts]), rounded to four digits."""
    for text in range(len(signs)):
        odds = start[0]
        for tree in range(len(root)):
            node = root[tree]
            while sign[node] >= 0:
                low = signs[text, sign[node]] <= threshold[node]
                node = left[node] if low else right[node]
            odds += value[node]
        power = exponential(-abs(odds))
        chance = (power if odds < 0 else 1.0) / (1.0 + power)
        found[text] = np.floor(chance * 10_000.0 + 0.5) / 10_000.0
