"""Describe each line of a page: by itself, next to its neighbours, and within the whole page.

Whether a line is part of the article shows less in the line than around it. So each line is
described by its own counters, by windows of 3, 8 and 20 lines before and after it, by the lines
next to it, by its place relative to the *core* (see `page_context`), by the words that it shares
with the core, and by the layout of the page. `feature_columns` lists the columns.

Trees only compare, so nothing is scaled. Functions whose last bit differs between mathematical
libraries are not used.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.counters import (
    BLANK_BEFORE,
    CAPITALISED,
    ENDS_SENTENCE,
    EQUAL_LINES,
    POSITION,
    WORDS,
)
from corpus.articles.lines.feature_columns import (
    AFTER_CORE_END,
    AFTER_CORE_START,
    CHANGE_OVER_2,
    CHANGE_OVER_3,
    CORE_LINE_SHARE,
    CORE_WORD_SHARE,
    CUE,
    FIRST_LAYOUT,
    FIRST_NEAR,
    FIRST_NEXT,
    FIRST_WINDOW,
    FOLLOWS_SHORT_LINE,
    IN_CORE,
    LOWEST_CUE_TO_CORE,
    N_COUNTERS,
    N_WINDOW_FEATURES,
    NAMES,
    NEAR_STEPS,
    NEXT_STEPS,
    PAGE_LINES,
    PAGE_WORDS,
    SAME_START,
    SENTENCE_LINE_SHARE,
    SHARED_WORDS,
    SHORT_LINES_TO_CORE,
    UNTIL_PARAGRAPH,
    WINDOW_SIZES,
    WORD_SHARE_BEFORE,
    WORDS_TO_CORE,
)
from corpus.articles.lines.layout_features import STEPS as LAYOUT_STEPS
from corpus.articles.lines.layout_features import fill_layout
from corpus.articles.lines.page_context import (
    MIN_CORE_LINE_WORDS,
    SUMMARY_CUE,
    SUMMARY_ENDS,
    SUMMARY_SHARED_WORDS,
    SUMMARY_WORDS,
    core,
    core_direction,
    core_word_share,
    lines_with_same_start,
)
from corpus.articles.lines.windows import RunningSums, add_up, fill_changes, fill_window
from corpus.kernels import njit

MAX_CORE_WORDS = 80.0
"""Maximum number of words that one line adds to the core."""
SHORT_LINE_WORDS, PARAGRAPH_WORDS = 10, 20
"""A short line has fewer words and does not end a sentence. A full paragraph has at least as many
words and ends one."""
SAME_START_WORDS = 4
_SUMMARY = np.array([WORDS, ENDS_SENTENCE, WORDS, BLANK_BEFORE, CAPITALISED, WORDS, EQUAL_LINES])
"""The counter in each column of the summary. Cues and shared words replace two of them."""
_NEAR_SUMMARY, _NEXT_SUMMARY = (0, 4), (4, 7)
"""Columns of the summary that the near lines and the next lines contribute: first and end."""
_WINDOWS, _NEAR, _NEXT = np.array(WINDOW_SIZES), np.array(NEAR_STEPS), np.array(NEXT_STEPS)
_LAYOUT = np.array(LAYOUT_STEPS)
_WHOLE_LINE = 1 << 30


@njit
def _neighbours(
    summary: Numbers, columns: tuple[int, int], steps: Offsets, table: Numbers, first_column: int
) -> None:
    """Fill in some columns of the summaries of the lines `steps` away from each line, if any."""
    n, (first, stop) = summary.shape[0], columns
    for i in range(n):
        at = first_column
        for k in range(steps.size):
            j = i + steps[k]
            if 0 <= j < n:
                for column in range(first, stop):
                    table[i, at + column - first] = summary[j, column]
            at += stop - first


@njit
def _line_kinds(summary: Numbers, gains: Sums, is_short: Flags, is_paragraph: Flags) -> None:
    """Fill in what each line adds to the core, whether it is short, and whether a paragraph."""
    for i in range(gains.size):
        count, ends = summary[i, SUMMARY_WORDS], summary[i, SUMMARY_ENDS] > 0
        gains[i] = (count if count < MAX_CORE_WORDS else MAX_CORE_WORDS) - MIN_CORE_LINE_WORDS
        is_short[i] = count < SHORT_LINE_WORDS and not ends
        is_paragraph[i] = count >= PARAGRAPH_WORDS and ends


@njit(error_model="numpy")
def _relative_to_core(
    first: int, stop: int, sums: RunningSums, n_words: float, table: Numbers
) -> None:
    """Fill in where each line is relative to the core, in lines and in words."""
    words, short_lines = sums.words, sums.short_lines
    middle = (first + stop) // 2
    for i in range(words.size - 1):
        row = table[i]
        row[AFTER_CORE_START] = i - first
        row[AFTER_CORE_END] = i - stop + 1
        row[IN_CORE] = first <= i < stop
        row[WORD_SHARE_BEFORE] = words[i] / n_words
        between, short_between = words[i] - words[middle], short_lines[i] - short_lines[middle]
        row[WORDS_TO_CORE] = between if between >= 0 else -between
        row[SHORT_LINES_TO_CORE] = short_between if short_between >= 0 else -short_between


@njit
def _fill(
    first: int,
    stop: int,
    n_words: float,
    summary: Numbers,
    sums: RunningSums,
    windows: Offsets,
    near: Offsets,
    next: Offsets,
    table: Numbers,
) -> None:
    """Fill in the features that more than one line contributes to."""
    for k in range(windows.size):
        fill_window(windows[k], sums, table, FIRST_WINDOW + k * N_WINDOW_FEATURES)
    _relative_to_core(first, stop, sums, n_words, table)
    _neighbours(summary, _NEAR_SUMMARY, near, table, FIRST_NEAR)
    _neighbours(summary, _NEXT_SUMMARY, next, table, FIRST_NEXT)
    fill_changes(sums.words, 2, table, CHANGE_OVER_2)
    fill_changes(sums.words, 3, table, CHANGE_OVER_3)


def features(counters: Numbers, words: Words, word_offsets: Offsets, cues: Numbers) -> Numbers:
    """Return the features of the lines of a page (float32[n_lines, n_features]).

    Takes what `scan` returns, and the scores of the lexicon as `cues`. Fills in the two columns of
    `counters` that `scan` leaves empty.
    """
    n = len(counters)
    table = np.zeros((n, len(NAMES)), np.float32)
    if n == 0:
        return table
    counters[:, EQUAL_LINES] = lines_with_same_start(words, word_offsets, max_words=_WHOLE_LINE)
    counters[:, POSITION] = np.arange(n) / n
    summary = counters.take(_SUMMARY, axis=1)
    summary[:, SUMMARY_CUE] = cues
    gains, is_short, is_paragraph = np.empty(n), np.empty(n, np.bool_), np.empty(n, np.bool_)
    _line_kinds(summary, gains, is_short, is_paragraph)
    first, stop = core(gains)
    summary[:, SUMMARY_SHARED_WORDS] = core_word_share(words, word_offsets, first, stop)
    sums = RunningSums(*np.zeros((len(RunningSums._fields), n + 1)))
    add_up(summary, is_short, sums)
    n_words = max(float(sums.words[n]), 1.0)

    table[:, :N_COUNTERS] = counters
    _fill(first, stop, n_words, summary, sums, _WINDOWS, _NEAR, _NEXT, table)
    table[:, PAGE_LINES] = n
    table[:, CORE_LINE_SHARE] = (stop - first) / n
    table[:, PAGE_WORDS] = n_words
    table[:, CORE_WORD_SHARE] = (sums.words[stop] - sums.words[first]) / n_words
    table[:, SHARED_WORDS] = summary[:, SUMMARY_SHARED_WORDS]
    table[:, SAME_START] = lines_with_same_start(words, word_offsets, max_words=SAME_START_WORDS)
    table[:, CUE] = cues
    table[:, LOWEST_CUE_TO_CORE : UNTIL_PARAGRAPH + 1] = core_direction(
        (first + stop) // 2, summary, is_short, is_paragraph
    )
    table[:, SENTENCE_LINE_SHARE] = sums.sentences[n] / n
    before = summary[:-1]
    table[1:, FOLLOWS_SHORT_LINE] = (before[:, SUMMARY_ENDS] == 0) & (
        before[:, SUMMARY_WORDS] < PARAGRAPH_WORDS
    )
    fill_layout(counters, _LAYOUT, table[:, FIRST_LAYOUT:])
    return table
