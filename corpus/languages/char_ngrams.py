"""Adding up what the n-grams of a text say for each language: the loops.

What counts as an n-gram follows langdetect 1.0.9 (a port of Nakatani Shuyo's language-detection)
to the letter. But where langdetect draws n-grams at random until it is sure, this adds them all
up: what the random walk tends to. Sums are of integers, so they are the same bits on every
machine.

An n-gram has one *entry*: a uint64 of its key (38 bits), a start (19) and a count (6); 0 is free.
The key of a bigram is its two symbols of 12 bits, of a trigram its three and the bit `TRIGRAM`, of
a single symbol that and the bit `SINGLE`. `count` languages have the n-gram, listed in `sparse`
from `start` on. If it is common, `count` is `DENSE`, and `start` is a row of `dense`.

What is looked up waits for memory. So each step is done for all n-grams of a text before the next
one, without branches between them: the processor then has many lookups under way at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit
from corpus.languages.perfect_hash import slot

WIDTH = 64
"""The profiles, and columns without one: a fixed number lets the compiler add by vectors."""

SYMBOL_BITS = 12
COUNT_BITS = 6
KEY_AT = COUNT_BITS + 19
DENSE = (1 << COUNT_BITS) - 1
TRIGRAM = 1 << 3 * SYMBOL_BITS
SINGLE = TRIGRAM << 1
CAPITAL = 0x8000


class Tables(NamedTuple):
    """The n-grams of all languages, as the kernels read them."""

    symbols: NDArray[np.uint16]
    """uint16[points]: each character's symbol, 0 for what parts words; CAPITAL is a bit of it."""
    small: NDArray[np.uint16]
    """uint16[points]: a capital's small letter, 1 for a small letter, 0 for all else."""
    composed: NDArray[np.uint16]
    """uint16[0x24, 512]: what a letter and a Vietnamese tone mark (less 0x300) make, or 0."""
    moves: NDArray[np.uint16]
    """uint16[2**BUCKET_BITS]: where each n-gram's slot is, see `slots`."""
    entries: NDArray[np.uint64]
    """uint64[2**BITS]: the entries of all n-grams, each in its slot."""
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
    moves: NDArray[np.uint16],
    entries: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    keys: NDArray[np.uint64],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    sums: NDArray[np.int32],
    known: NDArray[np.int32],
    tried: NDArray[np.int32],
    letters: NDArray[np.int32],
) -> None:
    """Weigh the texts that `sampling.read_texts` read; fill what comes in as zeros.

    sums int32[n, WIDTH] the summed weights; known and tried int32[n] the n-grams that some profile
    has, and all of them; letters int32[n, n_scripts]. `keys`, `hits` and `met` are room to work in,
    as `list_grams` and `weigh` have it. The tables come one by one: from a tuple of arrays, the
    compiler makes loops that take much longer.
    """
    for text in range(len(counts)):
        without_latin = count_letters(points, text, counts[text], scripts, letters)
        n_grams = list_grams(points, text, counts[text], without_latin, symbols, keys)
        tried[text] = n_grams
        known[text] = weigh(keys, n_grams, moves, entries, sparse, dense, hits, met, sums, text)


@njit
def count_letters(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    scripts: NDArray[np.uint8],
    letters: NDArray[np.int32],
) -> bool:
    """Count the letters of each script; return whether Latin is so rare that it is left out."""
    latin = 0
    other = 0
    for at in range(count):
        point = points[text, at]
        if point < 0x300:
            latin += 0x41 <= point <= 0x7A  # as langdetect counts: A to z, and what stands between
        else:
            other += point < 0x1E00 or point > 0x1EFF
        if point < len(scripts):
            letters[text, scripts[point]] += 1
    letters[text, 0] = 0
    return latin * 2 < other


