"""The features of a line for the metadata classifiers, and the column of each.

A line has, in this order: its own counters (`corpus.articles.lines.counters`), its position and its
relation to the article and to other lines, the cue words in it, the cue words that it starts with,
and some features of the lines before and after it.
"""

from __future__ import annotations

from corpus.articles.lines.counters import COUNTERS
from corpus.articles.metadata.cue_words import CUE_KINDS

POSITION_FEATURES = (
    "lines after the start of the article",
    "lines after the first full paragraph",
    "lines before it on the page",
    "lines from it to the end of the page",
    "lines after the end of the article",
    "words until the paragraph",
    "short lines until the paragraph",
    "headlines until the paragraph",
    "words of the longest line until the paragraph",
    "kept",
    "probability",
    "shared words",
    "number of shared words",
    "shared words less those of the best line",
    "words shared with the lead",
    "lines that start alike",
    "where a nearby line starts alike",
    "looks like a name",
    "short lines in a row before it",
    "lines until a date",
    "lines since a date",
    "lines until a byline",
    "lines since a byline",
    "lines until a name",
    "lines since a name",
    "where a nearby line contains it",
    "where it contains a nearby line",
)
NEIGHBOUR_FEATURES = (
    "words", "timed", "capitalised", "name", "probability", "by", "digits",
)  # fmt: skip
NEIGHBOURS = (-3, -2, -1, 1, 2, 3)
"""Relative positions of the lines that contribute `NEIGHBOUR_FEATURES` to a line."""

FEATURES = (
    *COUNTERS,
    *POSITION_FEATURES,
    *(f"contains a word: {kind}" for kind in CUE_KINDS),
    *(f"starts with a word: {kind}" for kind in CUE_KINDS),
    *(f"{name} of {offset:+d}" for offset in NEIGHBOURS for name in NEIGHBOUR_FEATURES),
)
"""What each column of the table contains."""

_FIRST = len(COUNTERS)
(
    LINES_AFTER_START,
    LINES_AFTER_PARAGRAPH,
    LINES_BEFORE,
    LINES_TO_PAGE_END,
    LINES_AFTER_END,
    WORDS_TO_PARAGRAPH,
    SHORT_LINES_TO_PARAGRAPH,
    HEADLINES_TO_PARAGRAPH,
    LONGEST_TO_PARAGRAPH,
    KEPT,
    PROBABILITY,
    SHARED_WORDS,
    N_SHARED_WORDS,
    SHARED_WORDS_BELOW_BEST,
    SHARED_LEAD_WORDS,
    SAME_STARTS,
    NEARBY_SAME_START,
    LOOKS_LIKE_NAME,
    SHORT_LINES_BEFORE,
    LINES_UNTIL_DATE,
    LINES_SINCE_DATE,
    LINES_UNTIL_BYLINE,
    LINES_SINCE_BYLINE,
    LINES_UNTIL_NAME,
    LINES_SINCE_NAME,
    CONTAINED_IN,
    CONTAINS,
) = range(_FIRST, _FIRST + len(POSITION_FEATURES))
CONTAINS_CUE = _FIRST + len(POSITION_FEATURES)
"""The first column for the cue words in a line; the kinds follow each other in order."""
STARTS_WITH_CUE = CONTAINS_CUE + len(CUE_KINDS)
"""The first column for the cue words that a line starts with."""
FIRST_NEIGHBOUR = STARTS_WITH_CUE + len(CUE_KINDS)
"""The first column of the first neighbour, with its `NEIGHBOUR_FEATURES` in order."""
(
    NEIGHBOUR_WORDS,
    NEIGHBOUR_TIMED,
    NEIGHBOUR_CAPITALISED,
    NEIGHBOUR_IS_NAME,
    NEIGHBOUR_PROBABILITY,
    NEIGHBOUR_HAS_BY,
    NEIGHBOUR_DIGITS,
) = range(len(NEIGHBOUR_FEATURES))
