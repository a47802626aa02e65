"""Adding up what the n-grams of a text say for each language: the loops.

What counts as an n-gram follows langdetect 1.0.9 (a port of Nakatani Shuyo's language-detection)
to the letter. But where langdetect draws n-grams at random until it is sure, this adds them all
up: what the random walk tends to. Sums are of integers, so they are the same bits on every
machine.

An n-gram has one *entry*: a uint64 of its key (37 bits), a start (19) and a count (6); 0 is free.
The key of a bigram is its two symbols of 12 bits, of a trigram its three and the bit `TRIGRAM`.
`count` languages have the n-gram, listed in `sparse` from `start` on. If it is common, `count` is
`DENSE`, and `start` is a row of `dense`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

WIDTH = 64
"""The profiles, and columns without one: a fixed number lets the compiler add by vectors."""

SYMBOL_BITS = 12
COUNT_BITS = 6
KEY_AT = COUNT_BITS + 19
DENSE = (1 << COUNT_BITS) - 1
TRIGRAM = 1 << 3 * SYMBOL_BITS
CAPITAL = 0x8000
SPREAD = 0x9E3779B97F4A7C15


class Tables(NamedTuple):
    """The n-grams of all languages, as the kernels read them."""

    symbols: NDArray[np.uint16]
    """uint16[points]: each character's symbol, 0 for what parts words; CAPITAL is a bit of it."""
    small: NDArray[np.uint16]
    """uint16[points]: a capital's small letter, 1 for a small letter, 0 for all else."""
    composed: NDArray[np.uint16]
    """uint16[5, 512]: what a letter and a Vietnamese tone mark make, 0 for nothing."""
    single: NDArray[np.uint64]
    """uint64[4096]: the entry of each symbol by itself."""
    longer: NDArray[np.uint64]
    """uint64[2**bits]: a hash table of the entries of bigrams and trigrams, open addressing."""
    sparse: NDArray[np.uint32]
    """uint32[n]: profile << 16 | weight."""
    dense: NDArray[np.uint16]
    """uint16[n, WIDTH]: the weight of a common n-gram in every profile."""
    scripts: NDArray[np.uint8]
    """uint8[points]: the script of each letter, 0 for what is no letter."""


@njit
def weigh_texts(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    symbols: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    single: NDArray[np.uint64],
    longer: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    sums: NDArray[np.int32],
    known: NDArray[np.int32],
    tried: NDArray[np.int32],
    letters: NDArray[np.int32],
) -> None:
    """Weigh the texts that `sampling.read_texts` read; fill what comes in as zeros.

    sums int32[n, WIDTH] the summed weights; known and tried int32[n] the n-grams that some profile
    has, and all of them; letters int32[n, n_scripts]. About 40 ns for each character. The tables
    come one by one: from a tuple of arrays, the compiler makes loops that take much longer.
    """
    hits = np.zeros(len(dense), np.int32)
    met = np.empty(3 * points.shape[1], np.int32)
    for text in range(len(counts)):
        count = counts[text]
        without_latin = count_letters(points[text], count, scripts, letters[text])
        known[text], tried[text] = weigh(
            points[text],
            count,
            without_latin,
            symbols,
            single,
            longer,
            sparse,
            dense,
            hits,
            met,
            sums[text],
        )


@njit
def count_letters(
    points: NDArray[np.uint32], count: int, scripts: NDArray[np.uint8], letters: NDArray[np.int32]
) -> bool:
    """Count the letters of each script; return whether Latin is so rare that it is left out."""
    latin = 0
    other = 0
    for at in range(count):
        point = points[at]
        if point < 0x300:
            latin += 0x41 <= point <= 0x7A  # as langdetect counts: A to z, and what stands between
        else:
            other += point < 0x1E00 or point > 0x1EFF
        if point < len(scripts):
            letters[scripts[point]] += 1
    letters[0] = 0
    return latin * 2 < other


