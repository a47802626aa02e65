"""What is known of each line of a page: in itself, beside its neighbours, in the whole page.

Whether a line is part of the article shows less in the line than around it. So each line is
described by its own counters, by windows of 3, 8 and 20 lines before and after it, by the lines
next to it, by where it lies from the *core* (the stretch of lines with the most words over 12 a
line), and by the words that it shares with the core.

Trees only compare, so nothing is scaled; no function whose last bit differs between math libraries
is used.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.articles.arrays import Numbers, Offsets, Words
from corpus.articles.counters import (
    BLANK_BEFORE,
    CAPITALISED,
    COUNTERS,
    ENDS,
    EQUALS,
    PLACE,
    WORDS,
)
from corpus.articles.surroundings import FURNITURE_WORDS, alike, core, runs, shared, towards
from corpus.kernels import njit

LONG_LINE = 80.0
"""Words of one line that count for the core."""
SURE_CUE = 6.0
"""A cue counts no more than this in a sum over lines."""
LEAST_REPEATED = 4
"""Words of a line that tell something if it stands twice: headlines of teasers do."""
NOTHING = 1e-6
"""Keeps the mean of nothing from being a division by it."""
MOST_COUNTED = 150.0
"""Words of one line that count in a sum over lines."""

WINDOWS = (3, 8, 20)
NEAR = (-3, -2, -1, 1, 2, 3)
NEXT = (-2, -1, 1, 2)
IN_WINDOW = (
    "words before",
    "words after",
    "sentences before",
    "sentences after",
    "cues before",
    "cues after",
    "capitals around",
    "shared words around",
    "repeated lines around",
)
IN_PAGE = (
    "lines after the core's start",
    "lines after the core's end",
    "inside the core",
    "lines of the page",
    "core's share of lines",
    "words of the page",
    "core's share of words",
    "share of words before it",
    "shared words",
    "other lines that start alike",
    "cue",
    "worst cue towards the core",
    "longest run of short lines towards the core",
    "short lines in a row up to it",
    "short lines in a row from it",
    "lines since a full paragraph",
    "lines until a full paragraph",
    "words between it and the core's middle",
    "short lines between it and the core's middle",
    "share of lines that are sentences",
)
NAMES = (
    *COUNTERS,
    *(f"{name} in {size}" for size in WINDOWS for name in IN_WINDOW),
    *IN_PAGE,
    *(f"{name} of {at:+d}" for at in NEAR for name in ("words", "ends", "cue", "blank before")),
    *(f"{name} of {at:+d}" for at in NEXT for name in ("capitalised", "shared words", "equals")),
    "change of words over 2 lines",
    "change of words over 3 lines",
    "after a short line",
)
"""What each column of the features is."""


@njit(error_model="numpy")
def features(counters: Numbers, words: Words, firsts: Offsets, cues: Numbers) -> Numbers:
    """Return all features of a page's lines: float32[n_lines, n_features]; fills in `counters`.

    `counters`, `words` and `firsts` are those of `lines.scan`, `cues` the scores of the lexicon.
    """
    n = counters.shape[0]
    table = np.zeros((n, len(NAMES)), np.float32)
    equals = alike(words, firsts, 1 << 30)
    starts_alike = alike(words, firsts, 4)
    counts = np.empty(n, np.float32)
    gains = np.empty(n, np.float64)
    short, full = np.empty(n, np.bool_), np.empty(n, np.bool_)
    for i in range(n):
        counts[i] = counters[i, WORDS]
        counters[i, EQUALS] = equals[i]
        counters[i, PLACE] = i / n
        gains[i] = (counts[i] if counts[i] < LONG_LINE else LONG_LINE) - FURNITURE_WORDS
        short[i] = counts[i] < 10 and counters[i, ENDS] == 0
        full[i] = counts[i] >= 20 and counters[i, ENDS] > 0
    first, stop = core(gains)
    share = shared(words, firsts, first, stop)
    sums = np.zeros((7, n + 1))  # words, sentences, cues, short, capitalised, shared, repeated
    for i in range(n):
        counted = counts[i] if counts[i] < MOST_COUNTED else MOST_COUNTED
        cue = cues[i] if abs(cues[i]) < SURE_CUE else np.sign(cues[i]) * SURE_CUE
        sums[0, i + 1] = sums[0, i] + counted
        sums[1, i + 1] = sums[1, i] + (counters[i, ENDS] > 0 and counts[i] >= 8)
        sums[2, i + 1] = sums[2, i] + cue
        sums[3, i + 1] = sums[3, i] + short[i]
        sums[4, i + 1] = sums[4, i] + counters[i, CAPITALISED]
        sums[5, i + 1] = sums[5, i] + share[i] * counted
        sums[6, i + 1] = sums[6, i] + (counters[i, EQUALS] > 0 and counts[i] >= LEAST_REPEATED)
    total = sums[0, n] if sums[0, n] > 1 else 1.0
    middle = (first + stop) // 2
    row_before, since = runs(short, full, 1)
    row_after, until = runs(short, full, -1)
    worst, gap = np.zeros(n, np.float32), np.zeros(n, np.float32)
    towards(middle, 1, cues, counts, row_before, worst, gap)
    towards(middle, -1, cues, counts, row_after, worst, gap)
    for i in range(n):
        line = table[i]
        for k in range(len(COUNTERS)):
            line[k] = counters[i, k]
        k = len(COUNTERS)
        for size in WINDOWS:
            low = i - size if i > size else 0
            high = i + size + 1 if i + size < n else n
            counted = sums[0, high] - sums[0, low]
            line[k] = sums[0, i] - sums[0, low]
            line[k + 1] = sums[0, high] - sums[0, i + 1]
            line[k + 2] = (sums[1, i] - sums[1, low]) / size
            line[k + 3] = (sums[1, high] - sums[1, i + 1]) / size
            line[k + 4] = (sums[2, i] - sums[2, low]) / (i - low + NOTHING)
            line[k + 5] = (sums[2, high] - sums[2, i + 1]) / (high - i - 1 + NOTHING)
            line[k + 6] = (sums[4, high] - sums[4, low]) / (high - low)
            line[k + 7] = (sums[5, high] - sums[5, low]) / (counted + NOTHING)
            line[k + 8] = (sums[6, high] - sums[6, low]) / (high - low)
            k += 9
        line[k] = i - first
        line[k + 1] = i - stop + 1
        line[k + 2] = first <= i < stop
        line[k + 3] = n
        line[k + 4] = (stop - first) / n
        line[k + 5] = total
        line[k + 6] = (sums[0, stop] - sums[0, first]) / total
        line[k + 7] = sums[0, i] / total
        line[k + 8] = share[i]
        line[k + 9] = starts_alike[i]
        line[k + 10] = cues[i]
        line[k + 11] = worst[i]
        line[k + 12] = gap[i]
        line[k + 13] = row_before[i]
        line[k + 14] = row_after[i]
        line[k + 15] = since[i]
        line[k + 16] = until[i]
        line[k + 17] = abs(sums[0, i] - sums[0, middle])
        line[k + 18] = abs(sums[3, i] - sums[3, middle])
        line[k + 19] = sums[1, n] / n
        k += 20
        for step in NEAR:
            j = i + step
            if 0 <= j < n:
                line[k] = counts[j]
                line[k + 1] = counters[j, ENDS]
                line[k + 2] = cues[j]
                line[k + 3] = counters[j, BLANK_BEFORE]
            k += 4
        for step in NEXT:
            j = i + step
            if 0 <= j < n:
                line[k] = counters[j, CAPITALISED]
                line[k + 1] = share[j]
                line[k + 2] = counters[j, EQUALS]
            k += 3
        for lag in (2, 3):
            change, compared = 0.0, NOTHING
            for j in range(i - 4, i + 5 - lag):
                if j >= 0 and j + lag < n:
                    change += abs(
                        sums[0, j + 1] - sums[0, j] - sums[0, j + lag + 1] + sums[0, j + lag]
                    )
                    compared += 1
            line[k] = change / compared
            k += 1
        line[k] = i > 0 and counters[i - 1, ENDS] == 0 and counts[i - 1] < 20
    return table
