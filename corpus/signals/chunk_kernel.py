"""Kernel that counts the words of any run of characters without white space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4 import MAX_WORD_LENGTH
from corpus.signals.c4_kernel import CURLY_BRACKET, LONG_WORD
from corpus.signals.definition import LONGEST_COUNTED, MAX_WORDS
from corpus.signals.hashing import (
    LANGUAGE_WORD_SHIFT,
    SHORT,
    STOP_WORD_SHIFT,
    KnownWords,
    look_up,
    range_hash,
)
from corpus.signals.repetition import Sequence
from corpus.signals.stop_words import SMALL, stop_word
from corpus.signals.token_kernel import CUTS_MASK, Chunk, cut_chunk, part_hash
from corpus.signals.tokens import LONGEST_SPLIT
from corpus.words.folding import decode
from corpus.words.simd import load8

# isort: split
from numba import int64, uint64

from corpus.kernels import njit, njit_without_allocation

SPACE, LETTER, SYMBOL, BRACE = c.SPACE, c.LETTER, c.SYMBOL, c.BRACE
PUNCTUATION, SENTENCE_END, LETTER_OR_DIGIT = c.PUNCTUATION, c.SPACY_SENTENCE_END, c.LETTER_OR_DIGIT
NUMBER_MASK = 0xFF
NOT_PLAIN = c.AFFIX | c.PREFIX | c.HYPHEN | c.ICON | c.CURRENCY | c.QUOTE | c.DIGIT
HASH_SIGN, ELLIPSIS = ord("#"), ord("…")

(
    SPACED, SPACED_CHARACTERS, SPACED_WITH_LETTER, SPACED_SYMBOL_WORDS, SPACED_FIRST_ALPHANUMERIC,
    SPACED_STOP_WORDS, SPACED_STOP_WORDS_ANY_CASE, TOKENS, TOKEN_CHARACTERS, COUNTED_TOKENS,
    COUNTED_CHARACTERS, TOKENS_WITH_LETTER, STOP_WORDS_SEEN, SENTENCES, AFTER_END, N_COUNTS,
) = range(16)  # fmt: skip
"""What is counted of the words of a text, and of the sentences of a line.

