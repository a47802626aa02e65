"""Kernel that cuts a run of characters without white space, as `corpus.signals.tokens` defines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.exceptions import EXCEPTIONS
from corpus.signals.hashing import CUT_BITS, STOP_WORD_SHIFT, KnownWords, look_up, range_hash
from corpus.signals.tokens import LONGEST_SPLIT, UNITS

# isort: split
from numba import int64, uint64

from corpus.kernels import njit_without_allocation

AFFIX, PREFIX, LOWER, UPPER, DIGIT = c.AFFIX, c.PREFIX, c.LOWER, c.UPPER, c.DIGIT
BEFORE_FULL_STOP, QUOTE, HYPHEN, ICON = c.BEFORE_FULL_STOP, c.QUOTE, c.HYPHEN, c.ICON
CURRENCY, LETTER_OR_DIGIT = c.CURRENCY, c.LETTER_OR_DIGIT
CASED = LOWER | UPPER
DOT, PLUS, COMMA, DOLLAR, COLON, SLASH, AT = (ord(char) for char in ".+,$:/@")
MINUS, STAR, CARET, HASH, QUESTION, DEGREE = (ord(char) for char in "-*^#?°")
SMALL_S, LARGE_S, APOSTROPHE, TYPED_APOSTROPHE, ELLIPSIS = (ord(char) for char in "sS'’…")
LESS, GREATER, EQUALS, UNDERSCORE, LONG_DASH = (ord(char) for char in "<>=_—")
LARGE_U, LARGE_C, LARGE_A = (ord(char) for char in "UCA")
CUT_MASK = (1 << CUT_BITS) - 1
CUTS_MASK = (1 << STOP_WORD_SHIFT) - 1

UNIT_SIZE = 4
N_ASCII, LENGTH_BITS, ONE = 0x80, 64, np.uint64(1)


def _exception_lengths() -> NDArray[np.uint64]:
    """Return the lengths of the exceptions by their first character: uint64[128], one bit each.

    The first number is for exceptions that do not begin with ASCII.
    """
    lengths = np.zeros(N_ASCII, np.uint64)
    for word in EXCEPTIONS:
        lengths[ord(word[0]) if word[0].isascii() else 0] |= np.uint64(1 << len(word))
    lengths.flags.writeable = False
    return lengths


EXCEPTION_LENGTHS = _exception_lengths()
"""Most parts of words are none for this reason alone, and need not be looked up."""


def _unit_codes() -> NDArray[np.int64]:
    """Return the units as numbers, four characters of 16 bits each, sorted."""
    packed = [sum(ord(char) << 16 * i for i, char in enumerate(reversed(unit))) for unit in UNITS]
    codes = np.array(sorted(packed), np.int64)
    codes.flags.writeable = False
    return codes


UNIT_CODES = _unit_codes()


Codes = NDArray[np.int64]
Bits = NDArray[np.uint32]


class Chunk(NamedTuple):
    """A run of characters without white space, and where it is cut."""

    text: NDArray[np.uint8]
    """The text that it is a part of."""
    places: NDArray[np.int64]
    """int64[size + 1]: where each character begins in the text."""
    codes: NDArray[np.int64]
    bits: NDArray[np.uint32]
    cuts: NDArray[np.bool_]
    """bool[size + 1]: whether a word begins at this character."""


def make_chunk(text: NDArray[np.uint8]) -> Chunk:
    """Return room for the longest chunk that is cut."""
    size = LONGEST_SPLIT + 2
    return Chunk(
        text,
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.uint32),
        np.zeros(size, np.bool_),
    )


@njit_without_allocation
def part_hash(chunk: Chunk, begin: int, end: int) -> int:
    """Return the hash of a part of a chunk."""
    return range_hash(chunk.text, chunk.places[begin], chunk.places[end])


@njit_without_allocation
def _exception(chunk: Chunk, begin: int, end: int, known: KnownWords) -> int:
    """Return the lengths of the parts of an exception, packed; 0 if it is none."""
    size = end - begin
    if size <= 0 or size >= LENGTH_BITS:
        return int64(0)
    first = chunk.codes[begin]
    if not EXCEPTION_LENGTHS[first if first < N_ASCII else 0] >> uint64(size) & ONE:
        return int64(0)
    return look_up(known, part_hash(chunk, begin, end)) & CUTS_MASK


@njit_without_allocation
def _dots(codes: Codes, i: int, end: int) -> int:
    """Return the number of full stops from i on if there are two or more; otherwise 0."""
    stop = i
    while stop < end and codes[stop] == DOT:
        stop += 1
    return stop - i if stop - i > 1 else 0


@njit_without_allocation
def _prefix_length(codes: Codes, bits: Bits, begin: int, end: int) -> int:
    """Return how many characters are taken off the beginning."""
    first = codes[begin]
    if bits[begin] & (AFFIX | PREFIX):
        return 1
    if first == PLUS:
        return 0 if begin + 1 < end and bits[begin + 1] & DIGIT else 1
    second = codes[begin + 1] if end - begin > 1 else int64(0)
    if first in (LARGE_C, LARGE_A) and second == DOLLAR:
        return 2
    if first == LARGE_U and second == LARGE_S and end - begin > 2:
        return 3 if codes[begin + 2] == DOLLAR else 0
    return _dots(codes, begin, end)


@njit_without_allocation
def _is_unit(codes: Codes, begin: int, end: int) -> bool:
    """Return whether a part of a chunk is a unit; a unit has at most four characters."""
    packed = int64(0)
    for i in range(begin, end):
        if codes[i] > 0x7FFF:
            return False
        packed = packed << 16 | codes[i]
    low, high = 0, UNIT_CODES.size
    while low < high:
        middle = (low + high) // 2
        if UNIT_CODES[middle] < packed:
            low = middle + 1
        else:
            high = middle
    return low < UNIT_CODES.size and UNIT_CODES[low] == packed


@njit_without_allocation
def _suffix_length(codes: Codes, bits: Bits, begin: int, end: int) -> int:
    """Return how many characters are taken off the end."""
    if begin >= end:
        return 0
    run = end
    while run > begin and codes[run - 1] == DOT:
        run -= 1
    if end - run > 1:
        return end - run
    for size in range(UNIT_SIZE, 0, -1):
        after_digit = end - size > begin and bits[end - size - 1] & DIGIT
        if after_digit and _is_unit(codes, end - size, end):
            return size
    last = codes[end - 1]
    previous = codes[end - 2] if end - 2 >= begin else int64(0)
    if last in (SMALL_S, LARGE_S) and previous in (APOSTROPHE, TYPED_APOSTROPHE):
        return 2
    if last == ELLIPSIS and previous == ELLIPSIS:
        return 2
    if bits[end - 1] & AFFIX:
        return 1
    if previous == 0:
        return 0
    if bits[end - 1] & CURRENCY or last == PLUS:
        return 1 if bits[end - 2] & DIGIT else 0
    if last == DOT:
        return 1 if _full_stop_is_cut(codes, bits, begin, end - 1) else 0
    return 0


@njit_without_allocation
def _full_stop_is_cut(codes: Codes, bits: Bits, begin: int, stop: int) -> bool:
    """Return whether the full stop at `stop` is a word of its own."""
    if bits[stop - 1] & (LOWER | BEFORE_FULL_STOP):
        return True
    if stop - begin < 2:
        return False
    if bits[stop - 1] & UPPER and bits[stop - 2] & UPPER:
        return True
    scale = codes[stop - 1]
    return codes[stop - 2] == DEGREE and (
        scale == ord("F") or scale == ord("C") or scale == ord("K")
    )


@njit_without_allocation
def _infix_length(codes: Codes, bits: Bits, i: int, begin: int, end: int) -> int:
    """Return the length of what splits the word at i; 0 if nothing does."""
    run = _dots(codes, i, end)
    if run:
        return run
    if bits[i] & ICON:
        return 1
    if i == begin or i == end - 1:
        return 0
    code, before, behind = codes[i], bits[i - 1], bits[i + 1]
    after_digit = before & DIGIT and code in (PLUS, MINUS, STAR, CARET)
    if after_digit and (behind & DIGIT or codes[i + 1] == MINUS):
        return 1
    if code == DOT:
        return 1 if before & (LOWER | QUOTE) and behind & (UPPER | QUOTE) else 0
    if code == COMMA:
        return 1 if before & CASED and behind & CASED else 0
    if not before & (CASED | DIGIT):
        return 0
    if code in (COLON, LESS, GREATER, EQUALS, SLASH):
        return 1 if behind & CASED else 0
    if bits[i] & HYPHEN:
        size, longest = 1, 1
        if code == MINUS:
            longest = 3
        elif code == LONG_DASH:
            longest = 2
        while size < longest and i + size < end and codes[i + size] == code:
            size += 1
        return size if i + size < end and bits[i + size] & CASED else 0
    return 0


@njit_without_allocation
def _is_word_character(codes: Codes, bits: Bits, i: int) -> bool:
    """Return whether a character may be part of a scheme."""
    code = codes[i]
    if code in (PLUS, MINUS, DOT, UNDERSCORE):
        return True
    return bits[i] & LETTER_OR_DIGIT != 0


@njit_without_allocation
def _is_url(codes: Codes, bits: Bits, begin: int, end: int) -> bool:
    """Return whether a part of a chunk has the form [scheme://][user@]host[:port][/path]."""
    stops = 0
    for i in range(begin, end):
        stops += codes[i] == DOT
    if stops == 0:
        return False
    if _is_host_and_path(codes, bits, begin, end):
        return True
    scheme = True
    for i in range(begin, end):
        if codes[i] == AT and i > begin and _is_host_and_path(codes, bits, i + 1, end):
            return True
        if scheme and not _is_word_character(codes, bits, i):
            scheme = False
            ends = codes[i] == COLON and i + 2 < end and i - begin >= 2
            ends = ends and codes[i + 1] == SLASH and codes[i + 2] == SLASH
            if ends and _is_host_and_path(codes, bits, i + 3, end):
                return True
    return False


@njit_without_allocation
def _in_label(codes: Codes, bits: Bits, i: int) -> bool:
    """Return whether a character may be part of a label of a host."""
    code = codes[i]
    if code < 0x80:
        return code in (UNDERSCORE, MINUS) or bits[i] & LETTER_OR_DIGIT != 0
    return 0xA1 <= code <= 0xFFFF


@njit_without_allocation
def _is_host_and_path(codes: Codes, bits: Bits, start: int, stop: int) -> bool:
    """Return whether this part is a host, and possibly a port and a path."""
    end, label, labels = start, start, 0
    while end < stop and (codes[end] == DOT or _in_label(codes, bits, end)):
        if codes[end] == DOT:
            size = end - label
            if size == 0 or size > 64:
                return False
            for i in (label, end - 1):
                if codes[i] == UNDERSCORE or codes[i] == MINUS:
                    return False
            label = end + 1
            labels += 1
        end += 1
    if labels == 0 or end - label < 2 or end - label > 63:
        return False
    for i in range(label, end):
        if not bits[i] & LOWER:
            return False
    if end < stop and codes[end] == COLON:
        digits = 1
        while end + digits < stop and bits[end + digits] & DIGIT:
            digits += 1
        if digits < 3 or digits > 6:
            return False
        end += digits
    return end == stop or codes[end] == SLASH or codes[end] == QUESTION or codes[end] == HASH


@njit_without_allocation
def _cut_middle(chunk: Chunk, begin: int, end: int, known: KnownWords) -> None:
    """Mark the cuts inside a part whose ends need no more cutting."""
    lengths = _exception(chunk, begin, end, known)
    if lengths:
        place = begin
        while lengths:
            place += lengths & CUT_MASK
            chunk.cuts[place] = True
            lengths >>= CUT_BITS
        return
    codes, bits = chunk.codes, chunk.bits
    if _is_url(codes, bits, begin, end):
        return
    i = begin
    while i < end:
        if bits[i] & LETTER_OR_DIGIT and not bits[i] & ICON:
            i += 1
            continue
        size = _infix_length(codes, bits, i, begin, end)
        if size and i > begin:
            chunk.cuts[i] = True
            chunk.cuts[i + size] = True
        i += max(size, 1)


@njit_without_allocation
def cut_chunk(chunk: Chunk, size: int, known: KnownWords) -> None:
    """Mark where the words of a chunk of `size` characters begin."""
    codes, bits = chunk.codes, chunk.bits
    for i in range(size + 1):
        chunk.cuts[i] = False
    begin, end = 0, size
    while begin < end and not _exception(chunk, begin, end, known):
        prefix = _prefix_length(codes, bits, begin, end)
        if prefix and _exception(chunk, begin + prefix, end, known):
            begin += prefix
            chunk.cuts[begin] = True
            break
        suffix = _suffix_length(codes, bits, begin + prefix, end)
        if suffix and _exception(chunk, begin, end - suffix, known):
            end -= suffix
            chunk.cuts[end] = True
            break
        if prefix == 0 and suffix == 0:
            break
        begin += prefix
        end -= suffix
        chunk.cuts[begin] = True
        chunk.cuts[end] = True
    if begin < end:
        _cut_middle(chunk, begin, end, known)
    chunk.cuts[0] = True
    chunk.cuts[size] = True
    _join_exceptions(chunk, size, known)


@njit_without_allocation
def _join_exceptions(chunk: Chunk, size: int, known: KnownWords) -> None:
    """Take back a cut between two neighbours that make up an exception."""
    begin, cut = 0, -1
    for i in range(1, size + 1):
        if not chunk.cuts[i]:
            continue
        if cut > begin and _exception(chunk, begin, i, known) == i - begin:
            chunk.cuts[cut] = False
        elif cut > begin:
            begin = cut
        cut = i
