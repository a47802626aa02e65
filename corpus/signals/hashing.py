"""Hashes of words, and the table of the words that the kernels know by name.

A word's hash runs over its UTF-8 bytes, eight at a time, so a part of a longer word has the same
hash as the word.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals.definition import STOP_WORDS
from corpus.signals.exceptions import EXCEPTIONS
from corpus.signals.fineweb2 import STOP_WORDS as STOP_WORDS_OF_LANGUAGES
from corpus.words.simd import load8

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

_START, _PRIME, _MASK = 0xCBF29CE484222325, 0x9E3779B97F4A7C15, (1 << 64) - 1
_SHIFT = 29
START, PRIME, SHIFT = np.uint64(_START), np.uint64(_PRIME), np.uint64(_SHIFT)
_ONE, _EIGHT = np.uint64(1), np.uint64(8)

TABLE_SIZE = 1 << 13
_TABLE_MASK = np.uint64(TABLE_SIZE - 1)
FILTER_BITS = 16
"""The filter has 2 ** 16 bits, 8 KB: most words that are not in the table cost one load."""
_FILTER_SHIFT, _SIX, _WORD_MASK = np.uint64(64 - FILTER_BITS), np.uint64(6), np.uint64(63)

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
    filter: NDArray[np.uint64]
    """uint64[1024]: a bit is set for the first 16 bits of the hash of each word."""


def _mix(value: int) -> int:
    value = value * _PRIME & _MASK
    return value ^ value >> _SHIFT


def word_hash(word: str) -> int:
    """Return the hash of a word, as the kernels compute it."""
    data, value = word.encode(), _START
    for i in range(0, len(data), 8):
        value = _mix(value ^ int.from_bytes(data[i : i + 8], "little"))
    return _mix(value ^ len(data))


@cache
def known_words() -> KnownWords:
    """Return the table; its value holds the lengths of the parts and the number of a stop word."""
    keys, values = np.zeros(TABLE_SIZE, np.uint64), np.zeros(TABLE_SIZE, np.int64)
    bits = np.zeros(1 << FILTER_BITS >> 6, np.uint64)
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
        bit = key >> 64 - FILTER_BITS
        bits[bit >> 6] |= np.uint64(1 << (bit & 63))
    for array in (keys, values, bits):
        array.flags.writeable = False
    return KnownWords(keys, values, bits)


@njit_without_allocation
def mix(value: int) -> int:
    """Return a number whose bits all depend on all bits of the given one."""
    mixed = uint64(value) * PRIME
    return mixed ^ mixed >> SHIFT


@njit_without_allocation
def first_bytes(size: int) -> int:
    """Return a mask of the first 0 to 7 of eight bytes."""
    return (_ONE << (uint64(size) * _EIGHT)) - _ONE


@njit_without_allocation
def range_hash(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the hash of data[begin:end]; `data` must go on for 8 bytes."""
    value, i = START, begin
    while i + 8 <= end:
        value = mix(value ^ load8(data, i))
        i += 8
    if i < end:
        value = mix(value ^ load8(data, i) & first_bytes(end - i))
    return mix(value ^ uint64(end - begin))


@njit_without_allocation
def look_up(known: KnownWords, key: int) -> int:
    """Return the value of a word in the table; 0 if it is not there."""
    bit = key >> _FILTER_SHIFT
    if known.filter[int64(bit >> _SIX)] >> (bit & _WORD_MASK) & _ONE == uint64(0):
        return int64(0)
    slot = int64(key & _TABLE_MASK)
    while known.keys[slot] != uint64(0):
        if known.keys[slot] == key:
            return int64(known.values[slot])
        slot = (slot + 1) & (TABLE_SIZE - 1)
    return int64(0)
