"""From the bytes of a text to the code points that a language model looks at: the loops.

A long text is sampled, since a thousand characters say all: equal slices from its first character
to its last, none of what lies between them being read. Addresses are blanked, as they are in no
language, and a text in capitals is read as if it were in small letters, since the profiles know
few capitals.

Every model reads the same code points, one row of them a text.
"""

from __future__ import annotations

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
    meet where their characters have more bytes than elsewhere; none is read twice.
    """
    size = end - begin
    if size <= limit or (size <= 4 * limit and _length(data, begin, end) <= limit):
        count, _ = _decode(data, begin, end, limit, points, 0, composed)
        return count
    width = limit // SLICES
    last = _back(data, begin, end, width)
    count = 0
    reached = begin
    for piece in range(SLICES):
        at = max(reached, begin + (last - begin) * piece // (SLICES - 1))
        while at < end and _inside(data[at]):
            at += 1
        count, reached = _decode(data, at, end, width, points, count, composed)
        points[count] = SPACE
        count += 1
    return count


@njit
def _inside(byte: np.uint8) -> bool:
    """Return whether a byte is one inside a UTF-8 character, not its first."""
    return bool((byte & 0xC0) == 0x80)


@njit
def _length(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the number of characters of the UTF-8 text data[begin:end]."""
    count = 0
    for at in range(begin, end):
        count += not _inside(data[at])
    return count


@njit
def _back(data: NDArray[np.uint8], begin: int, end: int, characters: int) -> int:
    """Return where the last so many characters of data[begin:end] begin."""
    for _ in range(characters):
        end -= 1
        while end > begin and _inside(data[end]):
            end -= 1
    return max(begin, end)


@njit
def _decode(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    limit: int,
    points: NDArray[np.uint32],
    count: int,
    composed: NDArray[np.uint16],
) -> tuple[int, int]:
    """Append at most `limit` characters from data[at:end]; return how many points, and the end.

    A letter and a Vietnamese tone mark behind it become one point. A character that the end cuts
    off reads as U+FFFD.
    """
    first = count
    for _ in range(limit):
        if at >= end:
            break
        byte = np.uint32(data[at])
        length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        if at + length > end:
            point = np.uint32(0xFFFD)
            at = end
        else:
            point = byte if length == 1 else byte & np.uint32(0x7F >> length)
            for more in range(1, length):
                point = point << np.uint32(6) | np.uint32(data[at + more] & 0x3F)
            at += length
        if 0x300 <= point <= 0x323 and count > first:
            joined = _compose(points[count - 1], point, composed)
            if joined != 0:
                points[count - 1] = joined
                continue
        points[count] = point
        count += 1
    return count, at


@njit
def _compose(letter: np.uint32, mark: np.uint32, composed: NDArray[np.uint16]) -> int:
    """Return the character that a letter and a Vietnamese tone mark make, 0 if none."""
    tone = -1
    if mark == 0x300:
        tone = 0
    elif mark == 0x301:
        tone = 1
    elif mark == 0x303:
        tone = 2
    elif mark == 0x309:
        tone = 3
    elif mark == 0x323:
        tone = 4
    if tone < 0 or letter >= composed.shape[1]:
        return 0
    return int(composed[tone, letter])


@njit
def blank_addresses(points: NDArray[np.uint32], count: int) -> None:
    """Overwrite the web addresses, then the e-mail addresses, with spaces."""
    for at in range(4, count - 3):
        if points[at] == 0x3A and points[at + 1] == 0x2F and points[at + 2] == 0x2F:  # ://
            start = at - 5 if points[at - 1] == 0x73 else at - 4  # s
            stop = at + 3
            if start >= 0 and _is_http(points, start):
                end = min(count, stop + LONGEST_ADDRESS)
                while stop < end and _in_web(points[stop]):
                    stop += 1
                if stop > at + 3:
                    points[start:stop] = SPACE
    for at in range(1, count - 2):
        if points[at] == 0x40:  # @
            start = at
            while start > max(0, at - LONGEST_NAME) and _in_mail(points[start - 1]):
                start -= 1
            stop = at + 1
            while stop < min(count, at + 1 + LONGEST_HOST) and _in_mail(points[stop]):
                stop += 1
            if start < at and stop > at + 2 and points[at + 1] != 0x2E:
                points[start:stop] = SPACE


@njit
def _is_http(points: NDArray[np.uint32], at: int) -> bool:
    """Return whether `http` stands at this place."""
    return bool(
        points[at] == 0x68
        and points[at + 1] == 0x74
        and points[at + 2] == 0x74
        and points[at + 3] == 0x70
    )


@njit
def _in_mail(point: np.uint32) -> bool:
    """Return whether a character may stand in an e-mail address, beside the @."""
    letter = 0x61 <= point <= 0x7A or 0x41 <= point <= 0x5A
    return bool(letter or 0x30 <= point <= 0x39 or point in (0x2D, 0x2E, 0x5F))  # - . _


@njit
def _in_web(point: np.uint32) -> bool:
    """Return whether a character may stand in a web address, behind its two strokes."""
    return _in_mail(point) or point in (0x3F, 0x26, 0x7E, 0x3B, 0x2B, 0x3D, 0x2F, 0x23)  # ?&~;+=/#


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
