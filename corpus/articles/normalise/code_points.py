"""The properties of each Unicode code point that text normalisation needs, as a lookup table.

Each entry is an integer. Its lowest three bits are the kind of character: text, a space, a line
end, a control character, a character without width, or a soft hyphen. The other bits tell

- whether Unicode NFC may change the character,
- whether its script needs joiners or zero-width spaces, which must then be kept,
- whether it may be mojibake. UTF-8 that was decoded with the wrong encoding leaves typical pairs of
  characters: "é" becomes "Ã©" in Windows-1252.

With the table, a kernel makes one lookup instead of about thirty comparisons, and compiles in a
fraction of the time.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

CodePointTable = NDArray[np.int32]

TEXT, SPACE, NEWLINE, LINE_END, CONTROL, ZERO_WIDTH, SOFT_HYPHEN = range(7)
"""The kinds of characters. NEWLINE is the line feed; LINE_END is any other line end."""
KIND_MASK = 7
COMPOSABLE = 1 << 3
"""NFC may change the character, alone or next to another one."""
USES_ZERO_WIDTH_SPACE = 1 << 4
"""A letter of a script from Thai to Khmer, in which a zero-width space ends a word."""
USES_JOINER = 1 << 5
"""A character that joiners shape: scripts from Arabic to Mongolian, emoji."""
IS_ZERO_WIDTH_SPACE = USES_ZERO_WIDTH_SPACE << 2
"""A ZERO_WIDTH character that counts as text after a USES_ZERO_WIDTH_SPACE letter."""
IS_JOINER = USES_JOINER << 2
"""A ZERO_WIDTH character that counts as text after a USES_JOINER character."""
MOJIBAKE_CONTINUATION = 1 << 8
"""May be the second of three bytes of a UTF-8 character, decoded with the wrong encoding."""
MOJIBAKE_LEAD = 1 << 9
"""May be the first of three bytes of a UTF-8 character, decoded with the wrong encoding."""
C1_CONTROL = 1 << 10
"""A control character from U+0080 to U+009F: always the result of a wrong encoding."""
COMBINING_MARK = 1 << 11
"""A mark on the letter before it. NFC sorts consecutive marks."""
FIRST_OF_PAIR = 12
"""Four bits from this one on: for which encodings it may be the first of a mojibake pair."""
SECOND_OF_PAIR = 16
"""The bits from this one on: for which encodings it may be the second of a mojibake pair."""
WINDOWS_1252, WINDOWS_1251, LOW_QUOTE, MAC_ROMAN = (1 << encoding for encoding in range(4))
"""The encodings. LOW_QUOTE (U+201A) starts general punctuation that was decoded as Mac Roman."""

LAST_CODE_POINT = 0x2FA20
"""The last entry of the table; higher code points share it."""

_KINDS = (
    (CONTROL, (0x00, 0x1F), (0x7F, 0x9F)),
    (SPACE, (0x09, 0x09), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    (SPACE, (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
    (NEWLINE, (0x0A, 0x0A)),
    (LINE_END, (0x0B, 0x0D), (0x85, 0x85), (0x2028, 0x2029)),
    (ZERO_WIDTH, (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF)),
    (SOFT_HYPHEN, (0xAD, 0xAD)),
)
_COMPOSABLE = (
    (0x0300, 0x036F), (0x0374, 0x0374), (0x037E, 0x037E), (0x0387, 0x0387), (0x0483, 0x0487),
    (0x0591, 0x109F), (0x1100, 0x1DFF), (0x1E9B, 0x1E9B), (0x1F00, 0x1FFF), (0x2000, 0x2001),
    (0x20D0, 0x20FF), (0x2126, 0x2126), (0x212A, 0x212B), (0x2329, 0x232A), (0x2ADC, 0x2ADC),
    (0x2CEF, 0x2DFF), (0x302A, 0x30FF), (0xA66F, 0xABFF), (0xF900, 0xFB4F), (0xFE20, 0xFE2F),
    (0x10000, 0x1EFFF), (0x1FB00, 0x1FFFF), (0x2F800, LAST_CODE_POINT),
)  # fmt: skip
_USES_ZERO_WIDTH_SPACE = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
_USES_JOINER = (
    (0x0600, 0x1DFF), (0x2190, 0x2BFF), (0xA800, 0xABFF), (0xFB50, 0xFEFF),
    (0x10000, LAST_CODE_POINT),
)  # fmt: skip
_MOJIBAKE_CONTINUATIONS = (
    (0x80, 0xBF), (0x0152, 0x0153), (0x0160, 0x0161), (0x0178, 0x0178), (0x017D, 0x017E),
    (0x0192, 0x0192), (0x02C6, 0x02C6), (0x02DC, 0x02DC), (0x2013, 0x2027), (0x202A, 0x202E),
    (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2122, 0x2122),
)  # fmt: skip
_MOJIBAKE_PAIRS = (
    (WINDOWS_1252, ((0xC2, 0xDB),), _MOJIBAKE_CONTINUATIONS),
    (WINDOWS_1251, ((0x0420, 0x0421),), ((0xA1, 0xBF), (0x0402, 0x040F), (0x0452, 0x045F))),
    (LOW_QUOTE, ((0x201A, 0x201A),), ((0xC4, 0xC4),)),
    (MAC_ROMAN, ((0x221A, 0x221A),), ((0xA1, 0x202F),)),
)
"""For each encoding, the first and the second characters of a pair."""
_DECOMPOSE_TO_MARKS = (0x0F73, 0x0F75, 0x0F81)
"""Tibetan signs that are not combining marks, but that NFC decomposes into two of them."""
_UNCHANGED = (
    (0x0388, 0x041F), (0x0422, 0x0431), (0x0433, 0x0482), (0x3041, 0x3096), (0x30A1, 0x30FA),
    (0x3400, 0x9FFF), (0xAC00, 0xD7A3),
)  # fmt: skip
"""Greek, Cyrillic, kana, Han and Hangul letters that no step changes by themselves."""


@cache
def code_point_table() -> CodePointTable:
    """Return the properties of each code point, as bits (int32[LAST_CODE_POINT + 1]).

    The mojibake bits are generous on purpose: ftfy makes the decision.
    """
    table = np.zeros(LAST_CODE_POINT + 1, np.int32)

    def mark(bits: int, *ranges: tuple[int, int]) -> None:
        for low, high in ranges:
            table[low : high + 1] |= bits

    for kind, *ranges in _KINDS:
        for low, high in ranges:
            table[low : high + 1] = kind
    mark(IS_ZERO_WIDTH_SPACE, (0x200B, 0x200B))
    mark(IS_JOINER, (0x200C, 0x200D))
    mark(COMPOSABLE, *_COMPOSABLE)
    mark(C1_CONTROL, (0x80, 0x9F))
    for encoding, _, seconds in _MOJIBAKE_PAIRS:
        mark(encoding << SECOND_OF_PAIR, *seconds)
    for low, high in (*_UNCHANGED, (0x85, 0x85)):
        table[low : high + 1] &= KIND_MASK
    marks = (code for code in range(0x0300, 0x1E950) if unicodedata.combining(chr(code)))
    mark(COMBINING_MARK, *((code, code) for code in (*marks, *_DECOMPOSE_TO_MARKS)))
    mark(USES_ZERO_WIDTH_SPACE, *_USES_ZERO_WIDTH_SPACE)
    mark(USES_JOINER, *_USES_JOINER)
    mark(MOJIBAKE_CONTINUATION, *_MOJIBAKE_CONTINUATIONS)
    mark(MOJIBAKE_LEAD, (0xE0, 0xF4))
    for encoding, firsts, _ in _MOJIBAKE_PAIRS:
        mark(encoding << FIRST_OF_PAIR, *firsts)
    table.flags.writeable = False
    return table
