"""Kernels that turn counts into signals: which number is divided by which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.signals.c4_kernel import (
    ALL_CURLY_BRACKETS,
    ALL_LOREM_IPSUM,
    ALL_SENTENCES,
    ANY_CURLY_BRACKETS,
    ANY_LOREM_IPSUM,
    ANY_SENTENCES,
)
from corpus.signals.definition import MAX_LINES, MAX_WORDS
from corpus.signals.line_kernel import LineCounts
from corpus.signals.names import NGRAMS, SIGNALS
from corpus.signals.own_word_kernel import OwnWordCounts
from corpus.signals.repetition import (
    DATATROVE,
    DOLMA,
    LONGEST_TOP,
    OWN,
    SHORTEST,
    Sequence,
    copies,
    repeated_ngrams,
)
from corpus.signals.survey import Survey
from corpus.signals.word_kernel import WordCounts
from corpus.signals.work import Work
from corpus.words.simd import popcount

# isort: split
from numba import uint64

from corpus.kernels import njit_without_allocation

NAMES = {name: number for number, name in enumerate(SIGNALS)}
_N_NGRAMS = len(NGRAMS)
_NAN = np.nan

# The place of each signal in `SIGNALS`: a kernel needs constants.
ALPHABETIC_WORDS = NAMES["alphabetic_words"]
ALPHABETIC_WORDS_DATATROVE = NAMES["alphabetic_words_datatrove"]
ALPHABETIC_WORDS_DOLMA = NAMES["alphabetic_words_dolma"]
BULLET_LINES = NAMES["bullet_lines"]
BULLET_LINES_DATATROVE = NAMES["bullet_lines_datatrove"]
BULLET_LINES_DOLMA = NAMES["bullet_lines_dolma"]
CHARACTERS = NAMES["characters"]
DUPLICATE_LINE_CHARACTERS_DOLMA = NAMES["duplicate_line_characters_dolma"]
DUPLICATE_LINE_CHARACTERS_FINEWEB = NAMES["duplicate_line_characters_fineweb"]
DUPLICATE_LINES = NAMES["duplicate_lines"]
DUPLICATE_LINES_DATATROVE = NAMES["duplicate_lines_datatrove"]
DUPLICATE_LINES_DOLMA = NAMES["duplicate_lines_dolma"]
DUPLICATE_PARAGRAPHS = NAMES["duplicate_paragraphs"]
DUPLICATE_PARAGRAPHS_DATATROVE = NAMES["duplicate_paragraphs_datatrove"]
ELLIPSES_PER_WORD = NAMES["ellipses_per_word"]
ELLIPSES_PER_WORD_DATATROVE = NAMES["ellipses_per_word_datatrove"]
ELLIPSIS_LINES = NAMES["ellipsis_lines"]
ELLIPSIS_LINES_DATATROVE = NAMES["ellipsis_lines_datatrove"]
ELLIPSIS_LINES_DOLMA = NAMES["ellipsis_lines_dolma"]
HASHES_PER_WORD = NAMES["hashes_per_word"]
HASHES_PER_WORD_DATATROVE = NAMES["hashes_per_word_datatrove"]
LINE_BREAKS_PER_WORD_FINEWEB = NAMES["line_breaks_per_word_fineweb"]
LINES = NAMES["lines"]
LINES_WITH_END_MARK_FINEWEB = NAMES["lines_with_end_mark_fineweb"]
MEAN_WORD_LENGTH = NAMES["mean_word_length"]
MEAN_WORD_LENGTH_DATATROVE = NAMES["mean_word_length_datatrove"]
MEAN_WORD_LENGTH_DCLM = NAMES["mean_word_length_dclm"]
MEDIAN_WORD_LENGTH_DOLMA = NAMES["median_word_length_dolma"]
SHORT_LINES_FINEWEB = NAMES["short_lines_fineweb"]
STOP_WORDS = NAMES["stop_words"]
STOP_WORDS_DATATROVE = NAMES["stop_words_datatrove"]
STOP_WORDS_DCLM = NAMES["stop_words_dclm"]
STOP_WORDS_DOLMA = NAMES["stop_words_dolma"]
SYMBOL_WORDS_DOLMA = NAMES["symbol_words_dolma"]
SYMBOLS_PER_WORD_DCLM = NAMES["symbols_per_word_dclm"]
TOP_2GRAM = NAMES["top_2gram"]
TOP_2GRAM_DATATROVE = NAMES["top_2gram_datatrove"]
TOP_2GRAM_DOLMA = NAMES["top_2gram_dolma"]
WORDS = NAMES["words"]
WORDS_DATATROVE = NAMES["words_datatrove"]
WORDS_DCLM = NAMES["words_dclm"]
WORDS_DOLMA = NAMES["words_dolma"]
WORDS_WITHOUT_LETTER_DCLM = NAMES["words_without_letter_dclm"]
SENTENCES_C4 = NAMES["sentences_c4"]
CURLY_BRACKETS_C4 = NAMES["curly_brackets_c4"]
LOREM_IPSUM_C4 = NAMES["lorem_ipsum_c4"]
SENTENCES_C4_ANY_END = NAMES["sentences_c4_any_end"]
CURLY_BRACKETS_C4_ANY_END = NAMES["curly_brackets_c4_any_end"]
LOREM_IPSUM_C4_ANY_END = NAMES["lorem_ipsum_c4_any_end"]


@njit_without_allocation
def _share(part: float, whole: float) -> float:
    return part / whole if whole else _NAN


@njit_without_allocation
def write_own(row: NDArray[np.float64], own: OwnWordCounts, text: Survey, work: Work) -> None:
    """Write the signals that count our own words."""
    n = own.words
    row[CHARACTERS] = text.characters
    row[WORDS] = n
    row[MEAN_WORD_LENGTH] = _share(own.joined_characters, own.joined)
    row[HASHES_PER_WORD] = _share(text.hashes, n)
    row[ELLIPSES_PER_WORD] = _share(text.ellipses, n)
    row[ALPHABETIC_WORDS] = _share(own.with_letter, n)
    row[STOP_WORDS] = popcount(uint64(own.stop_words_seen))
    compared = min(n, MAX_WORDS)
    repeated_ngrams(work.own, compared, work.counts, OWN, work.ngrams)
    for j in range(_N_NGRAMS):
        row[TOP_2GRAM + j] = _share(work.ngrams[j], work.own.ends[compared])


@njit_without_allocation
def write_dclm(row: NDArray[np.float64], words: WordCounts, text: Survey) -> None:
    """Write the signals that DCLM's code counts."""
    n = words.spaced
    symbols = text.hashes + text.ellipses + text.spaced_ellipses
    row[WORDS_DCLM] = words.spaced_first_alphanumeric
    row[MEAN_WORD_LENGTH_DCLM] = _share(words.spaced_characters, n)
    row[SYMBOLS_PER_WORD_DCLM] = _share(symbols, n)
    row[WORDS_WITHOUT_LETTER_DCLM] = _share(n - words.spaced_with_letter, n)
    row[STOP_WORDS_DCLM] = words.spaced_stop_words_any_case


