"""What a code point is to normalisation: text, a space, a line end, or something unseen.

All of it stands in one table of bits, made from the ranges below: a kernel looks up what it would
take thirty comparisons to find out, and compiles in a fraction of the time.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

Roles = NDArray[np.int32]

TEXT, SPACE, NEWLINE, LINE_END, CONTROL, HIDDEN, HYPHEN = range(7)
ROLE = 7
"""The bits that hold one of the roles."""
COMPOSABLE = 1 << 3
"""NFC may change it, alone or beside another."""
PARTING = 1 << 4
"""A letter of Thai to Khmer, after which a space of no width ends a word."""
JOINING = 1 << 5
"""A joiner shapes it: Arabic to Mongolian scripts, emoji."""
IF_PARTING = 1 << 6
"""Hidden, but after a letter that is `PARTING` it is text."""
IF_JOINING = 1 << 7
"""Hidden, but after a code point that is `JOINING` it is text."""
CONTINUES = 1 << 8
"""A wrong decoding makes it of a later byte of a UTF-8 letter, in the middle of three."""
LEADS_THREE = 1 << 9
"""A wrong decoding makes it of the first of three bytes."""
STRAY = 1 << 10
"""A control character of Windows: misread whatever stands before it."""
MARK = 1 << 11
"""It is put on the letter before it: NFC sorts such marks."""
LEADS = 12
"""From this bit on: what one of the first code points of a pair misread may be, by code page."""
FOLLOWS = 16
"""From this bit on, and nothing beyond: what the second of a pair may be, in the same order."""
WESTERN, CYRILLIC, LOW_QUOTE, MAC = (1 << page for page in range(4))

LAST = 0x2FA20
"""Code points from here on are all alike: text that may be composed, and that a joiner shapes."""

_ROLES = (
    (CONTROL, (0x00, 0x1F), (0x7F, 0x9F)),
    (SPACE, (0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    (SPACE, (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
    (NEWLINE, (0x0A, 0x0A)),
    (LINE_END, (0x0B, 0x0D), (0x85, 0x85), (0x2028, 0x2029)),
    (HIDDEN, (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF)),
    (HYPHEN, (0xAD, 0xAD)),
)
_COMPOSABLE = (
    (0x0300, 0x036F), (0x0374, 0x0374), (0x037E, 0x037E), (0x0387, 0x0387), (0x0483, 0x0487),
    (0x0591, 0x109F), (0x1100, 0x1DFF), (0x1E9B, 0x1E9B), (0x1F00, 0x1FFF), (0x2000, 0x2001),
    (0x20D0, 0x20FF), (0x2126, 0x2126), (0x212A, 0x212B), (0x2329, 0x232A), (0x2ADC, 0x2ADC),
    (0x2CEF, 0x2DFF), (0x302A, 0x30FF), (0xA66F, 0xABFF), (0xF900, 0xFB4F), (0xFE20, 0xFE2F),
    (0x10000, 0x1EFFF), (0x1FB00, 0x1FFFF), (0x2F800, LAST),
)  # fmt: skip
_PARTING = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_JOINING = ((0x0600, 0x1DFF), (0x2190, 0x2BFF), (0xA800, 0xABFF), (0xFB50, 0xFEFF), (0x10000, LAST))
_CONTINUES = (
    (0x80, 0xBF), (0x0152, 0x0153), (0x0160, 0x0161), (0x0178, 0x0178), (0x017D, 0x017E),
    (0x0192, 0x0192), (0x02C6, 0x02C6), (0x02DC, 0x02DC), (0x2013, 0x2027), (0x202A, 0x202E),
    (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122),
)  # fmt: skip
_PAIRS = (
    (WESTERN, ((0xC2, 0xDB),), _CONTINUES),
    (CYRILLIC, ((0x0420, 0x0421),), ((0xA1, 0xBF), (0x0402, 0x040F), (0x0452, 0x045F))),
    (LOW_QUOTE, ((0x201A, 0x201A),), ((0xC4, 0xC4),)),
    (MAC, ((0x221A, 0x221A),), ((0xA1, 0x202F),)),
)
_TWO_MARKS = (0x0F73, 0x0F75, 0x0F81)
"""Signs of Tibetan that are no marks, but that NFC takes apart into two."""
_BEYOND_DOUBT = (
    (0x0388, 0x041F), (0x0422, 0x0431), (0x0433, 0x0482), (0x3041, 0x3096), (0x30A1, 0x30FA),
    (0x3400, 0x9FFF), (0xAC00, 0xD7A3),
)  # fmt: skip
"""Letters of Greek, Cyrillic, Kana, Han and Hangul that no step would change where they stand."""


@cache
def roles() -> Roles:
    """Return what each code point is (int32[LAST + 1]), as bits.

    Meant to call too much misread: ftfy decides.
    """
    table = np.zeros(LAST + 1, np.int32)

    def mark(bits: int, *ranges: tuple[int, int]) -> None:
        for low, high in ranges:
            table[low : high + 1] |= bits

    for role, *ranges in _ROLES:
        for low, high in ranges:
            table[low : high + 1] = role
    mark(IF_PARTING, (0x200B, 0x200B))
    mark(IF_JOINING, (0x200C, 0x200D))
    mark(COMPOSABLE, *_COMPOSABLE)
    mark(STRAY, (0x80, 0x9F))
    for page, _, seconds in _PAIRS:
        mark(page << FOLLOWS, *seconds)
    for low, high in (*_BEYOND_DOUBT, (0x85, 0x85)):
        table[low : high + 1] &= ROLE
    marks = (code for code in range(0x0300, 0x1E950) if unicodedata.combining(chr(code)))
    mark(MARK, *((code, code) for code in (*marks, *_TWO_MARKS)))
    mark(PARTING, *_PARTING)
    mark(JOINING, *_JOINING)
    mark(CONTINUES, *_CONTINUES)
    mark(LEADS_THREE, (0xE0, 0xF4))
    for page, firsts, _ in _PAIRS:
        mark(page << LEADS, *firsts)
    table.flags.writeable = False
    return table
