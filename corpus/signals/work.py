"""What the kernels of the signals need besides the texts: tables, and room for one text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals.c4_kernel import N_FIELDS
from corpus.signals.characters import class_table
from corpus.signals.definition import LONGEST_COUNTED, MAX_LINES, MAX_WORDS
from corpus.signals.fineweb2 import LANGUAGES, STOP_WORDS
from corpus.signals.hashing import LANGUAGE_WORDS, KnownWords, known_words
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
    words_of_language: NDArray[np.int64]
    """int64[n]: the stop words of each language, as their numbers."""
    language_ends: NDArray[np.int64]
    """int64[n_languages + 1]: where those of each language end."""
    copy: NDArray[np.uint8]
    """Room for a text without its citations."""


def make_work(longest: int) -> Work:
    """Return room for texts of up to this many bytes."""
    numbers = {word: number for number, word in enumerate(LANGUAGE_WORDS, 1)}
    lists = [[numbers[word] for word in STOP_WORDS[code].split()] for code in LANGUAGES]
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
            np.zeros(len(LANGUAGE_WORDS) + 1, np.uint8),
            np.zeros(N_FIELDS, np.int64),
        ),
        make_sequence(n_words),
        Lines(*(make_sequence(n_lines) for _ in Lines._fields)),
        make_counts(max(n_words, n_lines)),
        np.zeros(len(NGRAMS), np.float64),
        np.array([number for numbers_of in lists for number in numbers_of], np.int64),
        np.cumsum([0, *map(len, lists)], dtype=np.int64),
        np.zeros(longest + 8, np.uint8),
    )
