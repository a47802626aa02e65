"""The counters of a line and the hashes of its words, in one pass over its characters.

A word is a run of letters, marks and digits; in scripts without spaces each character is a word. A
word that consists of digits hashes to `NUMBER_HASH`, so "3 hours ago" and "7 hours ago" have the
same words.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes, Numbers, Words
from corpus.articles.characters import (
    BULLET,
    CLOSING,
    COMMA,
    DIGIT,
    LAST_CODE_POINT,
    LETTER,
    QUOTE,
    SENTENCE_END,
    SPACE,
    SYMBOL,
    UNSPACED,
    UPPERCASE,
    WORD,
    CharacterTables,
    decode,
)
from corpus.articles.lines.counters import (
    CAPITALISED,
    COMMAS,
    DIGITS,
    ENDS_SENTENCE,
    ENDS_WITH_COLON,
    ENDS_WITH_ELLIPSIS,
    HAS_ADDRESS,
    HAS_BRACKET,
    HAS_YEAR_OR_TIME,
    INDENTATION,
    LEADING_DIGITS,
    LENGTH,
    LONGEST_WORD,
    MEAN_WORD_LENGTH,
    QUOTES,
    SENTENCES,
    SHORT_WORDS,
    STARTS_LOWERCASE,
    STARTS_UPPERCASE,
    STARTS_WITH_BULLET,
    SYMBOLS,
    UNSPACED_CHARACTERS,
    UPPERCASE_LETTERS,
    WORDS,
)
from corpus.kernels import njit

NUMBER_HASH = np.uint32(35)
"""The hash of a word that consists of digits."""
_HASH_START = np.uint32(2166136261)
_HASH_PRIME = np.uint32(16777619)
_FULL_STOP, _COLON, _SLASH, _AT_SIGN, _BRACKET = 46, 58, 47, 64, 40
_ELLIPSIS = 0x2026
_HAN_YEAR, _HAN_MONTH = 0x5E74, 0x6708


@njit(error_model="numpy")
def measure(
    data: Bytes,
    start: int,
    stop: int,
    characters: CharacterTables,
    words: Words,
    n_words: int,
    row: Numbers,
) -> tuple[int, int, int]:
    """Write the counters of the line `data[start:stop]` to `row`; append its words to `words`.

    Returns the new number of words, and where the visible part of the line starts and stops, in
    bytes. Both are `start` if the line is blank. `words` has `n_words` entries so far.
    """
    classes, lowercase_offsets = characters.classes, characters.lowercase_offsets
    word_hash, word_length, all_digits, capital_first = _HASH_START, 0, True, False
    letter_words = capitalised = short_words = longest = 0
    n_characters = n_visible = indentation = letters = uppercase = digits = unspaced = 0
    commas = sentences = symbols = quotes = dots = leading_digits = digit_run = digit_value = 0
    has_bracket = has_address = has_time = sentence_ended = after_colon = ends_sentence = False
    has_bullet = lowercase_start = uppercase_start = False
    first_word, visible_start, visible_end, code, last, before = n_words, start, start, 0, 0, 0
    at = start
    while at <= stop:
        character_start, bits = at, SPACE
        if at < stop:
            code, at = decode(data, at, stop)
            bits = classes[code if code < LAST_CODE_POINT else LAST_CODE_POINT]
        if word_length and (bits & UNSPACED or not bits & WORD):
            words[n_words] = NUMBER_HASH if all_digits else word_hash
            n_words += 1
            if not all_digits:
                letter_words += 1
                capitalised += capital_first
                short_words += word_length <= 3
                longest = word_length if word_length > longest else longest
            word_length = 0
        if character_start == stop:
            break
        if bits & SPACE:
            if sentence_ended:
                sentence_ended = False
                sentences += 1
            if n_characters:
                n_characters += 1
            else:
                indentation += 1
            digit_run = 0
            before = code
            continue
        visible_end = at
        if not n_characters:
            visible_start = character_start
            has_bullet = (bits & BULLET) != 0
            uppercase_start = (bits & UPPERCASE) != 0
            lowercase_start = (bits & LETTER) != 0 and not uppercase_start and not bits & UNSPACED
        n_characters += 1
        n_visible = n_characters
        if bits & WORD:
            if bits & UNSPACED:
                words[n_words] = np.uint32((code * 2654435761) & 0xFFFFFFFF)
                n_words += 1
                unspaced += 1
                letters += 1
                has_time = has_time or code in (_HAN_YEAR, _HAN_MONTH)
            else:
                if word_length == 0:
                    word_hash, all_digits = _HASH_START, True
                    capital_first = (bits & UPPERCASE) != 0
                lower = (
                    code + lowercase_offsets[code if code < LAST_CODE_POINT else LAST_CODE_POINT]
                )
                word_hash = np.uint32((word_hash ^ np.uint32(lower)) * _HASH_PRIME)
                word_length += 1
                if not bits & DIGIT:
                    all_digits = False
                letters += (bits & LETTER) != 0
                uppercase += (bits & UPPERCASE) != 0
                # the rest of a run of ASCII letters, which is most of most texts, changes only this
                while bits & LETTER and at < stop and data[at] < 0x80:
                    next_bits = classes[data[at]]
                    if not next_bits & LETTER:
                        break
                    code, bits = int(data[at]), next_bits
                    lower = code + lowercase_offsets[code]
                    word_hash = np.uint32((word_hash ^ np.uint32(lower)) * _HASH_PRIME)
                    word_length += 1
                    uppercase += (bits & UPPERCASE) != 0
                    letters += 1
                    n_characters += 1
                    at += 1
                visible_end, n_visible = at, n_characters
            if bits & DIGIT:
                digits += 1
                leading_digits += n_characters <= 3
                digit_value = (0 if digit_run == 0 else digit_value * 10) + (code - 48)
                digit_run += 1
                is_year = digit_run == 4 and 1900 <= digit_value < 2100
                has_time = has_time or is_year or (digit_run == 2 and after_colon)
                digit_value = digit_value if digit_value < 10000 else 10000
            else:
                digit_run = 0
                after_colon = False
        else:
            quotes += (bits & QUOTE) != 0
            commas += (bits & COMMA) != 0
            symbols += (bits & SYMBOL) != 0
            has_bracket = has_bracket or code == _BRACKET
            has_address = has_address or code == _AT_SIGN or (code == _SLASH and before == _SLASH)
            digit_run = 0
            after_colon = code == _COLON
        if bits & SENTENCE_END:
            sentence_ended = ends_sentence = True
            sentences += code > 0x3000
            dots = dots + 1 if code == _FULL_STOP else (3 if code == _ELLIPSIS else 0)
        elif not bits & CLOSING:
            sentence_ended = ends_sentence = False
            dots = 0
        last = code
        before = code
    if not n_characters:
        return n_words, start, start
    words_in_line = n_words - first_word if n_words > first_word else 1
    n_letter_words = letter_words or 1
    row[LENGTH] = n_visible
    row[WORDS] = n_words - first_word
    last_bits = classes[last if last < LAST_CODE_POINT else LAST_CODE_POINT]
    row[ENDS_SENTENCE] = ends_sentence or (last_bits & QUOTE) != 0
    row[ENDS_WITH_COLON] = last == _COLON
    row[ENDS_WITH_ELLIPSIS] = dots >= 3
    row[SENTENCES] = sentences
    row[COMMAS] = commas / words_in_line
    row[DIGITS] = digits / n_visible
    row[UPPERCASE_LETTERS] = uppercase / letters if letters else 0.0
    row[CAPITALISED] = capitalised / n_letter_words
    row[MEAN_WORD_LENGTH] = (letters - unspaced) / n_letter_words
    row[STARTS_WITH_BULLET] = has_bullet
    row[LEADING_DIGITS] = leading_digits
    row[INDENTATION] = indentation
    row[HAS_ADDRESS] = has_address
    row[SYMBOLS] = symbols
    row[HAS_YEAR_OR_TIME] = has_time
    row[LONGEST_WORD] = longest
    row[QUOTES] = quotes
    row[HAS_BRACKET] = has_bracket
    row[STARTS_LOWERCASE] = lowercase_start
    row[STARTS_UPPERCASE] = uppercase_start
    row[UNSPACED_CHARACTERS] = unspaced / n_visible
    row[SHORT_WORDS] = short_words / n_letter_words
    return n_words, visible_start, visible_end
