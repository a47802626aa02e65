"""Hashes of words, and the table of the words that the kernels know by name.

A word's hash runs over its code points, so a part of a longer word has the same hash as the word.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals.definition import STOP_WORDS
from corpus.signals.exceptions import EXCEPTIONS
from corpus.signals.fineweb2 import STOP_WORDS as STOP_WORDS_OF_LANGUAGES

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

_START, _PRIME, _MASK = 0xCBF29CE484222325, 0x9E3779B97F4A7C15, (1 << 64) - 1
START, PRIME = np.uint64(_START), np.uint64(_PRIME)
_FOLD = np.uint64(32)

TABLE_SIZE = 1 << 13
_TABLE_MASK = np.uint64(TABLE_SIZE - 1)

CUT_BITS = 8
"""Bits for the length of each part of a word; up to three parts."""
STOP_WORD_SHIFT = 32
"""From this bit on, 8 bits: the number of the word among the English stop words, from 1."""
LANGUAGE_WORD_SHIFT = 40
"""From this bit on: the number of the word among the stop words of all languages, from 1."""
ORDERED_STOP_WORDS = tuple(sorted(STOP_WORDS))
LANGUAGE_WORDS = tuple(
    sorted({w for text in STOP_WORDS_OF_LANGUAGES.values() for w in text.split()})
)


class KnownWords(NamedTuple):
    """Hash table of the exceptions and the stop words: open addressing, 0 is empty."""

    keys: NDArray[np.uint64]
    values: NDArray[np.int64]


def word_hash(word: str) -> int:
    """Return the hash of a word, as the kernels compute it."""
    value = _START
    for char in word:
        value = (value ^ ord(char)) * _PRIME & _MASK
    return value ^ value >> 32


@cache
def known_words() -> KnownWords:
    """Return the table; its value holds the lengths of the parts and the number of a stop word."""
    keys, values = np.zeros(TABLE_SIZE, np.uint64), np.zeros(TABLE_SIZE, np.int64)
    language_words = {word: number for number, word in enumerate(LANGUAGE_WORDS, 1)}
    for word in sorted({*EXCEPTIONS, *STOP_WORDS, *LANGUAGE_WORDS}):
        key = word_hash(word)
        slot = key & (TABLE_SIZE - 1)
        while keys[slot]:
            slot = (slot + 1) % TABLE_SIZE
        keys[slot] = key
        values[slot] = sum(size << CUT_BITS * i for i, size in enumerate(EXCEPTIONS.get(word, ())))
        if word in STOP_WORDS:
            values[slot] += (ORDERED_STOP_WORDS.index(word) + 1) << STOP_WORD_SHIFT
        values[slot] += language_words.get(word, 0) << LANGUAGE_WORD_SHIFT
    keys.flags.writeable = values.flags.writeable = False
    return KnownWords(keys, values)


@njit
def next_hash(value: int, code: int) -> int:
    """Return the hash of a word that goes on with this code point, before `finish`."""
    return (value ^ uint64(code)) * PRIME


@njit
def finish(value: int) -> int:
    """Return the hash of a finished word."""
    return uint64(value) ^ uint64(value) >> _FOLD


@njit
def look_up(known: KnownWords, key: int) -> int:
    """Return the value of a word in the table; 0 if it is not there."""
    slot = int64(key & _TABLE_MASK)
    while known.keys[slot] != uint64(0):
        if known.keys[slot] == key:
            return int64(known.values[slot])
        slot = (slot + 1) & (TABLE_SIZE - 1)
    return int64(0)
