"""Kernel that walks over the words of `corpus.words` of a folded text, eight bytes per step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.definition import MAX_WORDS
from corpus.signals.hashing import START, first_bytes, mix
from corpus.signals.repetition import Sequence
from corpus.signals.stop_words import stop_word
from corpus.words.folding import decode
from corpus.words.simd import load8, popcount, trailing_zeros

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

LETTER, LONE, SPACE_BYTE = c.LETTER, c.LONE, 0x20
_SPACES, _ONES = np.uint64(0x2020202020202020), np.uint64(0x0101010101010101)
_HIGH_BITS, _LETTER_BITS = np.uint64(0x8080808080808080), np.uint64(0x4040404040404040)
_ONE = np.uint64(1)


class OwnWordCounts(NamedTuple):
    """What is counted of the words of one text."""

    words: int
    with_letter: int
    joined: int
    """Words that are not characters of a script without spaces."""
    joined_characters: int
    stop_words_seen: int
    """One bit for each stop word."""


@njit_without_allocation
def walk_own_words(
    folded: NDArray[np.uint8], end: int, table: NDArray[np.uint32], sequence: Sequence
) -> OwnWordCounts:
    """Return the counts of the words of a folded text of `end` bytes; fill the sequence.

    Spaces follow the text. In ASCII, only letters have both of the bits 0x40 and 0x20 here.
    """
    hashes, ends = sequence.hashes, sequence.ends
    n, with_letter, joined, joined_characters, seen, i = 0, 0, 0, 0, 0, 0
    while True:
        while i < end and folded[i] == SPACE_BYTE:
            i += 1
        if i >= end:
            break
        begin, value, wide, letters, later = i, START, uint64(0), uint64(0), 0
        while True:
            word = load8(folded, i)
            spaces = word ^ _SPACES
            spaces = (spaces - _ONES) & ~spaces & _HIGH_BITS
            size = trailing_zeros(spaces) >> 3
            if size < 8:
                word &= first_bytes(size)
            if size:
                value = mix(value ^ word)
            wide |= word & _HIGH_BITS
            later += popcount(word & (~word << _ONE) & _HIGH_BITS)
            letters |= word & word << _ONE & _LETTER_BITS
            i += size
            if size < 8:
                break
        length, letter = i - begin - later, letters != uint64(0)
        lone = False
        if wide:
            letter = _has_letter(folded, begin, i, table)
            lone = length == 1 and table[decode(folded, begin, i)[0]] & LONE != 0
        if n < MAX_WORDS:
            hashes[n] = mix(value ^ uint64(i - begin))
            ends[n + 1] = ends[n] + length
        n += 1
        with_letter += letter
        if not lone:
            joined += 1
            joined_characters += length
        if i - begin <= 4:
            seen |= (1 << stop_word(load8(folded, begin), i - begin)) >> 1
    return OwnWordCounts(int64(n), with_letter, joined, joined_characters, seen)


@njit_without_allocation
def _has_letter(data: NDArray[np.uint8], begin: int, end: int, table: NDArray[np.uint32]) -> bool:
    """Return whether data[begin:end] has a letter."""
    i = begin
    while i < end:
        code, size = decode(data, i, end)
        if table[code] & LETTER:
            return True
        i += size
    return False
