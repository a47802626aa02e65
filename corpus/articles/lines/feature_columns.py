"""The features of a line: what each column of the table contains, and its number.

The columns of a line are its counters; three windows around it; its place on the page; the lines
near it; the lines next to it; and three comparisons with its neighbours.
"""

from __future__ import annotations

from corpus.articles.lines.counters import COUNTERS
from corpus.articles.lines.layout_features import NAMES as LAYOUT_AND_PAGE

WINDOW_SIZES = (3, 8, 20)
"""Lines before and after a line that each window covers."""
NEAR_STEPS = (-3, -2, -1, 1, 2, 3)
NEXT_STEPS = (-2, -1, 1, 2)
"""Relative positions of the lines that contribute their own values to a line's features."""

WINDOW_FEATURES = (
    "words before",
    "words after",
    "sentences before",
    "sentences after",
    "mean cue before",
    "mean cue after",
    "mean share of capitalised words",
    "mean share of words in common with the core",
    "share of repeated lines",
)
(
    WORDS_BEFORE,
    WORDS_AFTER,
    SENTENCES_BEFORE,
    SENTENCES_AFTER,
    CUES_BEFORE,
    CUES_AFTER,
    CAPITALISED_AROUND,
    SHARED_WORDS_AROUND,
    REPEATED_AROUND,
) = range(len(WINDOW_FEATURES))
"""Columns of a window, from its first column on."""

PAGE_FEATURES = (
    "lines after the first line of the core",
    "lines after the last line of the core",
    "inside the core",
    "lines of the page",
    "share of lines in the core",
    "words of the page",
    "share of words in the core",
    "share of words before it",
    "share of words in common with the core",
    "other lines with the same first words",
    "cue",
    "lowest cue towards the core",
    "longest run of short lines towards the core",
    "short lines in a row up to it",
    "short lines in a row from it on",
    "lines since a full paragraph",
    "lines until a full paragraph",
    "words between it and the middle of the core",
    "short lines between it and the middle of the core",
    "share of lines of the page that are sentences",
)
NEAR_FEATURES = ("words", "ends a sentence", "cue", "follows a blank line")
NEXT_FEATURES = ("capitalised words", "words in common with the core", "equal lines")
CHANGE_FEATURES = (
    "mean change of words over 2 lines",
    "mean change of words over 3 lines",
    "follows a line that is neither long nor a sentence",
)
NAMES = (
    *COUNTERS,
    *(f"{name} within {size} lines" for size in WINDOW_SIZES for name in WINDOW_FEATURES),
    *PAGE_FEATURES,
    *(f"{name} at {step:+d}" for step in NEAR_STEPS for name in NEAR_FEATURES),
    *(f"{name} at {step:+d}" for step in NEXT_STEPS for name in NEXT_FEATURES),
    *CHANGE_FEATURES,
    *LAYOUT_AND_PAGE,
)
"""What each column contains."""

N_COUNTERS = len(COUNTERS)
FIRST_WINDOW = N_COUNTERS
N_WINDOW_FEATURES = len(WINDOW_FEATURES)
FIRST_PAGE_FEATURE = FIRST_WINDOW + len(WINDOW_SIZES) * N_WINDOW_FEATURES
FIRST_NEAR = FIRST_PAGE_FEATURE + len(PAGE_FEATURES)
FIRST_NEXT = FIRST_NEAR + len(NEAR_STEPS) * len(NEAR_FEATURES)
FIRST_CHANGE = FIRST_NEXT + len(NEXT_STEPS) * len(NEXT_FEATURES)

(
    AFTER_CORE_START,
    AFTER_CORE_END,
    IN_CORE,
    PAGE_LINES,
    CORE_LINE_SHARE,
    PAGE_WORDS,
    CORE_WORD_SHARE,
    WORD_SHARE_BEFORE,
    SHARED_WORDS,
    SAME_START,
    CUE,
    LOWEST_CUE_TO_CORE,
    LONGEST_SHORT_RUN_TO_CORE,
    SHORT_RUN_BEFORE,
    SHORT_RUN_AFTER,
    SINCE_PARAGRAPH,
    UNTIL_PARAGRAPH,
    WORDS_TO_CORE,
    SHORT_LINES_TO_CORE,
    SENTENCE_LINE_SHARE,
) = range(FIRST_PAGE_FEATURE, FIRST_NEAR)
FIRST_LAYOUT = FIRST_CHANGE + len(CHANGE_FEATURES)
CHANGE_OVER_2, CHANGE_OVER_3, FOLLOWS_SHORT_LINE = range(FIRST_CHANGE, FIRST_LAYOUT)
