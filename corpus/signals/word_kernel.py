"""Kernel that walks over the words of a text: between white space, and datatrove's.

Most chunks without white space are ASCII letters with at most one mark behind them. Where they end
is read off two masks with a bit for each byte; they are one or two words. All others are decoded,
and cut by the rules of `corpus.signals.token_kernel`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4_kernel import CURLY_BRACKET, add_line, phrases_of_chunk
from corpus.signals.chunk_kernel import (
    AFTER_END,
    COUNTED_CHARACTERS,
    COUNTED_TOKENS,
    HASH_SIGN,
    NUMBER_MASK,
    SENTENCES,
    SPACED,
    SPACED_CHARACTERS,
    SPACED_FIRST_ALPHANUMERIC,
    SPACED_STOP_WORDS,
    SPACED_STOP_WORDS_ANY_CASE,
    SPACED_SYMBOL_WORDS,
    SPACED_WITH_LETTER,
    STOP_WORDS_SEEN,
    TOKEN_CHARACTERS,
    TOKENS,
    TOKENS_WITH_LETTER,
    Words,
    add_token,
    add_word,
    walk_chunk,
)
from corpus.signals.hashing import (
    LANGUAGE_WORD_SHIFT,
    SHORT,
    STOP_WORD_SHIFT,
    KnownWords,
    look_up,
    range_hash,
)
from corpus.signals.stop_words import SMALL, stop_word
from corpus.signals.survey import Survey, range_mask
from corpus.signals.token_kernel import CUTS_MASK, Chunk
from corpus.words.folding import decode
from corpus.words.simd import BLOCK, load8, store8, trailing_zeros

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

SPACE, LINE_BREAK, BRACE, AFFIX = c.SPACE, c.LINE_BREAK, c.BRACE, c.AFFIX
DOT, BLANK = ord("."), 0x20
LARGE_A, LARGE_Z, SMALL_A, SMALL_Z = (ord(char) for char in "AZaz")


class Marks(NamedTuple):
    """A bit for each byte of a text: uint8[size / 8], the lowest bit for the first."""

    ends: NDArray[np.uint8]
    """What is not printable ASCII."""
    others: NDArray[np.uint8]
    """What is not an ASCII letter."""


def make_marks(size: int) -> Marks:
    """Return room for the marks of this many bytes."""
    return Marks(*(np.zeros(size // 8 + BLOCK, np.uint8) for _ in Marks._fields))


class WordCounts(NamedTuple):
    """What is counted of the words of one text."""

    spaced: int
    spaced_characters: int
    spaced_with_letter: int
    spaced_symbol_words: int
    spaced_first_alphanumeric: int
    spaced_stop_words: int
    spaced_stop_words_any_case: int
    tokens: int
    counted_tokens: int
    counted_characters: int
    tokens_with_letter: int
    stop_words_seen: int
    """One bit for each stop word."""


@njit_without_allocation
def mark_bytes(data: NDArray[np.uint8], begin: int, end: int, marks: Marks) -> None:
    """Mark the bytes of data[begin:end] and the 64 behind; `begin` is a multiple of 64."""
    for i in range(begin, end + BLOCK, BLOCK):
        letters = range_mask(data, i, LARGE_A, LARGE_Z) | range_mask(data, i, SMALL_A, SMALL_Z)
        store8(marks.others, i >> 3, ~letters)
        store8(marks.ends, i >> 3, ~range_mask(data, i, BLANK + 1, 0x7F))


@njit_without_allocation
def _skip_space(
    data: NDArray[np.uint8], i: int, end: int, table: NDArray[np.uint32]
) -> tuple[int, bool]:
    """Return where white space ends, and whether a line ends in it."""
    breaks = False
    while i < end:
        code, length = decode(data, i, end)
        bits = table[code]
        if not bits & SPACE:
            break
        breaks |= bits & LINE_BREAK != 0
        i += length
    return i, breaks


@njit_without_allocation
def walk_words(
    text: Survey,
    table: NDArray[np.uint32],
    known: KnownWords,
    chunk: Chunk,
    marks: Marks,
    words: Words,
) -> WordCounts:
    """Return the counts of the words of chunk.text[text.begin:text.end]; fill `words`.

    Nine of ten chunks are ASCII letters, possibly with a mark behind them. They take one step,
    without a branch that is hard to foresee.
    """
    data, lengths, seen, c4, counts = chunk.text, words.lengths, words.seen, words.c4, words.counts
    lengths[:], seen[:], c4[:], counts[:] = 0, 0, 0, 0
    begin, end = text.begin, text.end
    mark_bytes(data, begin, end, marks)
    line_words, flags, last_stop = 0, 0, begin
    simple_words, simple_characters, simple_stops, any_case_stops, simple_seen = 0, 0, 0, 0, 0
    begin, _ = _skip_space(data, begin, end, table)
    while begin < end:
        # no mark among the next 57 bytes or more: 64 zeros
        within = uint64(begin & 7)
        stop = begin + trailing_zeros(load8(marks.ends, begin >> 3) >> within)
        letters = begin + trailing_zeros(load8(marks.others, begin >> 3) >> within)
        next_byte, size, marked = data[uint64(stop)], stop - begin, stop - letters
        simple = letters > begin and marked <= 1 and size < BLOCK
        simple &= next_byte == BLANK or (next_byte < 0x80 and table[next_byte] & SPACE != 0)
        mark = data[uint64(letters)]
        mark_bits = int64(table[mark])
        if marked:
            simple &= mark_bits & AFFIX != 0 or (mark == DOT and data[letters - 1] >= SMALL_A)
        key, body_key, entry = uint64(0), uint64(0), int64(0)
        if simple:
            key = body_key = range_hash(data, begin, letters)
            entry = look_up(known, body_key)
            cut = entry
            if marked:
                key = range_hash(data, begin, stop)
                cut |= look_up(known, key)
            simple = cut & CUTS_MASK == 0
        found_flags = 0
        if simple:
            simple_words += 1
            counts[SPACED_CHARACTERS] += size
            counts[SPACED] = add_word(words.spaced, counts[SPACED], key, counts[SPACED_CHARACTERS])
            lengths[uint64(size)] += 1
            simple_characters += letters - begin
            counts[TOKEN_CHARACTERS] += letters - begin
            token_end = counts[TOKEN_CHARACTERS]
            counts[TOKENS] = add_word(words.tokens, counts[TOKENS], body_key, token_end)
            number = entry >> STOP_WORD_SHIFT & NUMBER_MASK
            simple_seen |= (1 << number) >> 1
            seen[uint64(entry >> LANGUAGE_WORD_SHIFT)] = 1
            counts[SENTENCES] += counts[AFTER_END]
            counts[AFTER_END] = 0
            if marked:
                mark_key = range_hash(data, letters, stop)
                mark_entry = look_up(known, mark_key)
                add_token(words.tokens, seen, counts, mark_key, mark_entry, 1, mark_bits, mark_bits)
                found_flags = CURLY_BRACKET * (mark_bits & BRACE != 0)
                counts[SPACED_SYMBOL_WORDS] += mark == HASH_SIGN
            else:
                any_case = stop_word(load8(data, begin) | SMALL, min(size, SHORT))
                simple_stops += number != 0
                any_case_stops += any_case != 0
        else:
            stop, found_flags = walk_chunk(begin, end, known, table, chunk, words)
        # the line, as C4 sees it
        line_words += 1
        last_stop = stop
        flags |= found_flags
        if text.may_have_phrase:
            flags |= phrases_of_chunk(data, text.begin, begin, stop, end)
        # what follows: mostly one space
        begin, breaks = stop + 1, False
        if data[uint64(stop)] != BLANK or begin >= end or not BLANK < data[uint64(begin)] < 0x80:
            begin, breaks = _skip_space(data, stop, end, table)
            # white space that is not a single space begins a sentence as a word does
            one_space = begin - stop == 1 and data[stop] == BLANK
            if begin < end and not breaks and not one_space:
                counts[SENTENCES] += counts[AFTER_END]
                counts[AFTER_END] = 0
        if breaks:
            add_line(data, stop, line_words, counts[SENTENCES] + 1, flags, c4)
            line_words, flags, counts[SENTENCES], counts[AFTER_END] = 0, 0, 0, 0
    if line_words:
        add_line(data, last_stop, line_words, counts[SENTENCES] + 1, flags, c4)
    return WordCounts(
        counts[SPACED],
        counts[SPACED_CHARACTERS],
        counts[SPACED_WITH_LETTER] + simple_words,
        counts[SPACED_SYMBOL_WORDS],
        counts[SPACED_FIRST_ALPHANUMERIC] + simple_words,
        counts[SPACED_STOP_WORDS] + simple_stops,
        counts[SPACED_STOP_WORDS_ANY_CASE] + any_case_stops,
        counts[TOKENS],
        counts[COUNTED_TOKENS] + simple_words,
        counts[COUNTED_CHARACTERS] + simple_characters,
        counts[TOKENS_WITH_LETTER] + simple_words,
        counts[STOP_WORDS_SEEN] | simple_seen,
    )