@njit
def weigh(
    points: NDArray[np.uint32],
    count: int,
    without_latin: bool,
    symbols: NDArray[np.uint16],
    single: NDArray[np.uint64],
    longer: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    sums: NDArray[np.int32],
) -> tuple[int, int]:
    """Add the weights of all n-grams to `sums`; return how many a profile has, and how many all.

    Common n-grams are counted first, and each is added once: `hits` (int32[n_dense]) is all zeros
    before and after, `met` (int32) has room for all n-grams.

    An n-gram is up to three symbols of a word, or of a word and the space before or behind it.
    From the second capital in a row on, nothing counts until a small letter comes: NATO is in no
    language.
    """
    known = 0
    tried = 0
    n_met = 0
    before = np.uint64(0)  # the symbol before this one, 0 for a space
    earlier = np.uint64(0)  # and the one before that
    length = 1
    shouting = False
    capital_before = False
    for at in range(count):
        point = points[at]
        if without_latin and 0x41 <= point <= 0x7A:
            continue
        found = symbols[min(int(point), len(symbols) - 1)]
        symbol = np.uint64(found & (CAPITAL - 1))
        capital = found >= CAPITAL
        if before == 0:
            length = 1
            shouting = False
            if symbol == 0:
                capital_before = False
                continue
        length = min(length + 1, 3)
        shouting = capital and (shouting or capital_before)
        if not shouting:
            if symbol != 0:
                tried += 1
                entry = single[symbol]
                known += entry != 0
                n_met = _add(entry, sparse, hits, met, n_met, sums)
            pair = before << np.uint64(SYMBOL_BITS) | symbol
            tried += 1
            entry = _find(longer, pair)
            known += entry != 0
            n_met = _add(entry, sparse, hits, met, n_met, sums)
            if length == 3:
                triple = np.uint64(TRIGRAM) | earlier << np.uint64(2 * SYMBOL_BITS) | pair
                tried += 1
                entry = _find(longer, triple)
                known += entry != 0
                n_met = _add(entry, sparse, hits, met, n_met, sums)
        earlier, before, capital_before = before, symbol, capital
    for number in range(n_met):
        row = met[number]
        times = hits[row]
        hits[row] = 0
        for profile in range(WIDTH):
            sums[profile] += times * np.int32(dense[row, profile])
    return known, tried


@njit
def _add(
    entry: np.uint64,
    sparse: NDArray[np.uint32],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    n_met: int,
    sums: NDArray[np.int32],
) -> int:
    """Add a rare n-gram's weights to the sums, or count a common one; return how many are met."""
    start = np.int64((entry & np.uint64((1 << KEY_AT) - 1)) >> np.uint64(COUNT_BITS))
    count = np.int64(entry & np.uint64(DENSE))
    if count == DENSE:
        if hits[start] == 0:
            met[n_met] = start
            n_met += 1
        hits[start] += 1
    else:
        for at in range(start, start + count):
            sums[sparse[at] >> np.uint32(16)] += np.int32(sparse[at] & np.uint32(0xFFFF))
    return n_met


@njit
def _slot(key: np.uint64, size: int) -> np.uint64:
    """Return where a key is looked for first in a hash table of `size` entries, a power of two."""
    return (key * np.uint64(SPREAD) >> np.uint64(32)) & np.uint64(size - 1)


@njit
def _find(longer: NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """Return the entry of a bigram or trigram, 0 where no profile has it."""
    at = _slot(key, len(longer))
    while longer[at] != 0 and longer[at] >> np.uint64(KEY_AT) != key:
        at = (at + np.uint64(1)) & np.uint64(len(longer) - 1)
    return longer[at]


@njit
def insert(
    longer: NDArray[np.uint64], keys: NDArray[np.uint64], entries: NDArray[np.uint64]
) -> None:
    """Put entries, which come without their keys, into an empty hash table in this order."""
    for number in range(len(keys)):
        at = _slot(keys[number], len(longer))
        while longer[at] != 0:
            at = (at + np.uint64(1)) & np.uint64(len(longer) - 1)
        longer[at] = keys[number] << np.uint64(KEY_AT) | entries[number]
