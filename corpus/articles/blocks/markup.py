"""What the markup of a page says about it, besides its text: titles, meta tags, JSON-LD, times."""

from __future__ import annotations

import html
from typing import NamedTuple

from corpus.articles.blocks.marked_elements import MarkedElement, read_element
from corpus.articles.blocks.walk_state import (
    CANONICAL_RECORD,
    JSON_RECORD,
    LANGUAGE_RECORD,
    MARKED_RECORD,
    META_RECORD,
    TIME_RECORD,
    TITLE_RECORD,
    Walk,
)

MAX_VALUE_BYTES = 2000
MAX_SCRIPT_BYTES = 1_000_000
"""A longer script with JSON-LD is not read: cut off, it would not be JSON."""


class Time(NamedTuple):
    """A `time` element."""

    datetime: str
    itemprop: str
    block: int
    """The number of the block that it is in or before."""


class Markup(NamedTuple):
    """What the markup of a page says, in the order of the page, with entities replaced."""

    title: str
    metas: tuple[tuple[str, str], ...]
    """The name, in lower case, and the content of each meta tag."""
    scripts: tuple[str, ...]
    """The content of each script with JSON-LD."""
    times: tuple[Time, ...]
    marked: tuple[MarkedElement, ...]
    """Elements marked as author or date."""
    canonical: str
    language: str

    def meta(self, *names: str) -> str:
        """Return the content of the first of these meta tags that has any."""
        for name in names:
            for own, content in self.metas:
                if own == name and content:
                    return content
        return ""


def read_markup(data: bytes, walk: Walk) -> Markup:
    """Return what the markup of a page says."""
    title, canonical, language = "", "", ""
    metas: list[tuple[str, str]] = []
    scripts: list[str] = []
    times: list[Time] = []
    marked: list[MarkedElement] = []
    for kind, a, b, c, d, block in walk.records.tolist():
        if kind == META_RECORD:
            metas.append((_text(data, a, b).lower(), _text(data, c, d)))
        elif kind == TITLE_RECORD:
            title = title or _text(data, a, b)
        elif kind == CANONICAL_RECORD:
            canonical = canonical or _text(data, a, b)
        elif kind == LANGUAGE_RECORD:
            language = language or _text(data, a, b)
        elif kind == MARKED_RECORD:
            element = read_element(data, a, data[c:d], block)
            marked += [element] if element else []
        elif kind == TIME_RECORD:
            times.append(Time(_text(data, a, b), _text(data, c, d) if c >= 0 else "", block))
        elif kind == JSON_RECORD and b - a <= MAX_SCRIPT_BYTES:
            scripts.append(data[a:b].decode("utf-8", "replace"))
    return Markup(
        title, tuple(metas), tuple(scripts), tuple(times), tuple(marked), canonical, language
    )


def _text(data: bytes, start: int, stop: int) -> str:
    """Return a value of the markup as text, cut to `MAX_VALUE_BYTES`."""
    raw = data[start : min(stop, start + MAX_VALUE_BYTES)].decode("utf-8", "ignore")
    if "&" not in raw:
        return " ".join(raw.split())
    try:
        return " ".join(html.unescape(raw).split())
    except ValueError:  # a numeric entity of more digits than Python reads
        return ""
