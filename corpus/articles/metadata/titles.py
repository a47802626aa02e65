"""Titles: which likely line is one, and one without the name of its site: "Bridge to close | Post".

The forest judges lines by where they lie; what cannot be a title by what it says is refused here.
"""

# ruff: noqa: RUF001  (the dashes of many languages)

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from corpus.articles.metadata import dates
from corpus.articles.metadata.authors import is_credit, names, says_by

SURE = 1.0
"""The log-odds from which a line is a title though it ends as a sentence does."""
FEWEST_BESIDE_A_DATE = 25
"""Characters beside the date in a title that holds one."""
SHORTEST_HEADLINE = 25
"""Characters of a headline: what is shorter may be a topic, or a paper's name."""
SHORTEST_TEASER = 60
"""Characters from which a line is cut off with dots because it was too long."""
SHORTEST_WORD = 4
"""Letters of a word that two headlines share."""
NEAR_PATH = 3
"""Lines below a path through the site among which the headline is."""
MOST_OF_A_SITE = 60
"""Characters of a site's name and section behind a title."""


class Asked(NamedTuple):
    """A line that is likely the title."""

    row: int
    score: float
    """Log-odds."""
    line: str
    before: str
    """The line before it on the page."""
    kept: bool
    """Whether it is taken for a part of the article."""
    after: str = ""
    """The line after it on the page."""


def title_of(asked: Sequence[Asked]) -> tuple[int, str] | None:
    """Return the title among some lines, the likeliest first, and its row; None where none is one.

    The last step of a path through the site names the article, often for search engines; where a
    headline below says much the same in other words, that is the title.
    """
    sentences = tuple(each.line for each in asked if _is_caption(each))
    fit = (
        each for each in asked if not each.line.startswith(sentences) and _may_be_title(each)
    )  # what starts with a caption is that caption with its credit
    best = next(fit, None)
    if best is None:
        return None
    if _ends_path(best):
        below = (each for each in fit if 0 < each.row - best.row <= NEAR_PATH)
        best = next((each for each in below if _is_headline(each, of=best.line)), best)
    title = _bare(best)
    headlines = (each.line for each in asked if len(each.line) >= SHORTEST_HEADLINE)
    return best.row, min((without_site(title, line) for line in headlines), key=len, default=title)


def _is_caption(asked: Asked) -> bool:
    """Return whether a line is a sentence, and so no title unless it surely is one."""
    return asked.score < SURE and asked.line.endswith(".") and not asked.line.endswith("..")


def _ends_path(step: Asked) -> bool:
    """Return whether a line is the last step of a path through the site: "• City", "• Fire".

    A dump writes such a path as a list, with a bullet or a number before each step.
    """
    signs = _SIGNS.match(step.before) and _SIGNS.match(step.line)
    return bool(signs) or _follows(step.before, step.line)


def _is_headline(asked: Asked, *, of: str) -> bool:
    """Return whether a line below a path is the headline of what its last step names."""
    line = asked.line
    alike = bool(_long_words(line) & _long_words(of))
    return alike and len(line) >= SHORTEST_HEADLINE and _bare(asked) == line


def _bare(asked: Asked) -> str:
    """Return a line without its bullet, or without its number in a list.

    A number alone makes no list, "1. FC Köln" is a name and "3. Mai" a day: the line before has
    the number before, or the line after the next.
    """
    listed = _follows(asked.before, asked.line) or _follows(asked.line, asked.after)
    return (_BULLET if listed else _SIGNS).sub("", asked.line)


def _follows(line: str, after: str) -> bool:
    """Return whether two lines start with a number and the next."""
    first, second = _NUMBER.match(line), _NUMBER.match(after)
    return first is not None and second is not None and int(first[1]) + 1 == int(second[1])


def _long_words(line: str) -> set[str]:
    return {word for word in _WORD.findall(line.casefold()) if len(word) >= SHORTEST_WORD}


def without_site(title: str, headline: str | None) -> str:
    """Return a title without what follows the headline that the page itself has, after a dash.

    What follows a dash may be a part of the title, so nothing goes without the page's own word.
    """
    if not headline or not title.startswith(headline):
        return title
    rest = title[len(headline) :]
    return headline if len(rest) <= MOST_OF_A_SITE and _SITE.match(rest) else title


def _may_be_title(asked: Asked) -> bool:
    """Return whether a line that is judged a title can be one, from what it says.

    A line without a letter, a path through the site, a byline, a date and a picture's credit are
    none; a sentence is one only where it is no part of the article, and surely a title; a long line
    that is cut off with dots, too, only where it surely is.
    """
    line = _bare(asked)
    if not any(map(str.isalpha, line)) or _PATH.search(line) or is_credit(line):
        return False
    unsure = asked.score < SURE
    if _SENTENCE.search(line) and (asked.kept or unsure):
        return False
    if unsure and len(line) >= SHORTEST_TEASER and _CUT_OFF.search(line):
        return False
    day = dates.find(line)
    beside = day is None or len(line) - (day.end - day.start) >= FEWEST_BESIDE_A_DATE
    return beside and not (says_by(line) and names(line))


_SIGNS = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*)+")
_NUMBER = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*)*(\d{1,2})\.\s+(?=\D)")
_BULLET = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*|\d{1,2}\.\s+(?=\D))+")
_WORD = re.compile(r"\w+")
_CUT_OFF = re.compile(r"(?:…|\.\.\.)\W*$")
_PATH = re.compile(r"\S\s[>›→]\s\S")
_SENTENCE = re.compile(r"(?<!\.\.)[.。:;,：，]\W*$")
_SITE = re.compile(r"\s*[|–—·»:•-]\s+\S|\s[|–—·»:•-]")
