"""Titles: what cannot be one, and one without the name of its site: "Bridge to close | Post"."""

# ruff: noqa: RUF001  (the dashes of many languages)

from __future__ import annotations

import re

from corpus.articles import dates
from corpus.articles.authors import is_credit, names, says_by

SURE = 1.0
"""The log-odds from which a line is a title though it ends as a sentence does."""
FEWEST_BESIDE_A_DATE = 25
"""Characters beside the date in a title that holds one."""
MOST_OF_A_SITE = 60
"""Characters of a site's name and section behind a title."""


def without_site(title: str, headline: str | None) -> str:
    """Return a title without what follows the headline that the page itself has, after a dash.

    What follows a dash may be a part of the title, so nothing goes without the page's own word.
    """
    if not headline or not title.startswith(headline):
        return title
    rest = title[len(headline) :]
    return headline if len(rest) <= MOST_OF_A_SITE and _SITE.match(rest) else title


def may_be_title(line: str, *, score: float, kept: bool) -> bool:
    """Return whether a line that is judged a title can be one, from what it says.

    A path through the site, a byline, a date and a picture's credit are none; a sentence is one
    only where it is no part of the article, and surely a title.
    """
    if _PATH.search(line) or is_credit(line):
        return False
    if _SENTENCE.search(line) and (kept or score < SURE):
        return False
    day = dates.find(line)
    beside = day is None or len(line) - (day.end - day.start) >= FEWEST_BESIDE_A_DATE
    return beside and not (says_by(line) and names(line))


_PATH = re.compile(r"\S\s[>›→]\s\S")
_SENTENCE = re.compile(r"(?<!\.\.)[.。:;,：，]\W*$")
_SITE = re.compile(r"\s*[|–—·»:•-]\s+\S|\s[|–—·»:•-]")
