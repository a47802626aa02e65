"""Adding up what the letters inside a text's words say for each language: the loops.

Which n-grams these are, and what the tables hold, is told in `words`. As in `ngrams`, each step is
done for all n-grams of a text before the next one: what is looked up waits for memory, and so many
lookups are under way at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit
from corpus.languages.char_ngrams import take

BITS = 22
"""N-grams are told apart by so many bits of their hash."""

ORDERS = 5
"""The longest n-gram, in letters."""

FACTORS = (3, 6, 10, 10, 10)
"""What a unigram, a bigram and so on weigh, in tenths: they overlap, and short ones tell less."""

COUNT_BITS = 6
DENSE = (1 << COUNT_BITS) - 1

SPREAD = 0x9E3779B97F4A7C15
MIX = 0xFF51AFD7ED558CCD


@njit
def weigh_words(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    asked: NDArray[np.bool_],
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    base: NDArray[np.int32],
    grams: NDArray[np.uint64],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    n_known: NDArray[np.int32],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add up what the n-grams of those texts say that are `asked` about, into zeros.

    sums int32[n_texts, n_languages] in units of 1/SCALE; sizes int64[n_texts], the factors of the
    known n-grams, in tenths; `grams`, `hits`, `met` and `n_known` are room to work in, as
    `list_words` and `add` have it. The tables come one by one: from a tuple of arrays, the compiler
    makes loops that take ten times as long.
    """
    for text in range(len(counts)):
        if not asked[text]:
            continue
        n_grams = list_words(points, text, counts[text], letters, scripts, grams)
        add(grams, n_grams, known, start, sparse, dense, hits, met, n_known, sums, text)
        for order in range(ORDERS):
            times = n_known[order]
            n_known[order] = 0
            sizes[text] += times * FACTORS[order]
            for at in range(base.shape[1]):
                sums[text, at] += times * base[order, at]


@njit
def list_words(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    grams: NDArray[np.uint64],
) -> int:
    """Write the n-grams of a text, each `order - 1 << BITS | hash`; return how many.

    `grams` has room for 5 times `count` + 1. An n-gram is read backwards from its last letter, so
    each is one step from the one before. The edge of a word is the letter 0; it is no n-gram by
    itself.
    """
    last = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    length = 1  # the letters of the word so far, its edge included
    n_grams = 0
    for at in range(count + 1):
        point = points[text, at] if at < count else np.uint32(0)
        letter = np.uint64(0)
        if point < 0x10000:
            letter = np.uint64(letters[point])
        elif point < len(scripts) and scripts[point] != 0:
            letter = np.uint64(point)
        if letter == 0 and length == 1:
            continue
        last = (letter, last[0], last[1], last[2], last[3])
        length = min(length + 1, ORDERS)
        hashed = np.uint64(SPREAD)
        for order in range(length):
            part = last[order] + np.uint64(order + 1) << np.uint64(24)
            hashed = (hashed ^ part) * np.uint64(MIX)
            hashed ^= hashed >> np.uint64(31)
            number = hashed * np.uint64(SPREAD) >> np.uint64(64 - BITS)
            grams[n_grams] = np.uint64(order << BITS) | number
            n_grams += order > 0 or letter != 0
        if letter == 0:
            length = 1
            last = (letter, letter, letter, letter, letter)
    return n_grams


@njit
def add(
    grams: NDArray[np.uint64],
    n_grams: int,
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    hits: NDArray[np.int32],
    met: NDArray[np.int32],
    n_known: NDArray[np.int32],
    sums: NDArray[np.int32],
    text: int,
) -> None:
    """Add the weights of all n-grams to `sums`; count in `n_known` how many of an order are known.

    `grams` is overwritten. Common n-grams are counted first, and each is added once: `hits`
    (int32[n_dense]) is all zeros before and after, `met` (int32) has room for all n-grams.
    """
    n_found = 0
    for number in range(n_grams):
        gram = grams[number]
        word = known[(gram & np.uint64((1 << BITS) - 1)) >> np.uint64(5)]
        bit = gram & np.uint64(31)
        below = word & ((np.uint64(1) << bit) - np.uint64(1))
        # how many bits are set, by adding up pairs, nibbles and bytes of them
        below -= (below >> np.uint64(1)) & np.uint64(0x55555555)
        below = (below & np.uint64(0x33333333)) + ((below >> np.uint64(2)) & np.uint64(0x33333333))
        below = (below + (below >> np.uint64(4))) & np.uint64(0x0F0F0F0F)
        below = (below * np.uint64(0x01010101) & np.uint64(0xFFFFFFFF)) >> np.uint64(24)
        entry = start[(word >> np.uint64(32)) + below]
        grams[n_found] = (gram >> np.uint64(BITS)) << np.uint64(32) | np.uint64(entry)
        n_found += int((word >> bit) & np.uint64(1))
    n_few = 0
    n_met = 0
    for number in range(n_found):
        entry = grams[number]
        order = np.int64(entry >> np.uint64(32))
        n_known[order] += 1
        common = entry & np.uint64(DENSE) == DENSE
        grams[n_few] = entry
        n_few += not common
        row = np.int64((entry & np.uint64(0xFFFFFFFF)) >> np.uint64(COUNT_BITS)) if common else 0
        met[n_met] = row
        n_met += common and hits[row] == 0
        hits[row] += FACTORS[order] if common else 0
    for number in range(n_few):
        entry = grams[number]
        factor = np.int32(FACTORS[np.int64(entry >> np.uint64(32))])
        first = np.int64((entry & np.uint64(0xFFFFFFFF)) >> np.uint64(COUNT_BITS))
        for at in range(first, first + np.int64(entry & np.uint64(DENSE))):
            sums[text, sparse[at] >> np.uint32(8)] += factor * np.int32(sparse[at] & 0xFF)
    for number in range(0, n_met, 4):  # four at a time: one sum is waited for, not four
        row, a = take(hits, met, number, n_met)
        row_b, b = take(hits, met, number + 1, n_met)
        row_c, c = take(hits, met, number + 2, n_met)
        row_d, d = take(hits, met, number + 3, n_met)
        for at in range(dense.shape[1]):
            sums[text, at] += (
                a * np.int32(dense[row, at])
                + b * np.int32(dense[row_b, at])
                + c * np.int32(dense[row_c, at])
                + d * np.int32(dense[row_d, at])
            )
