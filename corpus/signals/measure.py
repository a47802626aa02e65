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

# isort: split
from corpus.kernels import njit


def measure_signals(column: pa.Array | pa.ChunkedArray) -> dict[str, pa.Array]:
    """Return every signal of each text, int64 or float64; null where it is not defined.

    `corpus.signals.definition.measure` defines them. A null is an empty text. The last column has
    the number of stop words in each of `LANGUAGES`, one byte each.
    """
    source = folding_input(column)
    longest = int(np.diff(source.offsets).max(initial=0))
    out = np.zeros((len(SIGNALS), len(source.offsets) - 1), np.float64)
    stop_words = np.zeros((out.shape[1], len(LANGUAGES)), np.uint8)
    _measure(source, make_work(longest), out, stop_words)
    signals = {}
    for name, values in zip(SIGNALS, out, strict=True):
        if name in COUNTS:
            signals[name] = number_column(values.astype(np.int64))
        else:
            signals[name] = number_column(values, np.isnan(values))
    signals[STOP_WORDS_BY_LANGUAGE] = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(len(LANGUAGES)), len(stop_words), [None, pa.py_buffer(stop_words)]
    )
    return signals


@njit
def _walk_words(data: NDArray[np.uint8], start: int, end: int, work: Work) -> WordCounts:
    """Return the counts of the words; C4 judges a text with citations without them."""
    tables = (work.table, work.known, work.chunk)
    words = walk_words(data, start, end, *tables, work.words)
    if not words.brackets:
        return words
    size = without_citations(data, start, end, work.copy)
    if size < 0:
        return words
    walk_words(work.copy, 0, size, *tables, work.words)
    judged = work.words.c4.copy()
    words = walk_words(data, start, end, *tables, work.words)
    work.words.c4[:] = judged
    return words


@njit
def _measure(
    source: FoldingInput, work: Work, out: NDArray[np.float64], stop_words: NDArray[np.uint8]
) -> None:
    """Write the signals of each text to a column of `out`, and its stop words to a row."""
    data = source.data
    for k in range(out.shape[1]):
        start, end = source.offsets[k], source.offsets[k + 1]
        lines = walk_lines(data, start, end, work.table, work.lines)
        words = _walk_words(data, start, end, work)
        folded_end = fold_text(source, k)
        own = walk_own_words(source.folded, folded_end, work.table, work.own)
        row = out[:, k]
        write_own(row, own, words, lines, work)
        write_dclm(row, words)
        write_dolma(row, words, lines, work)
        write_datatrove(row, words, lines, work)
        write_lines(row, lines, work)
        write_c4(row, work)
        for language in range(stop_words.shape[1]):
            for j in range(work.language_ends[language], work.language_ends[language + 1]):
                stop_words[k, language] += work.words.seen[work.words_of_language[j]]
