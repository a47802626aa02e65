"""Title, byline, publisher, date and address, read off the text of a page around its article.

Small forests judge which line is which (`judges`); only the likeliest lines are read, and each has
to read as what it is taken for: a byline names somebody, a date line names a day. A wrong value is
worse than none: columns of the source always win, an unsure line says nothing, and a date that no
article can have is not believed.
"""

# ruff: noqa: E501  (words of many languages)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Offsets
from corpus.articles.metadata import ago, dates
from corpus.articles.metadata.authors import names, only_by
from corpus.articles.metadata.classifiers import Likely
from corpus.articles.metadata.nearby_lines import LONGEST
from corpus.articles.metadata.publishers import holder, marked_lines
from corpus.articles.metadata.timestamps import at_midnight, moment
from corpus.articles.metadata.titles import Asked, title_of
from corpus.articles.metadata.urls import MOST_BYTES, own_address, places

LEAST_TITLE, LEAST_BYLINE, LEAST_DATE = -3.0, -0.5, -1.0
"""The log-odds from which a line is taken for what it may be."""
LEAST_KEPT_TITLE = -0.5
"""The same, of a line that is taken for a part of the article."""
LEAST_SIGNED = -1.5
"""The same, of a line that says "by"."""
MOST_BESIDE_A_DATE = 150
"""Characters beside the date in a line that is about it."""


@dataclass(frozen=True)
class Found:
    """What a page says about its article; None where it does not."""

    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    date: datetime | None = None
    """In UTC; midnight where the page names a day and no time with its zone."""
    url: str | None = None


class Marked(NamedTuple):
    """What a page says about its article, and the lines that say it, by their place on the page."""

    found: Found
    roles: dict[int, str]


def believable(moment: datetime | None, *, as_of: date | None) -> datetime | None:
    """Return the moment if an article can have it: not before 1800, and not after `as_of`."""
    if moment is None or moment.date() < dates.EARLIEST:
        return None
    return None if as_of is not None and moment.date() > as_of else moment


class Page(NamedTuple):
    """A page as bytes, its lines as spans of them, and which are the article."""

    data: bytes
    spans: Offsets
    kept: Flags

    def row(self, at: int) -> int:
        """Return the line that a byte of it, or of its indentation, is in."""
        return int(np.searchsorted(self.spans[:, 1], at, "right"))

    def line(self, row: int) -> str:
        """Return the text of a line, cut where it is longer than any that is looked for."""
        start, stop = self.spans[row].tolist()
        return self.data[start : min(stop, start + LONGEST)].decode("utf-8", "ignore").strip()


def read_about(page: Page, likely: Sequence[Likely], *, as_of: date | None = None) -> Marked:
    """Return what a page says about its article; at least one line of it is kept.

    `likely` are the lines that may be its title, its byline and its date (`judges.ask`).
    """
    titles, bylines, days = likely
    roles: dict[int, str] = {}
    title = _title(page, titles, roles)
    day = _date(page, days, roles, as_of)
    author = _author(page, bylines, roles)
    publisher = _publisher(page, roles)
    url = _address(page, title, roles)
    if day is None or _above_title(roles):
        day = _ago(page, roles, days, as_of) or day
    return Marked(Found(title, author, publisher, day, url), roles)


def _title(page: Page, likely: Likely, roles: dict[int, str]) -> str | None:
    """Return the likeliest title, without its bullet and without the name of the site."""
    last = len(page.spans) - 1
    asked = [
        Asked(
            row,
            score,
            page.line(row),
            before=page.line(row - 1) if row else "",
            kept=bool(page.kept[row]),
            after=page.line(row + 1) if row < last else "",
        )
        for row, score in zip(likely.rows, likely.scores, strict=True)
        if score >= (LEAST_KEPT_TITLE if page.kept[row] else LEAST_TITLE)
    ]
    row, title = title_of(asked) or (-1, None)
    if title is not None:
        roles[row] = "title"
    return title


def _author(page: Page, likely: Likely, roles: dict[int, str]) -> str | None:
    """Return who the likeliest byline names; a line that says "by" alone speaks of the next.

    A name beside the date is a byline where a line further off would not be.
    """
    rows = {role: row for row, role in roles.items()}
    beside = rows.get("date", -1)
    asked = [*zip(likely.rows, likely.scores, strict=True), (beside, LEAST_SIGNED)]
    for row, score in asked:
        if row < 0 or row == rows.get("title") or (score < LEAST_SIGNED and row != beside):
            continue
        line = page.line(row)
        alone = row + 1 < len(page.spans) and only_by(line)
        said = names(page.line(row + 1), signed=True) if alone else names(line)
        sure = score >= LEAST_BYLINE or (row == beside and said and said.text in _parts(line))
        if said is not None and (said.signed or sure):
            roles.setdefault(row + alone, "byline")
            return said.text
    return None


