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

from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.counters import (
    EQUAL_LINES,
    POSITION,
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
from corpus.articles.lines.line_summary import (
    N_SUMMARY,
    SUMMARY_CUE,
    SUMMARY_ENDS,
    SUMMARY_SHARED_WORDS,
    SUMMARY_WORDS,
    summarise,
)
from corpus.articles.lines.page_context import (
    MIN_CORE_LINE_WORDS,
    WORD_SLOTS,
    core,
    fill_core_direction,
    fill_core_word_shares,
    fill_same_starts,
)
from corpus.articles.lines.scan import ScannedPages
from corpus.articles.lines.windows import RunningSums, add_up, fill_changes, fill_window
from corpus.kernels import njit, njit_without_allocation

MAX_CORE_WORDS = 80.0
"""Maximum number of words that one line adds to the core."""
SHORT_LINE_WORDS, PARAGRAPH_WORDS = 10, 20
"""A short line has fewer words and does not end a sentence. A full paragraph has at least as many
words and ends one."""
SAME_START_WORDS = 4
_NEAR_SUMMARY, _NEXT_SUMMARY = (0, 4), (4, 7)
"""Columns of the summary that the near lines and the next lines contribute: first and end."""
_WHOLE_LINE = 1 << 30


class _Steps(NamedTuple):
    """The relative positions of the lines that a line is compared with, and sizes of windows."""

    windows: Offsets
    near: Offsets
    next: Offsets
    layout: Offsets


_STEPS = _Steps(*map(np.array, (WINDOW_SIZES, NEAR_STEPS, NEXT_STEPS, LAYOUT_STEPS)))


class _Buffers(NamedTuple):
    """Arrays for what is computed on the way to the features of a page, or of several pages."""

    summary: Numbers
    """What other lines use of a line: zeros (float32[n_lines, 7])."""
    sums: RunningSums
    """Zeros."""
    gains: Sums
    is_short: Flags
    is_paragraph: Flags
    slots: Offsets
    """int64[n_lines]"""
    counts: Offsets
    """Zeros before and after each page, at least two for each line: a power of two."""
    core_words: Offsets
    """Zeros before and after each page (int64[2, WORD_SLOTS])."""


@njit_without_allocation
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


@njit_without_allocation
def _line_kinds(summary: Numbers, gains: Sums, is_short: Flags, is_paragraph: Flags) -> None:
    """Fill in what each line adds to the core, whether it is short, and whether a paragraph."""
    for i in range(gains.size):
        count, ends = summary[i, SUMMARY_WORDS], summary[i, SUMMARY_ENDS] > 0
        gains[i] = (count if count < MAX_CORE_WORDS else MAX_CORE_WORDS) - MIN_CORE_LINE_WORDS
        is_short[i] = count < SHORT_LINE_WORDS and not ends
        is_paragraph[i] = count >= PARAGRAPH_WORDS and ends


@njit_without_allocation(error_model="numpy")
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


@njit_without_allocation(error_model="numpy")
def _fill_line_and_page(
    counters: Numbers,
    summary: Numbers,
    core_bounds: tuple[int, int],
    sums: RunningSums,
    n_words: float,
    table: Numbers,
) -> None:
    """Fill in the features of a line by itself, and those that all lines of the page share."""
    n, (first, stop) = len(counters), core_bounds
    core_word_share = (sums.words[stop] - sums.words[first]) / n_words
    for i in range(n):
        row = table[i]
        for column in range(N_COUNTERS):
            row[column] = counters[i, column]
        row[SHARED_WORDS] = summary[i, SUMMARY_SHARED_WORDS]
        row[CUE] = summary[i, SUMMARY_CUE]
        row[PAGE_LINES] = n
        row[CORE_LINE_SHARE] = (stop - first) / n
        row[PAGE_WORDS] = n_words
        row[CORE_WORD_SHARE] = core_word_share
        row[SENTENCE_LINE_SHARE] = sums.sentences[n] / n
        if i:
            before = summary[i - 1]
            row[FOLLOWS_SHORT_LINE] = (
                before[SUMMARY_ENDS] == 0 and before[SUMMARY_WORDS] < PARAGRAPH_WORDS
            )


@njit_without_allocation(error_model="numpy")
def _fill_table(
    counters: Numbers,
    words: Words,
    word_offsets: Offsets,
    cues: Numbers,
    steps: _Steps,
    buffers: _Buffers,
    table: Numbers,
) -> None:
    """Fill in `table`, zeros, for the lines of a page."""
    summary, sums, gains = buffers.summary, buffers.sums, buffers.gains
    is_short, is_paragraph = buffers.is_short, buffers.is_paragraph
    slots, counts, n = buffers.slots, buffers.counts, cues.size
    fill_same_starts(words, word_offsets, _WHOLE_LINE, slots, counts, counters[:, EQUAL_LINES])
    for i in range(n):
        counters[i, POSITION] = i / n
    summarise(counters, cues, summary)
    _line_kinds(summary, gains, is_short, is_paragraph)
    first, stop = core(gains)
    with_word, last_line = buffers.core_words[0], buffers.core_words[1]
    shares = summary[:, SUMMARY_SHARED_WORDS]
    fill_core_word_shares(words, word_offsets, first, stop, with_word, last_line, shares)
    add_up(summary, is_short, sums)
    n_words = sums.words[n] if sums.words[n] > 1.0 else 1.0

    _fill_line_and_page(counters, summary, (first, stop), sums, n_words, table)
    for k in range(steps.windows.size):
        fill_window(steps.windows[k], sums, table, FIRST_WINDOW + k * N_WINDOW_FEATURES)
    _relative_to_core(first, stop, sums, n_words, table)
    _neighbours(summary, _NEAR_SUMMARY, steps.near, table, FIRST_NEAR)
    _neighbours(summary, _NEXT_SUMMARY, steps.next, table, FIRST_NEXT)
    fill_changes(sums.words, 2, table, CHANGE_OVER_2)
    fill_changes(sums.words, 3, table, CHANGE_OVER_3)
    fill_same_starts(words, word_offsets, SAME_START_WORDS, slots, counts, table[:, SAME_START])
    to_core = table[:, LOWEST_CUE_TO_CORE : UNTIL_PARAGRAPH + 1]
    fill_core_direction((first + stop) // 2, summary, is_short, is_paragraph, to_core)
    fill_layout(counters, steps.layout, table[:, FIRST_LAYOUT:])


@njit(error_model="numpy")
def _fill_pages(
    pages: ScannedPages, cues: Numbers, steps: _Steps, buffers: _Buffers, table: Numbers
) -> None:
    """Fill in `table`, zeros, for the lines of all pages."""
    counters, words, word_offsets, _, line_offsets = pages
    summary, counts, sums = buffers.summary, buffers.counts, buffers.sums
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        if first == stop:
            continue
        n_slots = 2
        while n_slots < 2 * (stop - first):
            n_slots *= 2
        # each page has one running sum more than lines
        low, high = first + page, stop + page + 1
        _fill_table(
            counters[first:stop],
            words,
            word_offsets[first : stop + 1],
            cues[first:stop],
            steps,
            _Buffers(
                summary[first:stop],
                RunningSums(
                    sums.words[low:high],
                    sums.sentences[low:high],
                    sums.cues[low:high],
                    sums.capitalised[low:high],
                    sums.shared_words[low:high],
                    sums.repeated_lines[low:high],
                    sums.short_lines[low:high],
                ),
                buffers.gains[first:stop],
                buffers.is_short[first:stop],
                buffers.is_paragraph[first:stop],
                buffers.slots[first:stop],
                counts[:n_slots],
                buffers.core_words,
            ),
            table[first:stop],
        )


def features_of_pages(pages: ScannedPages, cues: Numbers, n_more: int = 0) -> Numbers:
    """Return the features of the lines of several pages (float32[n_lines, n_features]).

    `cues` are the scores of the lexicon. Fills in the two columns of the counters that `scan`
    leaves empty. The table has `n_more` columns of zeros for what comes after.
    """
    n, n_pages = len(cues), pages.line_offsets.size - 1
    most = int(np.diff(pages.line_offsets).max(initial=1))
    table = np.zeros((n, len(NAMES) + n_more), np.float32)
    buffers = _Buffers(
        summary=np.zeros((n, N_SUMMARY), np.float32),
        sums=RunningSums(*np.zeros((len(RunningSums._fields), n + n_pages))),
        gains=np.empty(n),
        is_short=np.empty(n, np.bool_),
        is_paragraph=np.empty(n, np.bool_),
        slots=np.empty(n, np.int64),
        counts=np.zeros(1 << (2 * most - 1).bit_length(), np.int64),
        core_words=np.zeros((2, WORD_SLOTS), np.int64),
    )
    _fill_pages(pages, cues, _STEPS, buffers, table)
    return table


def features(counters: Numbers, words: Words, word_offsets: Offsets, cues: Numbers) -> Numbers:
    """Return the features of the lines of a page (float32[n_lines, n_features]).

    Takes what `scan` returns, and the scores of the lexicon as `cues`. Fills in the two columns of
    `counters` that `scan` leaves empty.
    """
    n = len(counters)
    no_spans, line_offsets = np.empty((0, 2), np.int64), np.array([0, n])
    page = ScannedPages(counters, words, word_offsets, no_spans, line_offsets)
    return features_of_pages(page, cues)
