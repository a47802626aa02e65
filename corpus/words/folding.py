"""Kernel that folds a text: lower case, a space for every separator, spaces around lone characters.

It computes what `str.translate` does in `corpus.words.definition`, directly on Arrow's UTF-8 bytes:
64 ASCII bytes or one other character per step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.words.characters import folding_table
from corpus.words.simd import (
    BLOCK,
    at_least64,
    fill_spaces64,
    fold64,
    load8,
    popcount,
    read_only,
    store8,
    trailing_zeros,
)

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

_LENGTH_SHIFT = np.uint64(56)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_BYTE, _HIGH_BIT, _SIX_BITS, _LEAD_OF_THREE = (np.uint64(x) for x in (0xFF, 0x80, 0x3F, 0xE0))

DENSE_BLOCK_BYTES = 12
"""Minimum number of non-ASCII bytes at which a block is folded character by character."""


class FoldingInput(NamedTuple):
    """A column of texts, and what a kernel needs to fold them one after the other."""

    data: NDArray[np.uint8]
    """UTF-8 bytes."""

    offsets: NDArray[np.int64]
    """int64[n_texts + 1]."""

    table: NDArray[np.uint64]
    """See `folding_table`."""

    folded: NDArray[np.uint8]
    """Buffer for the folded form of one text."""


def folding_input(column: pa.Array | pa.ChunkedArray) -> FoldingInput:
    """Return the input that kernels fold a column of texts from; a null is an empty text."""
    data, offsets = texts(column)
    longest = int(np.diff(offsets).max(initial=0))
    # Folding makes at most five bytes of three, and writes 64 spaces at the end.
    folded = np.empty(2 * longest + 2 * BLOCK, np.uint8)
    return FoldingInput(read_only(data), read_only(offsets), folding_table(), folded)


@njit_without_allocation
def decode(data: NDArray[np.uint8], i: int, end: int) -> tuple[int, int]:
    """Return the code point at data[i] and its length in bytes; (0, 1) for an invalid byte."""
    first = int64(data[i])
    if first < 0x80:
        return first, 1
    size = 2 + (first >= 0xE0) + (first >= 0xF0)
    if first < 0xC2 or first > 0xF4 or i + size > end:
        return 0, 1
    code = first & (0x7F >> size)
    for k in range(1, size):
        byte = int64(data[i + k])
        if byte & 0xC0 != 0x80:
            return 0, 1
        code = code << 6 | (byte & 0x3F)
    least = 0x80 if size == 2 else 0x800 if size == 3 else 0x10000
    # A surrogate passes: the table makes it a separator.
    return (code, size) if least <= code < 0x110000 else (0, 1)


@njit_without_allocation
def _fold_characters(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    table: NDArray[np.uint64],
    out: NDArray[np.uint8],
    o: int,
) -> tuple[int, int]:
    """Fold the characters of one to three bytes in a block; return the new positions in and out.

    A mask of lead bytes gives where each character begins, so no character waits for the one before
    it. The kernel stops before a character of four bytes and before one that crosses the end. It
    skips a block that is not valid UTF-8. `data` must go on for 72 bytes.
    """
    size = min(BLOCK, end - start)
    leads, threes = at_least64(data, start, 0xC2), at_least64(data, start, 0xE0)
    wide, tails = at_least64(data, start, 0x80), ~at_least64(data, start, 0xC0)
    tails &= wide
    edge = _ONE << uint64(size - 1)
    fours = at_least64(data, start, 0xF0)
    size = min(size, trailing_zeros(fours | leads & edge | threes & (edge >> _ONE)))
    inside = ~uint64(0) if size == BLOCK else (_ONE << uint64(size)) - _ONE
    leads, threes, tails, wide = leads & inside, threes & inside, tails & inside, wide & inside
    overlong = (threes & ~at_least64(data, start, 0xE1)) << _ONE & ~at_least64(data, start, 0xA0)
    if leads << _ONE | threes << _TWO != tails or leads | tails != wide or overlong:
        return start, o
    begins = inside ^ tails
    while begins:
        raw = load8(data, start + trailing_zeros(begins))
        begins &= begins - _ONE
        lead, second = raw & _BYTE, raw >> uint64(8) & _SIX_BITS
        two = (lead & uint64(0x1F)) << uint64(6) | second
        three = (two & uint64(0x3FF)) << uint64(6) | raw >> uint64(16) & _SIX_BITS
        code = lead if lead < _HIGH_BIT else two if lead < _LEAD_OF_THREE else three
        folded = table[code]
        store8(out, o, folded)
        o += int64(folded >> _LENGTH_SHIFT)
    return start + size, o


@njit_without_allocation
def fold(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    table: NDArray[np.uint64],
    out: NDArray[np.uint8],
    o: int,
) -> int:
    """Write data[start:end], folded, and 64 spaces to out[o:]; return where those spaces begin.

    `out` must have 2 * (end - start) + 128 bytes from `o` on. A block may be read past `end` but
    never past `data`: the last 64 bytes of `data` are read one by one.
    """
    i, last_block = start, data.size - BLOCK
    while i < end:
        if i <= last_block:
            wide = fold64(data, i, out, o)
            if popcount(wide) >= DENSE_BLOCK_BYTES and i <= last_block - 8:
                before = i
                i, o = _fold_characters(data, i, end, table, out, o)
                if i > before:
                    continue
                wide = fold64(data, i, out, o)
            plain = min(trailing_zeros(wide), end - i)
            i += plain
            o += plain
        while i < end and (data[i] >= 0x80 or i > last_block):
            size, code = 0, 0
            if i <= last_block:
                # two or three valid bytes from one load; `decode` handles everything else
                raw = load8(data, i)
                first = raw & _BYTE
                second = raw >> uint64(8) & _BYTE ^ _HIGH_BIT
                third = raw >> uint64(16) & _BYTE ^ _HIGH_BIT
                if uint64(0xE0) <= first < uint64(0xF0) and (second | third) < uint64(0x40):
                    size = 3
                    code = int64((first & uint64(0xF)) << uint64(12) | second << uint64(6) | third)
                elif uint64(0xC2) <= first < uint64(0xE0) and second < uint64(0x40):
                    size, code = 2, int64((first & uint64(0x1F)) << uint64(6) | second)
            if size == 0 or i + size > end or (size == 3 and code < 0x800):
                code, size = decode(data, i, end)
            folded = table[code]
            store8(out, o, folded)
            i += size
            o += int64(folded >> _LENGTH_SHIFT)
    fill_spaces64(out, o)
    return o


@njit_without_allocation
def fold_text(source: FoldingInput, k: int) -> int:
    """Fold text `k` into `source.folded`; return where the 64 spaces after it begin."""
    begin, end = source.offsets[k], source.offsets[k + 1]
    return fold(source.data, begin, end, source.table, source.folded, 0)
