"""Text as it should be written, whatever its encoding, spacing and hidden characters were.

    mojibake      text decoded with the wrong encoding is put right (ftfy), where it looks like it
    entities      `&amp;` and its like become what they stand for
    composed      letters and their marks become one code point where there is one (Unicode NFC)
    lines         every line end becomes a line feed
    controls      control characters go
    zero_width    characters without width go; joiners stay where the script needs them
    soft_hyphens  hyphenation hints go
    spaces        spaces of every kind become one plain space; none at the ends of a line
    blank_lines   at most one blank line in a row, none at the ends of the text

Quotes, dashes, ligatures and letter case stay as they were written. Normalising twice is
normalising once.

Most texts need nothing, or only spaces: one kernel surveys a column at the speed of memory, a
second rewrites the texts that need it, and Python sees the few whose encoding or composition is in
doubt.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.articles.arrays import Bytes, Offsets
from corpus.articles.characters import decode
from corpus.articles.roles import (
    CONTROL,
    HIDDEN,
    HYPHEN,
    LINE_END,
    NEWLINE,
    SPACE,
    TEXT,
    composable,
    misread,
    ordinary,
    role,
)
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


@njit
def _plain(data: Bytes, at: int, stop: int) -> int:
    """Return where a run of visible ASCII and single spaces between ends: most of most texts.

    An ampersand ends it too: it may start an entity.
    """
    start = at
    while at < stop:
        byte = data[at]
        if not (0x21 <= byte < 0x7F and byte != 0x26):
            single = byte == 0x20 and at > start and at + 1 < stop and 0x21 <= data[at + 1] < 0x7F
            if not single:
                break
        at += 1
    return at


@njit
def _entity(data: Bytes, at: int, stop: int) -> bool:
    """Return whether an HTML entity may start at this ampersand."""
    for i in range(at + 1, min(stop, at + 12)):
        byte = data[i]
        if byte == 0x3B:
            return i > at + 1
        if not (0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x5A or byte == 0x23):
            return False
    return False


@njit
def _needs(data: Bytes, start: int, stop: int) -> int:
    """Return which steps would change one text, as bits."""
    needs, before, earlier = 0, 0, 0
    kind_before, newlines, seen = NEWLINE, 2, False
    at = start
    while at < stop:
        end = _plain(data, at, stop)
        if end > at:
            earlier = before if end == at + 1 else int(data[end - 2])
            before = int(data[end - 1])
            kind_before, newlines, seen = TEXT, 0, True
            at = end
            continue
        if data[at] == 0x26 and _entity(data, at, stop):
            needs |= ENTITIES
        code, at = decode(data, at, stop)
        kind = TEXT
        if not ordinary(code):
            kind = role(code, before)
            if code >= 0x80:
                needs |= COMPOSED if composable(code) else 0
                needs |= MOJIBAKE if misread(earlier, before, code) else 0
        if kind == TEXT:
            newlines, seen = 0, True
        elif kind == SPACE:
            if code != 0x20 or kind_before in (SPACE, NEWLINE):
                needs |= SPACES
        elif kind == NEWLINE:
            newlines += 1
            needs |= SPACES if kind_before == SPACE else 0
            needs |= BLANK_LINES if newlines > 2 or not seen else 0
        else:  # what is left when it went, or what it became, may need the steps of layout
            needs |= (LINES, CONTROLS, ZERO_WIDTH, SOFT_HYPHENS)[kind - LINE_END] | LAYOUT
        earlier, before, kind_before = before, code, kind
    if stop > start and (not seen or kind_before in (SPACE, NEWLINE)):
        needs |= LAYOUT
    return needs


@njit
def survey(data: Bytes, offsets: Offsets) -> NDArray[np.uint16]:
    """Return which steps may change each text, as bits (uint16[n_texts]); costs one pass.

    What it does not name would change nothing.
    """
    found = np.zeros(offsets.size - 1, np.uint16)
    for i in range(found.size):
        found[i] = _needs(data, offsets[i], offsets[i + 1])
    return found


@njit
def _write(data: Bytes, start: int, stop: int, steps: int, out: Bytes, n: int) -> int:
    """Write one text after the given steps to `out` from `n` on, and return where it ends."""
    begin, at = n, start
    before, owed_space, owed_lines, in_line = 0, False, 0, False
    while at < stop:
        here = at
        at = _plain(data, at, stop)
        if at > here:
            code, kind = int(data[at - 1]), TEXT
        else:
            code, at = decode(data, at, stop)
            kind = TEXT if ordinary(code) else role(code, before)
        if kind == LINE_END and steps & LINES:
            if code == 0x0D and at < stop and data[at] == 0x0A:
                at += 1
            kind, code = NEWLINE, 0x0A
        if (
            (kind == CONTROL and steps & CONTROLS)
            or (kind == HIDDEN and steps & ZERO_WIDTH)
            or (kind == HYPHEN and steps & SOFT_HYPHENS)
        ):
            continue
        before = code
        if kind == SPACE and steps & SPACES:
            owed_space, before = True, 0x20
            continue
        if kind == NEWLINE:
            owed_space, in_line = False, False
            if steps & BLANK_LINES:
                owed_lines += 1
            else:
                out[n] = 0x0A
                n += 1
            continue
        for _ in range(min(owed_lines, 2) if n > begin else 0):
            out[n] = 0x0A
            n += 1
        if owed_space and in_line:
            out[n] = 0x20
            n += 1
        owed_space, owed_lines, in_line = False, 0, True
        for i in range(here, at):
            out[n] = data[i]
            n += 1
    return n


@njit
def rewrite(
    data: Bytes, offsets: Offsets, needs: NDArray[np.uint16], steps: int
) -> tuple[Bytes, Offsets]:
    """Return the texts (bytes, offsets) after the given steps, those that Python takes excepted.

    Texts that need none are copied. The result is never longer than what came in.
    """
    out = np.empty(offsets[-1] - offsets[0], np.uint8)
    cuts = np.zeros(offsets.size, np.int64)
    n = 0
    for i in range(needs.size):
        start, stop = offsets[i], offsets[i + 1]
        if needs[i] & ~IN_PYTHON & steps:
            n = _write(data, start, stop, steps, out, n)
        else:
            for j in range(start, stop):
                out[n] = data[j]
                n += 1
        cuts[i + 1] = n
    return out[:n], cuts


@cache
def _fixer(*, mojibake: bool, entities: bool) -> Any:
    """Return ftfy's settings for what it does here; the other steps it knows stay off."""
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

    A step can lay bare what another one mends (an entity behind an entity), so they are taken in
    turn until nothing changes.
    """
    for _ in range(MOST_ROUNDS):
        found = _mended(text, steps=steps) if steps & (MOJIBAKE | ENTITIES) else text
        column = pa.array([found], pa.large_string())
        found = _rewritten(column, survey(*texts(column)), steps=steps)[0].as_py()
        if steps & COMPOSED:
            found = unicodedata.normalize("NFC", found)
        if found == text:
            break
        text = found
    return text


def _mended(text: str, *, steps: int) -> str:
    """Return the text after ftfy, which is slow: it sees only the lines in doubt."""
    import ftfy

    fixer = _fixer(mojibake=bool(steps & MOJIBAKE), entities=bool(steps & ENTITIES))
    lines = text.split("\n")
    needs = survey(*texts(pa.array(lines, pa.large_string())))
    for i in np.flatnonzero(needs & np.uint16(steps & (MOJIBAKE | ENTITIES))).tolist():
        lines[i] = ftfy.fix_text(lines[i], fixer)
    return "\n".join(lines)


def _rewritten(column: pa.Array, needs: NDArray[np.uint16], *, steps: int) -> pa.LargeStringArray:
    """Return the column after the steps that the kernel takes."""
    if not (needs & np.uint16(steps & ~IN_PYTHON)).any():
        return column
    return strings(*rewrite(*texts(column), needs, steps))


def normalise(column: pa.Array, *, steps: int = EVERY_STEP) -> pa.LargeStringArray:
    """Return the texts normalised by the given steps (bits of `STEPS`); null becomes empty.

    Costs a nanosecond or two a byte for texts that need little; texts in doubt cost what Python
    does.
    """
    column = column.cast(pa.large_string()).fill_null("")
    needs = survey(*texts(column))
    rewritten = _rewritten(column, needs, steps=steps)
    if rewritten is not column:
        needs |= survey(*texts(rewritten))
    fixed, where = [], np.zeros(len(column), np.bool_)
    for i in np.flatnonzero(needs & np.uint16(steps & IN_PYTHON)).tolist():
        if not needs[i] & steps & (MOJIBAKE | ENTITIES) and unicodedata.is_normalized(
            "NFC", rewritten[i].as_py()
        ):
            continue
        where[i] = True
        fixed.append(_settle(column[i].as_py(), steps=steps))
    if not fixed:
        return rewritten
    return pc.replace_with_mask(rewritten, pa.array(where), pa.array(fixed, pa.large_string()))
