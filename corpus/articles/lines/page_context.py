"""Where the article of a page seems to be, and how each line relates to that place.

The *core* is the stretch of lines with the most words, after each line has paid a fixed price. Long
paragraphs add to it; a long series of short lines ends it.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Flags, Numbers, Offsets, Sums, Words
from corpus.articles.lines.lexicon import combine_hashes
from corpus.articles.lines.line_summary import SUMMARY_CUE, SUMMARY_WORDS
from corpus.kernels import njit_without_allocation

MIN_CORE_LINE_WORDS = 12
"""Words that a line must have to add to the core rather than subtract from it."""
WORD_SLOTS = 1 << 12
"""Slots of the table of the words in the core. Collisions only blur the result."""
MIN_COMMON_PARAGRAPHS = 3
"""Minimum number of paragraphs assumed when a word is compared with a third of them."""
RARE_WORD, COMMON_WORD = 1.0, 0.2
"""Weight of a shared word."""
EDGE_DISTANCE = 30
"""Distance in lines from the edge of the page to an assumed paragraph beyond it."""

LOWEST_CUE, LONGEST_SHORT_RUN, SHORT_RUN, PARAGRAPH_DISTANCE = 0, 1, 2, 4
"""Columns of `fill_core_direction`; the last two have one for each direction."""


@njit_without_allocation
def core(gains: Sums) -> tuple[int, int]:
    """Return the stretch of lines [first, stop) with the largest sum of gains."""
    best, first, stop, total, start = -np.inf, 0, 0, 0.0, 0
    for i in range(gains.size):
        if total <= 0:
            total, start = 0.0, i
        total += gains[i]
        if total > best:
            best, first, stop = total, start, i + 1
    return first, stop


@njit_without_allocation
def fill_same_starts(
    words: Words,
    word_offsets: Offsets,
    max_words: int,
    slots: Offsets,
    counts: Offsets,
    column: Numbers,
) -> None:
    """Fill in how many other lines have the same first `max_words` words.

    `slots` (int64[n_lines]) and `counts` (zeros before and after) are buffers. The size of `counts`
    is a power of two, at least two for each line.
    """
    for i in range(slots.size):
        start_hash = np.uint32(5)
        stop = (
            word_offsets[i + 1]
            if word_offsets[i + 1] - word_offsets[i] < max_words
            else word_offsets[i] + max_words
        )
        for j in range(word_offsets[i], stop):
            start_hash = combine_hashes(start_hash, words[j])
        slot = np.int64(start_hash ^ (start_hash >> np.uint32(16))) & (counts.size - 1)
        slots[i] = slot
        counts[slot] += 1
    for i in range(slots.size):
        column[i] = counts[slots[i]] - 1
    for i in range(slots.size):
        counts[slots[i]] = 0


@njit_without_allocation
def _word_slot(word_hash: np.uint32) -> np.int64:
    """Return the slot of a word in the table of the words in the core."""
    return np.int64((word_hash ^ (word_hash >> np.uint32(13))) & np.uint32(WORD_SLOTS - 1))


@njit_without_allocation
def fill_core_word_shares(
    words: Words,
    word_offsets: Offsets,
    first: int,
    stop: int,
    paragraphs_with_word: Offsets,
    last_line: Offsets,
    shares: Numbers,
) -> None:
    """Fill in the share of each line's words that other paragraphs of the core contain.

    Words in more than a third of the paragraphs have a fifth of the weight, because any text
    contains them. `shares` starts as zeros. `paragraphs_with_word` and `last_line` (the last line
    that had a word), zeros of `WORD_SLOTS` before and after, are buffers.
    """
    paragraphs = 0
    for i in range(first, stop):
        if word_offsets[i + 1] - word_offsets[i] < MIN_CORE_LINE_WORDS:
            continue
        paragraphs += 1
        for j in range(word_offsets[i], word_offsets[i + 1]):
            slot = _word_slot(words[j])
            if last_line[slot] != i + 1:
                last_line[slot] = i + 1
                paragraphs_with_word[slot] += 1
    common = paragraphs if paragraphs > MIN_COMMON_PARAGRAPHS else MIN_COMMON_PARAGRAPHS
    second_pass = word_offsets.size  # lines have higher numbers in the second pass
    for i in range(shares.size):
        is_paragraph = (
            first <= i < stop and word_offsets[i + 1] - word_offsets[i] >= MIN_CORE_LINE_WORDS
        )
        total = shared = 0.0
        for j in range(word_offsets[i], word_offsets[i + 1]):
            slot = _word_slot(words[j])
            if last_line[slot] == second_pass + i:
                continue
            last_line[slot] = second_pass + i
            others = paragraphs_with_word[slot] - is_paragraph
            weight = RARE_WORD if others * 3 <= common else COMMON_WORD
            total += weight
            shared += weight if others > 0 else 0.0
        if total > 0:
            shares[i] = shared / total
    for j in range(word_offsets[0], word_offsets[shares.size]):
        slot = _word_slot(words[j])
        paragraphs_with_word[slot] = last_line[slot] = 0


@njit_without_allocation
def fill_core_direction(
    middle: int, summary: Numbers, is_short: Flags, is_paragraph: Flags, columns: Numbers
) -> None:
    """Fill in what is between each line and the `middle` of the core, and next to the line.

    `columns` (zeros, float32[n_lines, 6]): the lowest cue of a short line and the longest run of
    short lines on the way to the core; the length of the run of short lines that ends here, and
    that starts here; the number of lines since the last full paragraph, and until the next.
    """
    zero, one = np.float32(0), np.float32(1)
    for side in range(2):
        step = 1 - 2 * side
        run, distance, lowest, longest = zero, np.float32(EDGE_DISTANCE), zero, zero
        i = 0 if side == 0 else is_short.size - 1
        for _ in range(is_short.size):
            run = run + one if is_short[i] else zero
            distance = zero if is_paragraph[i] else distance + one
            columns[i, SHORT_RUN + side] = run
            columns[i, PARAGRAPH_DISTANCE + side] = distance
            i += step
        i = middle - side
        while 0 <= i < is_short.size:
            if summary[i, SUMMARY_WORDS] < MIN_CORE_LINE_WORDS:
                cue = summary[i, SUMMARY_CUE]
                lowest = cue if cue < lowest else lowest
            run = columns[i, SHORT_RUN + side]
            longest = run if run > longest else longest
            columns[i, LOWEST_CUE], columns[i, LONGEST_SHORT_RUN] = lowest, longest
            i += step
