"""The title among likely lines, without the name of its site ("Bridge to close | Post").

The classifier ranks lines by where they are on the page. This module refuses lines whose text
cannot be a title.
"""

# ruff: noqa: RUF001  (the dashes of many languages)

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from corpus.articles.metadata.authors import is_photo_credit, parse_byline, starts_with_by
from corpus.articles.metadata.dates import find_date

CONFIDENT_LOG_ODDS = 1.0
"""Minimum log-odds of a title that ends like a sentence."""
MIN_CHARACTERS_BESIDES_DATE = 25
"""Minimum number of characters, besides the date, in a title that contains a date."""
MIN_HEADLINE_CHARACTERS = 25
"""Minimum length of a headline; shorter lines may be topics or the name of the newspaper."""
MIN_TEASER_CHARACTERS = 60
"""Minimum length of a line that was cut off with an ellipsis because it was too long."""
MIN_WORD_LETTERS = 4
"""Minimum length of a word that counts as shared by two headlines."""
MAX_LINES_BELOW_BREADCRUMB = 3
"""Maximum number of lines from a breadcrumb to the headline below it."""
MAX_SITE_NAME_CHARACTERS = 60
"""Maximum length of the site's name and section after a title."""


class TitleCandidate(NamedTuple):
    """A line that is likely to be the title."""

    row: int
    log_odds: float
    line: str
    previous_line: str
    """The previous line on the page."""
    kept: bool
    """Whether the line counts as part of the article."""
    next_line: str = ""
    """The next line on the page."""


def choose_title(candidates: Sequence[TitleCandidate]) -> tuple[int, str] | None:
    """Return the row and text of the title, or None; candidates are sorted by falling log-odds.

    The last step of a breadcrumb names the article, often in words for search engines. A headline
    below it that shares a word with it is the better title.
    """
    if not candidates:
        return None
    # a line that starts with a caption is the caption with its credit
    captions = tuple(each.line for each in candidates if _is_caption(each))
    titles = (
        each for each in candidates if not each.line.startswith(captions) and _may_be_title(each)
    )
    best = next(titles, None)
    if best is None:
        return None
    if _ends_breadcrumb(best):
        below = (each for each in titles if 0 < each.row - best.row <= MAX_LINES_BELOW_BREADCRUMB)
        best = next((each for each in below if _is_headline_of(each, best.line)), best)
    title = _without_bullet(best)
    headlines = (each.line for each in candidates if len(each.line) >= MIN_HEADLINE_CHARACTERS)
    return best.row, min(
        (strip_site_name(title, line) for line in headlines), key=len, default=title
    )


def _is_caption(candidate: TitleCandidate) -> bool:
    """Return whether a line is a sentence and not a confident title."""
    line = candidate.line
    return (
        candidate.log_odds < CONFIDENT_LOG_ODDS and line.endswith(".") and not line.endswith("..")
    )


def _ends_breadcrumb(candidate: TitleCandidate) -> bool:
    """Return whether a line is the last step of a breadcrumb: "• City", "• Fire".

    In a page dumped to text, a breadcrumb is a list with a bullet or number before each step.
    """
    bulleted = _BULLETS.match(candidate.previous_line) and _BULLETS.match(candidate.line)
    return bool(bulleted) or _are_consecutive(candidate.previous_line, candidate.line)


def _is_headline_of(candidate: TitleCandidate, step: str) -> bool:
    """Return whether a line is the headline of the article that a breadcrumb's last step names."""
    line = candidate.line
    shares_word = bool(_long_words(line) & _long_words(step))
    return (
        shares_word and len(line) >= MIN_HEADLINE_CHARACTERS and _without_bullet(candidate) == line
    )


def _without_bullet(candidate: TitleCandidate) -> str:
    """Return a line without its bullet, or without its number in a list.

    A number alone does not make a list: "1. FC Köln" is a name and "3. Mai" a date. The previous
    line has to have the previous number, or the next line the next number.
    """
    line = candidate.line
    numbered = _are_consecutive(candidate.previous_line, line) or _are_consecutive(
        line, candidate.next_line
    )
    return (_BULLETS_AND_NUMBERS if numbered else _BULLETS).sub("", line)


def _are_consecutive(line: str, next_line: str) -> bool:
    """Return whether two lines start with consecutive numbers."""
    first, second = _NUMBER.match(line), _NUMBER.match(next_line)
    return first is not None and second is not None and int(first[1]) + 1 == int(second[1])


def _long_words(line: str) -> set[str]:
    return {word for word in _WORD.findall(line.casefold()) if len(word) >= MIN_WORD_LETTERS}


def strip_site_name(title: str, headline: str | None) -> str:
    """Return a title without the site name after it, if the page also has the headline without it.

    The text after a dash may be part of the title, so the page itself has to show where the title
    ends.
    """
    if not headline or not title.startswith(headline):
        return title
    rest = title[len(headline) :]
    is_site = len(rest) <= MAX_SITE_NAME_CHARACTERS and _SITE_NAME.match(rest)
    return headline if is_site else title


def _may_be_title(candidate: TitleCandidate) -> bool:
    """Return whether the text of a line can be a title.

    A line without letters, a breadcrumb, a byline, a date and a photo credit cannot. A sentence can
    only be a title if it is confident and not part of the article. A long line that ends with an
    ellipsis has to be confident as well.
    """
    line = _without_bullet(candidate)
    if not any(map(str.isalpha, line)) or _BREADCRUMB.search(line) or is_photo_credit(line):
        return False
    unsure = candidate.log_odds < CONFIDENT_LOG_ODDS
    if _SENTENCE_END.search(line) and (candidate.kept or unsure):
        return False
    if unsure and len(line) >= MIN_TEASER_CHARACTERS and _ELLIPSIS.search(line):
        return False
    date = find_date(line)
    if date is not None and len(line) - (date.end - date.start) < MIN_CHARACTERS_BESIDES_DATE:
        return False
    return not (starts_with_by(line) and parse_byline(line))


_BULLETS = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*)+")
_NUMBER = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*)*(\d{1,2})\.\s+(?=\D)")
_BULLETS_AND_NUMBERS = re.compile(r"^(?:[•*‣·▪◦●■►▶|>›»]\s*|\d{1,2}\.\s+(?=\D))+")
_WORD = re.compile(r"\w+")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)\W*$")
_BREADCRUMB = re.compile(r"\S\s[>›→]\s\S")
_SENTENCE_END = re.compile(r"(?<!\.\.)[.。:;,：，]\W*$")
_SITE_NAME = re.compile(r"\s*[|–—·»:•-]\s+\S|\s[|–—·»:•-]")
