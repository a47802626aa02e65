"""One pass over the bytes of a page: its lines, counters of each, a hash of each word.

A line is what stands between two line feeds, unless it is blank. A word is a run of letters, marks
and digits; in scripts without spaces each character is a word. A word of digits alone hashes to
`NUMBER`, whatever the digits: "3 hours ago" and "7 hours ago" are the same words.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Numbers, Offsets, Words
from corpus.articles.characters import (
    ALONE,
    BULLET,
    CLOSING,
    COMMA,
    DIGIT,
    LAST,
    LETTER,
    QUOTE,
    SPACE,
    STOP,
    SYMBOL,
    UPPER,
    WORD,
    decode,
)
from corpus.articles.lines.counters import (
    ADDRESS,
    ALONES,
    BLANK_AFTER,
    BLANK_BEFORE,
    BRACKET,
    BULLETED,
    CAPITAL,
    CAPITALISED,
    CAPITALS,
    COLON,
    COMMAS,
    COUNTERS,
    DIGITS,
    ELLIPSIS,
    ENDS,
    INDENT,
    LENGTH,
    LONGEST,
    NUMBERED,
    QUOTES,
    SENTENCES,
    SHORT,
    SMALL,
    SYMBOLS,
    TIMED,
    WORD_LENGTH,
    WORDS,
)
from corpus.kernels import njit

NUMBER = np.uint32(35)
_BASIS = np.uint32(2166136261)
_PRIME = np.uint32(16777619)
_NEWLINE = 10
_YEAR_SIGN, _MONTH_SIGN = 0x5E74, 0x6708
_ELLIPSIS_SIGN = 0x2026


@njit(error_model="numpy")
def measure(
    data: Bytes,
    start: int,
    stop: int,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    words: Words,
    n_words: int,
    row: Numbers,
) -> tuple[int, int, int]:
    """Fill `row` with the counters of the line `data[start:stop]`, and `words` from `n_words` on.

    Returns how many words there are now, and the first byte and the end of what is visible of the
    line; both are `start` where the line is blank.
    """
    hashed, length, all_digits, capital_first = _BASIS, 0, True, False
    latin = capitalised = short = letters = capitals = digits = alone = longest = 0
    seen = visible = indent = commas = sentences = symbols = quotes = dots = numbered = 0
    run = value = 0
    bracket = address = timed = ending = after_colon = ends = False
    bulleted = small = capital = False
    first_word, begin, end, code, last, before = n_words, start, start, 0, 0, 0
    at = start
    while at <= stop:
        here, kind = at, SPACE
        if at < stop:
            code, at = decode(data, at, stop)
            kind = kinds[code if code < LAST else LAST]
        if length and (kind & ALONE or not kind & WORD):
            words[n_words] = NUMBER if all_digits else hashed
            n_words += 1
            if not all_digits:
                latin += 1
                capitalised += capital_first
                short += length <= 3
                longest = length if length > longest else longest
            length = 0
        if here == stop:
            break
        if kind & SPACE:
            if ending:
                ending = False
                sentences += 1
            if seen:
                seen += 1
            else:
                indent += 1
            run = 0
            before = code
            continue
        end = at
        if not seen:
            begin = here
            bulleted = (kind & BULLET) != 0
            capital = (kind & UPPER) != 0
            small = (kind & LETTER) != 0 and not capital and not kind & ALONE
        seen += 1
        visible = seen
        if kind & WORD:
            if kind & ALONE:
                words[n_words] = np.uint32((code * 2654435761) & 0xFFFFFFFF)
                n_words += 1
                alone += 1
                letters += 1
                timed = timed or code in (_YEAR_SIGN, _MONTH_SIGN)
            else:
                if length == 0:
                    hashed, all_digits, capital_first = _BASIS, True, (kind & UPPER) != 0
                lower = code + falls[code if code < LAST else LAST]
                hashed = np.uint32((hashed ^ np.uint32(lower)) * _PRIME)
                length += 1
                if not kind & DIGIT:
                    all_digits = False
                letters += (kind & LETTER) != 0
                capitals += (kind & UPPER) != 0
            if kind & DIGIT:
                digits += 1
                numbered += seen <= 3
                value = (0 if run == 0 else value * 10) + (code - 48)
                run += 1
                timed = timed or (run == 4 and 1900 <= value < 2100) or (run == 2 and after_colon)
                value = value if value < 10000 else 10000
            else:
                run = 0
                after_colon = False
        else:
            quotes += (kind & QUOTE) != 0
            commas += (kind & COMMA) != 0
            symbols += (kind & SYMBOL) != 0
            bracket = bracket or code == 40
            address = address or code == 64 or (code == 47 and before == 47)
            run = 0
            after_colon = code == 58
        if kind & STOP:
            ending = ends = True
            sentences += code > 0x3000
            dots = dots + 1 if code == 46 else (3 if code == _ELLIPSIS_SIGN else 0)
        elif not kind & CLOSING:
            ending = ends = False
            dots = 0
        last = code
        before = code
    if not seen:
        return n_words, start, start
    words_in_line = n_words - first_word if n_words > first_word else 1
    per_word = latin or 1
    row[LENGTH] = visible
    row[WORDS] = n_words - first_word
    row[ENDS] = ends or (kinds[last if last < LAST else LAST] & QUOTE) != 0
    row[COLON] = last == 58
    row[ELLIPSIS] = dots >= 3
    row[SENTENCES] = sentences
    row[COMMAS] = commas / words_in_line
    row[DIGITS] = digits / visible
    row[CAPITALS] = capitals / letters if letters else 0.0
    row[CAPITALISED] = capitalised / per_word
    row[WORD_LENGTH] = (letters - alone) / per_word
    row[BULLETED] = bulleted
    row[NUMBERED] = numbered
    row[INDENT] = indent
    row[ADDRESS] = address
    row[SYMBOLS] = symbols
    row[TIMED] = timed
    row[LONGEST] = longest
    row[QUOTES] = quotes
    row[BRACKET] = bracket
    row[SMALL] = small
    row[CAPITAL] = capital
    row[ALONES] = alone / visible
    row[SHORT] = short / per_word
    return n_words, begin, end


@njit
def _scan(
    data: Bytes,
    start: int,
    stop: int,
    kinds: NDArray[np.uint16],
    falls: NDArray[np.int32],
    rows: Numbers,
    words: Words,
    firsts: Offsets,
    spans: Offsets,
) -> tuple[int, int]:
    """Fill in what `scan` returns; return how many lines and words there are."""
    n_lines, n_words, blank, at = 0, 0, True, start
    while at < stop:
        newline = at
        while newline < stop and data[newline] != _NEWLINE:
            newline += 1
        n_words, begin, end = measure(
            data, at, newline, kinds, falls, words, n_words, rows[n_lines]
        )
        if end > begin:
            rows[n_lines, BLANK_BEFORE] = blank
            if n_lines:
                rows[n_lines - 1, BLANK_AFTER] = blank
            spans[n_lines, 0] = begin
            spans[n_lines, 1] = end
            n_lines += 1
            firsts[n_lines] = n_words
        blank = end == begin
        at = newline + 1
    if n_lines:
        rows[n_lines - 1, BLANK_AFTER] = True
    return n_lines, n_words


def scan(
    data: Bytes, start: int, stop: int, kinds: NDArray[np.uint16], falls: NDArray[np.int32]
) -> tuple[Numbers, Words, Offsets, Offsets]:
    """Return what the bytes `data[start:stop]` say of each line that is not blank.

    Counters (float32[n_lines, n_counters]), word hashes (uint32[n_words]), where the words of each
    line start (int64[n_lines + 1]) and the bytes of each line without its indentation
    (int64[n_lines, 2]). One pass; memory is four bytes for each byte of the page and 112 for each
    line.
    """
    most = 1 + int(np.count_nonzero(data[start:stop] == _NEWLINE))
    rows = np.zeros((most, len(COUNTERS)), np.float32)
    firsts = np.zeros(most + 1, np.int64)
    spans = np.zeros((most, 2), np.int64)
    words = np.empty(stop - start + 1, np.uint32)
    n_lines, n_words = _scan(data, start, stop, kinds, falls, rows, words, firsts, spans)
    return rows[:n_lines], words[:n_words], firsts[: n_lines + 1], spans[:n_lines]
