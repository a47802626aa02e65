"""Describe how the lines of a page are laid out: in stretches between blank lines, and in lists.

A dump separates paragraphs, lists, tables and menus by blank lines, and marks the entries of a list
by bullets. Fourteen short lines in one stretch are a table or a menu; a short line of its own is a
heading. The page features are the mean of every counter over the lines of the page. They show what
kind of page it is: a forum has many short sentences, a list of products many digits and symbols.
"""

from __future__ import annotations

from corpus.array_types import Numbers, Offsets
from corpus.articles.lines.counters import (
    BLANK_BEFORE,
    COUNTERS,
    ENDS_SENTENCE,
    INDENTATION,
    STARTS_WITH_BULLET,
    WORDS,
)
from corpus.kernels import njit_without_allocation

STEPS = (-2, -1, 1, 2)
LAYOUT_FEATURES = (
    *(f"starts with a bullet at {step:+d}" for step in STEPS),
    *(f"indentation at {step:+d}" for step in STEPS),
    "bullets in a row up to it",
    "bullets in a row from it on",
    "lines of its stretch",
    "words per line of its stretch",
    "share of sentences in its stretch",
    "lines before it in its stretch",
    "words per line of the stretch before",
    "words per line of the stretch after",
)
PAGE_MEAN_FEATURES = tuple(f"mean on the page: {name}" for name in COUNTERS)
NAMES = LAYOUT_FEATURES + PAGE_MEAN_FEATURES
"""What each column contains."""
(
    BULLETS_BEFORE,
    BULLETS_AFTER,
    STRETCH_LINES,
    STRETCH_WORDS,
    STRETCH_SENTENCES,
    STRETCH_PLACE,
    WORDS_OF_STRETCH_BEFORE,
    WORDS_OF_STRETCH_AFTER,
) = range(2 * len(STEPS), len(LAYOUT_FEATURES))
_N_LAYOUT = len(LAYOUT_FEATURES)


@njit_without_allocation(error_model="numpy")
def fill_layout(counters: Numbers, steps: Offsets, table: Numbers) -> None:
    """Fill in the layout features and the page means: `table` is float32[n_lines, n_features]."""
    n, n_counters = counters.shape
    for i in range(n):
        for k in range(steps.size):
            j = i + steps[k]
            if 0 <= j < n:
                table[i, k] = counters[j, STARTS_WITH_BULLET]
                table[i, steps.size + k] = counters[j, INDENTATION]
        if counters[i, STARTS_WITH_BULLET] > 0:
            table[i, BULLETS_BEFORE] = 1 + (table[i - 1, BULLETS_BEFORE] if i else 0)
    for step in range(n):
        i = n - 1 - step
        if counters[i, STARTS_WITH_BULLET] > 0:
            table[i, BULLETS_AFTER] = 1 + (table[i + 1, BULLETS_AFTER] if i + 1 < n else 0)
    first, before = 0, 0.0
    while first < n:
        stop, words, sentences = first, 0.0, 0.0
        while stop < n and (stop == first or counters[stop, BLANK_BEFORE] == 0):
            words += counters[stop, WORDS]
            sentences += counters[stop, ENDS_SENTENCE]
            stop += 1
        lines = stop - first
        for i in range(first, stop):
            table[i, STRETCH_LINES] = lines
            table[i, STRETCH_WORDS] = words / lines
            table[i, STRETCH_SENTENCES] = sentences / lines
            table[i, STRETCH_PLACE] = i - first
            table[i, WORDS_OF_STRETCH_BEFORE] = before
        i = first - 1
        while i >= 0 and table[i, WORDS_OF_STRETCH_AFTER] == 0:
            table[i, WORDS_OF_STRETCH_AFTER] = words / lines
            if table[i, STRETCH_PLACE] == 0:
                break
            i -= 1
        first, before = stop, words / lines
    for column in range(n_counters):
        total = 0.0
        for i in range(n):
            total += counters[i, column]
        for i in range(n):
            table[i, _N_LAYOUT + column] = total / n
