"""Which steps of normalisation a text needs, and the steps themselves, but those that Python takes.

Two kernels. `survey` reads a column at the speed of memory and says what each text needs; `rewrite`
writes those that need something. Both skip over runs of plain ASCII, which is most of most texts.
"""

from __future__ import annotations

import numpy as np
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
DROPPING = CONTROLS | ZERO_WIDTH | SOFT_HYPHENS
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
