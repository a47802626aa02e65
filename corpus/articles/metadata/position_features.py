"""Kernels for the features of a line's position: what is before, after and between."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Numbers, Sums
from corpus.articles.lines.counters import (
    CAPITALISED,
    DIGITS,
    ENDS_SENTENCE,
    HAS_YEAR_OR_TIME,
    WORDS,
)
from corpus.articles.metadata import feature_columns as columns
from corpus.articles.metadata.cue_words import BY, CUE_KINDS, ROLE
from corpus.articles.metadata.feature_columns import NEIGHBOUR_FEATURES, NEIGHBOURS
from corpus.articles.metadata.nearby_lines import (
    MAX_DISTANCE,
    PageLines,
    Window,
    WindowLines,
    line_distances,
)
from corpus.kernels import njit_without_allocation


@njit_without_allocation
def fill_positions(page: PageLines, window: Window, sums: Sums, table: Numbers) -> None:
    """Fill in where each line is, and what is between it and the first full paragraph.

    `sums` (float64[3, n + 1] or more) is a buffer; the first of each row is 0.
    """
    n, n_lines = window.rows.size, page.kept.size
    paragraph = 0
    while window.rows[paragraph] != window.paragraph:
        paragraph += 1
    words, short_lines, headlines = sums[0], sums[1], sums[2]
    for k in range(n):
        n_words = table[k, WORDS]
        words[k + 1] = words[k] + n_words
        short_lines[k + 1] = short_lines[k] + (n_words < 10)
        headlines[k + 1] = headlines[k] + (4 <= n_words <= 20 and table[k, ENDS_SENTENCE] == 0)
    longest = np.float32(0)
    for step in range(paragraph):
        k = paragraph - 1 - step
        table[k, columns.LONGEST_TO_PARAGRAPH] = longest
        longest = table[k, WORDS] if table[k, WORDS] > longest else longest
    longest = np.float32(0)
    for k in range(paragraph, n):
        table[k, columns.LONGEST_TO_PARAGRAPH] = longest
        longest = table[k, WORDS] if table[k, WORDS] > longest else longest
    short_before = 0
    for k in range(n):
        i, row = window.rows[k], table[k]
        row[columns.LINES_AFTER_START] = i - window.first
        row[columns.LINES_AFTER_PARAGRAPH] = i - window.paragraph
        row[columns.LINES_BEFORE] = i
        row[columns.LINES_TO_PAGE_END] = n_lines - i
        row[columns.LINES_AFTER_END] = i - window.last
        row[columns.WORDS_TO_PARAGRAPH] = words[paragraph] - words[k]
        row[columns.SHORT_LINES_TO_PARAGRAPH] = short_lines[paragraph] - short_lines[k]
        row[columns.HEADLINES_TO_PARAGRAPH] = headlines[paragraph] - headlines[k]
        row[columns.KEPT] = page.kept[i]
        row[columns.PROBABILITY] = page.probabilities[i]
        row[columns.SHORT_LINES_BEFORE] = (
            short_before if short_before < MAX_DISTANCE else MAX_DISTANCE
        )
        short_before = short_before + 1 if row[WORDS] <= 3 else 0


@njit_without_allocation
def fill_cues(lines: WindowLines, table: Numbers) -> None:
    """Fill in the cue words of each line, and how far the nearest date, byline and name are."""
    line_distances(
        lines.is_date, table[:, columns.LINES_UNTIL_DATE], table[:, columns.LINES_SINCE_DATE]
    )
    line_distances(
        lines.is_byline, table[:, columns.LINES_UNTIL_BYLINE], table[:, columns.LINES_SINCE_BYLINE]
    )
    line_distances(
        lines.is_name, table[:, columns.LINES_UNTIL_NAME], table[:, columns.LINES_SINCE_NAME]
    )
    for k in range(lines.cues.size):
        row = table[k]
        row[columns.LOOKS_LIKE_NAME] = lines.is_name[k]
        for kind in range(len(CUE_KINDS)):
            row[columns.CONTAINS_CUE + kind] = (lines.cues[k] >> kind) & 1
            row[columns.STARTS_WITH_CUE + kind] = (lines.first_cues[k] >> kind) & 1


@njit_without_allocation
def fill_neighbours(page: PageLines, window: Window, lines: WindowLines, table: Numbers) -> None:
    """Fill in the features of the lines before and after each line; 0 outside of the window."""
    n = window.rows.size
    for k in range(n):
        first = columns.FIRST_NEIGHBOUR
        for offset in NEIGHBOURS:
            other = k + offset
            if 0 <= other < n:
                row = table[k, first : first + len(NEIGHBOUR_FEATURES)]
                row[columns.NEIGHBOUR_WORDS] = table[other, WORDS]
                row[columns.NEIGHBOUR_TIMED] = table[other, HAS_YEAR_OR_TIME]
                row[columns.NEIGHBOUR_CAPITALISED] = table[other, CAPITALISED]
                row[columns.NEIGHBOUR_IS_NAME] = lines.is_name[other]
                row[columns.NEIGHBOUR_PROBABILITY] = page.probabilities[window.rows[other]]
                row[columns.NEIGHBOUR_HAS_BY] = (lines.cues[other] & (BY | ROLE)) > 0
                row[columns.NEIGHBOUR_DIGITS] = table[other, DIGITS]
            first += len(NEIGHBOUR_FEATURES)