@njit_without_allocation
def _median(lengths: NDArray[np.int64], n: int) -> float:
    """Return the median of n lengths, of which a histogram is given; 0 if there is none."""
    if n == 0:
        return 0.0
    lower, upper, seen = -1, -1, 0
    for length in range(lengths.size):
        seen += lengths[length]
        if lower < 0 and seen > (n - 1) // 2:
            lower = length
        if seen > n // 2:
            upper = length
            break
    return (lower + upper) / 2


@njit_without_allocation
def write_dolma(row: NDArray[np.float64], words: WordCounts, lines: LineCounts, work: Work) -> None:
    """Write the signals that dolma's tagger counts."""
    n, total = words.spaced, max(words.spaced_characters, 1)
    row[WORDS_DOLMA] = n
    row[MEDIAN_WORD_LENGTH_DOLMA] = _median(work.words.lengths, n)
    row[SYMBOL_WORDS_DOLMA] = words.spaced_symbol_words / max(n, 1)
    row[ALPHABETIC_WORDS_DOLMA] = words.spaced_with_letter / max(n, 1)
    row[STOP_WORDS_DOLMA] = words.spaced_stop_words
    row[BULLET_LINES_DOLMA] = lines.raw_bullets / lines.raw
    row[ELLIPSIS_LINES_DOLMA] = lines.raw_ellipses / lines.raw
    compared = min(lines.raw, MAX_LINES)
    every, every_size, _, _ = copies(work.lines.raw, compared, work.counts)
    row[DUPLICATE_LINES_DOLMA] = every / compared
    row[DUPLICATE_LINE_CHARACTERS_DOLMA] = every_size / total
    spaced, compared = work.words.spaced, min(n, MAX_WORDS)
    repeated_ngrams(spaced, compared, work.counts, DOLMA, work.ngrams)
    for j in range(_N_NGRAMS):
        size, whole = SHORTEST + j, float(total)
        if size > LONGEST_TOP:
            whole = max(_ngram_characters(spaced, compared, size), 1)
        row[TOP_2GRAM_DOLMA + j] = work.ngrams[j] / whole


