"""What the kernels of the signals need besides the texts: tables, and room for one text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals.c4_kernel import N_FIELDS
from corpus.signals.characters import class_table
from corpus.signals.definition import LONGEST_COUNTED, MAX_LINES, MAX_WORDS
from corpus.signals.hashing import KnownWords, known_words
from corpus.signals.line_kernel import Lines
from corpus.signals.names import NGRAMS
from corpus.signals.repetition import Counts, Sequence, make_counts, make_sequence
from corpus.signals.token_kernel import Chunk, make_chunk
from corpus.signals.word_kernel import Words
from corpus.words.simd import read_only


class Work(NamedTuple):
    """Tables, and room for the words and lines of one text; made once per column."""

    table: NDArray[np.uint32]
    known: KnownWords
    chunk: Chunk
    words: Words
    own: Sequence
    lines: Lines
    counts: Counts
    ngrams: NDArray[np.float64]
    copy: NDArray[np.uint8]
    """Room for a text without its citations."""


def make_work(longest: int) -> Work:
    """Return room for texts of up to this many bytes."""
    n_words, n_lines = min(longest + 1, MAX_WORDS), min(longest + 2, MAX_LINES)
    lengths = np.zeros(LONGEST_COUNTED + 1, np.int64)
    return Work(
        read_only(class_table()),
        known_words(),
        make_chunk(),
        Words(
            make_sequence(min(longest // 2 + 1, MAX_WORDS)),
            make_sequence(n_words),
            lengths,
            np.zeros(N_FIELDS, np.int64),
        ),
        make_sequence(n_words),
        Lines(*(make_sequence(n_lines) for _ in Lines._fields)),
        make_counts(max(n_words, n_lines)),
        np.zeros(len(NGRAMS), np.float64),
        np.zeros(longest + 8, np.uint8),
    )
