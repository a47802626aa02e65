"""Kernels for the strings of JSON: find their ends, and copy them without their escapes."""

# ruff: noqa: PLR1714, SIM109  (numba compiles comparisons, not tuples)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.kernels import njit
from corpus.words.simd import BLOCK, at_least64, copy64, equal64, trailing_zeros

STRING = 2
ESCAPED = 3
"""A string with an escape."""

QUOTE = ord('"')
_BACKSLASH = ord("\\")


@njit
def _hex_value(data: Bytes, i: int) -> int:
    """Return the number that four hexadecimal digits stand for, -1 if they are none."""
    value = 0
    for k in range(i, i + 4):
        byte = int(data[k])
        if 0x30 <= byte <= 0x39:
            digit = byte - 0x30
        elif 0x61 <= (byte | 0x20) <= 0x66:
            digit = (byte | 0x20) - 0x57
        else:
            return -1
        value = 16 * value + digit
    return value


@njit
def _past_escape(data: Bytes, i: int, end: int) -> int:
    """Return the position after the escape that begins at `i`, -1 if it is invalid."""
    if i + 2 > end:
        return -1
    byte = data[i + 1]
    if byte != 0x75:
        is_letter = byte == 0x62 or byte == 0x66 or byte == 0x6E or byte == 0x72 or byte == 0x74
        is_sign = byte == QUOTE or byte == _BACKSLASH or byte == 0x2F
        return i + 2 if is_letter or is_sign else -1
    if i + 6 > end:
        return -1
    value = _hex_value(data, i + 2)
    if value < 0 or 0xDC00 <= value <= 0xDFFF:
        return -1
    if not 0xD800 <= value <= 0xDBFF:
        return i + 6
    if i + 12 > end or data[i + 6] != _BACKSLASH or data[i + 7] != 0x75:
        return -1
    second = _hex_value(data, i + 8)
    return i + 12 if 0xDC00 <= second <= 0xDFFF else -1


@njit
def _next_special(data: Bytes, i: int, end: int) -> int:
    """Return the first position from `i` with a quote, a backslash or a control character."""
    while i + BLOCK <= end:
        special = (
            equal64(data, i, QUOTE) | equal64(data, i, _BACKSLASH) | ~at_least64(data, i, 0x20)
        )
        if special:
            return i + trailing_zeros(special)
        i += BLOCK
    while i < end:
        byte = data[i]
        if byte == QUOTE or byte == _BACKSLASH or byte < 0x20:
            return i
        i += 1
    return end


@njit
def past_string(data: Bytes, i: int, end: int) -> tuple[int, bool]:
    """Return the position after the string that begins behind a quote, and whether it has escapes.

    -1 if the string is invalid or does not end.
    """
    escapes = False
    while True:
        i = _next_special(data, i, end)
        if i == end or data[i] < 0x20:
            return -1, escapes
        if data[i] == QUOTE:
            return i + 1, escapes
        escapes = True
        i = _past_escape(data, i, end)
        if i < 0:
            return -1, escapes


@njit
def _write_character(out: NDArray[np.uint8], o: int, value: int) -> int:
    """Write a character as UTF-8, and return the position after it."""
    if value < 0x80:
        out[o] = value
        return o + 1
    if value < 0x800:
        out[o] = 0xC0 | (value >> 6)
        out[o + 1] = 0x80 | (value & 0x3F)
        return o + 2
    if value < 0x10000:
        out[o] = 0xE0 | (value >> 12)
        out[o + 1] = 0x80 | ((value >> 6) & 0x3F)
        out[o + 2] = 0x80 | (value & 0x3F)
        return o + 3
    out[o] = 0xF0 | (value >> 18)
    out[o + 1] = 0x80 | ((value >> 12) & 0x3F)
    out[o + 2] = 0x80 | ((value >> 6) & 0x3F)
    out[o + 3] = 0x80 | (value & 0x3F)
    return o + 4


@njit
def _copy(data: Bytes, begin: int, end: int, out: NDArray[np.uint8], o: int) -> int:
    """Copy bytes, and return the position after them; `out` has room for `BLOCK` more."""
    size = end - begin
    k = 0
    while k < size and begin + k + BLOCK <= len(data):
        copy64(data, begin + k, out, o + k)
        k += BLOCK
    while k < size:
        out[o + k] = data[begin + k]
        k += 1
    return o + size


@njit
def _copy_escaped(data: Bytes, begin: int, end: int, out: NDArray[np.uint8], o: int) -> int:
    """Copy a valid string with its escapes replaced, and return the position after it."""
    i = begin
    while i < end:
        special = _next_special(data, i, end)
        o = _copy(data, i, special, out, o)
        if special == end:
            break
        byte = int(data[special + 1])
        if byte != 0x75:
            value = byte
            if byte == 0x62:
                value = 0x08
            elif byte == 0x66:
                value = 0x0C
            elif byte == 0x6E:
                value = 0x0A
            elif byte == 0x72:
                value = 0x0D
            elif byte == 0x74:
                value = 0x09
            out[o] = value
            o += 1
            i = special + 2
            continue
        value = _hex_value(data, special + 2)
        i = special + 6
        if 0xD800 <= value <= 0xDBFF:
            value = 0x10000 + ((value - 0xD800) << 10) + (_hex_value(data, special + 8) - 0xDC00)
            i = special + 12
        o = _write_character(out, o, value)
    return o


@njit
def copy_strings(
    data: Bytes,
    kinds: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    column: int,
    out: NDArray[np.uint8],
    offsets: Offsets,
) -> None:
    """Copy the strings of a column to `out`, and write where each begins, then the end.

    What is not a string becomes an empty one. `out` has room for their bytes in `data`, and for
    `BLOCK` more: a copy writes whole blocks.
    """
    o = 0
    for row in range(len(kinds)):
        offsets[row] = o
        kind = kinds[row, column]
        begin, end = bounds[row, column, 0], bounds[row, column, 1]
        if kind == STRING:
            o = _copy(data, begin, end, out, o)
        elif kind == ESCAPED:
            o = _copy_escaped(data, begin, end, out, o)
    offsets[len(kinds)] = o
