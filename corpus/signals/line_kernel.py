"""Kernel that walks over the lines and paragraphs of a text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.definition import MAX_LINES
from corpus.signals.hashing import range_hash
from corpus.signals.repetition import Sequence
from corpus.signals.survey import Survey, count_characters, find_byte, find_double_break
from corpus.words.folding import decode

# isort: split
from numba import int64

from corpus.kernels import njit_without_allocation

SPACE, LINE_BREAK, SENTENCE_END = c.SPACE, c.LINE_BREAK, c.SENTENCE_END
NEWLINE, RETURN, MINUS, STAR, DOT, BLANK = (ord(char) for char in "\n\r-*. ")
ELLIPSIS, BULLET, DISC = ord("…"), ord("•"), ord("●")
SHORT_LINE = 30


class Lines(NamedTuple):
    """The lines of one text in every way of counting them."""

    filled: Sequence
    """Lines with text, without white space at the ends."""
    raw: Sequence
    """All lines as they are, empty ones included."""
    not_blank: Sequence
    """Lines with text, as they are."""
    not_empty: Sequence
    """What stands between runs of line breaks; the first and the last may be empty."""
    paragraphs: Sequence
    """Paragraphs with text, without white space at the ends."""
    raw_paragraphs: Sequence
    """Paragraphs as they are; the first and last without white space at the end of the text."""


class LineCounts(NamedTuple):
    """What is counted of the lines of one text."""

    characters: int
    filled: int
    raw: int
    not_blank: int
    not_empty: int
    paragraphs: int
    raw_paragraphs: int
    bullets: int
    ellipses: int
    raw_bullets: int
    raw_ellipses: int
    end_marks: int
    short: int
    by_any_break: int
    any_break_bullets: int
    any_break_ellipses: int


@njit_without_allocation
def _strip_left(data: NDArray[np.uint8], begin: int, end: int, table: NDArray[np.uint32]) -> int:
    """Return where the white space at the beginning ends."""
    while begin < end:
        code, size = decode(data, begin, end)
        if not table[code] & SPACE:
            break
        begin += size
    return begin


@njit_without_allocation
def _last_start(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return where the last character of data[begin:end] begins."""
    i = end - 1
    while i > begin and data[i] & 0xC0 == 0x80:
        i -= 1
    return i


@njit_without_allocation
def _strip_right(data: NDArray[np.uint8], begin: int, end: int, table: NDArray[np.uint32]) -> int:
    """Return where the white space at the end begins."""
    while end > begin:
        last = _last_start(data, begin, end)
        if not table[decode(data, last, end)[0]] & SPACE:
            break
        end = last
    return end