`AFTER_END` is 1 where the next word begins a sentence. What simple words have in common is counted
apart.
"""


class Words(NamedTuple):
    """Counters of the words of one text, and their sequences."""

    spaced: Sequence
    tokens: Sequence
    lengths: NDArray[np.int64]
    """int64[256]: how many words between white space have each length."""
    seen: NDArray[np.uint8]
    """uint8[n_words + 1]: which stop words of all languages occur; 0 is for other words."""
    counts: NDArray[np.int64]
    """int64[N_COUNTS]: what is counted, in the order of the constants above."""
    c4: NDArray[np.int64]
    """int64[N_SUMS]: how C4 judges the lines (`corpus.signals.c4_kernel`)."""


class ChunkClasses(NamedTuple):
    """Where a decoded chunk ends, and the classes of its characters."""

    stop: int
    size: int
    """In characters."""
    any_bits: int
    all_bits: int
    first_bits: int
    symbol: bool
    """Whether it has a number sign or an ellipsis."""


@njit_without_allocation
def _read_chunk(begin: int, end: int, table: NDArray[np.uint32], chunk: Chunk) -> ChunkClasses:
    """Return the classes of the chunk that begins at `begin`; keep its first characters."""
    data, places, codes, all_of = chunk.text, chunk.places, chunk.codes, chunk.bits
    any_bits, all_bits, first_bits = int64(0), int64(-1), int64(0)
    i, size, symbol = begin, 0, False
    while i < end:
        code, length = int64(data[uint64(i)]), 1
        if code >= 0x80:
            code, length = decode(data, i, end)
        bits = int64(table[uint64(code)])
        if bits & SPACE:
            break
        if size <= LONGEST_SPLIT:
            places[uint64(size)], codes[uint64(size)], all_of[uint64(size)] = i, code, bits
        if size == 0:
            first_bits = bits
        any_bits |= bits
        all_bits &= bits
        symbol |= code in (HASH_SIGN, ELLIPSIS)
        size += 1
        i += length
    places[min(size, LONGEST_SPLIT + 1)] = i
    return ChunkClasses(i, size, any_bits, all_bits, first_bits, symbol)


@njit_without_allocation
def add_word(sequence: Sequence, n: int, key: int, end: int) -> int:
    """Add a word to a sequence of n words, whose `end` is in characters; return their number."""
    if n < MAX_WORDS:
        sequence.hashes[uint64(n)] = key
        sequence.ends[uint64(n + 1)] = end
    return n + 1


@njit(inline="always", _nrt=False)
def walk_chunk(
    begin: int, end: int, known: KnownWords, table: NDArray[np.uint32], chunk: Chunk, words: Words
) -> tuple[int, int]:
    """Count the words of any chunk of chunk.text[:end]; return where it ends, and flags for C4."""
    data, cuts, chunk_bits, counts = chunk.text, chunk.cuts, chunk.bits, words.counts
    found = _read_chunk(begin, end, table, chunk)
    stop, size, any_bits, all_bits = found.stop, found.size, found.any_bits, found.all_bits
    key = range_hash(data, begin, stop)
    entry = look_up(known, key)
    # the word between white space
    counts[SPACED_CHARACTERS] += size
    counts[SPACED] = add_word(words.spaced, counts[SPACED], key, counts[SPACED_CHARACTERS])
    words.lengths[min(size, LONGEST_COUNTED)] += 1
    has_letter = any_bits & LETTER != 0
    counts[SPACED_WITH_LETTER] += has_letter
    counts[SPACED_SYMBOL_WORDS] += found.symbol
    counts[SPACED_FIRST_ALPHANUMERIC] += found.first_bits & LETTER_OR_DIGIT != 0
    first_eight, n_bytes = load8(data, begin), min(stop - begin, SHORT)
    counts[SPACED_STOP_WORDS] += stop_word(first_eight, n_bytes) != 0
    if all_bits & LETTER:
        counts[SPACED_STOP_WORDS_ANY_CASE] += stop_word(first_eight | SMALL, n_bytes) != 0
    # the words of datatrove: one that needs no cutting, or several
    plain = all_bits & LETTER != 0 and any_bits & NOT_PLAIN == 0 and entry & CUTS_MASK == 0
    if plain or size > LONGEST_SPLIT:
        add_token(words.tokens, words.seen, counts, key, entry, size, any_bits, all_bits)
        return stop, CURLY_BRACKET * (any_bits & BRACE != 0) | LONG_WORD * (size > MAX_WORD_LENGTH)
    cut_chunk(chunk, size, known)
    first = 0
    for k in range(1, size + 1):
        if not cuts[k]:
            continue
        key = part_hash(chunk, first, k)
        part_any, part_all = int64(0), int64(-1)
        for j in range(first, k):
            part_any |= int64(chunk_bits[j])
            part_all &= int64(chunk_bits[j])
        add_token(
            words.tokens,
            words.seen,
            counts,
            key,
            look_up(known, key),
            k - first,
            part_any,
            part_all,
        )
        first = k
    return stop, CURLY_BRACKET * (any_bits & BRACE != 0)


@njit_without_allocation
def add_token(
    tokens: Sequence,
    words_seen: NDArray[np.uint8],
    counts: NDArray[np.int64],
    key: int,
    entry: int,
    size: int,
    any_bits: int,
    all_bits: int,
) -> None:
    """Count a word of datatrove."""
    counts[TOKEN_CHARACTERS] += size
    counts[TOKENS] = add_word(tokens, counts[TOKENS], key, counts[TOKEN_CHARACTERS])
    counts[TOKENS_WITH_LETTER] += any_bits & LETTER != 0
    if all_bits & SYMBOL == 0:
        counts[COUNTED_TOKENS] += 1
        counts[COUNTED_CHARACTERS] += size
    counts[STOP_WORDS_SEEN] |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
    words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
    if size == 1 and any_bits & SENTENCE_END:
        counts[AFTER_END] = 1
    elif all_bits & PUNCTUATION == 0:
        counts[SENTENCES] += counts[AFTER_END]
        counts[AFTER_END] = 0
