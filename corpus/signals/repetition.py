"""Kernel that counts repeated n-grams of words, and repeated lines.

An n-gram can only repeat where the shorter one at the same place, and at the next, repeats. So all
pairs of words are counted, and of longer n-grams only those few: the cost is about one step per
word, whatever the number of lengths.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# isort: split
from numba import int64, uint64

from corpus.kernels import njit
from corpus.signals.hashing import PRIME

OWN, DOLMA, DATATROVE = 0, 1, 2
"""Three ways to count repeated n-grams; `corpus.signals.definition` defines them."""

SHORTEST, LONGEST = 2, 10
LONGEST_TOP = 4
"""Up to this length the most frequent n-gram is measured, above it all repeated ones."""

_SPREAD = np.uint64(29)


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
    rolling: NDArray[np.uint64]
    places: NDArray[np.int64]
    slots: NDArray[np.int64]
    repeats: NDArray[np.bool_]


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
        np.zeros(size + 1, np.uint64),
        np.zeros(size + 1, np.int64),
        np.zeros(size + 1, np.int64),
        np.zeros(size + 2, np.bool_),
    )


@njit
def _mask(n: int) -> int:
    """Return the mask of a table with at least 2 * n slots."""
    slots = 16
    while slots < 2 * n:
        slots *= 2
    return slots - 1


@njit
def _count(table: Counts, key: int, mask: int) -> int:
    """Count a key; return its slot."""
    slot = int64((key ^ key >> _SPREAD) & uint64(mask))
    stamp = table.stamp[0]
    while table.stamps[slot] == stamp:
        if table.keys[slot] == key:
            table.counts[slot] += 1
            return slot
        slot = (slot + 1) & mask
    table.stamps[slot] = stamp
    table.keys[slot] = key
    table.counts[slot] = 1
    return slot


@njit
def copies(sequence: Sequence, n: int, table: Counts) -> tuple[int, int, int, int]:
    """Return how many of n passages repeat, and their characters: all copies, and later copies."""
    mask = _mask(n)
    table.stamp[0] += 1
    later, later_size = 0, 0
    for i in range(n):
        slot = _count(table, sequence.hashes[i], mask)
        table.slots[i] = slot
        if table.counts[slot] > 1:
            later += 1
            later_size += sequence.ends[i + 1] - sequence.ends[i]
    every, every_size = 0, 0
    if later:
        for i in range(n):
            if table.counts[table.slots[i]] > 1:
                every += 1
                every_size += sequence.ends[i + 1] - sequence.ends[i]
    return every, every_size, later, later_size


@njit
def _top(sequence: Sequence, table: Counts, n: int, m: int, n_words: int, way: int) -> int:
    """Return the characters of the top n-gram times its count; m places may repeat."""
    best, size = 1, 0
    for j in range(m):
        i = table.places[j]
        count = table.counts[table.slots[j]]
        here = sequence.ends[i + n] - sequence.ends[i]
        if count > best or (way == OWN and count == best > 1 and here > size):
            best, size = count, here
    if best == 1 and way != OWN and n_words >= n:
        size = sequence.ends[n]
    if way == DATATROVE and n_words >= n:
        size += n - 1
    return best * size


@njit
def _repeated(sequence: Sequence, table: Counts, n: int, m: int, way: int) -> int:
    """Return the characters of repeated n-grams; m places may repeat."""
    total, behind = 0, 0
    for j in range(m):
        i, slot = table.places[j], table.slots[j]
        if table.counts[slot] < 2:
            continue
        if way == DOLMA:
            total += sequence.ends[i + n] - sequence.ends[i]
        elif way == OWN:
            total += sequence.ends[i + n] - sequence.ends[max(i, behind)]
            behind = i + n
        elif i >= behind:
            if table.keys[slot] == uint64(0):  # seen before
                total += sequence.ends[i + n] - sequence.ends[i]
                behind = i + n
            else:
                table.keys[slot] = uint64(0)
    return total


@njit
def repeated_ngrams(
    sequence: Sequence, n_words: int, table: Counts, way: int, out: NDArray[np.float64]
) -> None:
    """Write to `out` the characters of top n-grams (2 to 4) and of repeated n-grams (5 to 10)."""
    m = max(n_words - 1, 0)
    for i in range(m):
        table.places[i] = i
        table.rolling[i] = sequence.hashes[i] * PRIME  # so that the order of words counts
    for n in range(SHORTEST, LONGEST + 1):
        mask = _mask(m)
        table.stamp[0] += 1
        for j in range(m):
            i = table.places[j]
            key = (table.rolling[i] ^ sequence.hashes[i + n - 1]) * PRIME
            key ^= key >> _SPREAD
            table.rolling[i] = key
            table.slots[j] = _count(table, key, mask)
        if n <= LONGEST_TOP:
            out[n - SHORTEST] = _top(sequence, table, n, m, n_words, way)
        else:
            out[n - SHORTEST] = _repeated(sequence, table, n, m, way)
        m = _places_of_longer(table, n, m, n_words)


@njit
def _places_of_longer(table: Counts, n: int, m: int, n_words: int) -> int:
    """Keep the places where an n-gram and the next one repeat; return their number."""
    for j in range(m):
        table.repeats[table.places[j]] = table.counts[table.slots[j]] > 1
    kept = 0
    for j in range(m):
        i = table.places[j]
        follows = j + 1 < m and table.places[j + 1] == i + 1
        if follows and i + n < n_words and table.repeats[i] and table.repeats[i + 1]:
            table.places[kept] = i
            kept += 1
    return kept