@njit_without_allocation
def _ends_with_ellipsis(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return 1 for ..., 2 for …, 3 for ". . .", 0 for none of them."""
    if end - begin >= 3:
        if data[end - 1] == DOT and data[end - 2] == DOT and data[end - 3] == DOT:
            return 1
        if decode(data, end - 3, end)[0] == ELLIPSIS:
            return 2
    if end - begin >= 5 and data[end - 1] == data[end - 3] == data[end - 5] == DOT:
        return 3 if data[end - 2] == data[end - 4] == BLANK else 0
    return 0


@njit_without_allocation
def _add(sequence: Sequence, n: int, key: int, size: int) -> int:
    """Add a passage of this many characters; return the new number of passages."""
    if n < MAX_LINES:
        sequence.hashes[n] = key
        sequence.ends[n + 1] = sequence.ends[n] + size
    return n + 1


@njit_without_allocation
def _characters(data: NDArray[np.uint8], begin: int, end: int, ascii: bool) -> int:
    """Return the number of characters of data[begin:end]."""
    return end - begin if ascii else count_characters(data, begin, end)


@njit_without_allocation
def _any_breaks(
    data: NDArray[np.uint8], begin: int, end: int, last: bool, table: NDArray[np.uint32]
) -> tuple[int, int, int]:
    """Return how many lines `str.splitlines` makes of a line, with bullets and with ellipses.

    The line ends with a line feed, or is the `last` of the text.
    """
    lines, bullets, ellipses, start, i = 0, 0, 0, begin, begin
    while True:
        stop, size = i, 0
        if i < end:
            byte = data[i]
            if 0x1F < byte < 0xC2 or byte > 0xE2 or 0xC2 < byte < 0xE2:
                i += 1
                continue
            code, size = decode(data, i, end)
            if not table[code] & LINE_BREAK:
                i += size
                continue
            if code == RETURN and i + 1 == end and not last:
                i += 1  # with the line feed one break
                continue
        elif last and start == end:
            return lines, bullets, ellipses
        first = _strip_left(data, start, stop, table)
        if first < stop:
            code = decode(data, first, stop)[0]
            bullets += code in (MINUS, BULLET)
            kind = _ends_with_ellipsis(data, first, _strip_right(data, first, stop, table))
            ellipses += kind in (1, 2)
        lines += 1
        if i >= end:
            return lines, bullets, ellipses
        i += size
        start = i


@njit_without_allocation
def walk_lines(
    data: NDArray[np.uint8], text: Survey, table: NDArray[np.uint32], lines: Lines
) -> LineCounts:
    """Return the counts of the lines of data[text.begin:text.end]; fill the sequences."""
    filled, raw, not_blank, not_empty = 0, 0, 0, 0
    bullets, ellipses, raw_bullets, raw_ellipses, end_marks, short = 0, 0, 0, 0, 0, 0
    any_lines, any_bullets, any_ellipses = 0, 0, 0
    start, end = text.begin, text.end
    begin = start
    while begin <= end:
        stop = find_byte(data, begin, end, NEWLINE)
        size = _characters(data, begin, stop, text.ascii)
        last = stop == end
        key = range_hash(data, begin, stop)
        raw = _add(lines.raw, raw, key, size)
        if stop > begin or begin == start or last:
            not_empty = _add(lines.not_empty, not_empty, key, size)
        first = _strip_left(data, begin, stop, table)
        if first < stop:
            final = _strip_right(data, first, stop, table)
            stripped_key, stripped = key, size
            if first != begin or final != stop:
                stripped_key = range_hash(data, first, final)
                stripped = _characters(data, first, final, text.ascii)
            filled = _add(lines.filled, filled, stripped_key, stripped)
            not_blank = _add(lines.not_blank, not_blank, key, size)
            code = decode(data, first, stop)[0]
            bullets += code in (MINUS, STAR, BULLET, DISC)
            kind = _ends_with_ellipsis(data, first, final)
            ellipses += kind != 0
            raw_bullets += data[begin] == MINUS or data[begin] == STAR
            raw_ellipses += final == stop and kind == 2
            end_code = decode(data, _last_start(data, first, stop), stop)[0]
            end_marks += table[end_code] & SENTENCE_END != 0
            short += size <= SHORT_LINE
            if not text.may_break_oddly:
                any_lines += 1
                any_bullets += code in (MINUS, BULLET)
                any_ellipses += kind in (1, 2)
        if text.may_break_oddly:
            found = _any_breaks(data, begin, stop, last, table)
            any_lines += found[0]
            any_bullets += found[1]
            any_ellipses += found[2]
        elif first == stop and (stop > begin or not last):
            any_lines += 1
        begin = stop + 1
    paragraphs, raw_paragraphs = _walk_paragraphs(data, text, table, lines)
    return LineCounts(
        text.characters, filled, raw, not_blank, not_empty, paragraphs, raw_paragraphs, bullets,
        ellipses, raw_bullets, raw_ellipses, end_marks, short, any_lines, any_bullets,
        any_ellipses,
    )  # fmt: skip


@njit_without_allocation
def _walk_paragraphs(
    data: NDArray[np.uint8], text: Survey, table: NDArray[np.uint32], lines: Lines
) -> tuple[int, int]:
    """Fill the paragraphs; return their numbers, without white space at the ends and as they are.

    A paragraph ends at two or more line feeds.
    """
    filled, raw = 0, 0
    start = _strip_left(data, text.begin, text.end, table)
    end = _strip_right(data, start, text.end, table)
    begin = start
    while begin <= end:
        stop = find_double_break(data, begin, end)
        key = range_hash(data, begin, stop)
        size = _characters(data, begin, stop, text.ascii)
        raw = _add(lines.raw_paragraphs, raw, key, size)
        first = _strip_left(data, begin, stop, table)
        final = _strip_right(data, first, stop, table)
        if first < final:
            if first != begin or final != stop:
                key = range_hash(data, first, final)
                size = _characters(data, first, final, text.ascii)
            filled = _add(lines.paragraphs, filled, key, size)
        if stop >= end:
            break
        begin = stop
        while data[begin] == NEWLINE:
            begin += 1
    return int64(filled), int64(raw)
