"""What a word and a shingle are, in plain Python: the definition that every kernel must agree with.

A word is a run of Unicode letters, marks, numbers or underscores, lower-cased one code point at a
time (a code point whose lower case is longer than one stays as it is). In scripts written without
spaces each character is a word of its own. A shingle is so many words in a row; a text of fewer
words is one shingle; a text without words has none.

    words("It's Zürich, 東京!")             -> ["it", "s", "zürich", "東", "京"]
    shingles("one two three four", 3)      -> {"one two three", "two three four"}
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from functools import cache

from corpus.words.characters import ALONE, SEPARATOR, runs


@cache
def _listed() -> tuple[list[int], list[int], list[int]]:
    found = runs()
    return found.first.tolist(), found.kind.tolist(), found.shift.tolist()


class _Folding(dict[int, str]):
    """What a code point is written as, for `str.translate`: looked up in the runs once each."""

    def __missing__(self, code: int) -> str:
        first, kind, shift = _listed()
        run = bisect_right(first, code) - 1
        folded = " "
        if kind[run] != SEPARATOR:
            folded = chr(code + shift[run])
        if kind[run] == ALONE:
            folded = f" {folded} "
        self[code] = folded
        return folded


_FOLDING = _Folding()


def words(text: str) -> list[str]:
    """Return the words of a text, in order."""
    return [word for word in text.translate(_FOLDING).split(" ") if word]


def shingles(text: str, size: int = 5) -> set[str]:
    """Return the shingles of a text: each `size` words in a row, a space between two."""
    found = words(text)
    if not found:
        return set()
    return {" ".join(found[i : i + size]) for i in range(max(1, len(found) - size + 1))}


def jaccard(one: set[str], other: set[str]) -> float:
    """Return how much of both sets is in both, 0 to 1; two empty sets have nothing in common."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def content(text: str) -> bytes:
    """Return 16 bytes that are equal for texts of the same words, or, without any, for equal texts.

    They are the front half of the SHA-256 of the words with a space between two; of a text without
    words, of a space and the text, which no words can be.
    """
    said = " ".join(words(text)) or " " + text
    return hashlib.sha256(said.encode()).digest()[:16]