@njit
def list_grams(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    without_latin: bool,
    symbols: NDArray[np.uint16],
    keys: NDArray[np.uint64],
) -> int:
    """Write the keys of a text's n-grams; return how many. `keys` has room for three a character.

    An n-gram is up to three symbols of a word, or of a word and the space before or behind it.
    From the second capital in a row on, nothing counts until a small letter comes: NATO is in no
    language.
    """
    n_grams = 0
    before = np.uint64(0)  # the symbol before this one, 0 for a space
    earlier = np.uint64(0)  # and the one before that
    shouting = False
    capital_before = False
    starts = True
    for at in range(count):
        point = points[text, at]
        if without_latin and 0x41 <= point <= 0x7A:
            continue
        found = symbols[min(int(point), len(symbols) - 1)]
        symbol = np.uint64(found & (CAPITAL - 1))
        capital = found >= CAPITAL
        if before == 0:
            shouting = False
            starts = True
            if symbol == 0:
                capital_before = False
                continue
        shouting = capital and (shouting or capital_before)
        if not shouting:
            pair = before << np.uint64(SYMBOL_BITS) | symbol
            keys[n_grams] = symbol | np.uint64(SINGLE)
            n_grams += symbol != 0
            keys[n_grams] = pair
            n_grams += 1
            keys[n_grams] = pair | earlier << np.uint64(2 * SYMBOL_BITS) | np.uint64(TRIGRAM)
            n_grams += not starts
        starts = False
        earlier, before, capital_before = before, symbol, capital
    return n_grams


@njit
def weigh(
    keys: NDArray[np.uint64],
    n_grams: int,
    moves: NDArray[np.uint16],
    entries: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    sums: NDArray[np.int32],
    text: int,
) -> int:
    """Add the weights of all n-grams to `sums`; return how many a profile has.

    `keys` is overwritten. Common n-grams are counted first, and each is added once: `hits`
    (int32[n_dense]) is all zeros before and after, `met` (int32) has room for all n-grams.
    """
    n_known = 0
    for number in range(n_grams):
        key = keys[number]
        entry = entries[slot(key, moves)]
        keys[n_known] = entry
        n_known += entry >> np.uint64(KEY_AT) == key
    n_few = 0
    n_met = 0
    for number in range(n_known):
        entry = keys[number]
        start = np.int64(entry >> np.uint64(COUNT_BITS)) & ((1 << KEY_AT - COUNT_BITS) - 1)
        common = entry & np.uint64(DENSE) == DENSE
        keys[n_few] = entry
        n_few += not common
        row = start if common else 0
        met[n_met] = row
        n_met += common and hits[row] == 0
        hits[row] += common
    for number in range(n_few):
        start = np.int64(keys[number] >> np.uint64(COUNT_BITS)) & ((1 << KEY_AT - COUNT_BITS) - 1)
        for at in range(start, start + np.int64(keys[number] & np.uint64(DENSE))):
            sums[text, sparse[at] >> np.uint32(16)] += np.int32(sparse[at] & np.uint32(0xFFFF))
    for number in range(0, n_met, 4):  # four at a time: one sum is waited for, not four
        row, a = take(hits, met, number, n_met)
        row_b, b = take(hits, met, number + 1, n_met)
        row_c, c = take(hits, met, number + 2, n_met)
        row_d, d = take(hits, met, number + 3, n_met)
        for at in range(WIDTH):
            sums[text, at] += (
                a * np.int32(dense[row, at])
                + b * np.int32(dense[row_b, at])
                + c * np.int32(dense[row_c, at])
                + d * np.int32(dense[row_d, at])
            )
    return n_known


@njit
def take(
    hits: NDArray[np.int32], met: NDArray[np.int32], number: int, n_met: int
) -> tuple[int, np.int32]:
    """Return the row met at this place and how often it was, which is 0 from then on.

    Behind the last place it is the last row again, met no more.
    """
    row = np.int64(met[number if number < n_met else n_met - 1])
    times = hits[row]
    hits[row] = 0
    return int(row), times