def _parts(line: str) -> list[str]:
    """Return what stands between the bars of a line: "22 May 2023 | Ann Lee"."""
    return [part.strip() for part in _BAR.split(line)]


def _date(page: Page, likely: Likely, roles: dict[int, str], as_of: date | None) -> datetime | None:
    """Return the day of the likeliest date line; one of publication before one of a change."""
    day_first: bool | None = None
    asked = False
    for row, score in zip(likely.rows, likely.scores, strict=True):
        if score < LEAST_DATE:
            break
        line = page.line(row)
        if not asked and dates.has_two_readings(line):
            day_first, asked = dates.day_first(page.data.decode("utf-8", "ignore")), True
        told = _told(line, dates.find_all(line, day_first=day_first), as_of)
        if told is not None:
            roles.setdefault(row, "date")
            return told
    return None


def _told(line: str, days: Sequence[dates.Day], as_of: date | None) -> datetime | None:
    """Return the moment that a line is about; a sentence that mentions a day is not."""
    before, late = 0, []
    for day in days:
        label = line[before : day.start]
        before = day.end
        when = believable(moment(line, *day), as_of=as_of)
        if when is None or len(line) - (day.end - day.start) > MOST_BESIDE_A_DATE:
            continue
        if _UNTIL.search(label) or line.startswith("—"):  # how a post of somebody is signed
            continue
        if not _CHANGED.search(label):
            return when
        late.append(when)
    return late[0] if late else None


def _above_title(roles: dict[int, str]) -> bool:
    """Return whether the date stands above the title: it may be the day the page was saved."""
    rows = {role: row for row, role in roles.items()}
    return "date" in rows and "title" in rows and rows["date"] < rows["title"]


def _ago(page: Page, roles: dict[int, str], likely: Likely, as_of: date | None) -> datetime | None:
    """Return the day that "3 days ago" below the title means, by the day the page itself names."""
    title = next((row for row, role in roles.items() if role == "title"), None)
    if title is None:
        return None
    stop = min(title + 1 + NEAR_TITLE, len(page.spans))
    said = ((row, ago.before(page.line(row))) for row in range(title + 1, stop))
    row, back = next(((row, back) for row, back in said if back is not None), (0, None))
    if back is None:
        return None
    for masthead in sorted(row for row in likely.rows if row < title):
        line = page.line(masthead)
        found = dates.find(line)
        if found and len(line) - (found.end - found.start) <= MOST_IN_MASTHEAD:
            roles[row] = "date"
            return believable(at_midnight(found.day - back), as_of=as_of)
    return None


def _publisher(page: Page, roles: dict[int, str]) -> str | None:
    """Return who the last copyright line below the article names."""
    after = int(page.spans[np.flatnonzero(page.kept)[-1], 1])
    for start, line in marked_lines(page.data, after):
        name = holder(line)
        if name is not None:
            roles.setdefault(page.row(start), "publisher")
            return name
    return None


def _address(page: Page, title: str | None, roles: dict[int, str]) -> str | None:
    """Return the page's own address, where a line beside the article says it."""
    for place in places(page.data):
        row = page.row(place)
        start, stop = page.spans[row].tolist()
        if page.kept[row] or stop - start > MOST_BYTES:
            continue
        found = own_address(page.data[start:stop].decode("utf-8", "ignore"), title)
        if found is not None:
            roles.setdefault(row, "url")
            return found
    return None


NEAR_TITLE = 8
"""Lines below the title among which "3 hours ago" is the article's age, not a teaser's."""
MOST_IN_MASTHEAD = 25
"""Characters beside the date in a masthead: the weekday, the name of a town."""
_BAR = re.compile(r"[|•·]")
_UNTIL = re.compile(
    r"\b(?:bis|until|till|jusqu\w*|hasta|fino|até|verfügbar|available|expires?|since|seit|depuis|desde|joined"
    r"|born|geboren|cover of)\b[^.]*$",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updated?|upd\.|aktuali|mis à jour|modifi|actualiza|aggiorna|atualiza|oppdater|uppdater|opdater|güncelle|обновл"
    r"|bijgewerkt|päivitetty|diperbarui|geändert|更新|수정|cập nhật|edited|last change|تحديث",
    re.IGNORECASE,
)
"""Words before a date that say it is not the day of publication."""
