"""What the kernels of the signals need besides the texts: tables, and room for one text."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals.c4_kernel import N_SUMS
from corpus.signals.characters import class_table
from corpus.signals.chunk_kernel import N_COUNTS, Words
from corpus.signals.definition import LONGEST_COUNTED, MAX_LINES, MAX_WORDS
from corpus.signals.fineweb2 import LANGUAGES, STOP_WORDS
from corpus.signals.hashing import LANGUAGE_WORDS, KnownWords, known_words
from corpus.signals.line_kernel import Lines
from corpus.signals.names import NGRAMS
from corpus.signals.repetition import Counts, Sequence, make_counts, make_sequence
from corpus.signals.token_kernel import Chunk, make_chunk
from corpus.signals.word_kernel import Marks, make_marks
from corpus.words.simd import read_only


class Work(NamedTuple):
    """Tables, and room for the words and lines of one text; made once per column."""

    table: NDArray[np.uint32]
    known: KnownWords
    text: NDArray[np.uint8]
    """The text, between spaces."""
    chunk: Chunk
    judged: NDArray[np.uint8]
    """Room for the text without its citations."""
    judged_chunk: Chunk
    marks: Marks
    judged_c4: NDArray[np.int64]
    words: Words
    own: Sequence
    lines: Lines
    counts: Counts
    ngrams: NDArray[np.float64]
    languages: NDArray[np.int64]
    """int64[n]: the languages that have each word among their stop words, as their numbers."""
    language_ends: NDArray[np.int64]
    """int64[n_words + 2]: where those of each word end."""


MARGIN = 64 * 4
"""Spaces around a text; kernels read up to 64 bytes past its ends."""


@cache
def _languages() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the languages of each stop word, one word after the other, and where they end."""
    lists = {code: set(STOP_WORDS[code].split()) for code in LANGUAGES}
    languages = [
        [k for k, code in enumerate(LANGUAGES) if word in lists[code]] for word in LANGUAGE_WORDS
    ]
    numbers = np.array([k for numbers in languages for k in numbers], np.int64)
    return numbers, np.cumsum([0, 0, *map(len, languages)], dtype=np.int64)


def make_work(longest: int) -> Work:
    """Return room for texts of up to this many bytes."""
    n_words, n_lines = min(longest + 1, MAX_WORDS), min(longest + 2, MAX_LINES)
    text, judged = np.zeros(longest + MARGIN, np.uint8), np.zeros(longest + MARGIN, np.uint8)
    chunk = make_chunk(text)
    return Work(
        read_only(class_table()),
        known_words(),
        text,
        chunk,
        judged,
        chunk._replace(text=judged),
        make_marks(longest + MARGIN),
        np.zeros(N_SUMS, np.int64),
        Words(
            make_sequence(min(longest // 2 + 1, MAX_WORDS)),
            make_sequence(n_words),
            np.zeros(LONGEST_COUNTED + 1, np.int64),
            np.zeros(len(LANGUAGE_WORDS) + 1 + 8, np.uint8),
            np.zeros(N_COUNTS, np.int64),
            np.zeros(N_SUMS, np.int64),
        ),
        make_sequence(n_words),
        Lines(*(make_sequence(n_lines) for _ in Lines._fields)),
        make_counts(max(n_words, n_lines)),
        np.zeros(len(NGRAMS), np.float64),
        *_languages(),
    )
