"""Detect UTF-16 and UTF-32 without a byte order mark, and ISO-2022, from the start of a file.

Most such files are valid UTF-8 too, so they would be read as nonsense: a Cyrillic letter in UTF-16
is two ASCII bytes, one of them a control character, and ISO-2022-JP is only ASCII with escape
sequences. The bytes are read in each of the four encodings. A reading is accepted if at least nine
of ten characters are those of ordinary text in one script. Of two, the better is taken.
"""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.sources.encodings.frequent_characters import HANGUL, HANZI

DETECTION_BYTES = 1 << 16
"""Bytes at the start of a file that its encoding is detected from."""

MAX_BYTES_WITHOUT_SPACES = 1000
"""A longer text has a space or a line end."""

MIN_SHARE = 0.9
"""Minimum share of the characters that are those of ordinary text."""

MIN_FREQUENT_SHARE = 0.1
"""Minimum share of frequent characters in text of ideographs or Hangul, which have so many code
points that other bytes may form them."""

MIN_COMMON_SHARE = 0.3
"""Minimum share of spaces, digits, punctuation and Latin letters in text of several scripts."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNIT_TYPES = {"utf-32-le": "<u4", "utf-32-be": ">u4", "utf-16-le": "<u2", "utf-16-be": ">u2"}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")

_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\([IJ])")
_ISO_2022_KR = re.compile(rb"\x1b\$\)C")
_ISO_2022_JP_VARIANTS = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_jp_2")
MAX_BAD_BYTE_SHARE = 1 / 200
"""Maximum share of bytes above 127 in damaged ISO-2022, which has none."""

COMMON, LATIN, GREEK, CYRILLIC, HANGUL_SYLLABLES, IDEOGRAPHS = range(1, 7)
_OTHER_SCRIPTS = 7
_RANGES = (
    (COMMON, (9, 10), (13, 13), (32, 64), (91, 96), (123, 126), (0xA0, 0xBF)),
    (COMMON, (0x2010, 0x2027), (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2116, 0x2122)),
    (LATIN, (65, 90), (97, 122), (0xC0, 0x24F), (0x300, 0x36F), (0x1E00, 0x1EFF)),
    (GREEK, (0x370, 0x3FF), (0x1F00, 0x1FFF)),
    (CYRILLIC, (0x400, 0x52F)),
    (HANGUL_SYLLABLES, (0xAC00, 0xD7A3)),
    (IDEOGRAPHS, (0x3000, 0x303F), (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xFF01, 0xFF9F)),
)
_OTHER_RANGES = (
    *((0x531, 0x58F), (0x591, 0x5F4), (0x60C, 0x6FF), (0xE01, 0xE5B), (0xE81, 0xEDF)),
    *((low, low + 0x7F) for low in range(0x900, 0xE00, 0x80)),
    *((0x10A0, 0x10FF), (0x1000, 0x109F), (0x1200, 0x137F), (0x1780, 0x17FF), (0xF00, 0xFDA)),
)
_KANA_AND_PUNCTUATION = ((0x3001, 0x3011), (0x3041, 0x30FF), (0xFF01, 0xFF1F))


class _Tables(NamedTuple):
    """For each code unit of UTF-16, its script (0 if it is not ordinary text), and more."""

    script: NDArray[np.uint8]
    is_frequent: NDArray[np.bool_]
    """Whether it is kana, East Asian punctuation, or a frequent ideograph or Hangul syllable."""


def detect_encoding_from_start(start: bytes) -> str | None:
    """Return UTF-16, UTF-32 or ISO-2022 if a file that begins with these bytes is in it.

    Only the first `DETECTION_BYTES` count.
    """
    start = start[:DETECTION_BYTES]
    return marked_encoding(start) or detect_unmarked_unicode(start) or detect_iso_2022(start)


def marked_encoding(start: bytes) -> str | None:
    """Return UTF-16 or UTF-32 if the bytes begin with its byte order mark."""
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    return None


def detect_if_not_utf8(data: bytes) -> str | None:
    """Return UTF-16, UTF-32 or ISO-2022 if the bytes, even if they are valid UTF-8, are in it."""
    start = data[:DETECTION_BYTES]
    if b"\x1b" not in start and not _may_be_wide(start):
        return None
    return detect_unmarked_unicode(start) or detect_iso_2022(start)


def _may_be_wide(start: bytes) -> bool:
    """Return whether bytes that are valid UTF-8 may be text in UTF-16 or UTF-32.

    Such text has NUL bytes in its spaces and line ends; a few words may have other control
    characters only.
    """
    is_short = len(start) <= MAX_BYTES_WITHOUT_SPACES
    return b"\0" in start or (is_short and _CONTROL.search(start) is not None)


def detect_unmarked_unicode(start: bytes) -> str | None:
    """Return the encoding of text in UTF-16 or UTF-32 without a byte order mark, or None."""
    if not _may_be_wide(start) and is_utf8(start):
        return None
    best, best_share = None, 0.0
    for name, unit_type in _UNIT_TYPES.items():
        size = np.dtype(unit_type).itemsize
        units = np.frombuffer(start[: len(start) // size * size], unit_type)
        if len(units) and (share := _share_of_text(units)) > best_share:
            best, best_share = name, share
    return best


def detect_iso_2022(start: bytes) -> str | None:
    """Return the encoding of text in ISO-2022-JP or ISO-2022-KR, or None."""
    if b"\x1b" not in start:
        return None
    n_bad = len(start) - len(start.translate(None, bytes(range(128, 256))))
    if n_bad > 1 + MAX_BAD_BYTE_SHARE * len(start) or (n_bad and is_utf8(start)):
        return None
    if _ISO_2022_KR.search(start):
        return "iso2022_kr"
    if not _ISO_2022_JP.search(start):
        return None
    errors = [(_count_errors(start, name), i) for i, name in enumerate(_ISO_2022_JP_VARIANTS)]
    return _ISO_2022_JP_VARIANTS[min(errors)[1]]


def _count_errors(data: bytes, encoding: str) -> int:
    """Return how many characters cannot be decoded; one cut at the end does not count."""
    return codecs.getincrementaldecoder(encoding)("replace").decode(data).count("\ufffd")


def is_utf8(start: bytes) -> bool:
    """Return whether the start of a file is valid UTF-8; it may end within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _share_of_text(units: NDArray[np.uint32] | NDArray[np.uint16]) -> float:
    """Return the share of characters of ordinary text, or 0 if they are too few."""
    if units.dtype.itemsize == 4:
        if (units >= 0x110000).mean() > 1 - MIN_SHARE:
            return 0.0
        units = units[units < 0x10000]  # rare characters decide nothing
    elif (is_surrogate := (units >= 0xD800) & (units < 0xE000)).any():
        n_high = int((units[is_surrogate] < 0xDC00).sum())
        if 2 * n_high == is_surrogate.sum():
            units = units[~is_surrogate]
    if not len(units):
        return 0.0
    tables = _tables()
    units = units.astype(np.uint16)
    counts = np.bincount(tables.script[units], minlength=256)
    frequent = int(tables.is_frequent[units].sum())
    for script in (HANGUL_SYLLABLES, IDEOGRAPHS):
        if frequent < MIN_FREQUENT_SHARE * counts[script]:
            counts[0], counts[script] = counts[0] + counts[script], 0
    common = int(counts[COMMON] + counts[LATIN])
    largest = int(np.argmax(counts[GREEK:])) + GREEK
    one_script = (common + int(counts[largest])) / len(units)
    any_script = 1 - int(counts[0]) / len(units)
    if one_script >= MIN_SHARE:
        return one_script
    is_mixed = any_script >= MIN_SHARE and common >= MIN_COMMON_SHARE * len(units)
    return any_script if is_mixed else 0.0


@cache
def _tables() -> _Tables:
    """Return the tables over all code units of UTF-16.

    Except for U+3000 and U+4E00, a low byte 0 is rare in text, and the sign of swapped ASCII.
    """
    script = np.zeros(1 << 16, np.uint8)
    for number, *ranges in _RANGES:
        for low, high in ranges:
            script[low : high + 1] = number
    for i, (low, high) in enumerate(_OTHER_RANGES):
        script[low : high + 1] = _OTHER_SCRIPTS + i
    keep = script[[0x3000, 0x4E00]]
    script[::256] = 0
    script[[0x3000, 0x4E00]] = keep
    is_frequent = np.zeros(1 << 16, np.bool_)
    for low, high in _KANA_AND_PUNCTUATION:
        is_frequent[low : high + 1] = True
    for character in HANZI + HANGUL:
        is_ascii = max(divmod(ord(character), 256)) < 0x80
        is_frequent[ord(character)] = not is_ascii
    return _Tables(script, is_frequent)
