"""Which steps of normalisation a text needs, and the steps themselves, but those that Python takes.

Two kernels. `survey` reads a column at the speed of memory and says what each text needs; `rewrite`
writes those that need something. Both skip over runs of plain ASCII, which is most of most texts.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.articles.characters import decode
from corpus.articles.normalise.code_points import (
    COMPOSABLE,
    CONTINUES,
    CONTROL,
    FOLLOWS,
    HIDDEN,
    JOINING,
    LAST,
    LEADS,
    LEADS_THREE,
    LINE_END,
    MARK,
    NEWLINE,
    PARTING,
    ROLE,
    SPACE,
    STRAY,
    TEXT,
    WESTERN,
    Roles,
    roles,
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
"""The bit of each step, by its name; those of the roles from `LINE_END` on are in their order."""

EVERY_STEP = sum(STEPS.values())
CROWDED = 512
"""Not a step: there are more than `MOST_MARKS` marks in a row."""
MOST_MARKS = 64
"""Marks in a row that are put in order: no language has that many, and it takes their square."""
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
    for i in range(at + 1, stop if stop < at + 12 else at + 12):
        byte = data[i]
        if byte == 0x3B:
            return i > at + 1
        if not (0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x5A or byte == 0x23):
            return False
    return False


@njit
def _role(bits: int, before: int) -> int:
    """Return the role of a code point after another one, from the bits of both."""
    kind = bits & ROLE
    if kind == HIDDEN and (bits >> 2) & before & (PARTING | JOINING):
        return TEXT
    return kind


@njit
def _needs(data: Bytes, start: int, stop: int, roles: Roles) -> int:
    """Return which steps would change one text, as bits."""
    needs, before, earlier = 0, 0, 0  # bits of the last two code points; those of ASCII are none
    kind_before, newlines, seen, marks = NEWLINE, 2, False, 0
    at = start
    while at < stop:
        end = _plain(data, at, stop)
        if end > at:
            before, earlier, marks = 0, 0, 0
            kind_before, newlines, seen = TEXT, 0, True
            at = end
            continue
        if data[at] == 0x26 and _entity(data, at, stop):
            needs |= ENTITIES
        code, at = decode(data, at, stop)
        bits = roles[code if code < LAST else LAST]
        kind = _role(bits, before)
        if code >= 0x80:
            if bits & COMPOSABLE:
                needs |= COMPOSED
            marks = marks + 1 if bits & MARK else 0
            if marks > MOST_MARKS:
                needs |= CROWDED
            paired = (before >> LEADS) & (bits >> FOLLOWS)
            third = earlier & LEADS_THREE and before & CONTINUES and (bits >> FOLLOWS) & WESTERN
            if bits & STRAY or paired or third:
                needs |= MOJIBAKE
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
            needs |= (LINES << (kind - LINE_END)) | LAYOUT
        earlier, before, kind_before = before, bits, kind
    if stop > start and (not seen or kind_before in (SPACE, NEWLINE)):
        needs |= LAYOUT
    return needs


@njit
def _survey(data: Bytes, offsets: Offsets, roles: Roles, needs: NDArray[np.uint16]) -> None:
    """Fill in which steps may change each text."""
    for i in range(needs.size):
        needs[i] = _needs(data, offsets[i], offsets[i + 1], roles)


def survey(data: Bytes, offsets: Offsets) -> NDArray[np.uint16]:
    """Return which steps may change each text, as bits (uint16[n_texts]); costs one pass.

    What it does not name would change nothing.
    """
    needs = np.zeros(offsets.size - 1, np.uint16)
    _survey(data, offsets, roles(), needs)
    return needs


@njit
def _write(data: Bytes, start: int, stop: int, steps: int, roles: Roles, out: Bytes, n: int) -> int:
    """Write one text after the given steps to `out` from `n` on, and return where it ends."""
    begin, at = n, start
    before, owed_space, owed_lines, in_line = 0, False, 0, False
    while at < stop:
        here = at
        at = _plain(data, at, stop)
        code, bits = 0, 0
        if at == here:
            code, at = decode(data, at, stop)
            bits = roles[code if code < LAST else LAST]
        kind = _role(bits, before)
        if kind == LINE_END and steps & LINES:
            if code == 0x0D and at < stop and data[at] == 0x0A:
                at += 1
            kind, bits = NEWLINE, 0
        if kind >= CONTROL and steps & (LINES << (kind - LINE_END)):
            continue
        before = bits
        if kind == SPACE and steps & SPACES:
            owed_space, before = True, 0
            continue
        if kind == NEWLINE:
            owed_space, in_line = False, False
            if steps & BLANK_LINES:
                owed_lines += 1
            else:
                out[n] = 0x0A
                n += 1
            continue
        if owed_lines and n > begin:
            out[n] = 0x0A
            out[n + 1] = 0x0A
            n += 2 if owed_lines > 1 else 1
        if owed_space and in_line:
            out[n] = 0x20
            n += 1
        owed_space, owed_lines, in_line = False, 0, True
        for i in range(here, at):
            out[n] = data[i]
            n += 1
    return n


@njit
def _rewrite(
    data: Bytes,
    offsets: Offsets,
    needs: NDArray[np.uint16],
    steps: int,
    roles: Roles,
    out: Bytes,
    cuts: Offsets,
) -> None:
    """Write the texts after the given steps to `out`, and where they end to `cuts`."""
    n = 0
    for i in range(needs.size):
        start, stop = offsets[i], offsets[i + 1]
        if needs[i] & ~IN_PYTHON & steps:
            n = _write(data, start, stop, steps, roles, out, n)
        else:
            for j in range(start, stop):
                out[n] = data[j]
                n += 1
        cuts[i + 1] = n


def rewrite(
    data: Bytes, offsets: Offsets, needs: NDArray[np.uint16], steps: int
) -> tuple[Bytes, Offsets]:
    """Return the texts (bytes, offsets) after the given steps, those that Python takes excepted.

    Texts that need none are copied. The result is never longer than what came in.
    """
    out = np.empty(offsets[-1] - offsets[0], np.uint8)
    cuts = np.zeros(offsets.size, np.int64)
    _rewrite(data, offsets, needs, steps, roles(), out, cuts)
    return out[: cuts[-1]], cuts
