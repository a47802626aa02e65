"""Hashes of words, and the table of the words that the kernels know by name.

A word's hash runs over its UTF-8 bytes, so a part of a longer word has the same hash as the word.
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
from numba import uint64

from corpus.kernels import njit_without_allocation

_START, _PRIME, _MASK = 0xCBF29CE484222325, 0x9E3779B97F4A7C15, (1 << 64) - 1
_SHIFT = 29
START, PRIME, SHIFT = np.uint64(_START), np.uint64(_PRIME), np.uint64(_SHIFT)
_OTHER_PRIME = 0xD6E8FEB86659FD93
OTHER_PRIME, _HALF, _ONE = (np.uint64(x) for x in (_OTHER_PRIME, 32, 1))

SHORT = 16
"""Up to this many bytes are hashed in one step, as if zeros followed a shorter word."""
FIRST_MASKS, SECOND_MASKS = (
    np.array([(1 << 8 * min(max(n - skipped, 0), 8)) - 1 for n in range(SHORT + 1)], np.uint64)
    for skipped in (0, 8)
)
"""Masks of what belongs to a word of 0 to 16 bytes, in its first eight bytes and the next."""
FIRST_MASKS.flags.writeable = SECOND_MASKS.flags.writeable = False

SLOT_BITS, BUCKET_BITS = 11, 10
_BUCKET_SHIFT, _SLOT_SHIFT = np.uint64(64 - BUCKET_BITS), np.uint64(64 - SLOT_BITS)

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
    """Hash table of the exceptions and the stop words, in which no two words share a slot.

    So a word is looked up without a branch: two loads and a comparison.
    """

    keys: NDArray[np.uint64]
    values: NDArray[np.int64]
    """int64[n_slots + 1]: 0, for other words, and the value of the word in each slot."""
    displacements: NDArray[np.uint16]
    """uint16[1024]: what moves the words that have the first bits of their hash in common."""


def _mix(value: int) -> int:
    value = value * _PRIME & _MASK
    return value ^ value >> _SHIFT


def word_hash(word: str) -> int:
    """Return the hash of a word, as the kernels compute it."""
    data = word.encode()
    spread = len(data) * _PRIME & _MASK
    if len(data) <= SHORT:
        first = (_START ^ int.from_bytes(data[:8], "little")) * _PRIME & _MASK
        second = (spread ^ int.from_bytes(data[8:], "little")) * _OTHER_PRIME & _MASK
        return _mix(first ^ second >> 32 ^ second << 32 & _MASK)
    one, other = _START, spread
    for i in (*range(0, len(data) - SHORT, SHORT), len(data) - SHORT):
        one = _mix(one ^ int.from_bytes(data[i : i + 8], "little"))
        other = _mix(other ^ int.from_bytes(data[i + 8 : i + 16], "little"))
    return _mix(one * _OTHER_PRIME & _MASK ^ other)


@cache
def known_words() -> KnownWords:
    """Return the table; its value holds the lengths of the parts and the number of a stop word."""
    language_words = {word: number for number, word in enumerate(LANGUAGE_WORDS, 1)}
    values_of: dict[int, int] = {}
    buckets: list[list[int]] = [[] for _ in range(1 << BUCKET_BITS)]
    for word in sorted({*EXCEPTIONS, *STOP_WORDS, *LANGUAGE_WORDS}):
        key = word_hash(word)
        value = sum(size << CUT_BITS * i for i, size in enumerate(EXCEPTIONS.get(word, ())))
        if word in STOP_WORDS:
            value += (ORDERED_STOP_WORDS.index(word) + 1) << STOP_WORD_SHIFT
        values_of[key] = value + (language_words.get(word, 0) << LANGUAGE_WORD_SHIFT)
        buckets[key >> 64 - BUCKET_BITS].append(key)
    keys, values = np.zeros(1 << SLOT_BITS, np.uint64), np.zeros((1 << SLOT_BITS) + 1, np.int64)
    displacements = np.zeros(1 << BUCKET_BITS, np.uint16)
    for bucket in sorted(range(len(buckets)), key=lambda k: (-len(buckets[k]), k)):
        displacement, slots = 0, _slots(buckets[bucket], 0)
        while len(set(slots)) < len(slots) or keys[slots].any():
            displacement += 1
            slots = _slots(buckets[bucket], displacement)
        keys[slots] = buckets[bucket]
        values[[slot + 1 for slot in slots]] = [values_of[key] for key in buckets[bucket]]
        displacements[bucket] = displacement
    for array in (keys, values, displacements):
        array.flags.writeable = False
    return KnownWords(keys, values, displacements)


def _slots(keys: list[int], displacement: int) -> list[int]:
    """Return the slot of each key, as `look_up` finds it."""
    return [((key ^ displacement) * _PRIME & _MASK) >> 64 - SLOT_BITS for key in keys]


@njit_without_allocation
def mix(value: int) -> int:
    """Return a number whose bits all depend on all bits of the given one."""
    mixed = uint64(value) * PRIME
    return mixed ^ mixed >> SHIFT


@njit_without_allocation
def range_hash(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the hash of data[begin:end]; `data` must go on for 16 bytes.

    A short one takes one step, without a branch. A longer one takes 16 bytes per step, in two
    halves that do not wait for each other; the last step may take some of them again.
    """
    size = end - begin
    spread = uint64(size) * PRIME
    if size <= SHORT:
        first = (START ^ load8(data, begin) & FIRST_MASKS[size]) * PRIME
        second = (spread ^ load8(data, begin + 8) & SECOND_MASKS[size]) * OTHER_PRIME
        return mix(first ^ second >> _HALF ^ second << _HALF)
    one, other = START, spread
    for i in range(begin, end - SHORT, SHORT):
        one, other = mix(one ^ load8(data, i)), mix(other ^ load8(data, i + 8))
    one, other = mix(one ^ load8(data, end - SHORT)), mix(other ^ load8(data, end - 8))
    return mix(one * OTHER_PRIME ^ other)


@njit_without_allocation
def look_up(known: KnownWords, key: int) -> int:
    """Return the value of a word in the table; 0 if it is not there."""
    displacement = uint64(known.displacements[key >> _BUCKET_SHIFT])
    slot = (key ^ displacement) * PRIME >> _SLOT_SHIFT
    return known.values[(slot + _ONE) * uint64(known.keys[slot] == key)]
