"""The definition of words and shingles in plain Python. Every kernel must agree with it.

A word is a run of Unicode letters, marks, numbers or underscores, lower-cased one code point at a
time. (A code point whose lower case is longer than one code point stays as it is.) In scripts
written without spaces, such as Chinese, Japanese and Thai, each character is a word. A shingle is
`size` consecutive words. A text with fewer words is one shingle; a text without words has none.

    words("It's Zürich, 東京!")             -> ["it", "s", "zürich", "東", "京"]
    shingles("one two three four", 3)      -> {"one two three", "two three four"}
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from functools import cache

from corpus.words.characters import ALONE, SEPARATOR, runs


@cache
def _run_lists() -> tuple[list[int], list[int], list[int]]:
    """Return the character table as lists, for `bisect`: first code points, kinds, shifts."""
    table = runs()
    return table.first.tolist(), table.kind.tolist(), table.shift.tolist()


class _Folding(dict[int, str]):
    """The folded form of each code point, for `str.translate`; computed when first needed."""

    def __missing__(self, code: int) -> str:
        first, kind, shift = _run_lists()
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
    """Return the shingles of a text: `size` consecutive words, joined by spaces."""
    sequence = words(text)
    if not sequence:
        return set()
    return {" ".join(sequence[i : i + size]) for i in range(max(1, len(sequence) - size + 1))}


def jaccard(a: set[str], b: set[str]) -> float:
    """Return the Jaccard similarity of two sets, 0 to 1; that of two empty sets is 0."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


def content(text: str) -> bytes:
    """Return a 16-byte content hash: equal for two texts if and only if their words are equal.

    It is the first half of the SHA-256 of the words joined by single spaces. A text without words
    equals only the identical text: what is hashed then is a space and the text itself, which cannot
    be a sequence of words.
    """
    joined = " ".join(words(text)) or " " + text
    return hashlib.sha256(joined.encode()).digest()[:16]
