"""The character table: for every code point, whether it belongs to a word, and its lower case.

The package ships its own table, so words do not depend on Python's version of Unicode. The file
stores runs: from each `first` code point on, all code points have the same `kind`, and their lower
case is `shift` away. `scripts/make_character_table.py` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.shipped_models import read_shipped_model

SEPARATOR, IN_WORD, ALONE = 0, 1, 2
"""Kinds of code points: between words, part of a word, a word of its own."""

CODE_POINTS = 0x110000
PATH = Path(__file__).with_name("characters.npz")


class Runs(NamedTuple):
    """Runs of code points that are treated alike."""

    first: NDArray[np.uint32]
    kind: NDArray[np.uint8]
    shift: NDArray[np.int32]
    unicode: str
    """The version of Unicode that the table was made from."""


@cache
def runs() -> Runs:
    """Return the table as stored in the file."""
    return read_shipped_model(PATH, unpack)


def unpack(arrays: Mapping[str, NDArray[Any]]) -> Runs:
    """Return the table from the arrays of its file."""
    return Runs(arrays["first"], arrays["kind"], arrays["shift"], str(arrays["unicode"]))


@cache
def folding_table() -> NDArray[np.uint64]:
    """Return the folded form of each code point: uint64[0x110000], 9 MB, read-only.

    The top byte is the length; the other bytes are UTF-8, first byte lowest, at most six. A
    separator folds to a space, a character that is a word of its own to itself between two spaces,
    anything else to its lower case.
    """
    table_runs = runs()
    spans = np.diff(table_runs.first, append=CODE_POINTS)
    kind = np.repeat(table_runs.kind, spans)
    table = np.full(CODE_POINTS, 1 << 56 | ord(" "), np.uint64)
    codes = np.flatnonzero(kind != SEPARATOR)
    size, packed = utf8((codes + np.repeat(table_runs.shift, spans)[codes]).astype(np.uint64))
    alone = kind[codes] == ALONE
    space = np.uint64(ord(" "))
    spaced = space | packed << np.uint64(8) | space << np.uint64(8) * (size + np.uint64(1))
    length = np.where(alone, size + np.uint64(2), size)
    table[codes] = np.where(alone, spaced, packed) | length << np.uint64(56)
    table.flags.writeable = False
    return table


def utf8(codes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the length of each code point in UTF-8 and its bytes, first byte lowest."""
    size = (1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)).astype(np.uint64)
    packed = codes.copy()
    for length, lead in ((2, 0xC0), (3, 0xE0), (4, 0xF0)):
        of_length = size == length
        selected = codes[of_length]
        value = np.uint64(lead) | selected >> np.uint64(6 * (length - 1))
        for k in range(1, length):
            six_bits = selected >> np.uint64(6 * (length - 1 - k)) & np.uint64(0x3F)
            value |= (np.uint64(0x80) | six_bits) << np.uint64(8 * k)
        packed[of_length] = value
    return size, packed
