"""Text as it should be written: the same letters whatever the page's encoding, spacing and hidden characters.

    mojibake      text decoded with the wrong encoding is put right (ftfy), where it looks like it
    entities      `&amp;` and its like become what they stand for
    composed      letters and their marks become one code point where there is one (Unicode NFC)
    lines         every line end becomes a line feed
    controls      control characters go
    zero_width    characters without width go; joiners stay where the script needs them
    soft_hyphens  hyphenation hints go
    spaces        spaces of every kind become one plain space; none at the ends of a line
    blank_lines   at most one blank line in a row, none at the ends of the text

Quotes, dashes, ligatures and letter case stay as they were written. Normalising twice is normalising once.

Most texts need nothing, or only spaces: one kernel surveys a column at the speed of memory, a second
rewrites the texts that need it, and Python sees the few whose encoding or composition is in doubt.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.articles.characters import decode
from corpus.buffers import strings, texts
from corpus.kernels import njit

MOJIBAKE = 1
ENTITIES = 2
COMPOSED = 4
LINES = 8
CONTROLS = 16
ZERO_WIDTH = 32
SOFT_HYPHENS = 64
SPACES = 128
BLANK_LINES = 256

STEPS = {
    "mojibake": MOJIBAKE,
    "entities": ENTITIES,
    "composed": COMPOSED,
    "lines": LINES,
    "controls": CONTROLS,
    "zero_width": ZERO_WIDTH,
    "soft_hyphens": SOFT_HYPHENS,
    "spaces": SPACES,
    "blank_lines": BLANK_LINES,
}
"""The bit of each step, by its name."""

EVERY_STEP = sum(STEPS.values())
IN_PYTHON = MOJIBAKE | ENTITIES | COMPOSED
LAYOUT = SPACES | BLANK_LINES
"""The steps that change how a page is laid out: a page's lines are told apart before them."""

_TEXT, _SPACE, _LINE_END, _CONTROL, _HIDDEN, _HYPHEN, _NEWLINE = range(7)


@njit
def _role(code, before):
    """Return what a code point is to the steps, after the code point `before`."""
    if code < 0x7F:
        if code >= 0x21:
            return _TEXT
        if code in (0x20, 0x09):
            return _SPACE
        if code == 0x0A:
            return _NEWLINE
        return _LINE_END if code in (0x0B, 0x0C, 0x0D) else _CONTROL
    if code <= 0xAD:
        if code == 0x85:
            return _LINE_END
        if code < 0xA0:
            return _CONTROL
        if code == 0xA0:
            return _SPACE
        return _HYPHEN if code == 0xAD else _TEXT
    if code < 0x1680 or (0x3000 < code < 0xFE00):
        return _TEXT
    if 0x2000 <= code <= 0x206F:
        if code <= 0x200A or code in (0x202F, 0x205F):
            return _SPACE
        if code in (0x2028, 0x2029):
            return _LINE_END
        if code == 0x200B:
            return _TEXT if _spaceless(before) else _HIDDEN
        if code in (0x200C, 0x200D):
            return _TEXT if _joins(before) else _HIDDEN
        hidden = code in (0x200E, 0x200F) or 0x202A <= code <= 0x202E or code >= 0x2060
        return _HIDDEN if hidden else _TEXT
    if code in (0x1680, 0x3000):
        return _SPACE
    return _HIDDEN if code == 0xFEFF else _TEXT


@njit
def _spaceless(code):
    """Return whether a zero-width space after this letter marks the end of a word (Thai to Khmer)."""
    return 0x0E00 <= code <= 0x0EFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF


@njit
def _joins(code):
    """Return whether a joiner after this code point shapes it: Arabic to Mongolian scripts, emoji."""
    if code < 0x0600:
        return False
    if code < 0x1E00:
        return True
    return 0x2190 <= code < 0x2C00 or 0xA800 <= code < 0xAC00 or 0xFB50 <= code < 0xFF00 or code >= 0x10000


