"""Windows over the lines of a page: sums and means of what the lines around a line contain.

The sum over a window is the difference of two running sums, so each window costs the same.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

from corpus.array_types import Flags, Numbers, Sums
from corpus.articles.lines.feature_columns import (
    CAPITALISED_AROUND,
    CUES_AFTER,
    CUES_BEFORE,
    REPEATED_AROUND,
    SENTENCES_AFTER,
    SENTENCES_BEFORE,
    SHARED_WORDS_AROUND,
    WORDS_AFTER,
    WORDS_BEFORE,
)
from corpus.articles.lines.line_summary import (
    SUMMARY_CAPITALISED,
    SUMMARY_CUE,
    SUMMARY_ENDS,
    SUMMARY_EQUAL_LINES,
    SUMMARY_SHARED_WORDS,
    SUMMARY_WORDS,
)
from corpus.kernels import njit_without_allocation

MAX_SUMMED_CUE = 6.0
"""Maximum absolute value of a cue in a sum over lines."""
MAX_SUMMED_WORDS = 150.0
"""Maximum number of words of one line in a sum over lines."""
MIN_REPEATED_WORDS = 4
"""Words that a line must have to count as repeated: shorter ones are often equal by chance."""
MIN_SENTENCE_WORDS = 8
CHANGE_LINES = 4
"""Lines before and after a line over which changes are averaged."""
EPSILON = 1e-6
"""Added to the number of values in a mean, which may be zero."""


class RunningSums(NamedTuple):
    """Sums over the lines before each line, and over all lines: float64[n_lines + 1] each."""

    words: Sums
    sentences: Sums
    cues: Sums
    capitalised: Sums
    shared_words: Sums
    repeated_lines: Sums
    short_lines: Sums


@njit_without_allocation
def add_up(summary: Numbers, is_short: Flags, sums: RunningSums) -> None:
    """Fill in the running sums."""
    for i in range(is_short.size):
        count, after = summary[i, SUMMARY_WORDS], i + 1
        ends, cue = summary[i, SUMMARY_ENDS] > 0, summary[i, SUMMARY_CUE]
        counted = count if count < MAX_SUMMED_WORDS else MAX_SUMMED_WORDS
        is_repeated = summary[i, SUMMARY_EQUAL_LINES] > 0 and count >= MIN_REPEATED_WORDS
        sums.words[after] = sums.words[i] + counted
        sums.sentences[after] = sums.sentences[i] + (ends and count >= MIN_SENTENCE_WORDS)
        sums.cues[after] = sums.cues[i] + (
            MAX_SUMMED_CUE
            if cue > MAX_SUMMED_CUE
            else -MAX_SUMMED_CUE
            if cue < -MAX_SUMMED_CUE
            else cue
        )
        sums.capitalised[after] = sums.capitalised[i] + summary[i, SUMMARY_CAPITALISED]
        shared = summary[i, SUMMARY_SHARED_WORDS] * counted
        sums.shared_words[after] = sums.shared_words[i] + shared
        sums.repeated_lines[after] = sums.repeated_lines[i] + is_repeated
        sums.short_lines[after] = sums.short_lines[i] + is_short[i]


@njit_without_allocation(error_model="numpy")
def fill_window(size: int, sums: RunningSums, table: Numbers, first_column: int) -> None:
    """Fill in `WINDOW_FEATURES`, from a column on, for a window of `size` lines each way."""
    words, sentences, cues = sums.words, sums.sentences, sums.cues
    capitalised, shared, repeated = sums.capitalised, sums.shared_words, sums.repeated_lines
    n = words.size - 1
    for i in range(n):
        low = i - size if i > size else 0
        high = i + size + 1 if i + size < n else n
        lines, after, row = high - low, i + 1, table[i, first_column:]
        row[WORDS_BEFORE] = words[i] - words[low]
        row[WORDS_AFTER] = words[high] - words[after]
        row[SENTENCES_BEFORE] = (sentences[i] - sentences[low]) / size
        row[SENTENCES_AFTER] = (sentences[high] - sentences[after]) / size
        row[CUES_BEFORE] = (cues[i] - cues[low]) / (i - low + EPSILON)
        row[CUES_AFTER] = (cues[high] - cues[after]) / (high - after + EPSILON)
        row[CAPITALISED_AROUND] = (capitalised[high] - capitalised[low]) / lines
        row[SHARED_WORDS_AROUND] = (shared[high] - shared[low]) / (
            words[high] - words[low] + EPSILON
        )
        row[REPEATED_AROUND] = (repeated[high] - repeated[low]) / lines


@njit_without_allocation(error_model="numpy")
def fill_changes(words: Sums, lag: int, table: Numbers, column: int) -> None:
    """Fill in the mean change of words from a line to the one `lag` later, around each line."""
    n = words.size - 1
    for i in range(n):
        change, compared = 0.0, EPSILON
        first = i - CHANGE_LINES if i > CHANGE_LINES else 0
        stop = i + CHANGE_LINES + 1 - lag if i + CHANGE_LINES + 1 <= n else n - lag
        for j in range(first, stop):
            later = j + lag
            difference = words[j + 1] - words[j] - words[later + 1] + words[later]
            change += difference if difference > 0 else -difference
            compared += 1.0
        table[i, column] = change / compared
