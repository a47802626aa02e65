"""What a code point is to normalisation: text, a space, a line end, or something unseen."""

from __future__ import annotations

from corpus.kernels import njit

TEXT, SPACE, NEWLINE, LINE_END, CONTROL, HIDDEN, HYPHEN = range(7)


@njit
def role(code: int, before: int) -> int:
    """Return what a code point is, after the code point `before`."""
    if code < 0x7F:
        if code >= 0x21:
            return TEXT
        if code in (0x20, 0x09):
            return SPACE
        if code == 0x0A:
            return NEWLINE
        return LINE_END if code in (0x0B, 0x0C, 0x0D) else CONTROL
    if code <= 0xAD:
        if code == 0x85:
            return LINE_END
        if code < 0xA0:
            return CONTROL
        if code == 0xA0:
            return SPACE
        return HYPHEN if code == 0xAD else TEXT
    if code < 0x1680 or (0x3000 < code < 0xFE00):
        return TEXT
    if 0x2000 <= code <= 0x206F:
        if code <= 0x200A or code in (0x202F, 0x205F):
            return SPACE
        if code in (0x2028, 0x2029):
            return LINE_END
        if code == 0x200B:
            return TEXT if spaceless(before) else HIDDEN
        if code in (0x200C, 0x200D):
            return TEXT if joins(before) else HIDDEN
        unseen = code in (0x200E, 0x200F) or 0x202A <= code <= 0x202E or code >= 0x2060
        return HIDDEN if unseen else TEXT
    if code in (0x1680, 0x3000):
        return SPACE
    return HIDDEN if code == 0xFEFF else TEXT


@njit
def spaceless(code: int) -> bool:
    """Return whether a zero-width space ends a word after this letter: Thai to Khmer."""
    return 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF


@njit
def joins(code: int) -> bool:
    """Return whether a joiner shapes this code point: Arabic to Mongolian scripts, emoji."""
    if code < 0x0600:
        return False
    if code < 0x1E00 or code >= 0x10000:
        return True
    return 0x2190 <= code < 0x2C00 or 0xA800 <= code < 0xAC00 or 0xFB50 <= code < 0xFF00


@njit
def ordinary(code: int) -> bool:
    """Return whether this is a letter of Greek, Cyrillic, Kana, Han or Hangul beyond doubt."""
    if code < 0x3041:
        return 0x0388 <= code < 0x0483 and code not in (0x0420, 0x0421, 0x0432)
    return (
        code < 0x3097
        or 0x30A1 <= code < 0x30FB
        or 0x3400 <= code < 0xA000
        or (0xAC00 <= code < 0xD7A4)
    )


@njit
def composable(code: int) -> bool:
    """Return whether NFC may change this code point, alone or beside another."""
    if code < 0x0300:
        return False
    if code < 0x0591:
        return code < 0x0370 or code in (0x0374, 0x037E, 0x0387) or 0x0483 <= code <= 0x0487
    if code < 0x1E00:
        return not 0x10A0 <= code < 0x1100
    if code < 0x2000:
        return code >= 0x1F00 or code == 0x1E9B
    if code < 0x3100:
        return (
            code in (0x2000, 0x2001, 0x2126, 0x212A, 0x212B, 0x2329, 0x232A, 0x2ADC)
            or 0x20D0 <= code <= 0x20FF
            or 0x2CEF <= code <= 0x2DFF
            or code >= 0x302A
        )
    if code < 0xA66F or 0xAC00 <= code < 0xF900:
        return False
    if code < 0x10000:
        return code < 0xFB50 or 0xFE20 <= code <= 0xFE2F
    return not (0x1F000 <= code < 0x1FB00 or 0x20000 <= code < 0x2F800)


@njit
def continues(code: int) -> bool:
    """Return whether a wrong decoding makes this of the second byte of a UTF-8 letter."""
    if code < 0x80 or code > 0x2122:
        return False
    if code <= 0xBF:
        return True
    if code < 0x2013:
        return (
            0x0152 <= code <= 0x0153
            or 0x0160 <= code <= 0x0161
            or code in (0x0178, 0x017D, 0x017E, 0x0192, 0x02C6, 0x02DC)
        )
    return (code <= 0x203A and code not in (0x2028, 0x2029, 0x202F)) or code in (0x20AC, 0x2122)


@njit
def misread(first: int, second: int, third: int) -> bool:
    """Return whether code points in a row, the last one new, look like UTF-8 misread.

    Western, Cyrillic and Mac code pages, and stray control characters of Windows. Meant to say yes
    too often: ftfy decides.
    """
    if 0x80 <= third <= 0x9F:
        return third != 0x85
    if 0xC2 <= second <= 0xDB and continues(third):
        return True
    if 0xE0 <= first <= 0xF4 and continues(second) and continues(third):
        return True
    if second in (0x0420, 0x0421):
        return 0xA0 < third <= 0xBF or 0x0402 <= third <= 0x040F or 0x0452 <= third <= 0x045F
    if second == 0x0432:
        return third == 0x0402
    return (second == 0x201A and third == 0xC4) or (second == 0x221A and 0xA0 < third < 0x2030)
