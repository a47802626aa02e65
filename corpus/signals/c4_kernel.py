"""Kernel that judges the lines of a text as `corpus.signals.c4` defines it.

The walk over the words counts the words and sentences of each line. The phrases are looked for only
in texts that may have one (`corpus.signals.survey`).

`str.lower` makes ASCII letters of two other characters: the Kelvin sign (U+212A) becomes "k", and
"İ" (U+0130) an "i" with a dot above, U+0307, which is in no phrase.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4 import MIN_LINE_WORDS, POLICIES
from corpus.signals.survey import find_byte
from corpus.words.simd import BLOCK, fill_spaces64

# isort: split
from corpus.kernels import njit_without_allocation

BRACE = c.BRACE
FULL_STOP, QUESTION, EXCLAMATION, QUOTE, APOSTROPHE = (ord(char) for char in ".?!\"'")
OPEN, CLOSE, SMALL_J, SMALL_K = (ord(char) for char in "[]jk")
KELVIN = tuple("\N{KELVIN SIGN}".encode())
KELVIN_MORE = len(KELVIN) - len("k")
"""Bytes that a Kelvin sign has more than the letter that it is in lower case."""

(
    ALL_LOREM_IPSUM, ALL_CURLY_BRACKETS, ALL_SENTENCES,
    ANY_LOREM_IPSUM, ANY_CURLY_BRACKETS, ANY_SENTENCES, N_SUMS,
) = range(7)  # fmt: skip
"""The sums over the lines: those that end as C4 wants, and all."""

LONG_WORD, JAVASCRIPT, LOREM_IPSUM, POLICY, CURLY_BRACKET = (1 << k for k in range(5))
"""What a line may have, one bit each."""


def _bytes(phrases: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the letters of phrases, one after the other, and where each begins and ends."""
    data = np.frombuffer("".join(phrases).encode(), np.uint8)
    ends = np.cumsum([0, *map(len, phrases)])
    ends.flags.writeable = False
    return data, ends


PHRASES, PHRASE_ENDS = _bytes((*POLICIES, "lorem ipsum", "javascript"))
N_POLICIES = len(POLICIES)
LAST_WORDS = np.array(
    [len(phrase.rsplit(" ", 1)[-1]) for phrase in (*POLICIES, "lorem ipsum", "javascript")]
)
LAST_WORDS.flags.writeable = False
SCRIPT = len(LAST_WORDS) - 1
FIRST_LETTERS = np.array([ord(phrase.rsplit(" ", 1)[-1][0]) for phrase in (*POLICIES, "x ipsum")])
FIRST_LETTERS.flags.writeable = False


@njit_without_allocation
def _has_phrase(data: NDArray[np.uint8], at: int, begin: int, end: int, phrase: int) -> bool:
    """Return whether a phrase stands at `at`, inside data[begin:end], in any case."""
    if at < begin:
        return False
    i = at
    for k in range(PHRASE_ENDS[phrase], PHRASE_ENDS[phrase + 1]):
        byte = data[i]
        if 0x41 <= byte <= 0x5A:
            byte |= 0x20
        elif byte == KELVIN[0] and data[i + 1] == KELVIN[1] and data[i + 2] == KELVIN[2]:
            byte = SMALL_K
            i += KELVIN_MORE
        if byte != PHRASES[k]:
            return False
        i += 1
    return i <= end


@njit_without_allocation
def phrases_of_chunk(data: NDArray[np.uint8], start: int, begin: int, stop: int, end: int) -> int:
    """Return which phrases the chunk data[begin:stop] has, or ends, in the text data[start:end]."""
    flags = 0
    first = data[begin] | 0x20
    for phrase in range(FIRST_LETTERS.size):
        if first == FIRST_LETTERS[phrase]:
            length = PHRASE_ENDS[phrase + 1] - PHRASE_ENDS[phrase]
            at = begin - (length - LAST_WORDS[phrase])
            if _has_phrase(data, at, start, end, phrase) or _has_phrase(
                data, at - KELVIN_MORE, start, end, phrase
            ):
                flags |= POLICY if phrase < N_POLICIES else LOREM_IPSUM
    if stop - begin >= LAST_WORDS[SCRIPT]:
        for i in range(begin, stop):
            if data[i] | 0x20 == SMALL_J and _has_phrase(data, i, begin, stop, SCRIPT):
                flags |= JAVASCRIPT
    return flags


@njit_without_allocation
def add_line(
    data: NDArray[np.uint8],
    stop: int,
    n_words: int,
    n_sentences: int,
    flags: int,
    sums: NDArray[np.int64],
) -> None:
    """Judge a line with text, which ends at `stop`, and add it to the sums."""
    if n_words < MIN_LINE_WORDS or flags & LONG_WORD:
        return
    last = data[stop - 1]
    ends = last in (QUESTION, EXCLAMATION, QUOTE, APOSTROPHE)
    if last == FULL_STOP:
        ends = not (data[stop - 2] == FULL_STOP and data[stop - 3] == FULL_STOP)
    lorem_ipsum = flags & LOREM_IPSUM != 0
    bracket = flags & CURLY_BRACKET != 0 and not flags & JAVASCRIPT
    sentences = 0 if flags & (JAVASCRIPT | POLICY) else n_sentences
    sums[ANY_LOREM_IPSUM] += lorem_ipsum
    sums[ANY_CURLY_BRACKETS] += bracket
    sums[ANY_SENTENCES] += sentences
    if ends:
        sums[ALL_LOREM_IPSUM] += lorem_ipsum
        sums[ALL_CURLY_BRACKETS] += bracket
        sums[ALL_SENTENCES] += sentences


@njit_without_allocation
def without_citations(data: NDArray[np.uint8], start: int, end: int, out: NDArray[np.uint8]) -> int:
    """Copy data[start:end] without [1], [], [edit], [citation needed] to out[64:].

    Return where the copy ends; -1, and copy nothing, if there are none. `out` has room for the text
    and 192 bytes.
    """
    filled, copied, i = -1, start, start
    while i < end:
        i = find_byte(data, i, end, OPEN)
        size = _citation(data, i, end) if i < end else 0
        if size == 0:
            i += 1
            continue
        filled = max(filled, BLOCK)
        for k in range(copied, i):
            out[filled] = data[k]
            filled += 1
        i += size
        copied = i
    if filled >= 0:
        for k in range(copied, end):
            out[filled] = data[k]
            filled += 1
        fill_spaces64(out, 0)
        fill_spaces64(out, filled)
        fill_spaces64(out, filled + BLOCK)
    return filled


EDIT, EDIT_ENDS = _bytes(("[edit]", "[citation needed]"))


@njit_without_allocation
def _citation(data: NDArray[np.uint8], i: int, end: int) -> int:
    """Return the number of bytes of the citation that begins at i; 0 if none does."""
    k = i + 1
    while k < end and 0x30 <= data[k] <= 0x39:
        k += 1
    if k < end and data[k] == CLOSE:
        return k + 1 - i
    for phrase in range(EDIT_ENDS.size - 1):
        size = EDIT_ENDS[phrase + 1] - EDIT_ENDS[phrase]
        if i + size <= end:
            equal = True
            for j in range(size):
                equal &= data[i + j] == EDIT[EDIT_ENDS[phrase] + j]
            if equal:
                return size
    return 0
