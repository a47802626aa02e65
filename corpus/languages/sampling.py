"""The kernels that decode the sample of a text: from UTF-8 bytes to code points.

A thousand characters are enough to identify a language. So a long text is sampled in slices of
equal length from its first character to its last; the bytes between them are not read.

URLs and e-mail addresses are replaced by spaces because they are in no language. E-mail addresses
are recognised as in langdetect. A URL begins with `http://`, `https://`, `ftp://` or `www.` and
ends before the first character that cannot be in one. A host without any of these prefixes
(`example.com/bridge`) is read as words.

A text in capitals is read in lowercase, because langdetect's profiles have few capitals.

Every model reads the same code points, one row per text.
"""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit_without_allocation

N_SLICES = 4
"""Slices of a long text: its beginning alone may be a dateline or a menu."""

MAX_SAMPLE_CHARACTERS = 10_000
"""Maximum length of a sample: langdetect reads no more, and longer ones could overflow the sums."""

SPACE = 0x20

MAX_URL_CHARACTERS = 2076
MAX_MAIL_NAME_CHARACTERS = 64
MAX_MAIL_HOST_CHARACTERS = 510
"""Maximum number of characters of an address that are blanked, as in langdetect, to bound the
work."""

MAIL = 1
URL = 2

SPACELESS = (
    (0x0E00, 0x1100),  # Thai, Lao, Tibetan, Burmese
    (0x1780, 0x1800),  # Khmer
    (0x1950, 0x1AB0),  # Tai Le, Tai Lue, Tai Tham and what lies between
    (0x1B00, 0x1B80),  # Balinese
)
"""Scripts without spaces between words, which end a URL as Han and kana do: text may follow it
directly."""

FIRST_HANGUL, LAST_HANGUL = 0xAC00, 0xD7A3


def _address_table() -> NDArray[np.uint8]:
    """Return whether each character may be in an e-mail address (MAIL) or in a URL (URL).

    A URL may contain the characters of RFC 3986, and letters of all scripts that are not
    SPACELESS, as browsers show them. `in_address` adds Hangul, which is beyond the table.
    """
    table = np.zeros(0x2000, np.uint8)
    for point in range(128, len(table)):
        if unicodedata.category(chr(point))[0] in "LMN":
            table[point] = URL
    for begin, end in SPACELESS:
        table[begin:end] = 0
    for character in "?&~;+=/#:@!$'()[]*,%":
        table[ord(character)] = URL
    for point in range(128):
        if chr(point).isalnum() or chr(point) in "-._":
            table[point] = MAIL | URL
    return table


ADDRESS_CHARACTERS = _address_table()


@njit_without_allocation
def sample_texts(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    limit: int,
    composed: NDArray[np.uint16],
    lowercase: NDArray[np.uint16],
    points: NDArray[np.uint32],
    counts: NDArray[np.int64],
) -> None:
    """Write at most `limit` characters of each text to its row of `points`; count them in `counts`.

    points: uint32[n_texts, limit + N_SLICES]. counts: int64[n_texts]. If a text has more than
    4 * `limit` bytes, only its slices are read.
    """
    for text in range(len(offsets) - 1):
        row = points[text]
        count = sample_text(data, offsets[text], offsets[text + 1], limit, row, composed)
        blank_addresses(row, count)
        lowercase_capitals(row, count, lowercase)
        counts[text] = count


