"""Kernel that walks over the words of `corpus.words`: runs of bytes of a folded text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.definition import MAX_WORDS
from corpus.signals.hashing import FIRST_MASKS, SECOND_MASKS, SHORT, range_hash
from corpus.signals.repetition import Sequence
from corpus.signals.stop_words import stop_word
from corpus.signals.survey import count_characters
from corpus.words.folding import decode
from corpus.words.simd import BLOCK, load8, nonspace64, trailing_zeros

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

LETTER, LONE = c.LETTER, c.LONE
_HIGH_BITS, _LETTER_BITS = np.uint64(0x8080808080808080), np.uint64(0x4040404040404040)
_ONE, _TOP_BIT = np.uint64(1), np.uint64(63)


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
    n, with_letter, lone_words, seen, total = 0, 0, 0, 0, 0
    begin, inside = 0, uint64(0)
    for base in range(0, end + 1, BLOCK):  # a space follows the last word
        nonspaces = nonspace64(folded, base)
        before = nonspaces << _ONE | inside
        starts, stops = nonspaces & ~before, before & ~nonspaces
        if not inside:
            begin = base + trailing_zeros(starts)
            starts &= starts - _ONE
        inside = nonspaces >> _TOP_BIT
        while stops:
            stop = base + trailing_zeros(stops)
            stops &= stops - _ONE
            first_eight, size = load8(folded, begin), min(stop - begin, SHORT)
            first = first_eight & FIRST_MASKS[size]
            second = load8(folded, begin + 8) & SECOND_MASKS[size]
            letters = (first & first << _ONE | second & second << _ONE) & _LETTER_BITS
            length, letter = stop - begin, letters != uint64(0)
            if (first | second) & _HIGH_BITS or stop - begin > SHORT:
                length = count_characters(folded, begin, stop)
                letter = _has_letter(folded, begin, stop, table)
                if length == 1 and table[decode(folded, begin, stop)[0]] & LONE:
                    lone_words += 1
            total += length
            if n < MAX_WORDS:
                hashes[uint64(n)] = range_hash(folded, begin, stop)
                ends[uint64(n + 1)] = total
            n += 1
            with_letter += letter
            seen |= (1 << stop_word(first_eight, size)) >> 1
            begin = base + trailing_zeros(starts)
            starts &= starts - _ONE
    return OwnWordCounts(int64(n), with_letter, n - lone_words, total - lone_words, seen)


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
