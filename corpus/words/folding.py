"""Fold a text: lower-case, every separator a space, a word of its own between spaces.

What `text.translate` does in `words`, straight from Arrow's bytes: 64 ASCII bytes or one other
character a step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.words.simd import BLOCK, blank64, fold64, from64, load8, lowest, ones, store8

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

_LENGTH = np.uint64(56)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_BYTE, _HIGH, _TAIL, _THREE = (np.uint64(x) for x in (0xFF, 0x80, 0x3F, 0xE0))

DENSE = 12
"""Bytes of a block that are not ASCII, from which it is folded character by character."""


def room(offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return space to fold the longest text: three bytes may become five, then come blanks."""
    longest = int(np.diff(offsets).max(initial=0))
    return np.empty(2 * longest + 2 * BLOCK, np.uint8)


@njit
def decode(data: NDArray[np.uint8], i: int, end: int) -> tuple[int, int]:
    """Return the code point at data[i] and its bytes; (0, 1), a separator, for an invalid byte."""
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
    # a surrogate passes: it is a separator in the table
    return (code, size) if least <= code < 0x110000 else (0, 1)


@njit
def _fold_characters(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    table: NDArray[np.uint64],
    out: NDArray[np.uint8],
    o: int,
) -> tuple[int, int]:
    """Fold the characters of one to three bytes in a block; return how far it came, in and out.

    Where each begins is told by the bits of the bytes that do, so no character waits for the one
    before it. It stops short of a longer one, of one across the end and of a block that is not
    UTF-8. `data` goes on for 72 bytes.
    """
    size = min(BLOCK, end - start)
    leads, threes = from64(data, start, 0xC2), from64(data, start, 0xE0)
    wide, tails = from64(data, start, 0x80), ~from64(data, start, 0xC0)
    tails &= wide
    edge = _ONE << uint64(size - 1)
    size = min(size, lowest(from64(data, start, 0xF0) | leads & edge | threes & (edge >> _ONE)))
    inside = ~uint64(0) if size == BLOCK else (_ONE << uint64(size)) - _ONE
    leads, threes, tails, wide = leads & inside, threes & inside, tails & inside, wide & inside
    overlong = (threes & ~from64(data, start, 0xE1)) << _ONE & ~from64(data, start, 0xA0)
    if leads << _ONE | threes << _TWO != tails or leads | tails != wide or overlong:
        return start, o
    begins = inside ^ tails
    while begins:
        raw = load8(data, start + lowest(begins))
        begins &= begins - _ONE
        lead, second = raw & _BYTE, raw >> uint64(8) & _TAIL
        two = (lead & uint64(0x1F)) << uint64(6) | second
        three = (two & uint64(0x3FF)) << uint64(6) | raw >> uint64(16) & _TAIL
        code = lead if lead < _HIGH else two if lead < _THREE else three
        folded = table[code]
        store8(out, o, folded)
        o += int64(folded >> _LENGTH)
    return start + size, o


@njit
def fold(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    table: NDArray[np.uint64],
    out: NDArray[np.uint8],
    o: int,
) -> int:
    """Write data[start:end], folded, and 64 spaces to out[o:]; return where those spaces begin.

    `out` has twice `end - start` and 128 bytes from `o` on: see `room`. A block may be read past
    `end`, never past `data`; the last 64 bytes of `data` are read one by one.
    """
    i, last = start, data.size - BLOCK
    while i < end:
        if i <= last:
            wide = fold64(data, i, out, o)
            if ones(wide) >= DENSE and i <= last - 8:
                before = i
                i, o = _fold_characters(data, i, end, table, out, o)
                if i > before:
                    continue
                wide = fold64(data, i, out, o)
            plain = min(lowest(wide), end - i)
            i += plain
            o += plain
        while i < end and (data[i] >= 0x80 or i > last):
            size, code = 0, 0
            if (
                i <= last
            ):  # two or three valid bytes from one load; all else is decoded with care below
                raw = load8(data, i)
                first = raw & _BYTE
                second = raw >> uint64(8) & _BYTE ^ _HIGH
                third = raw >> uint64(16) & _BYTE ^ _HIGH
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
            o += int64(folded >> _LENGTH)
    blank64(out, o)
    return o
