"""Which lines to keep, judged together rather than one by one.

Two ideas. The threshold is the one whose choice has the highest expected F1 over the page's words:
the best threshold is half of the best F1 that can be reached (Lipton, Elkan and Naryanaswamy 2014,
theorem 1), so a page the model is sure of is cut at one half and a doubtful one lower. And a page
has one article: it may start and end anywhere, but each gap in it costs something, more the longer
it is. So a stray sentence among teasers far below has to be surer than one in the article, and a
paragraph below a picture has not.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes, Flags, Numbers, Sums
from corpus.kernels import njit

MOST_COUNTED = 400.0
"""Words of one line that count for the threshold."""
BEFORE, IN, GAP, AFTER = range(4)
STEPS = 4
"""Fixed-point steps to the threshold: it settles within three on nearly every page."""


@njit
def threshold(probabilities: Numbers, counts: Numbers, low: float, high: float) -> float:
    """Return the probability from which a line raises the expected F1, in `low` to `high`."""
    total = 0.0
    for i in range(counts.size):
        total += probabilities[i] * (counts[i] if counts[i] < MOST_COUNTED else MOST_COUNTED)
    found = high
    for _ in range(STEPS):
        right, kept = 0.0, 0.0
        for i in range(counts.size):
            if probabilities[i] >= found:
                count = counts[i] if counts[i] < MOST_COUNTED else MOST_COUNTED
                right += probabilities[i] * count
                kept += count
        found = right / (kept + total + 1e-9)
        found = low if found < low else high if found > high else found
    return found


@njit
def walk(gains: Sums, gap_cost: float, came: Bytes, kept: Flags) -> None:
    """Fill in what `best_article` returns.

    `came` (uint8[n_lines, 4]) takes the state of the line before, for each state of a line.
    """
    n = gains.size
    before, inside, gap, after = 0.0, -np.inf, -np.inf, -np.inf
    for i in range(n):
        from_before, from_inside, from_gap = before, inside, gap
        came[i, IN] = BEFORE
        best = from_before
        if from_inside > best:
            best, came[i, IN] = from_inside, IN
        if from_gap > best:
            best, came[i, IN] = from_gap, GAP
        came[i, GAP] = IN
        gap = from_inside - gap_cost
        if from_gap - gap_cost > gap:
            gap = from_gap - gap_cost
            came[i, GAP] = GAP
        came[i, AFTER] = AFTER
        if from_inside > after:
            after, came[i, AFTER] = from_inside, IN
        came[i, BEFORE] = BEFORE
        inside = best + gains[i]
    state = BEFORE
    if after > before or inside > before:
        state = IN if inside > after else AFTER
    for step in range(n):
        i = n - 1 - step
        kept[i] = state == IN
        state = came[i, state]


def best_article(gains: Sums, gap_cost: float) -> Flags:
    """Return the lines to keep: the article whose gains, less the cost of its gaps, sum highest.

    The Viterbi path through: before the article, in it, in a gap of it, after it. Its start and
    end are free; a line in a gap costs `gap_cost`. Of equal paths the one that keeps less.
    """
    kept = np.empty(gains.size, np.bool_)
    walk(gains, gap_cost, np.empty((gains.size, 4), np.uint8), kept)
    return kept


@njit
def expected_f1(probabilities: Numbers, sizes: Numbers, kept: Flags) -> float:
    """Return the F1 to be expected of keeping these lines, by size, if the probabilities hold.

    Twice what is kept and right, over what is kept and what is right (the ratio of what is expected
    of both; Lipton, Elkan and Naryanaswamy 2014). Summed line by line: a library's sum has another
    last bit on another machine.
    """
    likely = right = held = 0.0
    for i in range(sizes.size):
        worth = np.float64(probabilities[i]) * sizes[i]
        right += worth
        if kept[i]:
            likely += worth
            held += sizes[i]
    return 2 * likely / (held + right) if held + right else 0.0
