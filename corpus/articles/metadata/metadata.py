"""Title, author, publisher, date and URL of an article, read from the text of its page.

Classifiers rank the lines near the article (`classifiers`). Only the most likely lines are read,
and the text of each has to fit its role: a byline names somebody, a date line has a date. A wrong
value is worse than a missing one. So the columns of the source take precedence, unsure lines are
skipped, and implausible dates are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Offsets
from corpus.articles.metadata import dates
from corpus.articles.metadata.authors import (
    Byline,
    is_bare_by,
    is_list_of_names,
    parse_byline,
)
from corpus.articles.metadata.classifiers import RankedLines
from corpus.articles.metadata.nearby_lines import MAX_LINE_BYTES
from corpus.articles.metadata.publishers import copyright_holder, copyright_lines
from corpus.articles.metadata.timestamps import midnight_utc, plausible_date, publication_date
from corpus.articles.metadata.titles import TitleCandidate, choose_title
from corpus.articles.metadata.urls import MAX_LINE_BYTES as MAX_URL_LINE_BYTES
from corpus.articles.metadata.urls import own_url, url_positions

MIN_TITLE_LOG_ODDS, MIN_BYLINE_LOG_ODDS, MIN_DATE_LOG_ODDS = -3.0, -0.5, -1.0
MIN_KEPT_TITLE_LOG_ODDS = -0.5
"""For a title that counts as part of the article."""
MIN_LOG_ODDS_WITH_BY = -2.5
"""For a byline that contains "by"."""
MIN_NAME_LOG_ODDS = -1.5
"""For a line that consists of names, the first of which starts with a common given name."""
MAX_CHARACTERS_IN_MASTHEAD = 25
"""Maximum number of characters, besides the date, in a masthead: the weekday, the town."""
MAX_LINES_TO_AGE = 8
"""Maximum number of lines from the title to its age, such as "3 hours ago"; later ages belong to
teasers."""


@dataclass(frozen=True)
class ArticleMetadata:
    """The metadata that a page gives for its article; None for what it does not give."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: datetime | None = None
    """In UTC; midnight if the page has no time with a zone."""
    url: str | None = None


class MetadataResult(NamedTuple):
    """The metadata of a page, and the role of each line that it was read from."""

    metadata: ArticleMetadata
    roles: dict[int, str]
    """`title`, `byline`, `date`, `publisher` or `url`, by the number of the line."""
    is_sure_author: bool = False
    """Whether "by" or its equivalent introduces the author, or the line consists of names."""


class Page(NamedTuple):
    """The bytes of a page, the spans of its lines, and which lines are the article."""

    data: bytes
    spans: Offsets
    """First byte and end of each line (int64[n_lines, 2])."""
    kept: Flags
    """bool[n_lines]"""

    def row_at(self, position: int) -> int:
        """Return the number of the line that a byte is in; indentation belongs to its line."""
        return int(np.searchsorted(self.spans[:, 1], position, "right"))

    def line(self, row: int) -> str:
        """Return the text of a line, cut to `MAX_LINE_BYTES`."""
        start, stop = self.spans[row].tolist()
        line = self.data[start : min(stop, start + MAX_LINE_BYTES)]
        return line.decode("utf-8", "ignore").strip()


def read_metadata(
    page: Page, ranked: Sequence[RankedLines], *, as_of: date | None = None
) -> MetadataResult:
    """Return the metadata of a page with at least one kept line.

    `ranked` are the lines that may be its title, byline and date (`classifiers.rank_lines`).
    """
    titles, bylines, date_lines = ranked
    roles: dict[int, str] = {}
    title = _title(page, titles, roles)
    published = _date(page, date_lines, roles, as_of)
    byline, is_sure = _byline(page, bylines, roles) or (None, False)
    publisher = _publisher(page, roles)
    url = _url(page, title, roles)
    if published is None or _date_is_above_title(roles):
        published = _date_from_age(page, roles, date_lines, as_of) or published
    metadata = ArticleMetadata(title, byline and byline.authors, publisher, published, url)
    return MetadataResult(metadata, roles, is_sure)


def _title(page: Page, ranked: RankedLines, roles: dict[int, str]) -> str | None:
    """Return the most likely title, without its bullet and the name of the site."""
    last = len(page.spans) - 1
    candidates = [
        TitleCandidate(
            row,
            log_odds,
            page.line(row),
            previous_line=page.line(row - 1) if row else "",
            kept=bool(page.kept[row]),
            next_line=page.line(row + 1) if row < last else "",
        )
        for row, log_odds in zip(ranked.rows, ranked.log_odds, strict=True)
        if log_odds >= (MIN_KEPT_TITLE_LOG_ODDS if page.kept[row] else MIN_TITLE_LOG_ODDS)
    ]
    row, title = choose_title(candidates) or (-1, None)
    if title is not None:
        roles[row] = "title"
    return title


