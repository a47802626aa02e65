"""The hashes of words, and the table of the words that the kernels know by name."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.signals.definition import STOP_WORDS
from corpus.signals.exceptions import EXCEPTIONS
from corpus.signals.hashing import (
    CUT_BITS,
    LANGUAGE_WORD_SHIFT,
    LANGUAGE_WORDS,
    ORDERED_STOP_WORDS,
    STOP_WORD_SHIFT,
    known_words,
    look_up,
    range_hash,
    word_hash,
)

MARGIN = 16


def kernel_hash(word: str, offset: int = 0) -> np.uint64:
    """Return the hash of a word among other bytes, as a kernel computes it."""
    data = b"#" * offset + word.encode() + b"#" * MARGIN
    return np.uint64(range_hash(np.frombuffer(data, np.uint8), offset, len(data) - MARGIN))


@pytest.mark.parametrize("size", range(70))
def test_kernel_and_python_hash_alike(size):
    """The hash of a word of any length is the same in Python, and does not depend on its place."""
    word = "".join(chr(0x61 + (7 * k + size) % 26) for k in range(size))
    assert {int(kernel_hash(word, offset)) for offset in range(9)} == {word_hash(word)}


def test_similar_words_have_different_hashes():
    """Words that differ in one character, in its place or in their length have different hashes."""
    words = {"a" * size for size in range(70)} | {"\0" * size for size in range(1, 70)}
    for size in (7, 8, 9, 15, 16, 17, 31, 32, 33, 48):
        for place in range(size):
            words |= {"a" * place + char + "a" * (size - place - 1) for char in "bcdA\x01é"}
    assert len({word_hash(word) for word in words}) == len(words)


def test_every_known_word_has_its_value():
    """An exception, a stop word and a word that is both have all their numbers in the table."""
    known = known_words()
    for word in {*EXCEPTIONS, *STOP_WORDS, *LANGUAGE_WORDS}:
        value = int(look_up(known, kernel_hash(word)))
        sizes = value & (1 << STOP_WORD_SHIFT) - 1
        parts = tuple(sizes >> CUT_BITS * k & 0xFF for k in range(4))
        assert parts[: len(EXCEPTIONS.get(word, ()))] == EXCEPTIONS.get(word, ())
        assert not any(parts[len(EXCEPTIONS.get(word, ())) :])
        number = value >> STOP_WORD_SHIFT & 0xFF
        assert number == (ORDERED_STOP_WORDS.index(word) + 1 if word in STOP_WORDS else 0)
        number = value >> LANGUAGE_WORD_SHIFT
        assert number == (LANGUAGE_WORDS.index(word) + 1 if word in LANGUAGE_WORDS else 0)


def test_other_words_have_none():
    """A word that is not in the table has the value 0."""
    known = known_words()
    others = [f"{word}{k}" for word in LANGUAGE_WORDS[::5] for k in range(20)]
    assert not any(look_up(known, kernel_hash(word)) for word in others)
