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

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.counters import (
    BLANK_BEFORE,
    CAPITALISED,
    COUNTERS,
    ENDS,
    EQUALS,
    PLACE,
    WORDS,
)
from corpus.articles.lines.page_context import BOILERPLATE_WORDS, alike, core, shared, sides
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

_FACTS = np.array([WORDS, ENDS, WORDS, BLANK_BEFORE, CAPITALISED, WORDS, EQUALS])
"""What of each line its neighbours see; the cue and the shared words take two of the places."""
_WINDOWS, _NEAR, _NEXT = np.array(WINDOWS), np.array(NEAR), np.array(NEXT)
N_COUNTERS, N_WINDOW, N_PAGE = len(COUNTERS), len(IN_WINDOW), len(IN_PAGE)


@njit(error_model="numpy")
def _windows(
    size: int,
    words: Sums,
    sentences: Sums,
    cues: Sums,
    capitals: Sums,
    shares: Sums,
    repeats: Sums,
    table: Numbers,
    column: int,
) -> None:
    """Fill in, from a column on, what is `IN_WINDOW`: the sums are up to each line and the last."""
    n = words.size - 1
    for i in range(n):
        low = i - size if i > size else 0
        high = i + size + 1 if i + size < n else n
        lines, after, line = high - low, i + 1, table[i, column:]
        line[0] = words[i] - words[low]
        line[1] = words[high] - words[after]
        line[2] = (sentences[i] - sentences[low]) / size
        line[3] = (sentences[high] - sentences[after]) / size
        line[4] = (cues[i] - cues[low]) / (i - low + NOTHING)
        line[5] = (cues[high] - cues[after]) / (high - after + NOTHING)
        line[6] = (capitals[high] - capitals[low]) / lines
        line[7] = (shares[high] - shares[low]) / (words[high] - words[low] + NOTHING)
        line[8] = (repeats[high] - repeats[low]) / lines


@njit(error_model="numpy")
def _changes(words: Sums, lag: int, table: Numbers, column: int) -> None:
    """Fill in the mean change of words from a line to the one `lag` later, around each line."""
    n = words.size - 1
    for i in range(n):
        change, compared = 0.0, NOTHING
        first = i - 4 if i > 4 else 0
        stop = i + 5 - lag if i + 5 <= n else n - lag
        for j in range(first, stop):
            later = j + lag
            fall = words[j + 1] - words[j] - words[later + 1] + words[later]
            change += fall if fall > 0 else -fall
            compared += 1.0
        table[i, column] = change / compared


@njit
def _beside(
    facts: Numbers, start: int, stop: int, steps: Offsets, table: Numbers, column: int
) -> None:
    """Fill in facts of the lines so many steps before or after each line, where there are."""
    n = facts.shape[0]
    for i in range(n):
        at = column
        for k in range(steps.size):
            j = i + steps[k]
            if 0 <= j < n:
                for fact in range(start, stop):
                    table[i, at + fact - start] = facts[j, fact]
            at += stop - start


@njit
def _gains(facts: Numbers, gains: Sums, short: Flags, full: Flags) -> None:
    """Fill in what each line adds to the core, whether it is short, and whether a paragraph."""
    for i in range(gains.size):
        count, ends = facts[i, 0], facts[i, 1] > 0
        gains[i] = (count if count < LONG_LINE else LONG_LINE) - BOILERPLATE_WORDS
        short[i] = count < 10 and not ends
        full[i] = count >= 20 and ends


