"""Classes of characters, as bits for each code point; and a UTF-8 decoder for kernels.

The table is made from Python's Unicode data when the model is trained, and ships with the model.
Another Python with another Unicode version must not change which lines of a page are kept.
"""

# ruff: noqa: RUF001  (punctuation of many scripts is intended)

from __future__ import annotations

import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes
from corpus.kernels import njit

UPPERCASE = 1
LETTER = 2
DIGIT = 4
SENTENCE_END = 8
UNSPACED = 16
"""A character of a script that puts no spaces between words: each counts as a word."""
SPACE = 32
WORD = 64
QUOTE = 128
COMMA = 256
CLOSING = 512
"""Quotation marks and brackets that may follow the end of a sentence."""
SYMBOL = 1024
BULLET = 2048

LAST_CODE_POINT = 0x20000
"""The last entry of the table; higher code points share it. Nearly all of them are rare Han."""

_MEMBERS = {
    SENTENCE_END: ".!?。！？؟।॥…։።။។",
    QUOTE: '"“”„«»「」『』',
    COMMA: ",，、،",
    CLOSING: "\"”»’')]」』）",
    SYMBOL: "|»›©®#→▶►•·/",
    BULLET: "•-*‣·▪◦●■►▶–—|+",
}
_UNSPACED_RANGES = (
    (0x0E00, 0x0E7F),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, LAST_CODE_POINT),
)
"""Thai, kana and Han."""


class CharacterTables(NamedTuple):
    """Tables with `LAST_CODE_POINT + 1` entries, one per code point."""

    classes: NDArray[np.uint16]
    """The classes of a character, as bits."""
    lowercase_offsets: NDArray[np.int32]
    """Added to a code point, this gives its lower case. It is 0 if that is several code points."""


def _class_of(code: int) -> int:
    """Return the classes of a code point, as bits."""
    char = chr(code)
    category = unicodedata.category(char)
    bits = UPPERCASE if category in ("Lu", "Lt") else 0
    bits |= LETTER if category[0] == "L" else 0
    bits |= DIGIT if category == "Nd" else 0
    bits |= WORD if category[0] in "LN" or category in ("Mn", "Mc") or char == "_" else 0
    bits |= SPACE if char.isspace() else 0
    bits |= UNSPACED if any(low <= code <= high for low, high in _UNSPACED_RANGES) else 0
    for bit, members in _MEMBERS.items():
        bits |= bit if char in members else 0
    return bits


def character_tables() -> CharacterTables:
    """Return the tables made from the Unicode data of this Python."""
    classes = np.array([_class_of(code) for code in range(LAST_CODE_POINT + 1)], np.uint16)
    lowercase_offsets = np.zeros(LAST_CODE_POINT + 1, np.int32)
    for code in np.flatnonzero(classes & LETTER):
        lower = chr(code).lower()
        if len(lower) == 1:
            lowercase_offsets[code] = ord(lower) - code
    return CharacterTables(classes, lowercase_offsets)


@njit(inline="always")
def decode(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """Return the code point at byte `at`, and where the next one starts; never reads past `stop`.

    The bytes are valid UTF-8, as Arrow guarantees. A character that `stop` cuts off is read as "?".
    Inlined, because a call takes longer than the decoding of a character.
    """
    byte = int(data[at])
    if byte < 0x80:
        return byte, at + 1
    if byte < 0xE0 and at + 1 < stop:
        return ((byte & 31) << 6) | (int(data[at + 1]) & 63), at + 2
    if byte < 0xF0 and at + 2 < stop:
        middle = int(data[at + 1]) & 63
        return ((byte & 15) << 12) | (middle << 6) | (int(data[at + 2]) & 63), at + 3
    if at + 3 < stop:
        upper = ((byte & 7) << 18) | ((int(data[at + 1]) & 63) << 12)
        lower = ((int(data[at + 2]) & 63) << 6) | (int(data[at + 3]) & 63)
        return upper | lower, at + 4
    return 63, stop
