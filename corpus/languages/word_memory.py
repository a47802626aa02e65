"""The latest words that a model has read, with what it added up for each of them.

The n-grams of a word depend on its letters alone, and most words of a text occur in others, too: of
news, a few thousand words make up nine tenths. So a model looks up the n-grams of such a word once,
and adds the sums of the whole word wherever it occurs again. The sums are those of integers, and a
word is compared letter by letter, so the result does not depend on what the memory has.

Words that are read once would only drive out others. So a word is kept when it is read again, and
no other word with the same hash was read between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.words.simd import load8

# isort: split
from numba import int64, uint32, uint64

from corpus.kernels import njit_without_allocation

MAX_LETTERS = 16
"""Longer words are looked up each time."""

UNIT_LETTERS = 4
"""Letters, of 16 bits each, in a number of 64 bits."""

N_UNITS = MAX_LETTERS // UNIT_LETTERS

_MASKS = np.array(
    [
        [
            (1 << 16 * min(max(size - unit * UNIT_LETTERS, 0), UNIT_LETTERS)) - 1
            for unit in range(N_UNITS)
        ]
        for size in range(MAX_LETTERS + 1)
    ],
    np.uint64,
)
"""Which bits of each unit belong to a word of this many letters."""
_MASKS.flags.writeable = False

_MULTIPLIERS = tuple(
    np.uint64(number)
    for number in (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
)
_HALF = np.uint64(32)


class WordMemory(NamedTuple):
    """Each word has two slots, side by side; a new word replaces the one that was used earlier."""

    words: NDArray[np.uint64]
    """uint64[n_slots, N_UNITS]: the letters of the word in each slot, zeros for none."""
    latest: NDArray[np.uint8]
    """uint8[n_slots / 2]: which of each two slots was used last."""
    candidates: NDArray[np.uint32]
    """uint32[n_slots / 2]: part of the hash of the latest word that was not kept."""
    sums: NDArray[np.int32]
    """int32[n_slots, n_columns]: what the model added up for it."""
    sizes: NDArray[np.int64]
    """int64[n_slots, 2]: how many n-grams it has, as the model counts them."""


def make_memory(slot_bits: int, n_columns: int) -> WordMemory:
    """Return an empty memory; it takes memory as it fills."""
    n_slots = 1 << slot_bits
    return WordMemory(
        np.zeros((n_slots, N_UNITS), np.uint64),
        np.zeros(n_slots // 2, np.uint8),
        np.zeros(n_slots // 2, np.uint32),
        np.zeros((n_slots, n_columns), np.int32),
        np.zeros((n_slots, 2), np.int64),
    )


class Memories(threading.local):
    """The memory of the present thread: kernels run without the GIL, and write to it."""

    model: object = None
    memory: WordMemory

    def of(self, model: object, make: Callable[[], WordMemory]) -> WordMemory:
        """Return the memory of this model; that of another one is dropped."""
        if self.model is not model:
            self.memory, self.model = make(), model
        return self.memory


@njit_without_allocation
def find_word(
    words: NDArray[np.uint64],
    latest: NDArray[np.uint8],
    candidates: NDArray[np.uint32],
    letters: NDArray[np.uint16],
    begin: int,
    end: int,
) -> tuple[int, bool]:
    """Return the slot of the word letters[begin:end], and whether the memory has it.

    If not, the slot is now its own, and its sums must be written; or it is -1, and the word is not
    kept. `letters` must go on for MAX_LETTERS.
    """
    size = end - begin
    if size > MAX_LETTERS:
        return -1, False
    a = load8(letters, begin) & _MASKS[size, 0]
    b = load8(letters, begin + UNIT_LETTERS) & _MASKS[size, 1]
    c = load8(letters, begin + 2 * UNIT_LETTERS) & _MASKS[size, 2]
    d = load8(letters, begin + 3 * UNIT_LETTERS) & _MASKS[size, 3]
    hashed = a * _MULTIPLIERS[0] ^ b * _MULTIPLIERS[1] ^ c * _MULTIPLIERS[2] ^ d * _MULTIPLIERS[3]
    hashed = (hashed ^ hashed >> _HALF) * _MULTIPLIERS[2]
    pair = int64((hashed >> _HALF) * uint64(len(latest)) >> _HALF)
    slot = 2 * pair + latest[pair]
    for _ in range(2):
        begins_alike = words[slot, 0] == a and words[slot, 1] == b
        if begins_alike and words[slot, 2] == c and words[slot, 3] == d:
            latest[pair] = slot & 1
            return slot, True
        slot ^= 1
    candidate = uint32(hashed)
    if candidates[pair] != candidate:
        candidates[pair] = candidate
        return -1, False
    slot ^= 1  # the one that was used earlier
    latest[pair] = slot & 1
    words[slot, 0], words[slot, 1], words[slot, 2], words[slot, 3] = a, b, c, d
    return slot, False
