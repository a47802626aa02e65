"""A candidate with the text around it: what the exact checks look at."""

from __future__ import annotations

import re
from typing import NamedTuple

from corpus.privacy.candidates.folding import IGNORED, fold

BEFORE, AFTER = 60, 30
"""Characters before and after a candidate that are looked at for context."""


_PLACEHOLDER = re.compile(r"[<\[{][A-Za-z_ ]{1,40}[>\]}]")
"""A placeholder is not context: after `<PHONE>`, a number is not called a telephone number."""


class Window(NamedTuple):
    """A candidate and its surroundings."""

    kind: int
    plain: str
    """Folded, without invisible characters: what is before, the candidate, what is after."""

    begin: int
    end: int
    """The candidate in `plain`."""

    positions: range | list[int]
    """For each character of `plain`, its position from the beginning of the candidate."""

    before: str
    """The text before the candidate, in lower case, not folded, without placeholders."""

    @property
    def core(self) -> str:
        """The candidate, folded."""
        return self.plain[self.begin : self.end]

    def previous(self, at: int) -> str:
        """Return the character before position `at` of `plain`; a space at the beginning."""
        return self.plain[at - 1] if at > 0 else " "

    def following(self, at: int) -> str:
        """Return the character at position `at` of `plain`; a space at the end."""
        return self.plain[at] if at < len(self.plain) else " "


def make_window(kind: int, before: str, candidate: str, after: str) -> Window:
    """Return the window of a candidate; only the characters next to it are used."""
    before, after = before[-BEFORE:], after[:AFTER]
    words = _PLACEHOLDER.sub(" ", before).lower()
    folded = fold(before + candidate + after)
    first, last = len(before), len(before) + len(candidate)
    if IGNORED not in folded:
        places = range(-first, len(folded) - first)
        return Window(kind, folded, first, last, places, words)
    kept = [i for i, character in enumerate(folded) if character != IGNORED]
    plain = "".join(folded[i] for i in kept)
    begin, end = sum(i < first for i in kept), sum(i < last for i in kept)
    return Window(kind, plain, begin, end, [i - first for i in kept], words)


class Finding(NamedTuple):
    """Personal data in a window: a type, and a span of `Window.plain`."""

    type: str
    begin: int
    end: int
