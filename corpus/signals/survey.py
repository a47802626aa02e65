"""Kernel that copies a text where other kernels read it, and looks for what is rare in it.

Other kernels may read past both ends of the copy, and skip what the survey rules out: most texts
have no ellipsis, no square bracket, no carriage return, and nothing that reminds of C4's phrases.
It takes 64 bytes per step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.words.simd import (
    BLOCK,
    at_least64,
    copy64,
    equal64,
    fill_spaces64,
    popcount,
    trailing_zeros,
)

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

DOT, BLANK, HASH_SIGN, BRACKET, NEWLINE, RETURN = (ord(char) for char in ". #[\n\r")
_ONE = np.uint64(1)
SMALL_LETTER = 0x20
KELVIN_END = "\N{KELVIN SIGN}".encode()[-1]


class Survey(NamedTuple):
    """What a text has. `may_...` is false only if the text has nothing of the kind."""

    begin: int
    """Where the copy begins."""
    end: int
    """Where it ends; 64 spaces follow."""
    characters: int
    ascii: bool
    hashes: int
    """Number signs."""
    ellipses: int
    """Occurrences of "…" and "..."."""
    spaced_ellipses: int
    """Occurrences of ". . ."."""
    brackets: bool
    """Whether it has a square bracket."""
    may_break_oddly: bool
    """Whether a line may end in another way than with a line feed."""
    may_have_phrase: bool
    """Whether it may have one of C4's phrases (`corpus.signals.c4_kernel`), in any case."""


@njit_without_allocation
def range_mask(data: NDArray[np.uint8], i: int, first: int, last: int) -> int:
    """Return a mask of those of 64 bytes that are from `first` to `last`."""
    return at_least64(data, i, first) & ~at_least64(data, i, last + 1)


@njit_without_allocation
def any_case64(data: NDArray[np.uint8], i: int, small: int) -> int:
    """Return a mask of those of 64 bytes that are this letter, small or large."""
    return equal64(data, i, small) | equal64(data, i, small - SMALL_LETTER)


@njit_without_allocation
def _phrases64(data: NDArray[np.uint8], i: int) -> int:
    """Return a mask of where one of C4's phrases may stand.

    Each of them has some of the letters compared here: "j.v", "kie", "psu", "cy p", "ms ...u". The
    "k" may be the last byte of a Kelvin sign.
    """
    script = any_case64(data, i, ord("j")) & any_case64(data, i + 2, ord("v"))
    cookie = any_case64(data, i, ord("k")) | equal64(data, i, KELVIN_END)
    cookie &= any_case64(data, i + 1, ord("i")) & any_case64(data, i + 2, ord("e"))
    ipsum = any_case64(data, i, ord("p")) & any_case64(data, i + 1, ord("s"))
    ipsum &= any_case64(data, i + 2, ord("u"))
    policy = equal64(data, i + 1, BLANK) & any_case64(data, i + 2, ord("p"))
    policy &= any_case64(data, i, ord("y")) & any_case64(data, i - 1, ord("c"))
    terms = equal64(data, i + 1, BLANK) & any_case64(data, i + 5, ord("u"))
    terms &= any_case64(data, i, ord("s")) & any_case64(data, i - 1, ord("m"))
    return script | cookie | ipsum | policy | terms


@njit_without_allocation
def copy_text(
    data: NDArray[np.uint8], start: int, end: int, out: NDArray[np.uint8]
) -> tuple[int, int]:
    """Copy data[start:end] to out[64:], between spaces; return where it begins and ends there."""
    fill_spaces64(out, 0)
    i, o, last_block = start, BLOCK, data.size - BLOCK
    while i + BLOCK <= end and i <= last_block:
        copy64(data, i, out, o)
        i += BLOCK
        o += BLOCK
    while i < end:
        out[o] = data[i]
        i += 1
        o += 1
    fill_spaces64(out, o)
    fill_spaces64(out, o + BLOCK)
    return int64(BLOCK), int64(o)


@njit_without_allocation
def survey(data: NDArray[np.uint8], begin: int, end: int) -> Survey:
    """Return what data[begin:end] has; 128 spaces follow the text, and 64 precede it."""
    later_bytes, wide, hashes, marks = 0, uint64(0), 0, 0
    brackets, odd, phrases, dots, spaced = uint64(0), uint64(0), uint64(0), uint64(0), uint64(0)
    for i in range(begin, end, BLOCK):
        high = at_least64(data, i, 0x80)
        full_stops = equal64(data, i, DOT)
        if full_stops:
            dots |= full_stops & equal64(data, i + 1, DOT)
            spaced |= full_stops & equal64(data, i + 1, BLANK) & equal64(data, i + 2, DOT)
        hashes += popcount(equal64(data, i, HASH_SIGN))
        brackets |= equal64(data, i, BRACKET)
        odd |= range_mask(data, i, 0x0B, RETURN) | range_mask(data, i, 0x1C, 0x1E)
        phrases |= _phrases64(data, i)
        if high:
            wide |= high
            later_bytes += popcount(range_mask(data, i, 0x80, 0xBF))
            behind = equal64(data, i, 0xE2) & equal64(data, i + 1, 0x80)
            marks += popcount(behind & equal64(data, i + 2, 0xA6))
            odd |= behind & range_mask(data, i + 2, 0xA8, 0xA9)
            odd |= equal64(data, i, 0xC2) & equal64(data, i + 1, 0x85)
    return Survey(
        int64(begin),
        int64(end),
        end - begin - later_bytes,
        wide == uint64(0),
        hashes,
        marks + (_dots(data, begin, end) if dots else 0),
        _spaced_dots(data, begin, end) if spaced else 0,
        brackets != uint64(0),
        odd != uint64(0),
        phrases != uint64(0),
    )


@njit_without_allocation
def _dots(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the number of "...", counted as `str.count` does."""
    found, run = 0, 0
    for i in range(begin, end):
        run = run + 1 if data[i] == DOT else 0
        if run == 3:
            found += 1
            run = 0
    return found


@njit_without_allocation
def _spaced_dots(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the number of ". . .", counted as `str.count` does."""
    found, i = 0, begin
    while i + 5 <= end:
        stops = data[i] == DOT and data[i + 2] == DOT and data[i + 4] == DOT
        if stops and data[i + 1] == BLANK and data[i + 3] == BLANK:
            found += 1
            i += 5
        else:
            i += 1
    return found


@njit_without_allocation
def count_characters(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the number of characters of data[begin:end]; `data` must go on for 64 bytes."""
    later_bytes = 0
    for i in range(begin, end, BLOCK):
        later = range_mask(data, i, 0x80, 0xBF)
        if end - i < BLOCK:
            later &= (_ONE << uint64(end - i)) - _ONE
        later_bytes += popcount(later)
    return end - begin - later_bytes


@njit_without_allocation
def find_byte(data: NDArray[np.uint8], begin: int, end: int, byte: int) -> int:
    """Return where a byte stands first in data[begin:end]; `end` if it does not."""
    for i in range(begin, end, BLOCK):
        found = equal64(data, i, byte)
        if found:
            return min(i + trailing_zeros(found), end)
    return end


@njit_without_allocation
def find_double_break(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return where two line feeds stand first in data[begin:end]; `end` if they do not."""
    for i in range(begin, end, BLOCK):
        found = equal64(data, i, NEWLINE) & equal64(data, i + 1, NEWLINE)
        if found:
            return min(i + trailing_zeros(found), end)
    return end
