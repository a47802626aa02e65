"""Note the places of a page that have metadata, formulas or a layout, for those who read them."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes, Offsets
from corpus.articles.blocks.tags import (
    CLASS,
    COLSPAN,
    CONTENT,
    DATETIME,
    HREF,
    HTML,
    ID,
    IMG,
    ITEMPROP,
    LANG,
    LAYOUT_CODES,
    LI,
    LINK,
    MATH,
    META,
    NAME,
    NAME_BYTES,
    OL,
    PROPERTY,
    REL,
    REVERSED,
    ROWSPAN,
    SCRIPT,
    START,
    TIME,
    TYPE,
    VALUE,
    name_code,
)
from corpus.articles.blocks.tokens import read_attributes, read_name, read_number
from corpus.articles.blocks.walk_state import (
    CANONICAL_RECORD,
    LANGUAGE_RECORD,
    MARKED_RECORD,
    MAX_NAME_BYTES,
    META_RECORD,
    N_BLOCKS,
    N_MARKED,
    N_NODES,
    N_RECORDS,
    N_TIMES,
    TIME_RECORD,
    Walk,
)
from corpus.kernels import njit_without_allocation

_FORMULA_SCRIPT = np.uint64(name_code("math"))
_FORMULA_IMAGES = np.array(
    [name_code(name) for name in ("latex", "math", "mwe-math", "tex")], np.uint64
)
"""The type of scripts with TeX, and the first bytes of the class names of images of formulas."""
_CANONICAL = np.uint64(name_code("canonical"))
MAX_RECORDS = 512
"""Maximum number of places of a page that are noted."""
MAX_MARKED, MAX_TIMES = 96, 96
"""Maximum number of elements marked as author or date, and of `time` elements, among them."""
_MARKS = np.frombuffer(
    b"author\0byline\0autor\0auteur\0writer\0contributor\0username\0creator\0publish\0posted\0date\0",
    np.uint8,
)
"""Parts of the names of elements with the author or the date of something, each before a zero."""
_STARTS_MARK = np.isin(np.arange(256) | 0x20, list(b"abcdpuw"))


@njit_without_allocation
def note_place(walk: Walk, kind: int, first: Offsets, second: Offsets) -> None:
    """Note a place of the page: its kind, two spans of bytes, and the block that follows."""
    count = walk.counters
    if count[N_RECORDS] < MAX_RECORDS:
        row = walk.records[count[N_RECORDS]]
        row[0], row[1], row[2], row[3], row[4] = kind, first[0], first[1], second[0], second[1]
        row[5] = count[N_BLOCKS]
        count[N_RECORDS] += 1


@njit_without_allocation
def _is_marked(data: Bytes, start: int, stop: int) -> bool:
    """Return whether `data[start:stop]` has one of `_MARKS`, in any case."""
    stop = stop if stop < start + MAX_NAME_BYTES else start + MAX_NAME_BYTES
    for first in range(start, stop - 3):
        if not _STARTS_MARK[data[first]]:
            continue
        at = first
        for mark in _MARKS:
            if mark == 0:
                if at >= 0:
                    return True
                at = first
            elif at >= 0:
                at = at + 1 if at < stop and data[at] | 0x20 == mark else -1
    return False


@njit_without_allocation
def note_marked(data: Bytes, values: Offsets, at: int, walk: Walk) -> None:
    """Note an element whose names say that it has an author or a date; its content is at `at`."""
    if walk.counters[N_MARKED] >= MAX_MARKED:
        return
    for attribute in (ITEMPROP, REL, CLASS, ID):
        if values[attribute, 0] < values[attribute, 1] and _is_marked(
            data, values[attribute, 0], values[attribute, 1]
        ):
            values[TYPE, 0] = values[TYPE, 1] = at
            note_place(walk, MARKED_RECORD, values[TYPE], values[attribute])
            walk.counters[N_MARKED] += 1
            return


@njit_without_allocation
def note_metadata(data: Bytes, values: Offsets, tag: int, walk: Walk) -> None:
    """Note a start tag that has metadata."""
    if tag == META and values[CONTENT, 0] >= 0:
        for name in (PROPERTY, NAME, ITEMPROP):
            if values[name, 0] >= 0:
                note_place(walk, META_RECORD, values[name], values[CONTENT])
                break
    elif tag == TIME and values[DATETIME, 0] >= 0 and walk.counters[N_TIMES] < MAX_TIMES:
        note_place(walk, TIME_RECORD, values[DATETIME], values[ITEMPROP])
        walk.counters[N_TIMES] += 1
    elif tag == LINK and values[HREF, 0] >= 0 and values[REL, 0] >= 0:
        code, _, _ = read_name(data[values[REL, 0] : values[REL, 1]], 0)
        if code == _CANONICAL:
            note_place(walk, CANONICAL_RECORD, values[HREF], values[REL])
    elif tag == HTML and values[LANG, 0] >= 0:
        note_place(walk, LANGUAGE_RECORD, values[LANG], values[LANG])


@njit_without_allocation
def is_json(data: Bytes, start: int, stop: int) -> bool:
    """Return whether the type of a script is JSON-LD."""
    for at in range(start, stop - 2):
        if data[at] | 0x20 == 0x6C and data[at + 1] | 0x20 == 0x64 and data[at + 2] == 0x2B:  # ld+
            return True
    return False


@njit_without_allocation
def has_formula(data: Bytes, values: Offsets, tag: int) -> bool:
    """Return whether a start tag is that of a formula that `corpus.articles.formulas` can read."""
    if tag == SCRIPT and values[TYPE, 0] >= 0:
        code, _, _ = read_name(data[values[TYPE, 0] : values[TYPE, 1]], 0)
        return code == _FORMULA_SCRIPT
    if tag == IMG and values[CLASS, 0] >= 0:
        start, stop = values[CLASS, 0], values[CLASS, 1]
        stop = stop if stop < start + NAME_BYTES else start + NAME_BYTES
        code, _, _ = read_name(data[start:stop], 0)
        for formula in _FORMULA_IMAGES:
            if code == formula:
                return True
    return tag == MATH


@njit_without_allocation
def note_layout(
    data: Bytes, at: int, last_quotes: Offsets, values: Offsets, tag: int, walk: Walk
) -> None:
    """Note what the attributes of a cell, list or item say about the layout of the last node."""
    read_attributes(data, at, last_quotes, LAYOUT_CODES, values)
    layout = walk.layout[walk.counters[N_NODES] - 1]
    if tag == LI:
        layout[0] = read_number(data, values[VALUE, 0], values[VALUE, 1])
        layout[1] = values[VALUE, 0] >= 0
    elif tag == OL:
        layout[0] = read_number(data, values[START, 0], values[START, 1])
        layout[0] = layout[0] if values[START, 0] >= 0 else 1
        layout[1] = values[REVERSED, 0] >= 0
    else:
        layout[0] = read_number(data, values[COLSPAN, 0], values[COLSPAN, 1])
        layout[1] = read_number(data, values[ROWSPAN, 0], values[ROWSPAN, 1])
