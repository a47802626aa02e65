"""Find the words in which two texts differ, so that a page can mark them side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

MAX_WORDS = 1_000
"""Maximum number of words of a text that are compared; nothing is marked after them."""


class Piece(NamedTuple):
    """A piece of a text, and whether the other text differs there."""

    text: str
    differs: bool


def word_diff(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts as pieces in order; concatenated, the pieces give the text again.

    If the texts share less than half of the shorter one's words, nothing is marked: they are
    different texts, and marks between words that match by chance would not help a reader.
    """
    tokens = [re.findall(r"\s*\S+|\s+$", text) for text in (left, right)]
    words = [[token.strip() for token in of_text[:MAX_WORDS]] for of_text in tokens]
    matcher = SequenceMatcher(None, words[0], words[1], autojunk=False)
    shared: tuple[set[int], set[int]] = (set(), set())
    for block in matcher.get_matching_blocks():
        shared[0].update(range(block.a, block.a + block.size))
        shared[1].update(range(block.b, block.b + block.size))
    if 2 * len(shared[0]) < min(map(len, words)) or not shared[0]:
        return [Piece(left, differs=False)], [Piece(right, differs=False)]
    return list(_pieces(tokens[0], shared[0])), list(_pieces(tokens[1], shared[1]))


def _pieces(tokens: list[str], shared: set[int]) -> Iterator[Piece]:
    """Yield runs of shared and of differing tokens; white space before a difference is shared."""
    flagged = [(token, i < MAX_WORDS and i not in shared) for i, token in enumerate(tokens)]
    for differs, run in groupby(flagged, key=lambda token: token[1]):
        text = "".join(token for token, _ in run)
        bare = text.lstrip()
        if differs and len(bare) < len(text):
            yield Piece(text[: len(text) - len(bare)], differs=False)
        yield Piece(bare if differs else text, differs)
