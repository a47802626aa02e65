"""Kernel that walks over the words of a text: between white space, and datatrove's.

Most chunks without white space are ASCII letters with at most one mark behind them; they are read
eight bytes at a time, and are one or two words. All others are decoded, and cut by the rules of
`corpus.signals.token_kernel`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4 import MAX_WORD_LENGTH
from corpus.signals.c4_kernel import CURLY_BRACKET, LONG_WORD, add_line, phrases_of_chunk
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
from corpus.signals.survey import Survey, range_mask
from corpus.signals.token_kernel import CUTS_MASK, Chunk, cut_chunk, part_hash
from corpus.signals.tokens import LONGEST_SPLIT
from corpus.words.folding import decode
from corpus.words.simd import BLOCK, load8, store8, trailing_zeros

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

SPACE, LETTER, SYMBOL, BRACE = c.SPACE, c.LETTER, c.SYMBOL, c.BRACE
LINE_BREAK, PUNCTUATION, SENTENCE_END = c.LINE_BREAK, c.PUNCTUATION, c.SPACY_SENTENCE_END
AFFIX, LOWER, LETTER_OR_DIGIT = c.AFFIX, c.LOWER, c.LETTER_OR_DIGIT
NUMBER_MASK = 0xFF
NOT_PLAIN = c.AFFIX | c.PREFIX | c.HYPHEN | c.ICON | c.CURRENCY | c.QUOTE | c.DIGIT
HASH_SIGN, ELLIPSIS, DOT, BLANK = ord("#"), ord("…"), ord("."), 0x20

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


class Words(NamedTuple):
    """Counters of the words of one text, and their sequences."""

    spaced: Sequence
    tokens: Sequence
    lengths: NDArray[np.int64]
    """int64[256]: how many words between white space have each length."""
    seen: NDArray[np.uint8]
    """uint8[n_words + 1]: which stop words of all languages occur; 0 is for other words."""
    c4: NDArray[np.int64]
    """int64[N_SUMS]: how C4 judges the lines (`corpus.signals.c4_kernel`)."""


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


class ChunkClasses(NamedTuple):
    """Where a decoded chunk ends, and the classes of its characters."""

    stop: int
    size: int
    """In characters."""
    any_bits: int
    all_bits: int
    first_bits: int
    body_any: int
    """The same without the last character."""
    body_all: int
    body_last: int
    last_bits: int
    last_size: int
    """Bytes of the last character."""
    symbol: bool
    """Whether it has a number sign or an ellipsis."""


@njit_without_allocation
def mark_bytes(data: NDArray[np.uint8], begin: int, end: int, marks: Marks) -> None:
    """Mark the bytes of data[begin:end] and the 64 behind; `begin` is a multiple of 64."""
    for i in range(begin, end + BLOCK, BLOCK):
        letters = range_mask(data, i, LARGE_A, LARGE_Z) | range_mask(data, i, SMALL_A, SMALL_Z)
        store8(marks.others, i >> 3, ~letters)
        store8(marks.ends, i >> 3, ~range_mask(data, i, BLANK + 1, 0x7F))


@njit_without_allocation
def _read_chunk(begin: int, end: int, table: NDArray[np.uint32], chunk: Chunk) -> ChunkClasses:
    """Return the classes of the chunk that begins at `begin`; keep its first characters."""
    data, places, codes, all_of = chunk.text, chunk.places, chunk.codes, chunk.bits
    any_bits, all_bits, first_bits = int64(0), int64(-1), int64(0)
    body_any, body_all, body_last, last_bits = int64(0), int64(-1), int64(0), int64(0)
    i, size, last_size, symbol = begin, 0, 0, False
    while i < end:
        code, length = int64(data[i]), 1
        if code >= 0x80:
            code, length = decode(data, i, end)
        bits = int64(table[code])
        if bits & SPACE:
            break
        if size <= LONGEST_SPLIT:
            places[size], codes[size], all_of[size] = i, code, bits
        if size == 0:
            first_bits = bits
        body_any, body_all, body_last = any_bits, all_bits, last_bits
        any_bits |= bits
        all_bits &= bits
        last_bits, last_size = bits, length
        symbol |= code in (HASH_SIGN, ELLIPSIS)
        size += 1
        i += length
    places[min(size, LONGEST_SPLIT + 1)] = i
    return ChunkClasses(
        i, size, any_bits, all_bits, first_bits, body_any, body_all, body_last, last_bits,
        last_size, symbol,
    )  # fmt: skip


@njit_without_allocation
def _add(hashes: NDArray[np.uint64], ends: NDArray[np.int64], n: int, key: int, end: int) -> int:
    """Add a word to a sequence of n words, whose `end` is in characters; return their number."""
    if n < MAX_WORDS:
        hashes[uint64(n)] = key
        ends[uint64(n + 1)] = end
    return n + 1


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
    """Return the counts of the words of chunk.text[text.begin:text.end]; fill the sequences."""
    n_plain, plain_characters, token_characters = 0, 0, 0
    n_spaced, spaced_with_letter, symbol_words, first_alphanumeric = 0, 0, 0, 0
    stops, stops_any_case, spaced_characters = 0, 0, 0
    n_tokens, counted, counted_characters, tokens_with_letter = 0, 0, 0, 0
    seen = 0
    data, cuts, chunk_bits = chunk.text, chunk.cuts, chunk.bits
    spaced_hashes, spaced_ends = words.spaced.hashes, words.spaced.ends
    token_hashes, token_ends = words.tokens.hashes, words.tokens.ends
    lengths, words_seen, c4 = words.lengths, words.seen, words.c4
    lengths[:], words_seen[:], c4[:] = 0, 0, 0
    begin, end = text.begin, text.end
    mark_bytes(data, begin, end, marks)
    line_words, sentences, flags, after_end, last_stop = 0, 0, 0, False, begin
    begin, _ = _skip_space(data, begin, end, table)
    while begin < end:
        # no mark among the next 57 bytes or more: 64 zeros
        within = uint64(begin & 7)
        stop = begin + trailing_zeros(load8(marks.ends, begin >> 3) >> within)
        letters = begin + trailing_zeros(load8(marks.others, begin >> 3) >> within)
        next_byte = data[uint64(stop)]
        simple = letters > begin and letters + 1 >= stop and stop - begin < BLOCK
        simple &= next_byte == BLANK or (next_byte < 0x80 and table[next_byte] & SPACE != 0)
        key, size = range_hash(data, begin, stop), stop - begin
        entry = look_up(known, key)
        # a word of letters that is no exception, as most are
        if simple and letters == stop and entry & CUTS_MASK == 0:
            n_plain += 1
            plain_characters += size
            spaced_characters += size
            token_characters += size
            n_spaced = _add(spaced_hashes, spaced_ends, n_spaced, key, spaced_characters)
            n_tokens = _add(token_hashes, token_ends, n_tokens, key, token_characters)
            lengths[uint64(size)] += 1
            number = entry >> STOP_WORD_SHIFT & NUMBER_MASK
            seen |= (1 << number) >> 1
            stops += number != 0
            stops_any_case += stop_word(load8(data, begin) | SMALL, min(size, SHORT)) != 0
            words_seen[uint64(entry >> LANGUAGE_WORD_SHIFT)] = 1
            line_words += 1
            last_stop = stop
            sentences += after_end
            after_end = False
            if text.may_have_phrase:
                flags |= phrases_of_chunk(data, text.begin, begin, stop, end)
            begin = stop + 1
            if next_byte == BLANK and BLANK < data[uint64(begin)] < 0x80 and begin < end:
                continue
            begin, breaks = _skip_space(data, stop, end, table)
            if breaks:
                add_line(data, stop, line_words, sentences + 1, flags, c4)
                line_words, sentences, flags = 0, 0, 0
            continue
        if simple:
            last_bits = int64(table[data[stop - 1]])
            symbol = False
            size = stop - begin
            before = int64(table[data[stop - 2]]) if letters < stop else last_bits
            any_bits, all_bits, first_bits = before | last_bits, before & last_bits, before
            body_any, body_all, body_last, last_size = before, before, before, 1
            symbol = data[stop - 1] == HASH_SIGN
        else:
            found = _read_chunk(begin, end, table, chunk)
            stop, size, any_bits, all_bits = found.stop, found.size, found.any_bits, found.all_bits
            first_bits, body_any, body_all = found.first_bits, found.body_any, found.body_all
            body_last, last_bits, last_size = found.body_last, found.last_bits, found.last_size
            symbol = found.symbol
        # the line, as C4 sees it
        line_words += 1
        last_stop = stop
        flags |= CURLY_BRACKET * (any_bits & BRACE != 0) | LONG_WORD * (size > MAX_WORD_LENGTH)
        if text.may_have_phrase:
            flags |= phrases_of_chunk(data, text.begin, begin, stop, end)
        # the word between white space
        if not simple:
            key = range_hash(data, begin, stop)
            entry = look_up(known, key)
        spaced_characters += size
        n_spaced = _add(spaced_hashes, spaced_ends, n_spaced, key, spaced_characters)
        lengths[min(size, LONGEST_COUNTED)] += 1
        has_letter = any_bits & LETTER != 0
        spaced_with_letter += has_letter
        symbol_words += symbol
        first_alphanumeric += first_bits & LETTER_OR_DIGIT != 0
        first_eight, n_bytes = load8(data, begin), min(stop - begin, SHORT)
        stops += stop_word(first_eight, n_bytes) != 0
        stops_any_case += (all_bits & LETTER != 0) & (stop_word(first_eight | SMALL, n_bytes) != 0)
        # the words of datatrove
        plain = all_bits & LETTER != 0 and any_bits & NOT_PLAIN == 0
        marked = last_bits & AFFIX != 0 or (data[stop - 1] == DOT and body_last & LOWER != 0)
        marked &= size > 1 and body_all & LETTER != 0 and body_any & NOT_PLAIN == 0
        body_key, body_entry = key, entry
        if marked and entry & CUTS_MASK == 0:
            body_key = range_hash(data, begin, stop - last_size)
            body_entry = look_up(known, body_key)
        if (plain and entry & CUTS_MASK == 0) or size > LONGEST_SPLIT:
            token_characters += size
            n_tokens = _add(token_hashes, token_ends, n_tokens, key, token_characters)
            tokens_with_letter += has_letter
            if all_bits & SYMBOL == 0:
                counted += 1
                counted_characters += size
            seen |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
            words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
            if after_end and all_bits & PUNCTUATION == 0:
                sentences, after_end = sentences + 1, False
        elif marked and (entry | body_entry) & CUTS_MASK == 0:
            # a plain word with one mark behind it: neither the whole nor the word is an exception
            mark_key = range_hash(data, stop - last_size, stop)
            token_characters += size
            n_tokens = _add(token_hashes, token_ends, n_tokens, body_key, token_characters - 1)
            n_tokens = _add(token_hashes, token_ends, n_tokens, mark_key, token_characters)
            tokens_with_letter += 1 + (last_bits & LETTER != 0)
            symbol_mark = last_bits & SYMBOL != 0
            counted += 2 - symbol_mark
            counted_characters += size - symbol_mark
            seen |= (1 << (body_entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
            words_seen[body_entry >> LANGUAGE_WORD_SHIFT] = 1
            words_seen[look_up(known, mark_key) >> LANGUAGE_WORD_SHIFT] = 1
            sentences += after_end
            after_end = last_bits & SENTENCE_END != 0
        else:
            if simple:
                _read_chunk(begin, end, table, chunk)
            cut_chunk(chunk, size, known)
            first = 0
            for k in range(1, size + 1):
                if not cuts[k]:
                    continue
                key = part_hash(chunk, first, k)
                token_characters += k - first
                n_tokens = _add(token_hashes, token_ends, n_tokens, key, token_characters)
                part_any, part_all = int64(0), int64(-1)
                for j in range(first, k):
                    part_any |= int64(chunk_bits[j])
                    part_all &= int64(chunk_bits[j])
                tokens_with_letter += part_any & LETTER != 0
                if part_all & SYMBOL == 0:
                    counted += 1
                    counted_characters += k - first
                if k - first == 1 and part_any & SENTENCE_END:
                    after_end = True
                elif after_end and part_all & PUNCTUATION == 0:
                    sentences, after_end = sentences + 1, False
                entry = look_up(known, key)
                seen |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
                words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
                first = k
        # what follows: mostly one space
        begin, breaks = stop + 1, False
        if data[stop] != BLANK or begin >= end or not BLANK < data[begin] < 0x80:
            begin, breaks = _skip_space(data, stop, end, table)
            # white space that is not a single space begins a sentence as a word does
            one_space = begin - stop == 1 and data[stop] == BLANK
            if after_end and begin < end and not breaks and not one_space:
                sentences, after_end = sentences + 1, False
        if breaks:
            add_line(data, stop, line_words, sentences + 1, flags, c4)
            line_words, sentences, flags, after_end = 0, 0, 0, False
    if line_words:
        add_line(data, last_stop, line_words, sentences + 1, flags, c4)
    return WordCounts(
        n_spaced, spaced_characters, n_plain + spaced_with_letter, symbol_words,
        n_plain + first_alphanumeric, stops, stops_any_case, n_tokens, n_plain + counted,
        plain_characters + counted_characters, n_plain + tokens_with_letter, seen,
    )  # fmt: skip
