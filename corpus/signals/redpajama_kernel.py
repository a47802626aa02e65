"""Kernel that measures RedPajama's signals, as `corpus.signals.redpajama` defines them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import number_column
from corpus.signals import characters as c
from corpus.signals.characters import class_table
from corpus.signals.definition import MAX_WORDS
from corpus.signals.own_word_kernel import walk_own_words
from corpus.signals.redpajama import NAMES
from corpus.signals.repetition import Counts, Sequence, count_all, make_counts, make_sequence
from corpus.signals.survey import Survey, copy_text, survey
from corpus.signals.work import MARGIN
from corpus.words.folding import FoldingInput, decode, fold_text, folding_input
from corpus.words.simd import read_only

# isort: split
from numba import int64

from corpus.kernels import njit_without_allocation

SPACE, LETTER_OR_DIGIT, UPPER, LOWER = c.SPACE, c.LETTER_OR_DIGIT, c.UPPER, c.LOWER
NEWLINE, DOT, EXCLAMATION, QUESTION, UNDERSCORE, OPEN, CLOSE = (ord(char) for char in "\n.!?_{}")
ELLIPSIS = ord("…")
N_SIGNALS = len(NAMES)


class RawCounts(NamedTuple):
    """What is counted of the characters of one text."""

    sentences: int
    words: int
    words_with_letter: int
    words_in_capitals: int
    lines: int
    ellipsis_lines: int
    brackets: int


def measure_redpajama_signals(column: pa.Array | pa.ChunkedArray) -> dict[str, pa.Array]:
    """Return each of `NAMES`: int64, then float64 with null where a share is not defined."""
    source = folding_input(column)
    longest = int(np.diff(source.offsets).max(initial=0))
    n_words = min(longest + 1, MAX_WORDS)
    out = np.zeros((len(source.offsets) - 1, N_SIGNALS), np.float64)
    text = np.zeros(longest + MARGIN, np.uint8)
    table, words = read_only(class_table()), make_sequence(n_words)
    _measure(source, text, table, words, make_counts(n_words), out)
    whole, *shares = out.T
    columns = [number_column(whole.astype(np.int64))]
    columns += [number_column(values, np.isnan(values)) for values in shares]
    return dict(zip(NAMES, columns, strict=True))


@njit_without_allocation
def _walk(data: NDArray[np.uint8], text: Survey, table: NDArray[np.uint32]) -> RawCounts:
    """Return the counts of data[text.begin:text.end]."""
    sentences, inside, words, with_letter, in_capitals = 0, False, 0, 0, 0
    lines, ellipsis_lines, brackets = 0, 0, 0
    kind, letter, capital, small, open_line, ends = 0, False, False, False, False, False
    i = text.begin
    while i <= text.end:
        # behind the text stands a space, which ends the last word
        code, length = int64(data[i]), 1
        if code >= 0x80:
            code, length = decode(data, i, text.end)
        bits = table[code]
        in_word = code == UNDERSCORE or bits & LETTER_OR_DIGIT != 0
        here = 1 if in_word else 0 if bits & SPACE or i == text.end else 2
        if here != kind:
            if kind:
                words += 1
                with_letter += letter
                in_capitals += capital and not small
            letter, capital, small = False, False, False
            edge = (here == 1) != (kind == 1)
        else:
            edge = False
        kind = here
        if i == text.end:
            break
        letter |= 0x61 <= code | 0x20 <= 0x7A
        upper, lower = bits & UPPER != 0, bits & LOWER != 0
        capital |= upper and not lower
        small |= lower and not upper
        if code in (DOT, EXCLAMATION, QUESTION):
            inside = False
        elif not inside and edge:
            sentences += 1
            inside = True
        brackets += code in (OPEN, CLOSE)
        # the line: what its last character is that is not white space
        open_line = True
        if code == NEWLINE:
            lines += 1
            ellipsis_lines += ends
            open_line, ends = False, False
        elif not bits & SPACE:
            three_dots = code == data[i - 1] == data[i - 2] == DOT  # spaces precede the text
            ends = code == ELLIPSIS or three_dots
        i += length
    if open_line:
        lines += 1
        ellipsis_lines += ends
    return RawCounts(sentences, words, with_letter, in_capitals, lines, ellipsis_lines, brackets)


@njit_without_allocation
def _different(words: Sequence, n: int, table: Counts) -> tuple[int, float]:
    """Return the number of different words, and their entropy."""
    for i in range(n):
        table.rolling[i] = words.hashes[i]
    count_all(table, n)
    different, entropy = 0, 0.0
    counts, slots = table.counts, table.slots
    for i in range(n):
        times = counts[slots[i]]
        if times:
            different += 1
            entropy += -times / n * np.log(times / n)
            counts[slots[i]] = 0
    return different, entropy


@njit_without_allocation
def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


@njit_without_allocation
def _measure(
    source: FoldingInput,
    data: NDArray[np.uint8],
    table: NDArray[np.uint32],
    words: Sequence,
    counts: Counts,
    out: NDArray[np.float64],
) -> None:
    """Write the signals of each text to a row of `out`."""
    for k in range(out.shape[0]):
        begin, end = copy_text(source.data, source.offsets[k], source.offsets[k + 1], data)
        text = survey(data, begin, end)
        raw = _walk(data, text, table)
        own = walk_own_words(source.folded, fold_text(source, k), table, words)
        n = min(own.words, MAX_WORDS)
        different, entropy = _different(words, n, counts)
        row = out[k]
        row[0] = raw.sentences
        row[1] = _share(text.hashes + text.ellipses, raw.words)
        row[2] = _share(raw.ellipsis_lines, raw.lines)
        row[3] = _share(raw.words - raw.words_with_letter, raw.words)
        row[4] = _share(raw.words_in_capitals, raw.words)
        row[5] = _share(different, n)
        row[6] = entropy if n else np.nan
        row[7] = _share(raw.brackets, text.characters)
