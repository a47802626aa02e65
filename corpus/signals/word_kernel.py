"""Kernel that walks over the words of a text: between white space, and datatrove's.

One walk over the bytes gives, for each chunk without white space, its hash, length and classes of
characters. Most chunks are plain words, and one word in both ways of counting.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4_kernel import end_line, note_chunk, note_word
from corpus.signals.definition import LONGEST_COUNTED, MAX_WORDS
from corpus.signals.hashing import (
    LANGUAGE_WORD_SHIFT,
    START,
    STOP_WORD_SHIFT,
    KnownWords,
    finish,
    look_up,
    next_hash,
)
from corpus.signals.repetition import Sequence
from corpus.signals.token_kernel import CUTS_MASK, Chunk, cut_chunk, part_hash
from corpus.signals.tokens import LONGEST_SPLIT
from corpus.words.folding import decode

# isort: split
from numba import int64, uint32

from corpus.kernels import njit

SPACE, LETTER, SYMBOL = c.SPACE, c.LETTER, c.SYMBOL
LINE_BREAK, PUNCTUATION, SENTENCE_END = c.LINE_BREAK, c.PUNCTUATION, c.SPACY_SENTENCE_END
BRACKET, AFFIX, LOWER = c.BRACKET, c.AFFIX, c.LOWER
LONGEST_STOP_WORD = 4
NUMBER_MASK = 0xFF
NOT_PLAIN = c.AFFIX | c.PREFIX | c.HYPHEN | c.ICON | c.CURRENCY | c.QUOTE | c.DIGIT
LETTER_OR_DIGIT = c.LETTER_OR_DIGIT
HASH_SIGN, ELLIPSIS, DOT, SPACE_CHARACTER = ord("#"), ord("…"), ord("."), ord(" ")


class Words(NamedTuple):
    """Counters of the words of one text, and their sequences."""

    spaced: Sequence
    tokens: Sequence
    lengths: NDArray[np.int64]
    """int64[256]: how many words between white space have each length."""
    seen: NDArray[np.uint8]
    """uint8[n_words + 1]: which stop words of all languages occur; 0 is for other words."""
    c4: NDArray[np.int64]
    """int64[N_FIELDS]: how C4 judges the lines (`corpus.signals.c4_kernel`)."""


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
    hashes: int
    ellipses: int
    spaced_ellipses: int
    """How often ". . ." occurs."""
    brackets: bool
    """Whether the text has a square bracket."""


def _packed_stop_words() -> NDArray[np.int64]:
    """Return the bytes of each stop word as a number, first byte lowest."""
    from corpus.signals.hashing import ORDERED_STOP_WORDS

    packed = np.array(
        [int.from_bytes(word.encode(), "little") for word in ORDERED_STOP_WORDS], np.int64
    )
    packed.flags.writeable = False
    return packed


PACKED_STOP_WORDS = _packed_stop_words()


@njit
def stop_word(data: NDArray[np.uint8], begin: int, end: int, any_case: int) -> int:
    """Return the number of the stop word that these bytes are, from 1; 0 if they are none.

    `any_case` is 0x20 to ignore case, and 0 otherwise.
    """
    if end - begin < 2 or end - begin > 4:
        return 0
    packed = int64(0)
    for i in range(end - 1, begin - 1, -1):
        byte = int64(data[i])
        if byte >= 0x80:
            return 0
        if 0x41 <= byte <= 0x5A:
            byte |= any_case
        packed = packed << 8 | byte
    for k in range(PACKED_STOP_WORDS.size):
        if PACKED_STOP_WORDS[k] == packed:
            return k + 1
    return 0


@njit
def _read_chunk(
    data: NDArray[np.uint8], begin: int, end: int, table: NDArray[np.uint32], chunk: Chunk
) -> None:
    """Write the characters of a chunk that is short enough to be cut."""
    i, size = begin, 0
    while i < end:
        code, length = decode(data, i, end)
        chunk.codes[size] = code
        chunk.bits[size] = table[code]
        size += 1
        i += length


@njit
def walk_words(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    table: NDArray[np.uint32],
    known: KnownWords,
    chunk: Chunk,
    words: Words,
) -> WordCounts:
    """Return the counts of the words of data[start:end]; fill the sequences and lengths."""
    n_spaced, spaced_with_letter, symbol_words, first_alphanumeric = 0, 0, 0, 0
    stops, stops_any_case, spaced_characters = 0, 0, 0
    n_tokens, counted, counted_characters, tokens_with_letter = 0, 0, 0, 0
    seen = 0
    hashes, ellipses, spaced_ellipses = 0, 0, 0
    # as local variables: numba counts references to arrays inside a tuple each time
    spaced_hashes, spaced_ends = words.spaced.hashes, words.spaced.ends
    token_hashes, token_ends = words.tokens.hashes, words.tokens.ends
    lengths, words_seen, c4 = words.lengths, words.seen, words.c4
    lengths[:], words_seen[:], c4[:] = 0, 0, 0
    text_bits = uint32(0)
    last_stop, line_ends = start, False
    spaced_dots = 0  # how many characters of ". . ." precede
    i = start
    while i < end:
        # the next chunk: its bytes, hash, and the classes of its characters
        begin, value, any_bits, all_bits = i, START, uint32(0), ~uint32(0)
        size, marks, dots, first_bits = 0, 0, 0, uint32(0)
        body_value, body_any, body_all = value, any_bits, all_bits
        body_last, last_bits, last_code = uint32(0), uint32(0), int64(0)
        while i < end:
            code, length = int64(data[i]), 1
            if code >= 0x80:
                code, length = decode(data, i, end)
            bits = table[code]
            if bits & SPACE:
                break
            if size == 0:
                first_bits = bits
            body_value, body_any, body_all = value, any_bits, all_bits
            value = next_hash(value, code)
            any_bits |= bits
            all_bits &= bits
            body_last, last_bits, last_code = last_bits, bits, code
            size += 1
            if code == DOT:
                if spaced_dots == 4:
                    spaced_ellipses += 1
                spaced_dots = 3 if spaced_dots == 2 else int64(spaced_dots != 4)
                dots += 1
                if dots == 3:
                    ellipses += 1
                    dots = 0
            else:
                dots, spaced_dots = 0, 0
                if code == HASH_SIGN:
                    hashes += 1
                    marks = 1
                elif code == ELLIPSIS:
                    ellipses += 1
                    marks = 1
            i += length
        stop, breaks = i, False
        if i < end:
            breaks = bits & LINE_BREAK != 0
            odd = code == SPACE_CHARACTER and spaced_dots & 1
            spaced_dots = spaced_dots + 1 if odd else 0
            i += length
        if size == 0:
            line_ends |= breaks
            continue
        if line_ends:
            end_line(data, c4)
        line_ends = breaks
        one_space = begin - last_stop == 1 and data[last_stop] == SPACE_CHARACTER
        note_chunk(data, start, begin, stop, end, size, any_bits, one_space, c4)
        last_stop = stop
        text_bits |= any_bits
        hash_of_chunk = finish(value)
        if n_spaced < MAX_WORDS:
            spaced_hashes[n_spaced] = hash_of_chunk
            spaced_ends[n_spaced + 1] = spaced_ends[n_spaced] + size
        n_spaced += 1
        spaced_characters += size
        lengths[min(size, LONGEST_COUNTED)] += 1
        spaced_with_letter += any_bits & LETTER != 0
        symbol_words += marks
        first_alphanumeric += first_bits & LETTER_OR_DIGIT != 0
        if stop - begin <= LONGEST_STOP_WORD and all_bits & LETTER != 0:
            stops += stop_word(data, begin, stop, 0) != 0
            stops_any_case += stop_word(data, begin, stop, 0x20) != 0
        plain = all_bits & LETTER != 0 and any_bits & NOT_PLAIN == 0
        entry = look_up(known, hash_of_chunk) if plain else int64(0)
        if (plain and entry & CUTS_MASK == 0) or size > LONGEST_SPLIT:
            if n_tokens < MAX_WORDS:
                token_hashes[n_tokens] = hash_of_chunk
                token_ends[n_tokens + 1] = token_ends[n_tokens] + size
            n_tokens += 1
            tokens_with_letter += any_bits & LETTER != 0
            if all_bits & SYMBOL == 0:
                counted += 1
                counted_characters += size
            seen |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
            words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
            note_word(c4, False, all_bits & PUNCTUATION != 0)
            continue
        # a plain word with one mark behind it: two words, if neither the whole is an exception
        # nor the word
        marked = last_bits & AFFIX != 0 or (data[stop - 1] == DOT and body_last & LOWER != 0)
        if marked and size > 1 and body_all & LETTER != 0 and body_any & NOT_PLAIN == 0:
            body_hash = finish(body_value)
            entry = look_up(known, body_hash)
            if entry & CUTS_MASK == 0 and look_up(known, hash_of_chunk) & CUTS_MASK == 0:
                mark_hash = finish(next_hash(START, last_code))
                if n_tokens + 1 < MAX_WORDS:
                    token_hashes[n_tokens] = body_hash
                    token_ends[n_tokens + 1] = token_ends[n_tokens] + size - 1
                    token_hashes[n_tokens + 1] = mark_hash
                    token_ends[n_tokens + 2] = token_ends[n_tokens + 1] + 1
                elif n_tokens < MAX_WORDS:
                    token_hashes[n_tokens] = body_hash
                    token_ends[n_tokens + 1] = token_ends[n_tokens] + size - 1
                n_tokens += 2
                tokens_with_letter += 1 + (last_bits & LETTER != 0)
                counted += 1
                counted_characters += size - 1
                if last_bits & SYMBOL == 0:
                    counted += 1
                    counted_characters += 1
                seen |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
                words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
                words_seen[look_up(known, mark_hash) >> LANGUAGE_WORD_SHIFT] = 1
                note_word(c4, False, False)
                note_word(c4, last_bits & SENTENCE_END != 0, last_bits & PUNCTUATION != 0)
                continue
        _read_chunk(data, begin, stop, table, chunk)
        cut_chunk(chunk, size, known)
        first = 0
        for k in range(1, size + 1):
            if not chunk.cuts[k]:
                continue
            key = part_hash(chunk, first, k)
            if n_tokens < MAX_WORDS:
                token_hashes[n_tokens] = key
                token_ends[n_tokens + 1] = token_ends[n_tokens] + k - first
            n_tokens += 1
            letter, symbol, punctuation = False, True, True
            for j in range(first, k):
                punctuation &= chunk.bits[j] & PUNCTUATION != 0
                letter |= chunk.bits[j] & LETTER != 0
                symbol &= chunk.bits[j] & SYMBOL != 0
            tokens_with_letter += letter
            if not symbol:
                counted += 1
                counted_characters += k - first
            is_end = k - first == 1 and chunk.bits[first] & SENTENCE_END != 0
            note_word(c4, is_end, punctuation)
            entry = look_up(known, key)
            seen |= (1 << (entry >> STOP_WORD_SHIFT & NUMBER_MASK)) >> 1
            words_seen[entry >> LANGUAGE_WORD_SHIFT] = 1
            first = k
    end_line(data, c4)
    return WordCounts(
        n_spaced, spaced_characters, spaced_with_letter, symbol_words, first_alphanumeric, stops,
        stops_any_case, n_tokens, counted, counted_characters, tokens_with_letter, seen, hashes,
        ellipses, spaced_ellipses, text_bits & BRACKET != 0,
    )  # fmt: skip