@njit_without_allocation
def _ngram_characters(sequence: Sequence, n_words: int, size: int) -> int:
    """Return the number of characters of all n-grams: what is added once is taken off once."""
    total = 0
    for k in range(min(size, n_words - size + 1)):
        total += sequence.ends[n_words - k] - sequence.ends[k]
    return total


@njit_without_allocation
def write_datatrove(
    row: NDArray[np.float64], words: WordCounts, text: Survey, lines: LineCounts, work: Work
) -> None:
    """Write the signals that datatrove's filters count in words."""
    n = words.tokens
    row[WORDS_DATATROVE] = words.counted_tokens
    row[MEAN_WORD_LENGTH_DATATROVE] = _share(words.counted_characters, words.counted_tokens)
    row[HASHES_PER_WORD_DATATROVE] = _share(text.hashes, n)
    row[ELLIPSES_PER_WORD_DATATROVE] = _share(text.ellipses, n)
    row[ALPHABETIC_WORDS_DATATROVE] = _share(words.tokens_with_letter, n)
    row[STOP_WORDS_DATATROVE] = popcount(uint64(words.stop_words_seen))
    row[LINE_BREAKS_PER_WORD_FINEWEB] = _share(lines.raw - 1, n)
    repeated_ngrams(work.words.tokens, min(n, MAX_WORDS), work.counts, DATATROVE, work.ngrams)
    for j in range(_N_NGRAMS):
        row[TOP_2GRAM_DATATROVE + j] = _share(work.ngrams[j], lines.characters)


@njit_without_allocation
def write_lines(row: NDArray[np.float64], lines: LineCounts, work: Work) -> None:
    """Write the signals that count lines and paragraphs."""
    row[LINES] = lines.filled
    row[BULLET_LINES] = _share(lines.bullets, lines.filled)
    row[ELLIPSIS_LINES] = _share(lines.ellipses, lines.filled)
    row[BULLET_LINES_DATATROVE] = _share(lines.any_break_bullets, lines.by_any_break)
    row[ELLIPSIS_LINES_DATATROVE] = _share(lines.any_break_ellipses, lines.by_any_break)
    row[LINES_WITH_END_MARK_FINEWEB] = _share(lines.end_marks, lines.not_blank)
    row[SHORT_LINES_FINEWEB] = _share(lines.short, lines.not_blank)
    later = copies(work.lines.not_blank, min(lines.not_blank, MAX_LINES), work.counts)[3]
    without_breaks = lines.characters - (lines.raw - 1)
    row[DUPLICATE_LINE_CHARACTERS_FINEWEB] = _share(later, without_breaks)
    _write_all_copies(row, DUPLICATE_LINES, work.lines.filled, lines.filled, work)
    _write_all_copies(row, DUPLICATE_PARAGRAPHS, work.lines.paragraphs, lines.paragraphs, work)
    _write_later_copies(
        row, DUPLICATE_LINES_DATATROVE, work.lines.not_empty, lines.not_empty, lines, work
    )
    _write_later_copies(
        row,
        DUPLICATE_PARAGRAPHS_DATATROVE,
        work.lines.raw_paragraphs,
        lines.raw_paragraphs,
        lines,
        work,
    )


@njit_without_allocation
def _write_all_copies(
    row: NDArray[np.float64], at: int, passages: Sequence, n: int, work: Work
) -> None:
    """Write the shares of passages that occur more than once, and of their characters."""
    n = min(n, MAX_LINES)
    every, every_size, _, _ = copies(passages, n, work.counts)
    row[at] = _share(every, n)
    row[at + 1] = _share(every_size, passages.ends[n])


@njit_without_allocation
def _write_later_copies(
    row: NDArray[np.float64], at: int, passages: Sequence, n: int, lines: LineCounts, work: Work
) -> None:
    """Write the shares of passages that occurred before, and of their characters."""
    n = min(n, MAX_LINES)
    _, _, later, later_size = copies(passages, n, work.counts)
    row[at] = _share(later, n) if lines.characters else _NAN
    row[at + 1] = _share(later_size, lines.characters)


@njit_without_allocation
def write_c4(row: NDArray[np.float64], work: Work) -> None:
    """Write how C4 judges the lines."""
    state = work.judged_c4
    row[SENTENCES_C4] = state[ALL_SENTENCES]
    row[CURLY_BRACKETS_C4] = state[ALL_CURLY_BRACKETS]
    row[LOREM_IPSUM_C4] = state[ALL_LOREM_IPSUM]
    row[SENTENCES_C4_ANY_END] = state[ANY_SENTENCES]
    row[CURLY_BRACKETS_C4_ANY_END] = state[ANY_CURLY_BRACKETS]
    row[LOREM_IPSUM_C4_ANY_END] = state[ANY_LOREM_IPSUM]