@njit
def _may_be_uncomposed(code):
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
def _continues(code):
    """Return whether this is what a wrong decoding makes of the second byte of a UTF-8 letter."""
    if code < 0x80 or code > 0x2122:
        return False
    return (
        code <= 0xBF
        or code in (0x0152, 0x0153, 0x0160, 0x0161, 0x0178, 0x017D, 0x017E, 0x0192, 0x02C6, 0x02DC)
        or (0x2013 <= code <= 0x203A and code not in (0x2028, 0x2029, 0x202F))
        or code in (0x20AC, 0x2122)
    )


@njit
def _misread(first, second, third):
    """Return whether three code points in a row look like bytes of UTF-8 read as another encoding.

    Western, Cyrillic and Mac code pages, and stray control characters of Windows. Meant to say yes too
    often: ftfy decides.
    """
    if 0x80 <= first <= 0x9F and first != 0x85:
        return True
    if 0xC2 <= first <= 0xDB:
        return _continues(second)
    if 0xE0 <= first <= 0xF4:
        return _continues(second) and _continues(third)
    if first in (0x0420, 0x0421):
        return (0xA0 < second <= 0xBF) or 0x0402 <= second <= 0x040F or 0x0452 <= second <= 0x045F
    if first == 0x0432:
        return second == 0x0402
    return (first == 0x201A and second == 0xC4) or (first == 0x221A and 0xA0 < second < 0x2030)


@njit
def survey(data, offsets):
    """Return which steps would change each text, as bits (uint16[n_texts]); costs one pass.

    `MOJIBAKE`, `ENTITIES` and `COMPOSED` are suspicions, the others are certain.
    """
    found = np.zeros(offsets.size - 1, np.uint16)
    for i in range(found.size):
        at, stop = offsets[i], offsets[i + 1]
        needs, before, earlier = 0, np.int64(0), np.int64(0)
        role_before, newlines, seen = _NEWLINE, 2, False
        while at < stop:
            byte = data[at]
            if 0x21 <= byte < 0x7F and byte != 0x26:  # visible ASCII: nearly all there is
                before, earlier, role_before, newlines, seen = np.int64(byte), before, _TEXT, 0, True
                at += 1
                continue
            if byte == 0x26 and _entity(data, at, stop):
                needs |= ENTITIES
            code, at = decode(data, at, stop)
            role = _role(code, before)
            if code >= 0x80:
                if _may_be_uncomposed(code):
                    needs |= COMPOSED
                if _misread(earlier, before, code):
                    needs |= MOJIBAKE
            if _misread(before, code, np.int64(0)) or _misread(code, np.int64(0), np.int64(0)):
                needs |= MOJIBAKE
            if role == _SPACE:
                if code != 0x20 or role_before in (_SPACE, _NEWLINE):
                    needs |= SPACES
            elif role == _NEWLINE:
                if role_before == _SPACE:
                    needs |= SPACES
                newlines += 1
                if newlines > 2 or not seen:
                    needs |= BLANK_LINES
            elif role == _LINE_END:
                needs |= LINES | SPACES | BLANK_LINES  # what it becomes may need them
            elif role != _TEXT:
                needs |= CONTROLS if role == _CONTROL else ZERO_WIDTH if role == _HIDDEN else SOFT_HYPHENS
                needs |= SPACES | BLANK_LINES  # what it stood between may need them
            else:
                newlines, seen = 0, True
            before, earlier, role_before = code, before, role
        if role_before == _SPACE and seen:
            needs |= SPACES
        if role_before == _NEWLINE and stop > offsets[i]:
            needs |= BLANK_LINES
        if not seen and stop > offsets[i]:
            needs |= SPACES | BLANK_LINES
        found[i] = needs
    return found


@njit
def _entity(data, at, stop):
    """Return whether an HTML entity may start at this ampersand."""
    for i in range(at + 1, min(stop, at + 12)):
        byte = data[i]
        if byte == 0x3B:
            return i > at + 1
        if not (0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x5A or byte == 0x23):
            return False
    return False


