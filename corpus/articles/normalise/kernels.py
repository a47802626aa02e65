"""Kernels that find which normalisation steps a text needs, and apply those that need no Python.

`needed_steps` reads a column of texts at the speed of memory. `rewrite` writes the texts that need
a step. Both skip runs of plain ASCII, which is most of most texts.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.articles.characters import decode
from corpus.articles.normalise.code_points import (
    C1_CONTROL,
    COMBINING_MARK,
    COMPOSABLE,
    CONTROL,
    FIRST_OF_PAIR,
    KIND_MASK,
    LAST_CODE_POINT,
    LINE_END,
    MOJIBAKE_CONTINUATION,
    MOJIBAKE_LEAD,
    NEWLINE,
    SECOND_OF_PAIR,
    SPACE,
    TEXT,
    USES_JOINER,
    USES_ZERO_WIDTH_SPACE,
    WINDOWS_1252,
    ZERO_WIDTH,
    CodePointTable,
    code_point_table,
)
from corpus.kernels import njit_without_allocation

MOJIBAKE = 1
ENTITIES = 2
COMPOSED = 4
LINES = 8
CONTROLS = 16
ZERO_WIDTHS = 32
SOFT_HYPHENS = 64
SPACES = 128
BLANK_LINES = 256

STEPS = {
    "mojibake": MOJIBAKE,
    "entities": ENTITIES,
    "composed": COMPOSED,
    "lines": LINES,
    "controls": CONTROLS,
    "zero_width": ZERO_WIDTHS,
    "soft_hyphens": SOFT_HYPHENS,
    "spaces": SPACES,
    "blank_lines": BLANK_LINES,
}
"""The bit of each step, by its name. From `LINES` on, four steps have the order of their kinds of
characters, from `LINE_END` on."""

EVERY_STEP = sum(STEPS.values())
LONG_MARK_RUN = 512
"""Not a step: the text has more than `MAX_MARK_RUN` combining marks in a row."""
MAX_MARK_RUN = 64
"""Longer runs of marks are not sorted: no language has them, and sorting takes quadratic time."""
REMOVING_STEPS = CONTROLS | ZERO_WIDTHS | SOFT_HYPHENS
PYTHON_STEPS = MOJIBAKE | ENTITIES | COMPOSED
LAYOUT = SPACES | BLANK_LINES
"""The steps that change the layout of a page. The article is extracted before them."""

_SPACE, _AMPERSAND, _SEMICOLON, _NUMBER_SIGN, _LINE_FEED, _CARRIAGE_RETURN = b" &;#\n\r"


@njit_without_allocation
def _plain_end(data: Bytes, at: int, stop: int) -> int:
    """Return the end of a run of visible ASCII with single spaces inside, which needs no step.

    An ampersand ends the run, because it may start an entity.
    """
    start = at
    while at < stop:
        byte = data[at]
        if not (0x21 <= byte < 0x7F and byte != _AMPERSAND):
            is_single_space = (
                byte == _SPACE and at > start and at + 1 < stop and 0x21 <= data[at + 1] < 0x7F
            )
            if not is_single_space:
                break
        at += 1
    return at


@njit_without_allocation
def _may_be_entity(data: Bytes, at: int, stop: int) -> bool:
    """Return whether an HTML entity may start at this ampersand."""
    for i in range(at + 1, stop if stop < at + 12 else at + 12):
        byte = data[i]
        if byte == _SEMICOLON:
            return i > at + 1
        if not (0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x5A or byte == _NUMBER_SIGN):
            return False
    return False


@njit_without_allocation
def _kind(bits: int, previous: int) -> int:
    """Return the kind of a character, from its bits and those of the previous one."""
    kind = bits & KIND_MASK
    if kind == ZERO_WIDTH and (bits >> 2) & previous & (USES_ZERO_WIDTH_SPACE | USES_JOINER):
        return TEXT
    return kind


@njit_without_allocation
def _needed_steps(data: Bytes, start: int, stop: int, table: CodePointTable) -> int:
    """Return which steps would change the text `data[start:stop]`, as bits."""
    needs, previous, before_previous = 0, 0, 0  # bits of the last two characters; 0 for ASCII
    previous_kind, newlines, has_text, marks = NEWLINE, 2, False, 0
    at = start
    while at < stop:
        end = _plain_end(data, at, stop)
        if end > at:
            previous, before_previous, marks = 0, 0, 0
            previous_kind, newlines, has_text = TEXT, 0, True
            at = end
            continue
        if data[at] == _AMPERSAND and _may_be_entity(data, at, stop):
            needs |= ENTITIES
        code, at = decode(data, at, stop)
        bits = table[code if code < LAST_CODE_POINT else LAST_CODE_POINT]
        kind = _kind(bits, previous)
        if code >= 0x80:
            if bits & COMPOSABLE:
                needs |= COMPOSED
            marks = marks + 1 if bits & COMBINING_MARK else 0
            if marks > MAX_MARK_RUN:
                needs |= LONG_MARK_RUN
            is_pair = (previous >> FIRST_OF_PAIR) & (bits >> SECOND_OF_PAIR)
            is_third = (
                before_previous & MOJIBAKE_LEAD
                and previous & MOJIBAKE_CONTINUATION
                and (bits >> SECOND_OF_PAIR) & WINDOWS_1252
            )
            if bits & C1_CONTROL or is_pair or is_third:
                needs |= MOJIBAKE
        if kind == TEXT:
            newlines, has_text = 0, True
        elif kind == SPACE:
            if code != _SPACE or previous_kind in (SPACE, NEWLINE):
                needs |= SPACES
        elif kind == NEWLINE:
            newlines += 1
            needs |= SPACES if previous_kind == SPACE else 0
            needs |= BLANK_LINES if newlines > 2 or not has_text else 0
        else:  # once it is removed or replaced, the text may need the steps of layout
            needs |= (LINES << (kind - LINE_END)) | LAYOUT
        before_previous, previous, previous_kind = previous, bits, kind
    if stop > start and (not has_text or previous_kind in (SPACE, NEWLINE)):
        needs |= LAYOUT
    return needs


@njit_without_allocation
def _fill_needed_steps(
    data: Bytes, offsets: Offsets, table: CodePointTable, needs: NDArray[np.uint16]
) -> None:
    """Write the steps that may change each text to `needs`."""
    for i in range(needs.size):
        needs[i] = _needed_steps(data, offsets[i], offsets[i + 1], table)


def needed_steps(data: Bytes, offsets: Offsets) -> NDArray[np.uint16]:
    """Return the steps that may change each text, as bits (uint16[n_texts]); reads texts once.

    The other steps would not change the text.
    """
    needs = np.zeros(offsets.size - 1, np.uint16)
    _fill_needed_steps(data, offsets, code_point_table(), needs)
    return needs


@njit_without_allocation
def _write(
    data: Bytes, start: int, stop: int, steps: int, table: CodePointTable, out: Bytes, n: int
) -> int:
    """Write the text `data[start:stop]` after the steps to `out` from `n` on; return its end."""
    begin, at = n, start
    previous, pending_space, pending_newlines, in_line = 0, False, 0, False
    while at < stop:
        here = at
        at = _plain_end(data, at, stop)
        code, bits = 0, 0
        if at == here:
            code, at = decode(data, at, stop)
            bits = table[code if code < LAST_CODE_POINT else LAST_CODE_POINT]
        kind = _kind(bits, previous)
        if kind == LINE_END and steps & LINES:
            if code == _CARRIAGE_RETURN and at < stop and data[at] == _LINE_FEED:
                at += 1
            kind, bits = NEWLINE, 0
        if kind >= CONTROL and steps & (LINES << (kind - LINE_END)):
            continue
        previous = bits
        if kind == SPACE and steps & SPACES:
            pending_space, previous = True, 0
            continue
        if kind == NEWLINE:
            pending_space, in_line = False, False
            if steps & BLANK_LINES:
                pending_newlines += 1
            else:
                out[n] = _LINE_FEED
                n += 1
            continue
        if pending_newlines and n > begin:
            out[n] = _LINE_FEED
            out[n + 1] = _LINE_FEED
            n += 2 if pending_newlines > 1 else 1
        if pending_space and in_line:
            out[n] = _SPACE
            n += 1
        pending_space, pending_newlines, in_line = False, 0, True
        for i in range(here, at):
            out[n] = data[i]
            n += 1
    return n


@njit_without_allocation
def _rewrite(
    data: Bytes,
    offsets: Offsets,
    needs: NDArray[np.uint16],
    steps: int,
    table: CodePointTable,
    out: Bytes,
    out_offsets: Offsets,
) -> None:
    """Write the texts after the steps to `out`, and where they end to `out_offsets`."""
    n = 0
    for i in range(needs.size):
        start, stop = offsets[i], offsets[i + 1]
        if needs[i] & ~PYTHON_STEPS & steps:
            n = _write(data, start, stop, steps, table, out, n)
        else:
            for j in range(start, stop):
                out[n] = data[j]
                n += 1
        out_offsets[i + 1] = n


def rewrite(
    data: Bytes, offsets: Offsets, needs: NDArray[np.uint16], steps: int
) -> tuple[Bytes, Offsets]:
    """Return the texts (bytes, offsets) after the given steps, except for `PYTHON_STEPS`.

    Texts that need none are copied. The result is never longer than the input.
    """
    out = np.empty(offsets[-1] - offsets[0], np.uint8)
    out_offsets = np.zeros(offsets.size, np.int64)
    _rewrite(data, offsets, needs, steps, code_point_table(), out, out_offsets)
    return out[: out_offsets[-1]], out_offsets