@njit_without_allocation
def sample_text(
    data: NDArray[np.uint8],
    begin: int,
    end: int,
    limit: int,
    points: NDArray[np.uint32],
    composed: NDArray[np.uint16],
) -> int:
    """Write at most `limit` characters of the UTF-8 text data[begin:end]; return how many points.

    A longer text gives slices of equal length, evenly spaced by bytes, with a space after each.
    Slices whose characters have more bytes than average may touch; none overlap. A letter and
    a Vietnamese tone mark after it become one point. A truncated last character becomes U+FFFD.
    """
    size = end - begin
    characters = size
    if limit < size <= 4 * limit:
        characters = 0
        for at in range(begin, end):
            characters += data[at] & 0xC0 != 0x80  # the first byte of each character
    n_slices = 1 if characters <= limit else N_SLICES
    width = limit // n_slices
    last = end
    for _ in range(width if n_slices > 1 else 0):
        last -= 1
        while last > begin and data[last] & 0xC0 == 0x80:
            last -= 1
    last = max(last, begin)
    count = 0
    at = begin
    for slice_number in range(n_slices):
        if slice_number:
            at = max(at, begin + (last - begin) * slice_number // (N_SLICES - 1))
            while at < end and data[at] & 0xC0 == 0x80:
                at += 1
        first = count
        for _ in range(width):
            if at >= end:
                break
            byte = np.uint32(data[at])
            if byte < 0x80:  # most characters
                points[count] = byte
                count += 1
                at += 1
                continue
            length = 1 + int(byte >= 0xC0) + int(byte >= 0xE0) + int(byte >= 0xF0)
            point = byte if length == 1 else byte & np.uint32(0x7F >> length)
            if at + length > end:  # truncated
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
        if n_slices > 1:
            points[count] = SPACE
            count += 1
    return count


@njit_without_allocation
def blank_addresses(points: NDArray[np.uint32], count: int) -> None:
    """Overwrite URLs, then e-mail addresses, with spaces."""
    n_at_signs = 0
    for at in range(1, count - 1):
        point = points[at]
        n_at_signs += point == 0x40  # @
        if point == 0x3A or point == 0x2E:  # noqa: PLR1714  : and .; kernels have no sets
            start, stop = find_url_start(points, at, count)
            if start >= 0:
                blank_address(points, start, stop, stop, min(count, stop + MAX_URL_CHARACTERS), URL)
    for at in range(1, count - 2 if n_at_signs else 0):
        if points[at] != 0x40 or points[at + 1] == 0x2E:
            continue
        start = at
        while start > max(0, at - MAX_MAIL_NAME_CHARACTERS) and in_address(points[start - 1], MAIL):
            start -= 1
        if start < at:
            max_end = min(count, at + 1 + MAX_MAIL_HOST_CHARACTERS)
            blank_address(points, start, at + 1, at + 2, max_end, MAIL)


@njit_without_allocation
def find_url_start(points: NDArray[np.uint32], at: int, count: int) -> tuple[int, int]:
    """Return the start of a URL whose `:` or first `.` is at `at`, and the end of its prefix.

    The prefix is http://, https://, ftp:// or www., in any case. The start is -1 without one.
    """
    if points[at] == 0x2E:
        for letter in range(at - 3, at):
            if letter < 0 or points[letter] | 0x20 != 0x77:  # w, W
                return -1, -1
        return -1 if at > 3 and in_address(points[at - 4], MAIL) else at - 3, at + 1
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


@njit_without_allocation
def in_address(point: np.uint32, kind: int) -> bool:
    """Return whether a character may be in an e-mail address or a URL, by `kind`."""
    if point < len(ADDRESS_CHARACTERS):
        return bool(ADDRESS_CHARACTERS[point] & kind)
    return bool(kind == URL and FIRST_HANGUL <= point <= LAST_HANGUL)


@njit_without_allocation
def blank_address(
    points: NDArray[np.uint32], start: int, stop: int, min_stop: int, end: int, kind: int
) -> None:
    """Overwrite points[start:stop] and the rest of the address, up to `end`, with spaces.

    Nothing changes if the address does not extend beyond `min_stop`.
    """
    while stop < end and in_address(points[stop], kind):
        stop += 1
    if stop > min_stop:
        for at in range(start, stop):
            points[at] = SPACE


@njit_without_allocation
def lowercase_capitals(
    points: NDArray[np.uint32], count: int, lowercase: NDArray[np.uint16]
) -> None:
    """Convert capitals to lowercase if most cased letters are capitals.

    `lowercase` (uint16[n]) has the lowercase letter of each capital, 1 for lowercase letters, and 0
    for all other characters.
    """
    capitals = 0
    lowercase_letters = 0
    for at in range(count):
        if points[at] < len(lowercase):
            entry = lowercase[points[at]]
            capitals += entry > 1
            lowercase_letters += entry == 1
    if capitals > lowercase_letters:
        for at in range(count):
            if points[at] < len(lowercase) and lowercase[points[at]] > 1:
                points[at] = lowercase[points[at]]
