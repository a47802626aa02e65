"""Select the lines to keep, all lines of a page together.

This combines two ideas. First, the threshold is chosen to maximise the expected F1 over the words
of the page. The best threshold is half of the best F1 that can be reached (Lipton, Elkan and
Naryanaswamy 2014, theorem 1). So a page that the model is sure about gets a threshold of one half,
and a doubtful page a lower one. Second, the main content of most pages is in one place. It may
start and end anywhere, but each line of a gap in it has a small cost, which is lower for a line of
few words: the cells of a small table are many lines. So a stray sentence among
teasers far below needs a higher probability than one in the article; a paragraph below a picture,
or a post of a forum below another, does not.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes, Flags, Numbers, Sums
from corpus.kernels import njit_without_allocation

MAX_COUNTED_WORDS = 400.0
"""Maximum number of words of one line that count for the threshold."""
BEFORE, INSIDE, GAP, AFTER = range(4)
"""The state of a line: before the article, inside it, in a gap of it, after it."""
FULL_GAP_WORDS = 10.0
"""A line of a gap with fewer words costs less, in proportion."""
THRESHOLD_STEPS = 4
"""Fixed-point iterations: the threshold settles within three on nearly every page."""
EPSILON = 1e-9
"""Added to the number of words, which may be zero."""


@njit_without_allocation
def threshold(probabilities: Numbers, counts: Numbers, low: float, high: float) -> float:
    """Return the minimum probability at which a line raises the expected F1.

    At least `low` and at most `high`. `counts` is the number of words of each line.
    """
    total = 0.0
    for i in range(counts.size):
        count = counts[i] if counts[i] < MAX_COUNTED_WORDS else MAX_COUNTED_WORDS
        total += probabilities[i] * count
    limit = high
    for _ in range(THRESHOLD_STEPS):
        right, kept = 0.0, 0.0
        for i in range(counts.size):
            if probabilities[i] >= limit:
                count = counts[i] if counts[i] < MAX_COUNTED_WORDS else MAX_COUNTED_WORDS
                right += probabilities[i] * count
                kept += count
        limit = right / (kept + total + EPSILON)
        limit = low if limit < low else high if limit > high else limit
    return limit


@njit_without_allocation
def viterbi(gains: Sums, counts: Numbers, gap_cost: float, previous: Bytes, kept: Flags) -> None:
    """Fill in which lines to keep: the article with the largest sum of gains minus gap costs.

    This is the Viterbi path through the four states. Start and end of the article are free; each
    line in a gap costs `gap_cost`, or less if `counts` gives it fewer than `FULL_GAP_WORDS`. If
    two paths are equal, the one that keeps fewer lines wins.

    `previous` (uint8[n_lines, 4]) is a buffer: for each line and state, the best state of the line
    before.
    """
    n = gains.size
    before, inside, gap, after = 0.0, -np.inf, -np.inf, -np.inf
    for i in range(n):
        from_before, from_inside, from_gap = before, inside, gap
        previous[i, INSIDE] = BEFORE
        best = from_before
        if from_inside > best:
            best, previous[i, INSIDE] = from_inside, INSIDE
        if from_gap > best:
            best, previous[i, INSIDE] = from_gap, GAP
        previous[i, GAP] = INSIDE
        cost = gap_cost * counts[i] / FULL_GAP_WORDS
        cost = gap_cost if cost > gap_cost else cost
        gap = from_inside - cost
        if from_gap - cost > gap:
            gap = from_gap - cost
            previous[i, GAP] = GAP
        previous[i, AFTER] = AFTER
        if from_inside > after:
            after, previous[i, AFTER] = from_inside, INSIDE
        previous[i, BEFORE] = BEFORE
        inside = best + gains[i]
    state = BEFORE
    if after > before or inside > before:
        state = INSIDE if inside > after else AFTER
    for step in range(n):
        i = n - 1 - step
        kept[i] = state == INSIDE
        state = previous[i, state]


@njit_without_allocation
def expected_f1(probabilities: Numbers, sizes: Numbers, kept: Flags) -> float:
    """Return the expected F1 of keeping these lines, weighted by size.

    Twice the expected number of correctly kept words, divided by the number of kept words plus the
    expected number of correct words (Lipton, Elkan and Naryanaswamy 2014). The sums are written as
    loops, because the sum of a library can differ in its last bit on another machine.
    """
    right_and_kept = right = total_kept = 0.0
    for i in range(sizes.size):
        expected = np.float64(probabilities[i]) * sizes[i]
        right += expected
        if kept[i]:
            right_and_kept += expected
            total_kept += sizes[i]
    return 2 * right_and_kept / (total_kept + right) if total_kept + right else 0.0
