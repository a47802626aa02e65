"""The English stop words as a kernel finds them: one multiplication and one comparison."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.signals.hashing import FIRST_MASKS, ORDERED_STOP_WORDS

# isort: split
from numba import uint64

from corpus.kernels import njit_without_allocation

SMALL = np.uint64(0x2020202020202020)
_SLOT_BITS, _ONE = 5, np.uint64(1)
_SHIFT = np.uint64(64 - _SLOT_BITS)


def _slots() -> tuple[np.uint64, NDArray[np.uint64], NDArray[np.int64]]:
    """Return a multiplier that gives each stop word a slot of its own, the words and numbers."""
    packed = [int.from_bytes(word.encode(), "little") for word in ORDERED_STOP_WORDS]
    multiplier = 0x9E3779B97F4A7C15
    while True:
        slots = [(word * multiplier & (1 << 64) - 1) >> 64 - _SLOT_BITS for word in packed]
        if len(set(slots)) == len(packed):
            break
        multiplier += 2
    words, numbers = np.zeros(1 << _SLOT_BITS, np.uint64), np.zeros((1 << _SLOT_BITS) + 1, np.int64)
    for number, (slot, word) in enumerate(zip(slots, packed, strict=True), 1):
        words[slot], numbers[slot + 1] = word, number
    words.flags.writeable = numbers.flags.writeable = False
    return np.uint64(multiplier), words, numbers


MULTIPLIER, WORDS, NUMBERS = _slots()


@njit_without_allocation
def stop_word(first_eight: int, size: int) -> int:
    """Return the number of a stop word, from 1; 0 for a word of 1 to 16 bytes that is none.

    `first_eight` are the bytes from its beginning on; those behind the word do not matter. A stop
    word has at most four.
    """
    word = first_eight & FIRST_MASKS[size]
    slot = word * MULTIPLIER >> _SHIFT
    return NUMBERS[(slot + _ONE) * uint64(WORDS[slot] == word)]