@njit
def _summed(facts: Numbers, short: Flags, sums: Sums) -> None:
    """Fill in, up to each line and of all: what `_windows` takes, and the short lines."""
    for i in range(short.size):
        count, after = facts[i, 0], i + 1
        counted = count if count < MOST_COUNTED else MOST_COUNTED
        cue = facts[i, 2]
        sums[0, after] = sums[0, i] + counted
        sums[1, after] = sums[1, i] + (facts[i, 1] > 0 and count >= 8)
        sums[2, after] = sums[2, i] + (
            SURE_CUE if cue > SURE_CUE else -SURE_CUE if cue < -SURE_CUE else cue
        )
        sums[3, after] = sums[3, i] + facts[i, 4]
        sums[4, after] = sums[4, i] + facts[i, 5] * counted
        sums[5, after] = sums[5, i] + (facts[i, 6] > 0 and count >= LEAST_REPEATED)
        sums[6, after] = sums[6, i] + short[i]


@njit(error_model="numpy")
def _places(
    first: int, stop: int, words: Sums, shorts: Sums, total: float, table: Numbers, column: int
) -> None:
    """Fill in where each line lies from the core, in lines and in words."""
    middle = (first + stop) // 2
    for i in range(words.size - 1):
        line = table[i, column:]
        line[0] = i - first
        line[1] = i - stop + 1
        line[2] = first <= i < stop
        line[7] = words[i] / total
        passed, skipped = words[i] - words[middle], shorts[i] - shorts[middle]
        line[17] = passed if passed >= 0 else -passed
        line[18] = skipped if skipped >= 0 else -skipped


@njit
def _fill(
    first: int,
    stop: int,
    total: float,
    facts: Numbers,
    words: Sums,
    sentences: Sums,
    cues: Sums,
    capitals: Sums,
    shares: Sums,
    repeats: Sums,
    shorts: Sums,
    windows: Offsets,
    near: Offsets,
    next: Offsets,
    table: Numbers,
) -> None:
    """Fill in all that is reckoned of more than one line."""
    at = N_COUNTERS
    for k in range(windows.size):
        _windows(
            windows[k], words, sentences, cues, capitals, shares, repeats, table, at + k * N_WINDOW
        )
    at += windows.size * N_WINDOW
    _places(first, stop, words, shorts, total, table, at)
    at += N_PAGE
    _beside(facts, 0, 4, near, table, at)
    at += 4 * near.size
    _beside(facts, 4, 7, next, table, at)
    at += 3 * next.size
    _changes(words, 2, table, at)
    _changes(words, 3, table, at + 1)


def features(counters: Numbers, words: Words, firsts: Offsets, cues: Numbers) -> Numbers:
    """Return all features of a page's lines: float32[n_lines, n_features]; fills in `counters`.

    `counters`, `words` and `firsts` are those of `lines.scan`, `cues` the scores of the lexicon.
    """
    n = len(counters)
    table = np.zeros((n, len(NAMES)), np.float32)
    if n == 0:
        return table
    counters[:, EQUALS] = alike(words, firsts, 1 << 30)
    counters[:, PLACE] = np.arange(n) / n
    facts = counters.take(_FACTS, axis=1)
    facts[:, 2] = cues
    gains, short, full = np.empty(n), np.empty(n, np.bool_), np.empty(n, np.bool_)
    _gains(facts, gains, short, full)
    first, stop = core(gains)
    share = facts[:, 5] = shared(words, firsts, first, stop)
    sums = np.zeros((7, n + 1))
    _summed(facts, short, sums)
    held, total = sums[0], max(float(sums[0, n]), 1.0)

    table[:, :N_COUNTERS] = counters
    _fill(first, stop, total, facts, *sums, _WINDOWS, _NEAR, _NEXT, table)
    at = N_COUNTERS + N_WINDOW * len(WINDOWS)
    table[:, at + 3 : at + 7] = n, (stop - first) / n, total, (held[stop] - held[first]) / total
    table[:, at + 8] = share
    table[:, at + 9] = alike(words, firsts, 4)
    table[:, at + 10] = cues
    table[:, at + 11 : at + 17] = sides((first + stop) // 2, facts, short, full)
    table[:, at + 19] = sums[1, n] / n
    table[1:, -1] = (facts[:-1, 1] == 0) & (facts[:-1, 0] < 20)
    return table
