"""Kernels for the features of a line's content: its counters, its words, lines that are similar."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes, Numbers, Words
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import (
    BLANK_AFTER,
    BLANK_BEFORE,
    CAPITALISED,
    DIGITS,
    ENDS_SENTENCE,
    HAS_YEAR_OR_TIME,
    LENGTH,
    SYMBOLS,
    WORDS,
)
from corpus.articles.lines.measure import measure
from corpus.articles.metadata import feature_columns as columns
from corpus.articles.metadata.cue_words import BY, ROLE, CueWordTable
from corpus.articles.metadata.nearby_lines import (
    MAX_LINE_BYTES,
    MIN_PARAGRAPH_WORDS,
    PageLines,
    Window,
    WindowLines,
    contains_line,
    cue_kinds,
    has_blank_line,
    hash_line_start,
)
from corpus.articles.metadata.shared_words import ArticleWords, hash_words, word_bits, word_slot
from corpus.kernels import njit_without_allocation

NEARBY_LINES = 4
"""Lines before and after a line that may contain it, or be contained in it."""


@njit_without_allocation(error_model="numpy")
def measure_lines(
    data: Bytes,
    page: PageLines,
    window: Window,
    characters: CharacterTables,
    cue_words: CueWordTable,
    words: Words,
    lines: WindowLines,
    table: Numbers,
) -> None:
    """Fill in the counters of each line, and `lines` except for its bits of words."""
    n_lines = page.kept.size
    for k in range(window.rows.size):
        i = window.rows[k]
        start, stop = page.spans[i, 0], page.spans[i, 1]
        stop = stop if stop < start + MAX_LINE_BYTES else start + MAX_LINE_BYTES
        lines.spans[k, 0], lines.spans[k, 1] = start, stop
        row = table[k]
        n_words, _, _ = measure(data, start, stop, characters, words, 0, row)
        row[BLANK_BEFORE] = i == 0 or has_blank_line(data, page.spans[i - 1, 1], start)
        row[BLANK_AFTER] = i + 1 == n_lines or has_blank_line(
            data, page.spans[i, 1], page.spans[i + 1, 0]
        )
        lines.start_hashes[k] = hash_line_start(data, start, stop)
        for j in range(n_words):
            kinds = cue_kinds(words[j], cue_words)
            lines.cues[k] |= kinds
            if j == 0:
                lines.first_cues[k] = kinds
        lines.is_name[k] = (
            2 <= n_words <= 5
            and row[CAPITALISED] >= 0.75
            and row[DIGITS] == 0
            and row[ENDS_SENTENCE] == 0
            and row[SYMBOLS] == 0
            and row[LENGTH] < 50
        )
        is_short = n_words <= MIN_PARAGRAPH_WORDS
        lines.is_date[k] = row[HAS_YEAR_OR_TIME] > 0 and row[DIGITS] > 0.08 and is_short
        starts_with_by = (lines.first_cues[k] & (BY | ROLE)) != 0
        lines.is_byline[k] = starts_with_by and n_words <= 12 and row[CAPITALISED] > 0.4


@njit_without_allocation(error_model="numpy")
def compare_words(
    data: Bytes,
    page: PageLines,
    window: Window,
    article: ArticleWords,
    words: Words,
    lines: WindowLines,
    table: Numbers,
) -> None:
    """Fill in which words each line shares with the article, and the bits of its words.

    Frequent words of the article weigh less. A line of the article itself is not compared with its
    own words.
    """
    max_rare_count = 2 + article.total // 80
    best = np.float32(0)
    for k in range(window.rows.size):
        i, row = window.rows[k], table[k]
        n_words = hash_words(data, lines.spans[k, 0], lines.spans[k, 1], words)
        lines.words[k] = word_bits(words, 0, n_words)
        lines.inner_words[k] = word_bits(words, 1, n_words - 1)
        own = np.int32(page.kept[i] and i >= window.paragraph)
        shared = shared_with_lead = weights = 0.0
        for j in range(n_words):
            slot = word_slot(words[j])
            weight = 1.0 if article.body[slot] <= max_rare_count else 0.2
            weights += weight
            shared += weight if article.body[slot] > own else 0.0
            shared_with_lead += weight if article.lead[slot] > own else 0.0
        row[columns.SHARED_WORDS] = shared / (weights + 3)
        row[columns.N_SHARED_WORDS] = shared
        row[columns.SHARED_LEAD_WORDS] = shared_with_lead / (weights + 3)
        is_candidate = i < window.paragraph + 2 and row[WORDS] <= 30
        if is_candidate and row[columns.SHARED_WORDS] > best:
            best = row[columns.SHARED_WORDS]
    for k in range(window.rows.size):
        table[k, columns.SHARED_WORDS_BELOW_BEST] = table[k, columns.SHARED_WORDS] - best


@njit_without_allocation
def find_similar_lines(data: Bytes, lines: WindowLines, table: Numbers) -> None:
    """Fill in which lines start alike, and which nearby lines contain each other."""
    n = lines.start_hashes.size
    for k in range(n):
        row = table[k]
        same_starts = -1
        for other in range(n):
            same_starts += lines.start_hashes[other] == lines.start_hashes[k]
        row[columns.SAME_STARTS] = same_starts
        for other in range(k - 2, k + 3):
            if not 0 <= other < n or other == k:
                continue
            if lines.start_hashes[other] == lines.start_hashes[k]:
                row[columns.NEARBY_SAME_START] = other - k
        start, stop = lines.spans[k, 0], lines.spans[k, 1]
        for other in range(k - NEARBY_LINES, k + NEARBY_LINES + 1):
            if not 0 <= other < n or other == k:
                continue
            other_start, other_stop = lines.spans[other, 0], lines.spans[other, 1]
            if not lines.inner_words[k] & ~lines.words[other] and contains_line(
                data, other_start, other_stop, start, stop
            ):
                row[columns.CONTAINED_IN] = other - k
            elif not lines.inner_words[other] & ~lines.words[k] and contains_line(
                data, start, stop, other_start, other_stop
            ):
                row[columns.CONTAINS] = other - k
