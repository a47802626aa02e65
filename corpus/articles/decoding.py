"""Which lines to keep, judged together rather than one by one.

Two ideas. The threshold is the one whose choice has the highest expected F1 over the page's words: the best
threshold is half of the best F1 that can be reached (Lipton, Elkan and Naryanaswamy 2014, theorem 1), so a
page the model is sure of is cut at one half and a doubtful one lower. And lines stand in runs: starting and
ending a run each cost something, so a stray sentence among teasers has to be surer than one in the article.
"""

from __future__ import annotations

import numpy as np

from corpus.kernels import njit

MOST_COUNTED = 400
"""Words of one line that count for the threshold."""
STEPS = 4
"""Fixed-point steps to the threshold: it settles within three on nearly every page."""


@njit
def threshold(probabilities, counts, low, high):
    """Return the probability from which keeping a line raises the expected F1, within `low` and `high`."""
    total = 0.0
    for i in range(counts.size):
        total += probabilities[i] * min(counts[i], MOST_COUNTED)
    found = high
    for _ in range(STEPS):
        right, kept = 0.0, 0.0
        for i in range(counts.size):
            if probabilities[i] >= found:
                count = min(counts[i], MOST_COUNTED)
                right += probabilities[i] * count
                kept += count
        found = min(max(right / max(kept + total, 1e-9), low), high)
    return found


@njit
def best_runs(gains, switch):
    """Return the choice of lines (bool[n_lines]) whose gains, less `switch` for each start and end of a run, sum highest.

    The Viterbi path through two states; of two equal paths the one that keeps less.
    """
    n = gains.size
    stayed = np.zeros((n, 2), np.bool_)
    out, inside = 0.0, -np.inf
    for i in range(n):
        stayed[i, 0] = out >= inside - switch
        stayed[i, 1] = inside > out - switch
        new_out = max(out, inside - switch)
        inside = max(inside, out - switch) + gains[i]
        out = new_out
    kept = np.zeros(n, np.bool_)
    state = 1 if inside - switch > out else 0
    for step in range(n):
        i = n - 1 - step
        kept[i] = state == 1
        if not stayed[i, state]:
            state = 1 - state
    return kept
