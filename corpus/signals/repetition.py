"""Kernel that counts repeated n-grams of words, and repeated lines.

An n-gram can only repeat where the shorter one at the same place, and at the next, repeats. Most
pairs of words occur once. So a small table finds the pairs that may repeat, in two short steps per
word; these few, and the longer n-grams at their places, are counted in a hash table.

Hashes of words and lines can be inverted, so a text can be made whose hashes crowd any slots known
beforehand. Each table therefore places its keys by numbers of its own, drawn at random. They decide
how fast a key is looked up, and never what is counted.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation
from corpus.signals.hashing import PRIME

OWN, DOLMA, DATATROVE = 0, 1, 2
"""Three ways to count repeated n-grams; `corpus.signals.definition` defines them."""

SHORTEST, LONGEST = 2, 10
LONGEST_TOP = 4
"""Up to this length the most frequent n-gram is measured, above it all repeated ones."""

_SPREAD, _ONE = np.uint64(29), np.uint64(1)


class Sequence(NamedTuple):
    """A sequence of words, or of lines."""

    hashes: NDArray[np.uint64]
    ends: NDArray[np.int64]
    """int64[n + 1]: characters up to the end of each; the first is 0."""


class Counts(NamedTuple):
    """A hash table that counts, and room for the places where something may repeat.

    An entry is valid if its stamp is that of the present count, so the table is never cleared.
    """

    keys: NDArray[np.uint64]
    stamps: NDArray[np.int64]
    counts: NDArray[np.int64]
    stamp: NDArray[np.int64]
    """int64[1]: the present stamp."""
    secret: NDArray[np.uint64]
    """uint64[2]: random numbers, the second odd, that decide where a key is placed."""
    rolling: NDArray[np.uint64]
    places: NDArray[np.int64]
    slots: NDArray[np.int64]
    pairs: NDArray[np.uint8]
    """For the hash of each pair of words: 0, 1 if one occurs, and more if several do."""


FEWEST_BITS, CACHED_BITS, MOST_SLOTS, FEWEST_SLOTS = 9, 14, 32, 8


@njit_without_allocation
def _pair_bits(n: int) -> int:
    """Return the logarithm of the number of slots for n pairs of words.

    There are 32 for each pair, or as many as fit the first level of cache, but at least 8.
    """
    bits = FEWEST_BITS
    while 1 << bits < (MOST_SLOTS if bits < CACHED_BITS else FEWEST_SLOTS) * n:
        bits += 1
    return bits


def make_sequence(size: int) -> Sequence:
    """Return room for a sequence of this many words."""
    return Sequence(np.zeros(size, np.uint64), np.zeros(size + 1, np.int64))


def make_counts(size: int) -> Counts:
    """Return a table for sequences of up to this many words."""
    slots = 1 << max(int(2 * size - 1).bit_length(), 4)
    return Counts(
        np.zeros(slots, np.uint64),
        np.zeros(slots, np.int64),
        np.zeros(slots, np.int64),
        np.zeros(1, np.int64),
        np.array([secrets.randbits(64), secrets.randbits(64) | 1], np.uint64),
        np.zeros(size + 1, np.uint64),
        np.zeros(size + 1, np.int64),
        np.zeros(size + 1, np.int64),
        np.zeros(1 << _pair_bits.py_func(size), np.uint8),
    )


@njit_without_allocation
def _slot_bits(n: int) -> int:
    """Return the logarithm of the number of slots, at least 2 * n."""
    bits = 4
    while 1 << bits < 2 * n:
        bits += 1
    return bits


@njit_without_allocation
def count_all(table: Counts, n: int) -> None:
    """Count the first n keys in `rolling`, and write the slot of each to `slots`.

    Costs about two probes for each key: the table is at most half full, and multiplying by a random
    odd number spreads any keys (Dietzfelbinger et al. 1997).
    """
    keys, stamps, counts = table.keys, table.stamps, table.counts
    rolling, slots = table.rolling, table.slots
    bits = _slot_bits(n)
    mask, shift = (1 << bits) - 1, uint64(64 - bits)
    first, second = table.secret[0], table.secret[1]
    table.stamp[0] += 1
    stamp = table.stamp[0]
    for j in range(n):
        key = rolling[j]
        slot = int64((key ^ first) * second >> shift)
        while stamps[slot] == stamp and keys[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] == stamp:
            counts[slot] += 1
        else:
            stamps[slot] = stamp
            keys[slot] = key
            counts[slot] = 1
        slots[j] = slot


@njit_without_allocation
def copies(sequence: Sequence, n: int, table: Counts) -> tuple[int, int, int, int]:
    """Return how many of n passages repeat, and their characters: all copies, and later copies."""
    if n < 2:
        return 0, 0, 0, 0
    for i in range(n):
        table.rolling[i] = sequence.hashes[i]
    count_all(table, n)
    ends, counts, slots = sequence.ends, table.counts, table.slots
    every, every_size, later, later_size = 0, 0, 0, 0
    for i in range(n):
        count = counts[slots[i]]
        if count != 1:  # 0 marks one whose first copy was seen
            size = ends[i + 1] - ends[i]
            every += 1
            every_size += size
            if count > 1:
                counts[slots[i]] = 0
            else:
                later += 1
                later_size += size
    return every, every_size, later, later_size


@njit_without_allocation
def _top(sequence: Sequence, table: Counts, n: int, m: int, n_words: int, way: int) -> int:
    """Return the characters of the top n-gram times its count; m places may repeat."""
    ends, places, slots, counts = sequence.ends, table.places, table.slots, table.counts
    best, size = 1, 0
    for j in range(m):
        count = counts[slots[j]]
        if count < best or count == 1:
            continue
        i = places[j]
        here = ends[i + n] - ends[i]
        if count > best or (way == OWN and here > size):
            best, size = count, here
    if best == 1 and way != OWN and n_words >= n:
        size = ends[n]
    if way == DATATROVE and n_words >= n:
        size += n - 1
    return best * size


@njit_without_allocation
def _repeated(sequence: Sequence, table: Counts, n: int, m: int, way: int) -> int:
    """Return the characters of repeated n-grams; m places may repeat."""
    ends, places, slots, counts = sequence.ends, table.places, table.slots, table.counts
    keys = table.keys
    total, behind = 0, 0
    for j in range(m):
        i, slot = places[j], slots[j]
        if counts[slot] < 2:
            continue
        if way == DOLMA:
            total += ends[i + n] - ends[i]
        elif way == OWN:
            total += ends[i + n] - ends[max(i, behind)]
            behind = i + n
        elif i >= behind:
            if keys[slot] == uint64(0):  # seen before
                total += ends[i + n] - ends[i]
                behind = i + n
            else:
                keys[slot] = uint64(0)
    return total


@njit_without_allocation
def _pairs_that_may_repeat(hashes: NDArray[np.uint64], n_pairs: int, table: Counts) -> int:
    """Write the places and hashes of pairs of words that may repeat; return their number."""
    pairs, rolling, places = table.pairs, table.rolling, table.places
    bits = _pair_bits(n_pairs)
    shift = uint64(64 - bits)
    pairs[: 1 << bits] = 0
    for i in range(uint64(n_pairs)):
        key = hashes[i] * PRIME ^ hashes[i + _ONE]  # so that the order of words counts
        rolling[i] = key
        slot = key >> shift
        pairs[slot] = pairs[slot] << 1 | 1  # 1, and more from the second time on
    kept = uint64(0)
    for i in range(uint64(n_pairs)):
        key = rolling[i]
        places[kept] = i
        rolling[kept] = key
        kept += uint64(pairs[key >> shift] > 1)
    return int64(kept)


@njit_without_allocation
def repeated_ngrams(
    sequence: Sequence, n_words: int, table: Counts, way: int, out: NDArray[np.float64]
) -> None:
    """Write to `out` the characters of top n-grams (2 to 4) and of repeated n-grams (5 to 10)."""
    hashes, places, rolling = sequence.hashes, table.places, table.rolling
    m = _pairs_that_may_repeat(hashes, max(n_words - 1, 0), table)
    for n in range(SHORTEST, LONGEST + 1):
        if n > SHORTEST:
            for j in range(m):
                key = rolling[j] * PRIME
                rolling[j] = key ^ key >> _SPREAD ^ hashes[places[j] + n - 1]
        count_all(table, m)
        if n <= LONGEST_TOP:
            out[n - SHORTEST] = _top(sequence, table, n, m, n_words, way)
        else:
            out[n - SHORTEST] = _repeated(sequence, table, n, m, way)
        m = _places_of_longer(table, n, m, n_words)


@njit_without_allocation
def _places_of_longer(table: Counts, n: int, m: int, n_words: int) -> int:
    """Keep the places where an n-gram and the next one repeat; return their number."""
    places, slots, counts, rolling = table.places, table.slots, table.counts, table.rolling
    kept = 0
    for j in range(m - 1):
        i = places[j]
        both = counts[slots[j]] > 1 and counts[slots[j + 1]] > 1
        if both and places[j + 1] == i + 1 and i + n < n_words:
            places[kept] = i
            rolling[kept] = rolling[j]
            kept += 1
    return kept