def _byline(page: Page, ranked: RankedLines, roles: dict[int, str]) -> tuple[Byline, bool] | None:
    """Return the authors in the most likely byline, and whether they are sure to be its authors.

    If the line consists of "by", they are in the next line.

    The date line is tried last: a name between its bars is an author even if the line is unsure.
    """
    rows = {role: row for row, role in roles.items()}
    date_row = rows.get("date", -1)
    if date_row < 0 and not ranked.rows:
        return None
    candidates = [*zip(ranked.rows, ranked.log_odds, strict=True), (date_row, MIN_LOG_ODDS_WITH_BY)]
    for row, log_odds in candidates:
        is_unlikely = log_odds < MIN_LOG_ODDS_WITH_BY and row != date_row
        if row < 0 or row == rows.get("title") or is_unlikely:
            continue
        line = page.line(row)
        is_by = row + 1 < len(page.spans) and is_bare_by(line)
        byline = parse_byline(page.line(row + 1), follows_by=True) if is_by else parse_byline(line)
        if byline is None:
            continue
        is_beside_date = row == date_row and byline.authors in _parts(line)
        is_sure = byline.has_by or (log_odds >= MIN_NAME_LOG_ODDS and is_list_of_names(line))
        if is_sure or log_odds >= MIN_BYLINE_LOG_ODDS or is_beside_date:
            roles.setdefault(row + is_by, "byline")
            return byline, is_sure
    return None


def _parts(line: str) -> list[str]:
    """Return the parts of a line between bars or bullets: "22 May 2023 | Ann Lee"."""
    return [part.strip() for part in _BAR.split(line)]


def _date(
    page: Page, ranked: RankedLines, roles: dict[int, str], as_of: date | None
) -> datetime | None:
    """Return the date of publication in the most likely date line."""
    day_first: bool | None = None
    is_inferred = False
    for row, log_odds in zip(ranked.rows, ranked.log_odds, strict=True):
        if log_odds < MIN_DATE_LOG_ODDS:
            break
        line = page.line(row)
        if not is_inferred and dates.has_ambiguous_date(line):
            day_first = dates.infer_day_first(page.data.decode("utf-8", "ignore"))
            is_inferred = True
        mentions = dates.find_dates(line, day_first=day_first)
        published = publication_date(line, mentions, as_of=as_of)
        if published is not None:
            roles.setdefault(row, "date")
            return published
    return None


def _date_is_above_title(roles: dict[int, str]) -> bool:
    """Return whether the date is above the title: it may be the day when the page was saved."""
    rows = {role: row for row, role in roles.items()}
    return "date" in rows and "title" in rows and rows["date"] < rows["title"]


def _date_from_age(
    page: Page, roles: dict[int, str], ranked: RankedLines, as_of: date | None
) -> datetime | None:
    """Return the date for an age below the title ("3 days ago"), from the date in the masthead."""
    title_row = next((row for row, role in roles.items() if role == "title"), None)
    if title_row is None:
        return None
    stop = min(title_row + 1 + MAX_LINES_TO_AGE, len(page.spans))
    ages = ((row, dates.parse_age(page.line(row))) for row in range(title_row + 1, stop))
    age_row, age = next(((row, age) for row, age in ages if age is not None), (0, None))
    if age is None:
        return None
    for row in sorted(row for row in ranked.rows if row < title_row):
        line = page.line(row)
        mention = dates.find_date(line)
        if mention and len(line) - (mention.end - mention.start) <= MAX_CHARACTERS_IN_MASTHEAD:
            roles[age_row] = "date"
            return plausible_date(midnight_utc(mention.day - age), as_of=as_of)
    return None


def _publisher(page: Page, roles: dict[int, str]) -> str | None:
    """Return the publisher in the last copyright line below the article."""
    last_kept = page.kept.tobytes().rfind(True)
    after = int(page.spans[last_kept, 1])
    for position, line in copyright_lines(page.data, after):
        name = copyright_holder(line)
        if name is not None:
            roles.setdefault(page.row_at(position), "publisher")
            return name
    return None


def _url(page: Page, title: str | None, roles: dict[int, str]) -> str | None:
    """Return the page's own URL, from a line outside of the article."""
    for position in url_positions(page.data):
        row = page.row_at(position)
        start, stop = page.spans[row].tolist()
        if page.kept[row] or stop - start > MAX_URL_LINE_BYTES:
            continue
        url = own_url(page.data[start:stop].decode("utf-8", "ignore"), title)
        if url is not None:
            roles.setdefault(row, "url")
            return url
    return None


_BAR = re.compile(r"[|•·]")
