"""A kernel that finds the fields of lines of JSON.

`find_fields` accepts less than JSON. A line that is *regular* is an object with names that have no
escapes, none of them twice. The kernel checks its structure and its strings; their encoding, and
numbers and nested values, are left to the caller. Everything else is irregular, whether it is valid
or not: `corpus.sources.json.lines` parses such a line with orjson.
"""

# ruff: noqa: PLR1714, SIM110  (numba compiles comparisons, not tuples and generators)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.kernels import njit
from corpus.sources.json.string_kernels import ESCAPED, QUOTE, STRING, past_string

MISSING = 0
NULL = 1

OTHER = 4  # after STRING and ESCAPED
"""A number, a boolean or a nested value; anything without brackets and quotes seems to be one."""

ENOUGH = 0
"""There is no more room, or no more data."""
IRREGULAR = 1
UNKNOWN_NAME = 2

ROWS = 0
"""Records so far."""
POSITION = 1
"""Where the first line begins that is not among them."""
LINES = 2
"""Line ends before this position."""
NAME_BEGIN = 3
NAME_END = 4
STATE_SIZE = 5

BEGIN = 0
END = 1
LINE = 2
"""The columns of `records`: the bytes of the line, and the number of lines before it."""

MAX_DEPTH = 64
"""Lists and objects within each other; deeper lines are irregular."""

_LF = ord("\n")
_CR = ord("\r")


@njit
def _is_space(byte: int) -> bool:
    return byte == 0x20 or byte == 0x09 or byte == _CR


@njit
def _past_spaces(data: Bytes, i: int, end: int) -> int:
    while i < end and _is_space(data[i]):
        i += 1
    return i


@njit
def _past_nested(data: Bytes, i: int, end: int, stack: NDArray[np.uint8]) -> int:
    """Return the position after the list or object that begins at `i`, -1 if it does not end."""
    depth = 0
    while i < end:
        byte = data[i]
        if byte == QUOTE:
            i, _ = past_string(data, i + 1, end)
            if i < 0:
                return -1
            continue
        if byte == 0x7B or byte == 0x5B:  # { [
            if depth == MAX_DEPTH:
                return -1
            stack[depth] = byte + 2  # its closing bracket
            depth += 1
        elif byte == 0x7D or byte == 0x5D:  # } ]
            depth -= 1
            if stack[depth] != byte:
                return -1
            if depth == 0:
                return i + 1
        elif byte == _LF:
            return -1
        i += 1
    return -1


@njit
def _past_scalar(data: Bytes, i: int, end: int) -> int:
    """Return the position after a number or a word: letters, digits, signs and dots."""
    while i < end:
        byte = data[i]
        is_letter = 0x61 <= (byte | 0x20) <= 0x7A
        is_digit = 0x30 <= byte <= 0x39
        if not (is_letter or is_digit or byte == 0x2B or byte == 0x2D or byte == 0x2E):
            return i
        i += 1
    return end


@njit
def _same(data: Bytes, i: int, names: Bytes, begin: int, size: int) -> bool:
    for k in range(size):
        if data[i + k] != names[begin + k]:
            return False
    return True


@njit
def _find_name(
    data: Bytes, begin: int, end: int, names: Bytes, name_ends: Offsets, after: int
) -> int:
    """Return the number of a name, -1 if it is unknown; the one `after` another is looked at first.

    Records mostly have their names in the same order.
    """
    count = len(name_ends) - 1
    size = end - begin
    for k in range(1, count + 1):
        index = after + k
        if index >= count:
            index -= count
        first = name_ends[index]
        if name_ends[index + 1] - first == size and _same(data, begin, names, first, size):
            return index
    return -1


@njit
def find_fields(
    data: Bytes,
    names: Bytes,
    name_ends: Offsets,
    state: NDArray[np.int64],
    records: NDArray[np.int64],
    kinds: NDArray[np.uint8],
    bounds: NDArray[np.int64],
) -> int:
    """Find the fields of the lines from `state[POSITION]` on, and return why it stopped.

    `names` are the known names, one after the other, and `name_ends` where each begins, then the
    end. Fills `records` (int64[n, 3]), `kinds` (uint8[n, n_names]) and `bounds` (int64[n, n_names,
    2]: a string without its quotes). `state` has the progress: a line that is not finished is not
    part of it. Costs about a nanosecond for each byte outside of strings; `_find_name` is bounded
    by the number of names.
    """
    stack = np.zeros(MAX_DEPTH, np.uint8)
    stop = len(data)
    count = len(name_ends) - 1
    while state[ROWS] < len(records) and state[POSITION] < stop:
        row, begin = state[ROWS], state[POSITION]
        i = _past_spaces(data, begin, stop)
        if i == stop or data[i] == _LF:  # a blank line
            state[POSITION] = stop if i == stop else i + 1
            state[LINES] += 1
            continue
        if data[i] != 0x7B:
            return IRREGULAR
        for k in range(count):
            kinds[row, k] = MISSING
        index = -1
        i = _past_spaces(data, i + 1, stop)
        if i < stop and data[i] == 0x7D:
            i += 1
        else:
            while True:
                if i == stop or data[i] != QUOTE:
                    return IRREGULAR
                first = i + 1
                i, escapes = past_string(data, first, stop)
                if i < 0 or escapes:
                    return IRREGULAR
                index = _find_name(data, first, i - 1, names, name_ends, index)
                if index < 0:
                    state[NAME_BEGIN], state[NAME_END] = first, i - 1
                    return UNKNOWN_NAME
                if kinds[row, index] != MISSING:
                    return IRREGULAR
                i = _past_spaces(data, i, stop)
                if i == stop or data[i] != 0x3A:
                    return IRREGULAR
                i = _past_spaces(data, i + 1, stop)
                if i == stop:
                    return IRREGULAR
                first = i
                if data[i] == QUOTE:
                    i, escapes = past_string(data, i + 1, stop)
                    if i < 0:
                        return IRREGULAR
                    kinds[row, index] = ESCAPED if escapes else STRING
                    bounds[row, index, 0], bounds[row, index, 1] = first + 1, i - 1
                else:
                    if data[i] == 0x7B or data[i] == 0x5B:
                        i = _past_nested(data, i, stop, stack)
                    else:
                        i = _past_scalar(data, i, stop)
                    if i <= first:
                        return IRREGULAR
                    is_null = (
                        i - first == 4
                        and data[first] == 0x6E
                        and data[first + 1] == 0x75
                        and data[first + 2] == 0x6C
                        and data[first + 3] == 0x6C
                    )
                    kinds[row, index] = NULL if is_null else OTHER
                    bounds[row, index, 0], bounds[row, index, 1] = first, i
                i = _past_spaces(data, i, stop)
                if i == stop:
                    return IRREGULAR
                if data[i] == 0x7D:
                    i += 1
                    break
                if data[i] != 0x2C:
                    return IRREGULAR
                i = _past_spaces(data, i + 1, stop)
        i = _past_spaces(data, i, stop)
        if i < stop and data[i] != _LF:
            return IRREGULAR
        records[row, BEGIN], records[row, LINE] = begin, state[LINES]
        records[row, END] = i - 1 if data[i - 1] == _CR else i
        state[ROWS] = row + 1
        state[POSITION] = i + 1 if i < stop else stop
        state[LINES] += 1
    return ENOUGH
