"""Title, byline, publisher and date, read off the text of a page around its article.

Only lines near where the article starts and ends are looked at, nearest first; what is not said
there in so many words stays unknown. A wrong value is worse than none: columns of the source
always win, and a date that no article can have is not believed.
"""

# ruff: noqa: RUF001  (the dashes and colons of many languages)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from corpus.articles import dates

T = TypeVar("T")

HEAD_LINES = 25
"""Lines before the article that may name its title, author and date."""
BODY_LINES = 3
"""First lines of the article that may: bylines are often taken for its start."""
TAIL_LINES = 6
LONGEST = 300
"""Characters of a line that says something about the article; longer ones are text."""
MOST_BESIDE_A_DATE = 90
"""Characters beside the date in a line that is about it."""
MARKS = ("©".encode(), b"opyright", b"OPYRIGHT", b"(c)", b"(C)")
"""What a line that claims a copyright holds."""
FIRST_OF_THE_EAST = "\u2e80"
"""Names written in letters from here on have neither capitals nor spaces."""
PUNCTUATION = ".,;:!?()[]\"'“”„‘’«»–—-…|"
SHORTEST = 12
"""Characters of the shortest title."""
MOST_TITLE_WORDS = 30
LEAST_TITLE = 0.3
"""The score that a title must exceed."""
TITLE_TEXT = 1000
"""Characters of the article whose words a title is compared with."""


