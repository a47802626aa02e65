"""Measure all signals of a column of texts: one walk over words, one over lines, then counting.

measure_signals(pa.array(["One line.", None]))["words"]      -> [2, 0]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import number_column
from corpus.signals.c4_kernel import without_citations
from corpus.signals.fineweb2 import LANGUAGES
from corpus.signals.line_kernel import walk_lines
from corpus.signals.names import COUNTS, SIGNALS, STOP_WORDS_BY_LANGUAGE
from corpus.signals.own_word_kernel import walk_own_words
from corpus.signals.survey import Survey, copy_text, survey
from corpus.signals.word_kernel import WordCounts, walk_words
from corpus.signals.work import Work, make_work
from corpus.signals.write_signals import (
    write_c4,
    write_datatrove,
    write_dclm,
    write_dolma,
    write_lines,
    write_own,
)
from corpus.words.folding import FoldingInput, fold_text, folding_input
from corpus.words.simd import BLOCK, load8

# isort: split
from numba import int64

from corpus.kernels import njit_without_allocation


def measure_signals(column: pa.Array | pa.ChunkedArray) -> dict[str, pa.Array]:
    """Return every signal of each text, int64 or float64; null where it is not defined.

    `corpus.signals.definition.measure` defines them. A null is an empty text. The last column has
    the number of stop words in each of `LANGUAGES`, one byte each.
    """
    source = folding_input(column)
    longest = int(np.diff(source.offsets).max(initial=0))
    n_texts = len(source.offsets) - 1
    out = np.zeros((len(SIGNALS), n_texts), np.float64)
    stop_words = np.zeros((n_texts, len(LANGUAGES)), np.uint8)
    _measure(source, make_work(longest), out, stop_words)
    signals = {}
    for name, values in zip(SIGNALS, out, strict=True):
        if name in COUNTS:
            signals[name] = number_column(values.astype(np.int64))
        else:
            signals[name] = number_column(values, np.isnan(values))
    signals[STOP_WORDS_BY_LANGUAGE] = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(len(LANGUAGES)), n_texts, [None, pa.py_buffer(stop_words)]
    )
    return signals


@njit_without_allocation
def _walk_words(text: Survey, work: Work) -> WordCounts:
    """Return the counts of the words; C4 judges a text with citations without them."""
    sums = work.words.c4
    if text.brackets:
        end = without_citations(work.text, text.begin, text.end, work.judged)
        if end >= 0:
            judged = survey(work.judged, int64(BLOCK), end)
            walk_words(judged, work.table, work.known, work.judged_chunk, work.marks, work.words)
            for k in range(sums.size):
                work.judged_c4[k] = sums[k]
            return walk_words(text, work.table, work.known, work.chunk, work.marks, work.words)
    words = walk_words(text, work.table, work.known, work.chunk, work.marks, work.words)
    for k in range(sums.size):
        work.judged_c4[k] = sums[k]
    return words


@njit_without_allocation
def _count_stop_words(work: Work, row: NDArray[np.uint8]) -> None:
    """Count for each language how many of its stop words were seen."""
    seen, languages, ends = work.words.seen, work.languages, work.language_ends
    seen[0] = 0  # other words
    for first in range(0, ends.size - 1, 8):
        if load8(seen, first):
            for number in range(first, first + 8):
                if seen[number]:
                    for k in range(ends[number], ends[number + 1]):
                        row[languages[k]] += 1


@njit_without_allocation
def _measure(
    source: FoldingInput, work: Work, out: NDArray[np.float64], stop_words: NDArray[np.uint8]
) -> None:
    """Write the signals of each text to a column of `out`, and its stop words to a row."""
    for k in range(out.shape[1]):
        begin, end = copy_text(source.data, source.offsets[k], source.offsets[k + 1], work.text)
        text = survey(work.text, begin, end)
        lines = walk_lines(work.text, text, work.table, work.lines)
        words = _walk_words(text, work)
        folded_end = fold_text(source, k)
        own = walk_own_words(source.folded, folded_end, work.table, work.own)
        row = out[:, k]
        write_own(row, own, text, work)
        write_dclm(row, words, text)
        write_dolma(row, words, lines, work)
        write_datatrove(row, words, text, lines, work)
        write_lines(row, lines, work)
        write_c4(row, work)
        _count_stop_words(work, stop_words[k])
