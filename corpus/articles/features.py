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

from corpus.articles.arrays import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lexicon import mix
from corpus.articles.lines import (
    BLANK_BEFORE,
    CAPITALISED,
    COUNTERS,
    ENDS,
    EQUALS,
    PLACE,
    WORDS,
)
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
FURNITURE_WORDS = 12
"""Words a line must have to add to the core rather than take from it."""
SLOTS = 1 << 12
"""Slots of the table of words seen in the core: collisions blur, they do not break."""
FAR = 30

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


@njit
def core(gains: Sums) -> tuple[int, int]:
    """Return the stretch [first, stop) of the largest sum."""
    best, first, stop, total, start = -np.inf, 0, 0, 0.0, 0
    for i in range(gains.size):
        if total <= 0:
            total, start = 0.0, i
        total += gains[i]
        if total > best:
            best, first, stop = total, start, i + 1
    return first, stop


@njit
def alike(words: Words, firsts: Offsets, most: int) -> Numbers:
    """Return how many other lines have the same first `most` words (float32[n_lines])."""
    n_lines = firsts.size - 1
    hashes = np.empty(n_lines, np.uint32)
    for i in range(n_lines):
        hashed = np.uint32(5)
        for j in range(firsts[i], firsts[i + 1]):
            if j - firsts[i] == most:
                break
            hashed = mix(hashed, words[j])
        hashes[i] = hashed ^ (hashed >> np.uint32(16))
    mask = 1
    while mask < 2 * n_lines:
        mask *= 2
    mask -= 1
    counts = np.zeros(mask + 1, np.int32)
    for i in range(n_lines):
        counts[np.int64(hashes[i]) & mask] += 1
    found = np.empty(n_lines, np.float32)
    for i in range(n_lines):
        found[i] = counts[np.int64(hashes[i]) & mask] - 1
    return found


@njit
def shared(words: Words, firsts: Offsets, first: int, stop: int) -> Numbers:
    """Return the share of each line's words that the core's other paragraphs hold.

    Words in more than a third of the paragraphs count a fifth: they are any text's.
    """
    n_lines = firsts.size - 1
    holders = np.zeros(SLOTS, np.int32)
    last = np.full(SLOTS, -1, np.int64)
    paragraphs = 0
    for i in range(first, stop):
        if firsts[i + 1] - firsts[i] < FURNITURE_WORDS:
            continue
        paragraphs += 1
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] != i:
                last[at] = i
                holders[at] += 1
    last[:] = -1
    common = paragraphs if paragraphs > 3 else 3
    found = np.zeros(n_lines, np.float32)
    for i in range(n_lines):
        own = first <= i < stop and firsts[i + 1] - firsts[i] >= FURNITURE_WORDS
        total = held = 0.0
        for j in range(firsts[i], firsts[i + 1]):
            at = np.int64((words[j] ^ (words[j] >> np.uint32(13))) & np.uint32(SLOTS - 1))
            if last[at] == i:
                continue
            last[at] = i
            others = holders[at] - own
            worth = 1.0 if others * 3 <= common else 0.2
            total += worth
            held += worth if others > 0 else 0.0
        if total > 0:
            found[i] = held / total
    return found


@njit
def runs(short: Flags, full: Flags, order: int) -> tuple[Numbers, Numbers]:
    """Return, walking in `order` (+1 or -1): short lines in a row, and lines since a full one."""
    n_lines = short.size
    row, since = np.zeros(n_lines, np.float32), np.zeros(n_lines, np.float32)
    in_row, distance = np.float32(0), np.float32(FAR)
    for step in range(n_lines):
        i = step if order > 0 else n_lines - 1 - step
        in_row = in_row + 1 if short[i] else np.float32(0)
        distance = np.float32(0) if full[i] else distance + 1
        row[i], since[i] = in_row, distance
    return row, since


@njit
def towards(
    middle: int,
    order: int,
    cues: Numbers,
    counts: Numbers,
    rows: Numbers,
    worst: Numbers,
    gap: Numbers,
) -> None:
    """Fill what lies between the core's middle and each line on one side of it.

    `worst`: the lowest cue of a short line; `gap`: the longest run of short lines.
    """
    n_lines = cues.size
    low, high = np.float32(0), np.float32(0)
    i = middle if order > 0 else middle - 1
    while 0 <= i < n_lines:
        if counts[i] < FURNITURE_WORDS:
            low = cues[i] if cues[i] < low else low
        high = rows[i] if rows[i] > high else high
        worst[i], gap[i] = low, high
        i += order


@njit
def features(counters: Numbers, words: Words, firsts: Offsets, cues: Numbers) -> Numbers:
    """Return all features of a page's lines: float32[n_lines, n_features]; fills in `counters`.

    `counters`, `words` and `firsts` are those of `lines.scan`, `cues` the scores of the lexicon.
    """
    n = counters.shape[0]
    table = np.zeros((n, len(NAMES)), np.float32)
    counters[:, EQUALS] = alike(words, firsts, 1 << 30)
    starts_alike = alike(words, firsts, 4)
    counts = counters[:, WORDS].copy()
    gains = np.empty(n, np.float64)
    short, full = np.empty(n, np.bool_), np.empty(n, np.bool_)
    for i in range(n):
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
