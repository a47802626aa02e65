"""What every code point is to a word.

The package has its own table, so that Python's version of Unicode does not matter. The table is a
file of runs: from each `first` code point on, all are of the same `kind` and their lower case is
the same `shift` away. `scripts/make_character_table.py` makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEPARATOR, IN_WORD, ALONE = 0, 1, 2
"""The kinds: between words, part of a word, a word of its own (scripts written without spaces)."""

CODE_POINTS = 0x110000


class Runs(NamedTuple):
    """Code points that are treated alike, run by run."""

    first: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    shift: NDArray[np.int32]
    unicode: str


@cache
def runs() -> Runs:
    """Return the table as it is in the file."""
    with np.load(Path(__file__).with_name("characters.npz"), allow_pickle=False) as file:
        return Runs(file["first"], file["kind"], file["shift"], str(file["unicode"]))


@cache
def folding() -> NDArray[np.uint64]:
    """Return what each code point is written as: UTF-8 from the low byte up, its length on top.

    A separator becomes a space, a word of its own stands between spaces, all else is lower-cased:
    no more than six bytes. uint64[0x110000], 9 MB, read-only.
    """
    found = runs()
    spans = np.diff(found.first, append=CODE_POINTS)
    kind = np.repeat(found.kind, spans)
    table = np.full(CODE_POINTS, 1 << 56 | ord(" "), np.uint64)
    codes = np.flatnonzero(kind != SEPARATOR)
    size, packed = _utf8((codes + np.repeat(found.shift, spans)[codes]).astype(np.uint64))
    alone = kind[codes] == ALONE
    space = np.uint64(ord(" "))
    spaced = space | packed << np.uint64(8) | space << np.uint64(8) * (size + np.uint64(1))
    length = np.where(alone, size + np.uint64(2), size)
    table[codes] = np.where(alone, spaced, packed) | length << np.uint64(56)
    table.flags.writeable = False
    return table


def _utf8(codes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the number of bytes of each code point in UTF-8, and the bytes, the first lowest."""
    size = (1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)).astype(np.uint64)
    packed = codes.copy()
    for length, lead in ((2, 0xC0), (3, 0xE0), (4, 0xF0)):
        these = size == length
        some = codes[these]
        value = np.uint64(lead) | some >> np.uint64(6 * (length - 1))
        for k in range(1, length):
            later = np.uint64(0x80) | some >> np.uint64(6 * (length - 1 - k)) & np.uint64(0x3F)
            value |= later << np.uint64(8 * k)
        packed[these] = value
    return size, packed
