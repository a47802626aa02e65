"""Which words two texts do not share: marked, what stands side by side is read faster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby

MOST = 1_000
"""Words of a text that are compared; of what comes after them, nothing is marked."""

Part = tuple[str, bool]
"""A piece of a text, and whether the other text has something else there."""


def word_diff(left: str, right: str) -> tuple[list[Part], list[Part]]:
    """Return the pieces of both texts, in order: put together they are the texts.

    Texts that share less than half of the shorter one's words are not marked at all: they are
    other texts, and marks between chance words would not help to read them.
    """
    one, other = (re.findall(r"\s*\S+|\s+$", text) for text in (left, right))
    words = [[part.strip() for part in parts[:MOST]] for parts in (one, other)]
    blocks = SequenceMatcher(None, words[0], words[1], autojunk=False).get_matching_blocks()
    shared = [{block[side] + i for block in blocks for i in range(block.size)} for side in (0, 1)]
    if 2 * len(shared[0]) < min(map(len, words)) or not shared[0]:
        return [(left, False)], [(right, False)]
    return list(_marked(one, shared[0])), list(_marked(other, shared[1]))


def _marked(parts: list[str], shared: set[int]) -> Iterator[Part]:
    """Yield neighbours of one kind as one piece; the space before a marked one is not marked."""
    kinds = [(part, i < MOST and i not in shared) for i, part in enumerate(parts)]
    for mark, held in groupby(kinds, key=lambda kind: kind[1]):
        text = "".join(part for part, _ in held)
        bare = text.lstrip()
        if mark and len(bare) < len(text):
            yield text[: len(text) - len(bare)], False
        yield bare if mark else text, mark
