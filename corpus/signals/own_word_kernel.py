"""Kernel that walks over the words of `corpus.words` of a folded text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.signals import characters as c
from corpus.signals.definition import MAX_WORDS
from corpus.signals.hashing import START, finish, next_hash
from corpus.signals.repetition import Sequence
from corpus.signals.word_kernel import stop_word
from corpus.words.folding import decode

# isort: split
from corpus.kernels import njit

LETTER, LONE, SPACE_BYTE = c.LETTER, c.LONE, 0x20


class OwnWordCounts(NamedTuple):
    """What is counted of the words of one text."""

    words: int
    with_letter: int
    joined: int
    """Words that are not characters of a script without spaces."""
    joined_characters: int
    stop_words_seen: int
    """One bit for each stop word."""


@njit
def walk_own_words(
    folded: NDArray[np.uint8], end: int, table: NDArray[np.uint32], sequence: Sequence
) -> OwnWordCounts:
    """Return the counts of the words of a folded text of `end` bytes; fill the sequence."""
    n, with_letter, joined, joined_characters, seen, i = 0, 0, 0, 0, 0, 0
    while i < end:
        begin, value, size, letter = i, START, 0, False
        while folded[i] != SPACE_BYTE:  # spaces follow the text
            byte = folded[i]
            if byte < 0x80:
                letter |= byte >= 0x61  # letters are lower-case here
                size += 1
            elif byte >= 0xC0:
                if not letter:
                    letter = table[decode(folded, i, end)[0]] & LETTER != 0
                size += 1
            value = next_hash(value, byte)
            i += 1
        if size:
            if n < MAX_WORDS:
                sequence.hashes[n] = finish(value)
                sequence.ends[n + 1] = sequence.ends[n] + size
            n += 1
            with_letter += letter
            lone = size == 1 and i - begin > 1
            if not (lone and table[decode(folded, begin, i)[0]] & LONE):
                joined += 1
                joined_characters += size
            if i - begin <= 4:
                seen |= (1 << stop_word(folded, begin, i, 0)) >> 1
        i += 1
    return OwnWordCounts(n, with_letter, joined, joined_characters, seen)
