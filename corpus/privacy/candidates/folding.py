r"""Fold the characters that addresses and numbers are written with to ASCII, one for one.

    ＋４９ ０３０ １２３　４５６     ->  +49 030 123 456
    ٠١٢٣                          ->  0123
    jane\u200b@example.com         ->  jane\\x01@example.com

A folded text has as many characters as the text, so that positions hold in both.
"""  # noqa: RUF002  these are the characters to fold

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

IGNORED = "\x01"
"""What an invisible character becomes: zero-width characters, soft hyphens, marks of direction."""

LETTER = "\x02"
"""What a letter outside ASCII becomes, if its script puts spaces between words."""

OTHER = "\x00"
"""What every other character outside ASCII becomes; also the control characters above."""

CODE_POINTS = 1 << 16
"""Characters beyond are folded to `OTHER`."""

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_SCRIPTS_WITH_SPACES = (
    "LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "DEVANAGARI", "BENGALI",
    "GURMUKHI", "GUJARATI", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "GEORGIAN", "ETHIOPIC",
)  # fmt: skip


@cache
def folding_table() -> NDArray[np.uint8]:
    """Return the ASCII character that each code point folds to: uint8[CODE_POINTS], read-only."""
    table = np.zeros(CODE_POINTS, np.uint8)
    for code in range(3, 128):
        table[code] = code
    for code in range(128, CODE_POINTS):
        table[code] = ord(_fold_character(chr(code)))
    table.flags.writeable = False
    return table


def _fold_character(character: str) -> str:
    if character in _DASHES:
        return "-"
    if character in _SPACES:
        return " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":
        return IGNORED
    if 0xFF01 <= ord(character) <= 0xFF5E:  # full-width forms of ASCII
        return chr(ord(character) - 0xFEE0)
    if category[0] in "LM" and unicodedata.name(character, "").startswith(_SCRIPTS_WITH_SPACES):
        return LETTER
    return OTHER


def fold(text: str) -> str:
    """Return the folded text, of the same length."""
    if text.isascii() and not any(mark in text for mark in (IGNORED, LETTER, OTHER)):
        return text
    table = folding_table()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = np.where(codes < CODE_POINTS, table[np.minimum(codes, CODE_POINTS - 1)], 0)
    return folded.astype(np.uint8).tobytes().decode("ascii")


def without_ignored(folded: str) -> str:
    """Return a folded text without its invisible characters."""
    return folded.replace(IGNORED, "")
