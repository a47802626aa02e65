"""From the bytes of a text to the code points that a language model looks at: the loops.

A long text is sampled, since a thousand characters say all: equal slices from its first character
to its last, none of what lies between them being read. Addresses are blanked, as they are in no
language: those of e-mail as in langdetect, and what begins with `http://`, `https://`, `ftp://` or
`www.`, up to what cannot be in an address. A host alone (`example.com/bridge`) is read as words. A
text in capitals is read as if it were in small letters, since the profiles know few capitals.

Every model reads the same code points, one row of them a text.
"""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

SLICES = 4
"""A long text is sampled in this many slices: the beginning alone may be a dateline, or a menu."""

MAX_CHARACTERS = 10_000
"""The longest sample: langdetect reads no more, and the sums of more could pass 2**31."""

SPACE = 0x20

LONGEST_ADDRESS = 2076
LONGEST_NAME = 64
LONGEST_HOST = 510
"""Of an address, at most so much is blanked, as in langdetect; that bounds the work."""

MAIL = 1
WEB = 2


SPACELESS = (
    (0x0E00, 0x1100),  # Thai, Lao, Tibetan, Burmese
    (0x1780, 0x1800),  # Khmer
    (0x1950, 0x1AB0),  # Tai Le, Tai Lue, Tai Tham and what lies between
    (0x1B00, 0x1B80),  # Balinese
)
"""Scripts that put no space between words end an address, as Han and kana do: the text itself may
follow it at once."""

FIRST_HANGUL, LAST_HANGUL = 0xAC00, 0xD7A3


def _address_table() -> NDArray[np.uint8]:
    """Return what addresses each character may be in: beside an @ (MAIL), after :// (WEB).

    After :// stands all that RFC 3986 knows, and letters of all scripts but the SPACELESS, as
    browsers show them. Of the scripts behind the table, Hangul is let in by `is_in`.
    """
    table = np.zeros(0x2000, np.uint8)
    for point in range(128, len(table)):
        if unicodedata.category(chr(point))[0] in "LMN":
            table[point] = WEB
    for begin, end in SPACELESS:
        table[begin:end] = 0
    for character in "?&~;+=/#:@!$'()[]*,%":
        table[ord(character)] = WEB
    for point in range(128):
        if chr(point).isalnum() or chr(point) in "-._":
            table[point] = MAIL | WEB
    return table


IN_ADDRESS = _address_table()


@njit
def read_texts(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    limit: int,
    composed: NDArray[np.uint16],
    small: NDArray[np.uint16],
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
) -> None:
    """Write at most `limit` characters of each text to its row of `points`, and how many they are.

    points uint32[n_texts, limit + SLICES], counts int64[n_texts]. Of a text longer than four bytes
    for each of those characters nothing but the slices is read.
    """
    for text in range(len(offsets) - 1):
        row = points[text]
        count = sample(data, offsets[text], offsets[text + 1], limit, row, composed)
        blank_addresses(row, count)
        lower_capitals(row, count, small)
        counts[text] = count


