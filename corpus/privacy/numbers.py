"""The groups of digits in a run of numbers, and what stands next to them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from corpus.privacy.windows import Window

_GROUP = re.compile("[0-9]+")


class Group(NamedTuple):
    """A group of digits: a span of `Window.plain`."""

    begin: int
    end: int

    @property
    def size(self) -> int:
        """The number of digits."""
        return self.end - self.begin


def groups_of(window: Window) -> list[Group]:
    """Return the groups of digits of a candidate."""
    return [
        Group(*found.span()) for found in _GROUP.finditer(window.plain, window.begin, window.end)
    ]


def digits_of(plain: str, groups: list[Group]) -> str:
    """Return the digits of these groups."""
    return "".join(plain[begin:end] for begin, end in groups)


def separators(plain: str, groups: list[Group]) -> list[str]:
    """Return what stands between these groups."""
    return [plain[a.end : b.begin] for a, b in pairwise(groups)]


def stands_alone(window: Window, begin: int, end: int) -> bool:
    """Return whether a span is not part of a longer word, number, path or address."""
    previous, following = window.previous(begin), window.following(end)
    if previous.isalnum() or previous in "_/=&%#-.,+\x02":
        return False
    beyond = window.following(end + 1)
    if following.isalnum() or following in "_=&%@\x02":
        return False
    return not (following in "-/.," and (beyond.isdigit() or (following == "/" and beyond != " ")))
