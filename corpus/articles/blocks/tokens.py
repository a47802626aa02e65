"""Tokens of HTML: names of tags, where the values of attributes are, where raw text ends."""

# ruff: noqa: FURB136, PLR1714  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.articles.blocks.tags import HASH_FACTOR, HASHED_BITS, NAME_BYTES
from corpus.kernels import njit_without_allocation

MAX_STYLE_BYTES = 500
"""Bytes of a style that are read."""
_HASHED_BITS, _HASH_FACTOR = np.uint64(HASHED_BITS), np.uint64(HASH_FACTOR)
_HIDING = (
    np.frombuffer(b"display:none", np.uint8),
    np.frombuffer(b"visibility:hidden", np.uint8),
)


@njit_without_allocation
def read_name(data: Bytes, at: int) -> tuple[np.uint64, int, bool]:
    """Return the code of the name at a byte, where it ends, and whether it has a hyphen."""
    code, start, hyphen = np.uint64(0), at, False
    while at < data.size:
        byte = data[at]
        if byte <= 0x20 or byte == 0x2F or byte == 0x3E or (byte == 0x3D and at > start):
            break
        hyphen = hyphen or byte == 0x2D
        lower = np.uint64(byte | 0x20 if 0x41 <= byte <= 0x5A else byte)
        if at - start < NAME_BYTES:
            code = (code << np.uint64(8)) | lower
        else:
            code = code & ~_HASHED_BITS | (code ^ lower) * _HASH_FACTOR & _HASHED_BITS
        at += 1
    return code, at, hyphen


@njit_without_allocation
def find_code(codes: NDArray[np.uint64], code: np.uint64) -> int:
    """Return the place of a code in ascending codes, or -1."""
    low, high = 0, codes.size
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < codes.size and codes[low] == code else -1


@njit_without_allocation
def read_attributes(
    data: Bytes, at: int, last_quotes: Offsets, codes: NDArray[np.uint64], values: Offsets
) -> int:
    """Note where the values of attributes are; return where the tag ends, or -1 if it does not."""
    for i in range(codes.size):
        values[i, 0] = values[i, 1] = -1
    while at < data.size:
        byte = data[at]
        if byte == 0x3E:
            return at + 1
        if byte <= 0x20 or byte == 0x2F:
            at += 1
            continue
        code, at, _ = read_name(data, at)
        attribute = -1
        for i in range(codes.size):
            if codes[i] == code and values[i, 0] < 0:
                attribute = i
        while at < data.size and data[at] <= 0x20:
            at += 1
        start = stop = at
        if at < data.size and data[at] == 0x3D:
            at += 1
            while at < data.size and data[at] <= 0x20:
                at += 1
            if at >= data.size:
                return -1
            quote = data[at]
            if (quote == 0x22 and last_quotes[0] > at) or (quote == 0x27 and last_quotes[1] > at):
                start = at + 1
                stop = start
                while data[stop] != quote:
                    stop += 1
                at = stop + 1
            else:
                start = at
                while at < data.size and data[at] > 0x20 and data[at] != 0x3E:
                    at += 1
                stop = at
        if attribute >= 0:
            values[attribute, 0], values[attribute, 1] = start, stop
    return -1


@njit_without_allocation
def close_tag_at(data: Bytes, at: int, code: np.uint64) -> int:
    """Return where the next end tag with this name begins, or -1."""
    while at + 2 < data.size:
        if data[at] == 0x3C and data[at + 1] == 0x2F:
            found, end, _ = read_name(data, at + 2)
            if found == code:
                return at
            at = end
        else:
            at += 1
    return -1


@njit_without_allocation
def says_hidden(data: Bytes, start: int, stop: int) -> bool:
    """Return whether a style has `display: none` or `visibility: hidden`."""
    stop = stop if stop < start + MAX_STYLE_BYTES else start + MAX_STYLE_BYTES
    for which in range(2):
        pattern, matched = _HIDING[0] if which == 0 else _HIDING[1], 0
        for at in range(start, stop):
            byte = data[at]
            if byte == 0x20:
                continue
            lower = byte | 0x20 if 0x41 <= byte <= 0x5A else byte
            matched = matched + 1 if lower == pattern[matched] else int(lower == pattern[0])
            if matched == pattern.size:
                return True
    return False


@njit_without_allocation
def read_number(data: Bytes, start: int, stop: int) -> int:
    """Return the number at the start of a value, of at most nine digits; 0 if there is none."""
    at, value, negative = start, 0, False
    while at < stop and data[at] <= 0x20:
        at += 1
    if at < stop and data[at] in (0x2B, 0x2D):
        negative = data[at] == 0x2D
        at += 1
    last = at + 9
    while at < stop and at < last and 0x30 <= data[at] <= 0x39:
        value = 10 * value + int(data[at]) - 0x30
        at += 1
    return -value if negative else value