@njit
def sample(
    data: NDArray[np.uint8],
    begin: int,
    end: int,
    limit: int,
    points: NDArray[np.uint32],
    composed: NDArray[np.uint16],
) -> int:
    """Write at most `limit` characters of the UTF-8 text data[begin:end]; return how many points.

    A longer text gives slices of equal length, a space after each, spread evenly by bytes. Slices
    meet where their characters have more bytes than elsewhere; none is read twice. A letter and a
    Vietnamese tone mark behind it become one point. A character that the end cuts off reads as
    U+FFFD.
    """
    size = end - begin
    characters = size
    if limit < size <= 4 * limit:
        characters = 0
        for at in range(begin, end):
            characters += data[at] & 0xC0 != 0x80  # every character has one such byte, its first
    slices = 1 if characters <= limit else SLICES
    width = limit // slices
    last = end
    for _ in range(width if slices > 1 else 0):
        last -= 1
        while last > begin and data[last] & 0xC0 == 0x80:
            last -= 1
    last = max(last, begin)
    count = 0
    at = begin
    for piece in range(slices):
        if piece:
            at = max(at, begin + (last - begin) * piece // (SLICES - 1))
            while at < end and data[at] & 0xC0 == 0x80:
                at += 1
        first = count
        for _ in range(width):
            if at >= end:
                break
            byte = np.uint32(data[at])
            length = 1 + int(byte >= 0xC0) + int(byte >= 0xE0) + int(byte >= 0xF0)
            point = byte if length == 1 else byte & np.uint32(0x7F >> length)
            if at + length > end:  # cut off
                point = np.uint32(0xFFFD)
            else:
                for more in range(1, length):
                    point = point << np.uint32(6) | np.uint32(data[at + more] & 0x3F)
            at = min(at + length, end)
            mark = np.int64(point) - 0x300
            if 0 <= mark < len(composed) and count > first:
                letter = points[count - 1]
                if letter < composed.shape[1] and composed[mark, letter] != 0:
                    points[count - 1] = composed[mark, letter]
                    continue
            points[count] = point
            count += 1
        if slices > 1:
            points[count] = SPACE
            count += 1
    return count


@njit
def blank_addresses(points: NDArray[np.uint32], count: int) -> None:
    """Overwrite the web addresses, then the e-mail addresses, with spaces."""
    mails = 0
    for at in range(1, count - 1):
        point = points[at]
        mails += point == 0x40  # @
        if point == 0x3A or point == 0x2E:  # noqa: PLR1714  : and .; a kernel makes no sets
            start, stop = begin_web(points, at, count)
            if start >= 0:
                blank(points, start, stop, stop, min(count, stop + LONGEST_ADDRESS), WEB)
    for at in range(1, count - 2 if mails else 0):
        if points[at] != 0x40 or points[at + 1] == 0x2E:
            continue
        start = at
        while start > max(0, at - LONGEST_NAME) and is_in(points[start - 1], MAIL):
            start -= 1
        if start < at:
            blank(points, start, at + 1, at + 2, min(count, at + 1 + LONGEST_HOST), MAIL)


@njit
def begin_web(points: NDArray[np.uint32], at: int, count: int) -> tuple[int, int]:
    """Return where a web address begins whose `:` or first `.` is at `at`, and where it goes on.

    http://, https://, ftp:// and www. begin one, in capitals too; without any the beginning is -1.
    """
    if points[at] == 0x2E:
        for letter in range(at - 3, at):
            if letter < 0 or points[letter] | 0x20 != 0x77:  # w, W
                return -1, -1
        return -1 if at > 3 and is_in(points[at - 4], MAIL) else at - 3, at + 1
    if at < 3 or at > count - 4 or points[at + 1] != 0x2F or points[at + 2] != 0x2F:  # /
        return -1, -1
    start = at - 3 - int(points[at - 1] | 0x20 == 0x73)  # s
    if start < 0 or points[start + 1] | 0x20 != 0x74 or points[start + 2] | 0x20 != 0x70:  # t, p
        return -1, -1
    if points[start] | 0x20 == 0x66:  # f
        return start, at + 3
    if start > 0 and points[start] | 0x20 == 0x74 and points[start - 1] | 0x20 == 0x68:  # t, h
        return start - 1, at + 3
    return -1, -1


@njit
def is_in(point: np.uint32, kind: int) -> bool:
    """Return whether a character may be in an address of a kind."""
    if point < len(IN_ADDRESS):
        return bool(IN_ADDRESS[point] & kind)
    return bool(kind == WEB and FIRST_HANGUL <= point <= LAST_HANGUL)


@njit
def blank(
    points: NDArray[np.uint32], start: int, stop: int, least: int, end: int, kind: int
) -> None:
    """Overwrite an address that goes on from `stop`, to `end` at most, if it passes `least`."""
    while stop < end and is_in(points[stop], kind):
        stop += 1
    if stop > least:
        for at in range(start, stop):
            points[at] = SPACE


@njit
def lower_capitals(points: NDArray[np.uint32], count: int, small: NDArray[np.uint16]) -> None:
    """Turn capitals into small letters, if most letters that come in both are capitals.

    `small` (uint16[n]) has the small letter of each capital, 1 for small letters, 0 for all else.
    """
    capitals = 0
    others = 0
    for at in range(count):
        if points[at] < len(small):
            found = small[points[at]]
            capitals += found > 1
            others += found == 1
    if capitals > others:
        for at in range(count):
            if points[at] < len(small) and small[points[at]] > 1:
                points[at] = small[points[at]]
