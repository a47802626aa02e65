"""The kernels that add up the weights of langdetect's features: character n-grams of a text.

The definition of an n-gram is exactly that of langdetect 1.0.9 (a port of Nakatani Shuyo's
language-detection). langdetect draws n-grams at random until it is sure; these kernels add up all
of them, which is what the random draws converge to. The sums are sums of integers, so they are the
same on every machine.

Each n-gram has one *entry*, a uint64 of its key (38 bits), a start (19 bits) and a count (6 bits);
0 is an empty slot. The key of a bigram is its two symbols of 12 bits each; the key of a trigram is
its three symbols and the bit `TRIGRAM_FLAG`; the key of a single symbol is that symbol and the bit
`UNIGRAM_FLAG`. `count` profiles have the n-gram; they are listed in `sparse`, beginning at `start`.
For a common n-gram, `count` is `DENSE_COUNT` and `start` is a row of `dense`.

Lookups wait for memory. So each step is done for all n-grams of a text before the next step begins,
without branches in between: the processor then has many lookups in flight.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit_without_allocation
from corpus.languages.perfect_hash import slot_of
from corpus.languages.word_memory import find_word

N_COLUMNS = 64
"""Columns of the sums: one for each profile, and unused ones up to a constant, for SIMD."""

SYMBOL_BITS = 12
COUNT_BITS = 6
KEY_SHIFT = COUNT_BITS + 19
DENSE_COUNT = (1 << COUNT_BITS) - 1
TRIGRAM_FLAG = 1 << 3 * SYMBOL_BITS
UNIGRAM_FLAG = TRIGRAM_FLAG << 1
CAPITAL_FLAG = 0x8000


class NgramTables(NamedTuple):
    """The n-grams of all profiles, as the kernels read them."""

    symbols: NDArray[np.uint16]
    """uint16[n_code_points]: the symbol of each character, 0 for separators, and CAPITAL_FLAG."""
    lowercase: NDArray[np.uint16]
    """uint16[n_code_points]: the lowercase letter of a capital, 1 for a lowercase letter, else
    0."""
    composed: NDArray[np.uint16]
    """uint16[0x24, 512]: the composition of a letter with a Vietnamese tone mark (minus 0x300), or
    0."""
    displacements: NDArray[np.uint16]
    """uint16[2**BUCKET_BITS]: see `perfect_hash`."""
    entries: NDArray[np.uint64]
    """uint64[2**SLOT_BITS]: the entry of each n-gram, in its slot."""
    sparse: NDArray[np.uint32]
    """uint32[n]: profile << 16 | weight."""
    dense: NDArray[np.uint16]
    """uint16[n, N_COLUMNS]: the weight of a common n-gram in every profile."""
    scripts: NDArray[np.uint8]
    """uint8[n_code_points]: the script of each letter, 0 for anything else."""


@njit_without_allocation
def sum_ngrams(
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
    symbols: NDArray[np.uint16],
    scripts: NDArray[np.uint8],
    displacements: NDArray[np.uint16],
    entries: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    keys: NDArray[np.uint64],
    row_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    letter_symbols: NDArray[np.uint16],
    words: NDArray[np.uint64],
    latest: NDArray[np.uint8],
    candidates: NDArray[np.uint32],
    word_sums: NDArray[np.int32],
    word_sizes: NDArray[np.int64],
    sums: NDArray[np.int32],
    n_known: NDArray[np.int32],
    n_ngrams: NDArray[np.int32],
    letters: NDArray[np.int32],
) -> None:
    """Add up the n-gram weights of the texts that `sampling.sample_texts` decoded.

    Outputs, zeros on entry: sums int32[n_texts, N_COLUMNS]; n_known int32[n_texts], the n-grams
    that a profile has; n_ngrams int32[n_texts], all n-grams; letters int32[n_texts, n_scripts].
    The parameters from `words` to `word_sizes` are a `WordMemory`, those from `keys` to
    `letter_symbols` are buffers, as in `list_ngrams`, `add_weights` and `list_symbols`. The tables
    are separate parameters because loops over a tuple of arrays compile to much slower code.
    """
    for text in range(len(counts)):
        count = counts[text]
        n_keys = 0
        if count_letters(points, text, count, scripts, letters):
            n_keys = list_ngrams(points[text], count, True, symbols, keys)
            count = 0
        list_symbols(points, text, count, symbols, letter_symbols)
        begin = 0
        for at in range(count + 1):
            if letter_symbols[at] != 0:
                continue
            if at > begin:
                slot, is_there = -1, False
                if at < count:  # at the end of a text, no space follows the word
                    slot, is_there = find_word(words, latest, candidates, letter_symbols, begin, at)
                n_added = 0
                if not is_there:
                    word = points[text, begin : min(at + 1, count)]
                    n_added = list_ngrams(word, len(word), False, symbols, keys[n_keys:])
                if slot < 0:  # added up at the end of the text
                    n_keys += n_added
                else:
                    if not is_there:
                        word_sums[slot] = 0
                        word_sizes[slot, 0] = n_added
                        word_sizes[slot, 1] = add_weights(
                            keys[n_keys:], n_added, displacements, entries, sparse, dense,
                            row_counts, distinct, word_sums, slot,
                        )  # fmt: skip
                    n_ngrams[text] += word_sizes[slot, 0]
                    n_known[text] += word_sizes[slot, 1]
                    for column in range(N_COLUMNS):
                        sums[text, column] += word_sums[slot, column]
            begin = at + 1
        n_ngrams[text] += n_keys
        n_known[text] += add_weights(
            keys, n_keys, displacements, entries, sparse, dense, row_counts, distinct, sums, text
        )


@njit_without_allocation
def list_symbols(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    symbols: NDArray[np.uint16],
    letter_symbols: NDArray[np.uint16],
) -> None:
    """Write the symbol of each character, with CAPITAL_FLAG, and a 0 behind the last."""
    for at in range(count):
        letter_symbols[at] = symbols[min(int(points[text, at]), len(symbols) - 1)]
    letter_symbols[count] = 0


@njit_without_allocation
def count_letters(
    points: NDArray[np.uint32],
    text: int,
    count: int,
    scripts: NDArray[np.uint8],
    letters: NDArray[np.int32],
) -> bool:
    """Count the letters of each script; return whether Latin is rare enough to be skipped."""
    latin = 0
    other = 0
    ascii_letters = 0
    higher = False
    for at in range(count):  # without a branch: eight or more characters at a time
        point = points[text, at]
        latin += 0x41 <= point <= 0x7A  # A to z and the six signs between, as in langdetect
        ascii_letters += 0x61 <= point | 0x20 <= 0x7A
        higher |= point >= 0x80
    if ascii_letters:
        letters[text, scripts[ord("A")]] += ascii_letters
    if higher:
        for at in range(count):
            point = points[text, at]
            if point >= 0x80:
                other += point >= 0x300 and (point < 0x1E00 or point > 0x1EFF)
                if point < len(scripts):
                    letters[text, scripts[point]] += 1
    letters[text, 0] = 0
    return latin * 2 < other


@njit_without_allocation
def list_ngrams(
    points: NDArray[np.uint32],
    count: int,
    skip_latin: bool,
    symbols: NDArray[np.uint16],
    keys: NDArray[np.uint64],
) -> int:
    """Write the keys of the n-grams of points[:count]; return how many.

    `keys` has room for 3 per character.

    An n-gram is up to three symbols of a word, including the space before or after it. From the
    second capital in a row on, nothing counts until a lowercase letter follows: an acronym such as
    NATO says nothing about the language.
    """
    n_keys = 0
    previous = np.uint64(0)  # the symbol before this one, 0 for a space
    before_previous = np.uint64(0)
    in_acronym = False
    previous_is_capital = False
    starts_word = True
    for at in range(count):
        point = points[at]
        if skip_latin and 0x41 <= point <= 0x7A:
            continue
        symbol_and_case = symbols[min(int(point), len(symbols) - 1)]
        symbol = np.uint64(symbol_and_case & (CAPITAL_FLAG - 1))
        is_capital = symbol_and_case >= CAPITAL_FLAG
        if previous == 0:
            in_acronym = False
            starts_word = True
            if symbol == 0:
                previous_is_capital = False
                continue
        in_acronym = is_capital and (in_acronym or previous_is_capital)
        if not in_acronym:
            pair = previous << np.uint64(SYMBOL_BITS) | symbol
            keys[n_keys] = symbol | np.uint64(UNIGRAM_FLAG)
            n_keys += symbol != 0
            keys[n_keys] = pair
            n_keys += 1
            keys[n_keys] = (
                pair | before_previous << np.uint64(2 * SYMBOL_BITS) | np.uint64(TRIGRAM_FLAG)
            )
            n_keys += not starts_word
        starts_word = False
        before_previous, previous, previous_is_capital = previous, symbol, is_capital
    return n_keys


@njit_without_allocation
def add_weights(
    keys: NDArray[np.uint64],
    n_keys: int,
    displacements: NDArray[np.uint16],
    entries: NDArray[np.uint64],
    sparse: NDArray[np.uint32],
    dense: NDArray[np.uint16],
    row_counts: NDArray[np.int32],
    distinct: NDArray[np.int32],
    sums: NDArray[np.int32],
    text: int,
) -> int:
    """Add the weights of all n-grams to `sums`; return the number of n-grams that a profile has.

    `keys` is overwritten. Common n-grams are counted first, and the row of each is added once:
    `row_counts` (int32[n_dense]) is zero before and after, `distinct` (int32) has room for all
    n-grams.
    """
    n_known = 0
    for number in range(n_keys):
        key = keys[number]
        entry = entries[slot_of(key, displacements)]
        keys[n_known] = entry
        n_known += entry >> np.uint64(KEY_SHIFT) == key
    n_sparse = 0
    n_distinct = 0
    for number in range(n_known):
        entry = keys[number]
        start = np.int64(entry >> np.uint64(COUNT_BITS)) & ((1 << KEY_SHIFT - COUNT_BITS) - 1)
        is_dense = entry & np.uint64(DENSE_COUNT) == DENSE_COUNT
        keys[n_sparse] = entry
        n_sparse += not is_dense
        row = start if is_dense else 0
        distinct[n_distinct] = row
        n_distinct += is_dense and row_counts[row] == 0
        row_counts[row] += is_dense
    for number in range(n_sparse):
        start = np.int64(keys[number] >> np.uint64(COUNT_BITS)) & (
            (1 << KEY_SHIFT - COUNT_BITS) - 1
        )
        for at in range(start, start + np.int64(keys[number] & np.uint64(DENSE_COUNT))):
            sums[text, sparse[at] >> np.uint32(16)] += np.int32(sparse[at] & np.uint32(0xFFFF))
    for number in range(0, n_distinct, 4):  # four rows per load and store of the sums
        row_a, count_a = take_count(row_counts, distinct, number, n_distinct)
        row_b, count_b = take_count(row_counts, distinct, number + 1, n_distinct)
        row_c, count_c = take_count(row_counts, distinct, number + 2, n_distinct)
        row_d, count_d = take_count(row_counts, distinct, number + 3, n_distinct)
        for at in range(N_COLUMNS):
            sums[text, at] += (
                count_a * np.int32(dense[row_a, at])
                + count_b * np.int32(dense[row_b, at])
                + count_c * np.int32(dense[row_c, at])
                + count_d * np.int32(dense[row_d, at])
            )
    return n_known


@njit_without_allocation
def take_count(
    row_counts: NDArray[np.int32], distinct: NDArray[np.int32], number: int, n_distinct: int
) -> tuple[int, np.int32]:
    """Return a row of `distinct` and its count, and reset that count to 0.

    A `number` past the end gives the last row with a count of 0.
    """
    row = np.int64(distinct[number if number < n_distinct else n_distinct - 1])
    count = row_counts[row]
    row_counts[row] = 0
    return int(row), count