@dataclass(frozen=True)
class Found:
    """What a page says about its article; None where it does not."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: date | None = None
    url: str | None = None


def believable(day: date | None, *, as_of: date | None) -> date | None:
    """Return the day if an article can have it: not before 1800, and not after `as_of`."""
    if day is None or day < dates.EARLIEST or (as_of is not None and day > as_of):
        return None
    return day


def describe(
    head: Sequence[str],
    body: Sequence[str],
    tail: Sequence[str],
    marked: Sequence[str] = (),
    *,
    as_of: date | None = None,
) -> Found:
    """Return what is said in the lines before the article, in its own, and in those after it.

    `marked` are the lines below it that claim a copyright, wherever they stand.
    """
    near = (*body[:BODY_LINES], *reversed(head[-HEAD_LINES:]), *tail[:TAIL_LINES])
    near = tuple(line for line in near if len(line) <= LONGEST)
    return Found(
        title=title(head[-HEAD_LINES:], body),
        author=_first(byline, near),
        publisher=_first(holder, reversed(marked)),
        date=_first(lambda line: _day(line, as_of=as_of), near),
    )


def marked_lines(tail: bytes) -> list[str]:
    """Return the lines that claim a copyright, from what follows the article on its page."""
    found: dict[int, str] = {}
    for mark in MARKS:
        at = tail.find(mark)
        while at >= 0:
            start, end = tail.rfind(b"\n", 0, at) + 1, tail.find(b"\n", at)
            end = end if end >= 0 else len(tail)
            line = tail[start : min(end, start + 4 * LONGEST)]
            found[start] = line.decode("utf-8", "replace").strip()
            at = tail.find(mark, end)
    return [found[start] for start in sorted(found)]


def _first(read: Callable[[str], T | None], lines: Iterable[str]) -> T | None:
    """Return the first thing that a line says."""
    return next((said for said in map(read, lines) if said is not None), None)


def _day(line: str, *, as_of: date | None) -> date | None:
    """Return the day a line is about; a sentence that mentions a day is not."""
    found = dates.find(line)
    if found is None or len(line) - (found[2] - found[1]) > MOST_BESIDE_A_DATE:
        return None
    return believable(found[0], as_of=as_of)


def title(head: Sequence[str], body: Sequence[str]) -> str | None:
    """Return the line before the article that shares most words with it; near ones are preferred.

    A line that stands twice in the head (in the path of the page and above the article) is
    preferred too.
    """
    opening = [line for line in body[:1] if len(line) <= LONGEST and not _SENTENCE.search(line)]
    lines = [*head, *opening]
    candidates = [
        (place, line) for place, line in enumerate(lines, 1) if SHORTEST <= len(line) <= LONGEST
    ]
    if not candidates:
        return None
    words = set(_words("\n".join(body[len(opening) :])[:TITLE_TEXT]))
    found = [_words(line) for _, line in candidates]
    keys = Counter(" ".join(own) for own in found)
    best, chosen = LEAST_TITLE, None
    for (place, line), own in zip(candidates, found, strict=True):
        held = sum(word in words for word in own) / (len(own) + 3)
        score = held + 0.25 * place / len(lines) + 0.15 * (keys[" ".join(own)] > 1)
        if score > best and _may_be_title(line, own):
            best, chosen = score, line
    return chosen


def _may_be_title(line: str, words: Sequence[str]) -> bool:
    """Return whether a line is as long as a title, and no sentence, byline or date."""
    if not 2 <= len(words) <= MOST_TITLE_WORDS:
        return False
    if _SENTENCE.search(line) or _BY.match(line) or _BULLET.match(line):
        return False
    found = dates.find(line)
    return found is None or len(line) - (found[2] - found[1]) > MOST_BESIDE_A_DATE


def _words(text: str) -> list[str]:
    """Return the words that carry meaning: of four letters or more, or Han and Kana in pairs."""
    text = text.casefold()
    words = [word for word in (part.strip(PUNCTUATION) for part in text.split()) if len(word) > 3]
    return words if text.isascii() else words + _PAIR.findall(text)


def byline(line: str) -> str | None:
    """Return who a line like "By Ann Lee and Bo Chan | 22 May 2023" names."""
    match = _BY.match(line)
    if match is None:
        return None
    name = match[1]
    found = dates.find(name)
    if found:
        name = name[: found[1]]
    name = _BESIDE.split(name, maxsplit=1)[0].strip(" \t-–—|·•,;:/()@*")
    words = name.split()
    if not 1 <= len(words) <= 8 or not 2 <= len(name) <= 80 or _NO_NAME.search(name):
        return None
    if name[0] >= FIRST_OF_THE_EAST:
        return name
    capitals = sum(word[0].isupper() for word in words)
    small = sum(word.casefold() in _PARTICLES for word in words)
    lone = len(words) == 1 and not name.isupper()  # "By Category"; agencies are all capitals
    return None if lone or not capitals or 2 * (capitals + small) < len(words) else name


def holder(line: str) -> str | None:
    """Return who a line like "© 2023 Morning Post Ltd. All rights reserved" names."""
    match = _COPYRIGHT.search(line) if len(line) <= LONGEST else None
    if match is None:
        return None
    name = _RIGHTS.split(match[1], maxsplit=1)[0].strip(" \t-–—|·•,;:/.()")
    words = name.split()
    if not 1 <= len(words) <= 6 or not 2 <= len(name) <= 60 or not any(c.isupper() for c in name):
        return None
    return name


_SENTENCE = re.compile(r"[.。!！…:：]\W*$")
_BULLET = re.compile(r"^\s*[•*‣·▪◦●■►▶–—|+-]\s|^\s*\d{1,3}[.)]\s")
_PAIR = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2}")
_BY = re.compile(
    r"^\W*(?:(?:written|reported|posted|story|words|published)\s+)?"
    r"(?:by|von|par|por|di|av|af|door|autore?|autorin|author|text|автор|oleh|yazan|auteur|redacción"
    r"|journalist|reporter|文|記者|记者|作者|編集)(?:\s*[:：]\s*|\s+)(.{2,120})$",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\s*[|·•/(\[]\s*|\s[-–—]\s|,\s|\s+(?:for|in|on|at|published|updated|posted)\s|\s+\d|\d{1,2}:\d\d",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"[.!?。]\s|https?:|www\.|\b(?:e-?mail|cookies?|phone|date|category|using|clicking|continuing|"
    r"submitting|subscribing|signing|price|topic|type|default|the|this|your|our)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    ["al", "and", "bin", "da", "de", "del", "della", "den", "der", "di", "e", "et", "i", "la", "le",
     "og", "und", "van", "von", "y", "en"]
)  # fmt: skip
"""Words of a name that are written small."""
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:(?:19|20)\d\d(?:\s*[-–]\s*(?:(?:19|20)\d\d)?)?)?[\s,:]*(?:by\s+|copyright\s+|all\s+rights\s+reserved\W*)*(.+)$",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"[.|•·]\s|\.$|,\s|\s[-–—]\s|\s+(?:all|alle|tous|todos|tutti)\b|(?:19|20)\d\d", re.IGNORECASE
)
