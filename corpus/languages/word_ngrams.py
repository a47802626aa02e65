"""The kernels that add up the weights of our own model: n-grams of letters inside words.

`own_model` describes the n-grams and the tables. As in `char_ngrams`, each step is done for all
n-grams of a text before the next step begins, so that many lookups are in flight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit_without_allocation
from corpus.languages.char_ngrams import take_count
from corpus.languages.word_memory import find_word

HASH_BITS = 22
"""Bits of the hash that identifies an n-gram."""

MAX_ORDER = 5
"""Length of the longest n-gram, in letters."""

ORDER_FACTORS = (3, 6, 10, 10, 10)
"""The factor of unigrams, bigrams and so on, in tenths: n-grams overlap, and short ones are less
informative."""

COUNT_BITS = 6
DENSE_COUNT = (1 << COUNT_BITS) - 1

MAX_TOTAL_FACTOR = 0xFFFF // 0xFF
"""Rows of bytes with factors of at most this in total have sums of 16 bits."""

HASH_SEED = 0x9E3779B97F4A7C15
HASH_MULTIPLIER = 0xFF51AFD7ED558CCD


@njit_without_allocation
def sum_word_ngrams(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    selected: NDArray[np.bool_],
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    base: NDArray[np.int32],
    ngrams: NDArray[np.uint64],
    row_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    dense_sums: NDArray[np.uint16],
    n_known: NDArray[np.int32],
    folded: NDArray[np.uint16],
    words: NDArray[np.uint64],
    latest: NDArray[np.uint8],
    candidates: NDArray[np.uint32],
    word_sums: NDArray[np.int32],
    word_sizes: NDArray[np.int64],
    sums: NDArray[np.int32],
    sizes: NDArray[np.int64],
) -> None:
    """Add the weights of the n-grams of the `selected` texts to `sums`.

    Outputs, zeros on entry: sums int32[n_texts, n_languages] in units of 1/SCALE; sizes
    int64[n_texts], the sum of the factors of the known n-grams, in tenths. The parameters
    from `words` to `word_sizes` are a `WordMemory`, those from `ngrams` to `folded` are buffers, as
    in `list_word_ngrams`, `add_weights` and `fold_letters`. The tables are separate parameters
    because loops over a tuple of arrays compile to code ten times as slow.
    """
    for text in range(len(counts)):
        if not selected[text]:
            continue
        count = counts[text]
        may_keep = fold_letters(points, text, count, letters, scripts, folded)
        begin, n_ngrams = 0, 0
        for at in range(count + 1):
            if folded[at] != 0:
                continue
            if at > begin:
                slot, is_there = -1, False
                if may_keep:
                    slot, is_there = find_word(words, latest, candidates, folded, begin, at)
                n_added = 0
                if not is_there:
                    word, rest = points[text, begin:at], ngrams[n_ngrams:]
                    n_added = list_word_ngrams(word, at - begin, letters, scripts, rest)
                if slot < 0:  # added up at the end of the text
                    n_ngrams += n_added
                else:
                    if not is_there:
                        word_sums[slot] = 0
                        add_weights(
                            ngrams[n_ngrams:], n_added, known, start, sparse, dense, row_counts,
                            distinct, dense_sums, n_known, word_sums, slot,
                        )  # fmt: skip
                        word_sizes[slot, 0] = add_base(n_known, base, word_sums, slot)
                    sizes[text] += word_sizes[slot, 0]
                    for column in range(base.shape[1]):
                        sums[text, column] += word_sums[slot, column]
            begin = at + 1
        add_weights(
            ngrams, n_ngrams, known, start, sparse, dense, row_counts, distinct, dense_sums,
            n_known, sums, text,
        )  # fmt: skip
        sizes[text] += add_base(n_known, base, sums, text)


@njit_without_allocation
def add_base(
    n_known: NDArray[np.int32], base: NDArray[np.int32], sums: NDArray[np.int32], text: int
) -> int:
    """Add what known n-grams of each order add to all languages; return the sum of their factors.

    `n_known` (int32[MAX_ORDER]) is then reset to 0.
    """
    a, b, c, d, e = n_known[0], n_known[1], n_known[2], n_known[3], n_known[4]
    for at in range(base.shape[1]):
        short = a * base[0, at] + b * base[1, at]
        sums[text, at] += short + c * base[2, at] + d * base[3, at] + e * base[4, at]
    size = 0
    for order in range(MAX_ORDER):
        size += n_known[order] * ORDER_FACTORS[order]
        n_known[order] = 0
    return size


@njit_without_allocation
def fold_letters(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    folded: NDArray[np.uint16],
) -> bool:
    """Write the folded form of each letter of a text, 0 for the rest, and a 0 behind the last.

    Return whether all letters are below U+10000; a higher one is written as 1.
    """
    all_low = True
    for at in range(count):
        point = points[text, at]
        if point < 0x10000:
            folded[at] = letters[point]
        else:
            is_letter = point < len(scripts) and scripts[point] != 0
            folded[at] = is_letter
            all_low = all_low and not is_letter
    folded[count] = 0
    return all_low


@njit_without_allocation
def list_word_ngrams(
    points: NDArray[np.uint32],
    count: int,
    letters: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    ngrams: NDArray[np.uint64],
) -> int:
    """Write the n-grams of points[:count]; return how many.

    Each is `order - 1 << HASH_BITS | hash`. `ngrams` has room for MAX_ORDER * (`count` + 1). An
    n-gram is hashed backwards from its last letter, so each takes one step from the one before. The
    edge of a word is the letter 0, which is not a unigram.
    """
    last = (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
    length = 1  # letters of the word so far, including its edge
    n_ngrams = 0
    for at in range(count + 1):
        point = points[at] if at < count else np.uint32(0)
        letter = np.uint64(0)
        if point < 0x10000:
            letter = np.uint64(letters[point])
        elif point < len(scripts) and scripts[point] != 0:
            letter = np.uint64(point)
        if letter == 0 and length == 1:
            continue
        last = (letter, last[0], last[1], last[2], last[3])
        length = min(length + 1, MAX_ORDER)
        hashed = np.uint64(HASH_SEED)
        for order in range(length):
            part = last[order] + np.uint64(order + 1) << np.uint64(24)
            hashed = (hashed ^ part) * np.uint64(HASH_MULTIPLIER)
            hashed ^= hashed >> np.uint64(31)
            number = hashed * np.uint64(HASH_SEED) >> np.uint64(64 - HASH_BITS)
            ngrams[n_ngrams] = np.uint64(order << HASH_BITS) | number
            n_ngrams += order > 0 or letter != 0
        if letter == 0:
            length = 1
            last = (letter, letter, letter, letter, letter)
    return n_ngrams


@njit_without_allocation
def add_weights(
    ngrams: NDArray[np.uint64],
    n_ngrams: int,
    known: NDArray[np.uint64],
    start: NDArray[np.uint32],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint8],
    row_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    dense_sums: NDArray[np.uint16],
    n_known: NDArray[np.int32],
    sums: NDArray[np.int32],
    text: int,
) -> None:
    """Add the weights of all n-grams to `sums`; count the known n-grams of each order in `n_known`.

    `ngrams` is overwritten. Common n-grams are counted first, and the row of each is added once:
    `row_counts` (int32[n_dense]) and `dense_sums` (uint16[n_languages]) are zero before and after,
    `distinct` (int32) has room for all n-grams.
    """
    n_entries = 0
    for number in range(n_ngrams):
        ngram = ngrams[number]
        word = known[(ngram & np.uint64((1 << HASH_BITS) - 1)) >> np.uint64(5)]
        bit = ngram & np.uint64(31)
        below = word & ((np.uint64(1) << bit) - np.uint64(1))
        # population count: add up pairs of bits, nibbles and bytes
        below -= (below >> np.uint64(1)) & np.uint64(0x55555555)
        below = (below & np.uint64(0x33333333)) + ((below >> np.uint64(2)) & np.uint64(0x33333333))
        below = (below + (below >> np.uint64(4))) & np.uint64(0x0F0F0F0F)
        below = (below * np.uint64(0x01010101) & np.uint64(0xFFFFFFFF)) >> np.uint64(24)
        entry = start[(word >> np.uint64(32)) + below]
        ngrams[n_entries] = (ngram >> np.uint64(HASH_BITS)) << np.uint64(32) | np.uint64(entry)
        n_entries += int((word >> bit) & np.uint64(1))
    n_sparse = 0
    n_distinct = 0
    for number in range(n_entries):
        entry = ngrams[number]
        order = np.int64(entry >> np.uint64(32))
        n_known[order] += 1
        is_dense = entry & np.uint64(DENSE_COUNT) == DENSE_COUNT
        ngrams[n_sparse] = entry
        n_sparse += not is_dense
        row = np.int64((entry & np.uint64(0xFFFFFFFF)) >> np.uint64(COUNT_BITS)) if is_dense else 0
        distinct[n_distinct] = row
        n_distinct += is_dense and row_counts[row] == 0
        row_counts[row] += ORDER_FACTORS[order] if is_dense else 0
    for number in range(n_sparse):
        entry = ngrams[number]
        factor = np.int32(ORDER_FACTORS[np.int64(entry >> np.uint64(32))])
        first = np.int64((entry & np.uint64(0xFFFFFFFF)) >> np.uint64(COUNT_BITS))
        for at in range(first, first + np.int64(entry & np.uint64(DENSE_COUNT))):
            sums[text, sparse[at] >> np.uint32(8)] += factor * np.int32(sparse[at] & 0xFF)
    total_factor = 0
    for number in range(0, n_distinct, 4):  # four rows per load and store of the sums
        row_a, count_a = take_count(row_counts, distinct, number, n_distinct)
        row_b, count_b = take_count(row_counts, distinct, number + 1, n_distinct)
        row_c, count_c = take_count(row_counts, distinct, number + 2, n_distinct)
        row_d, count_d = take_count(row_counts, distinct, number + 3, n_distinct)
        factor = count_a + count_b + count_c + count_d
        if total_factor + factor > MAX_TOTAL_FACTOR:
            take_dense_sums(dense_sums, sums, text)
            total_factor = 0
        total_factor += factor
        if factor <= MAX_TOTAL_FACTOR:
            small_a, small_b = np.uint16(count_a), np.uint16(count_b)
            small_c, small_d = np.uint16(count_c), np.uint16(count_d)
            for at in range(dense.shape[1]):
                dense_sums[at] += np.uint16(
                    small_a * np.uint16(dense[row_a, at])
                    + small_b * np.uint16(dense[row_b, at])
                    + small_c * np.uint16(dense[row_c, at])
                    + small_d * np.uint16(dense[row_d, at])
                )
        else:
            for at in range(dense.shape[1]):
                sums[text, at] += (
                    count_a * np.int32(dense[row_a, at])
                    + count_b * np.int32(dense[row_b, at])
                    + count_c * np.int32(dense[row_c, at])
                    + count_d * np.int32(dense[row_d, at])
                )
    take_dense_sums(dense_sums, sums, text)


@njit_without_allocation
def take_dense_sums(dense_sums: NDArray[np.uint16], sums: NDArray[np.int32], text: int) -> None:
    """Add the sums of dense rows to those of a text, and reset them to 0."""
    for at in range(len(dense_sums)):
        sums[text, at] += np.int32(dense_sums[at])
        dense_sums[at] = 0
