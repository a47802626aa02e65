"""What kind of character each code point is, as a table of bits; and UTF-8 in a kernel.

The table is made from Python's Unicode data when the model is trained, and ships with the model:
another Python, with another Unicode version, must not change which lines of a page are kept.
"""

# ruff: noqa: RUF001  (the marks of many scripts are meant)

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes
from corpus.kernels import njit

UPPER = 1
LETTER = 2
DIGIT = 4
STOP = 8
ALONE = 16
SPACE = 32
WORD = 64
QUOTE = 128
COMMA = 256
CLOSING = 512
SYMBOL = 1024
BULLET = 2048

LAST = 0x20000
"""Code points from here on share one entry: they are rare Han characters, nearly all of them."""

_SETS = {
    STOP: ".!?。！？؟।॥…։።។။",
    QUOTE: '"“”„«»「」『』',
    COMMA: ",，、،",
    CLOSING: "\"”»’')]」』）",
    SYMBOL: "|»›©®#→▶►•·/",
    BULLET: "•-*‣·▪◦●■►▶–—|+",
}
_ALONE = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, LAST))
"""Thai, Kana, Han: scripts without spaces, where each character counts as a word."""


def _kind(code: int) -> int:
    char = chr(code)
    category = unicodedata.category(char)
    bits = UPPER if category in ("Lu", "Lt") else 0
    bits |= LETTER if category[0] == "L" else 0
    bits |= DIGIT if category == "Nd" else 0
    bits |= WORD if category[0] in "LN" or category in ("Mn", "Mc") or char == "_" else 0
    bits |= SPACE if char.isspace() else 0
    bits |= ALONE if any(low <= code <= high for low, high in _ALONE) else 0
    for bit, members in _SETS.items():
        bits |= bit if char in members else 0
    return bits


def tables() -> tuple[NDArray[np.uint16], NDArray[np.int32]]:
    """Return the kind of each code point, and what to add to it for its lower case.

    Both have `LAST + 1` entries. A lower case of more than one code point counts as none.
    """
    kinds = np.array([_kind(code) for code in range(LAST + 1)], np.uint16)
    falls = np.zeros(LAST + 1, np.int32)
    for code in np.flatnonzero(kinds & LETTER):
        lower = chr(code).lower()
        if len(lower) == 1:
            falls[code] = ord(lower) - code
    return kinds, falls


@njit
def decode(data: Bytes, at: int, stop: int) -> tuple[int, int]:
    """Return the code point at byte `at`, and where the next one starts; never reads past `stop`.

    The bytes are valid UTF-8 (Arrow's promise); cut-off bytes at the end are read as one "?".
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