@njit
def rewrite(data, offsets, steps):
    """Return the texts (bytes, offsets) after the given steps, those that Python takes excepted.

    One pass; the result is never longer than what came in.
    """
    out = np.empty(offsets[-1] - offsets[0], np.uint8)
    cuts = np.zeros(offsets.size, np.int64)
    n = 0
    for i in range(offsets.size - 1):
        at, stop, start = offsets[i], offsets[i + 1], n
        before, owed_space, owed_lines, line_open = np.int64(0), False, 0, False
        while at < stop:
            here = at
            code, at = decode(data, at, stop)
            role = _role(code, before)
            if role == _LINE_END and steps & LINES:
                if code == 0x0D and at < stop and data[at] == 0x0A:
                    at += 1
                role, code = _NEWLINE, np.int64(0x0A)
            dropped = (
                (role == _CONTROL and steps & CONTROLS)
                or (role == _HIDDEN and steps & ZERO_WIDTH)
                or (role == _HYPHEN and steps & SOFT_HYPHENS)
            )
            if dropped:
                continue
            if role == _SPACE and steps & SPACES:
                owed_space = True
                before = np.int64(0x20)
                continue
            if role == _NEWLINE:
                owed_space = False
                line_open = False
                if steps & BLANK_LINES:
                    owed_lines += 1
                else:
                    out[n] = 0x0A
                    n += 1
                before = code
                continue
            if owed_lines:
                for _ in range(min(owed_lines, 2) if n > start else 0):
                    out[n] = 0x0A
                    n += 1
                owed_lines = 0
            if owed_space and line_open:
                out[n] = 0x20
                n += 1
            owed_space = False
            line_open = True
            before = code
            for j in range(here, at):
                out[n] = data[j]
                n += 1
        cuts[i + 1] = n
    return out[:n], cuts


@cache
def _fixer(*, mojibake: bool, entities: bool) -> Any:
    """Return ftfy's settings for what it is asked to do here: it knows more steps, and they stay off."""
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=entities,
        remove_terminal_escapes=False,
        fix_encoding=mojibake,
        restore_byte_a0=mojibake,
        replace_lossy_sequences=mojibake,
        decode_inconsistent_utf8=mojibake,
        fix_c1_controls=mojibake,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )


MOST_ROUNDS = 20


def _settle(text: str, *, steps: int) -> str:
    """Return one text after all steps, where its encoding or composition is in doubt.

    A step can lay bare what another one mends (an entity behind an entity), so they are taken in turn
    until nothing changes.
    """
    fixer = _fixer(mojibake=bool(steps & MOJIBAKE), entities=bool(steps & ENTITIES))
    for _ in range(MOST_ROUNDS):
        found = text
        if steps & (MOJIBAKE | ENTITIES):
            import ftfy

            found = ftfy.fix_text(found, fixer)
        found = _rewritten(pa.array([found], pa.large_string()), steps=steps)[0].as_py()
        if steps & COMPOSED:
            found = unicodedata.normalize("NFC", found)
        if found == text:
            break
        text = found
    return text


def _rewritten(column: pa.Array, *, steps: int) -> pa.LargeStringArray:
    """Return the column after the steps that the kernel takes."""
    return strings(*rewrite(*texts(column), steps))


def normalise(column: pa.Array, *, steps: int = EVERY_STEP) -> pa.LargeStringArray:
    """Return the texts normalised by the given steps (bits of `STEPS`); null becomes empty.

    Costs a nanosecond or two a byte for texts that need little; texts in doubt cost what Python does.
    """
    column = column.cast(pa.large_string()).fill_null("")
    needs: NDArray[np.uint16] = survey(*texts(column)) & np.uint16(steps)
    if not needs.any():
        return column
    rewritten = _rewritten(column, steps=steps)
    needs |= survey(*texts(rewritten)) & np.uint16(steps & IN_PYTHON)
    fixed, where = [], np.zeros(len(column), np.bool_)
    for i in np.flatnonzero(needs & np.uint16(IN_PYTHON)).tolist():
        if not needs[i] & (MOJIBAKE | ENTITIES):
            found = rewritten[i].as_py()
            if unicodedata.is_normalized("NFC", found):
                continue
        where[i] = True
        fixed.append(_settle(column[i].as_py(), steps=steps))
    if not fixed:
        return rewritten
    return pc.replace_with_mask(rewritten, pa.array(where), pa.array(fixed, pa.large_string()))
