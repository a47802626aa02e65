"""Kernel that judges the lines of a text as `corpus.signals.c4` defines it.

The walk over the words reports each chunk, each word and each end of a line; what it costs beyond
that is a look at the letters before "policy", "cookies", "use" and "ipsum".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.c4 import MAX_WORD_LENGTH, MIN_LINE_WORDS, POLICIES

# isort: split
from corpus.kernels import njit

BRACE = c.BRACE
FULL_STOP, QUESTION, EXCLAMATION, QUOTE, APOSTROPHE = (ord(char) for char in ".?!\"'")
OPEN, CLOSE, SMALL_J = (ord(char) for char in "[]j")

(
    WORDS, SENTENCES, AFTER_END, LONG_WORD, JAVASCRIPT, LOREM_IPSUM, POLICY, CURLY_BRACKET,
    LAST_STOP, ALL_LOREM_IPSUM, ALL_CURLY_BRACKETS, ALL_SENTENCES,
    ANY_LOREM_IPSUM, ANY_CURLY_BRACKETS, ANY_SENTENCES, N_FIELDS,
) = range(16)  # fmt: skip
"""The fields of the state: first those of the present line, then the sums over the lines."""

FIRST_SUM = ALL_LOREM_IPSUM


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


@njit
def _has_phrase(data: NDArray[np.uint8], at: int, begin: int, end: int, phrase: int) -> bool:
    """Return whether a phrase stands at `at`, inside data[begin:end], in any case."""
    first, size = PHRASE_ENDS[phrase], PHRASE_ENDS[phrase + 1] - PHRASE_ENDS[phrase]
    if at < begin or at + size > end:
        return False
    for k in range(size):
        byte = data[at + k]
        if 0x41 <= byte <= 0x5A:
            byte |= 0x20
        if byte != PHRASES[first + k]:
            return False
    return True


@njit
def note_chunk(
    data: NDArray[np.uint8],
    start: int,
    begin: int,
    stop: int,
    end: int,
    size: int,
    any_bits: int,
    one_space_before: bool,
    state: NDArray[np.int64],
) -> None:
    """Add a chunk of `size` characters to the present line, before its words are reported."""
    if state[WORDS] == 0:
        state[SENTENCES] = 1
    elif state[AFTER_END] and not one_space_before:
        state[SENTENCES] += 1
        state[AFTER_END] = 0
    state[WORDS] += 1
    state[LAST_STOP] = stop
    state[CURLY_BRACKET] |= any_bits & BRACE != 0
    state[LONG_WORD] |= size > MAX_WORD_LENGTH
    first = data[begin] | 0x20
    for phrase in range(FIRST_LETTERS.size):
        if first == FIRST_LETTERS[phrase]:
            length = PHRASE_ENDS[phrase + 1] - PHRASE_ENDS[phrase]
            at = begin - (length - LAST_WORDS[phrase])
            if _has_phrase(data, at, start, end, phrase):
                if phrase < N_POLICIES:
                    state[POLICY] = 1
                else:
                    state[LOREM_IPSUM] = 1
    if size >= LAST_WORDS[SCRIPT]:
        for i in range(begin, stop):
            if data[i] | 0x20 == SMALL_J and _has_phrase(data, i, begin, stop, SCRIPT):
                state[JAVASCRIPT] = 1


@njit
def note_word(state: NDArray[np.int64], is_end: bool, is_punctuation: bool) -> None:
    """Add a word to the sentences of the present line."""
    if is_end:
        state[AFTER_END] = 1
    elif state[AFTER_END] and not is_punctuation:
        state[SENTENCES] += 1
        state[AFTER_END] = 0


@njit
def end_line(data: NDArray[np.uint8], state: NDArray[np.int64]) -> None:
    """Judge the present line, add it to the sums, and begin the next one."""
    if state[WORDS] >= MIN_LINE_WORDS and not state[LONG_WORD]:
        stop = state[LAST_STOP]
        last = data[stop - 1]
        ends = last in (QUESTION, EXCLAMATION, QUOTE, APOSTROPHE)
        if last == FULL_STOP:
            ends = not (data[stop - 2] == FULL_STOP and data[stop - 3] == FULL_STOP)
        lorem_ipsum = state[LOREM_IPSUM]
        bracket = state[CURLY_BRACKET] if not state[JAVASCRIPT] else 0
        sentences = 0 if state[JAVASCRIPT] or state[POLICY] else state[SENTENCES]
        state[ANY_LOREM_IPSUM] += lorem_ipsum
        state[ANY_CURLY_BRACKETS] += bracket
        state[ANY_SENTENCES] += sentences
        if ends:
            state[ALL_LOREM_IPSUM] += lorem_ipsum
            state[ALL_CURLY_BRACKETS] += bracket
            state[ALL_SENTENCES] += sentences
    for field in range(FIRST_SUM):
        state[field] = 0


@njit
def without_citations(data: NDArray[np.uint8], start: int, end: int, out: NDArray[np.uint8]) -> int:
    """Copy data[start:end] without [1], [], [edit], [citation needed]; return the new size.

    Return -1, and copy nothing, if there are none. `out` has room for the text.
    """
    filled, copied, i = -1, start, start
    while i < end:
        if data[i] != OPEN:
            i += 1
            continue
        size = _citation(data, i, end)
        if size == 0:
            i += 1
            continue
        filled = max(filled, 0)
        for k in range(copied, i):
            out[filled] = data[k]
            filled += 1
        i += size
        copied = i
    if filled >= 0:
        for k in range(copied, end):
            out[filled] = data[k]
            filled += 1
    return filled


EDIT, EDIT_ENDS = _bytes(("[edit]", "[citation needed]"))


@njit
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
