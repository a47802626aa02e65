"""The days that a line of text names, in the ways pages of many languages write them.

Only what can be read for certain: a day, a month and a year. 05/06/2023 is two days, so it is
none, unless the line or its page says which number is the day; with dots (05.06.2023) it comes
first everywhere. "3 hours ago" is so long before another moment, which somebody else must know.
"""

# ruff: noqa: E501, RUF001  (letters of many alphabets; words of many languages)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from corpus.articles.metadata.months import MONTHS

EARLIEST = date(1800, 1, 1)
"""No page is dated before: what looks so is about history."""
LONGEST = 400
"""Characters of a line that are looked at."""


class Day(NamedTuple):
    """A day that a line names, and where."""

    day: date
    start: int
    end: int


_BEFORE = r"(?:(?<!\d)|(?<=\D20\d\d))"
"""Not within a number, but for a date that is glued to another: "30.01.202430. Januar 2024"."""
_AFTER = r"(?!\d(?!\d?[:.]\d\d))"
"""The same, but for a time that is glued to a date: "Apr 28 20232:23 PM"."""
_YEAR = r"(1[89]\d\d|20\d\d)"
_NAME = r"([^\W\d_]{3,12})"

_YEAR_FIRST = re.compile(
    rf"(?<!\d){_YEAR}(?:-|/|\.\s?|[年년]\s?)(\d{{1,2}})(?:-|/|\.\s?|[月월]\s?)(\d{{1,2}})(?!\d)[日일]?"
)
_YEAR_NAMED = re.compile(
    rf"(?<!\d){_YEAR}(?:[.,-]|\s+m\.)?\s?{_NAME}\.?[\s-](\d{{1,2}})(?![\d:])(?!\.\d)"
)
_DAY_NAMED = re.compile(
    rf"{_BEFORE}(\d{{1,2}})(?:st|nd|rd|th|er|\.?º|ª|\.)?(?:\s+|[-/])(?:(?:de|of|di)\s+|d['’])?"
    rf"{_NAME}\.?(?:\s?[-/,،]\s?|\s+)(?:(?:de|del)\s+)?{_YEAR}{_AFTER}"
)
_MONTH_NAMED = re.compile(
    rf"(?<!\w){_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+){_YEAR}{_AFTER}"
)
_VIETNAMESE = re.compile(rf"(?<!\d)(\d{{1,2}})\s+tháng\s+(\d{{1,2}})(?:,|\s+năm)?\s+{_YEAR}")
_NUMBERS = re.compile(rf"{_BEFORE}(\d{{1,2}})\s?([./-])\s?(\d{{1,2}})\s?\2\s?{_YEAR}{_AFTER}")
_SHORT_YEAR = re.compile(
    r"(?<![\d.])(\d{1,2})(\.)(\d{1,2})\.(\d\d)"
    r"(?=[\s,|•·–-]{1,3}(?:um\s|kl\.?\s|ore\s|um\s)?\d{1,2}[:.]\d\d(?!\d))"
)
"""Two digits of a year are believed before a time alone: "27.04.24, 07:39"."""
_MAY_DATE = re.compile(r"(?:1[89]|20)\d\d|\d\.\d\d[\s,|•·–-]")


def find(line: str, *, day_first: bool | None = None) -> Day | None:
    """Return the first day that a line names, or None; `day_first` settles 05/06/2023."""
    return next(iter(find_all(line, day_first=day_first)), None)


def find_all(line: str, *, day_first: bool | None = None) -> list[Day]:
    """Return the days that a line names, in order; where two overlap, the one that starts first."""
    if len(line) > LONGEST or not _MAY_DATE.search(line):
        return []
    found: list[Day] = []
    for day in sorted(_every(line, day_first), key=lambda day: (day.start, -day.end)):
        if not found or day.start >= found[-1].end:
            found.append(day)
    return found


def _every(line: str, day_first: bool | None) -> Iterator[Day]:
    """Yield every reading of every pattern."""
    for pattern, (year, month, day) in _PATTERNS:
        for match in pattern.finditer(line):
            said = match[month]
            number = int(said) if said.isdecimal() else MONTHS.get(said.lower())
            if number:
                yield from _made(match, int(match[year]), number, int(match[day]))
    for match in _NUMBERS.finditer(line):
        first, second = int(match[1]), int(match[3])
        known = True if match[2] == "." or first > 12 or first == second else None
        known = False if second > 12 else known
        if known is None:
            order = _order(line)
            known = day_first if order is None else order
        if known is not None:
            day, month = (first, second) if known else (second, first)
            yield from _made(match, int(match[4]), month, day)
    for match in _SHORT_YEAR.finditer(line):
        yield from _made(match, 2000 + int(match[4]), int(match[3]), int(match[1]))


def _made(match: re.Match[str], year: int, month: int, day: int) -> Iterator[Day]:
    """Yield the day, if the calendar has it."""
    try:
        yield Day(date(year, month, day), match.start(), match.end())
    except ValueError:
        return


_PATTERNS = (
    (_YEAR_FIRST, (1, 2, 3)),
    (_YEAR_NAMED, (1, 2, 3)),
    (_DAY_NAMED, (3, 2, 1)),
    (_MONTH_NAMED, (3, 1, 2)),
    (_VIETNAMESE, (3, 2, 1)),
)
"""Where year, month and day stand in each."""


def _order(line: str) -> bool | None:
    """Return whether the day comes first, as far as the line's zone or language says so."""
    if _DAY_FIRST.search(line):
        return True
    return False if _MONTH_FIRST.search(line) else None


_DAY_FIRST = re.compile(
    r"\b(?:CES?T|ME[SZ]Z|GMT|BST|UTC|MSK|Uhr|ver[öo]ffentlicht|erschienen|aktualisiert|stand|publié|mis à jour"
    r"|publicad[oa]|actualizad[oa]|atualizad[oa]|pubblicato|aggiornato|gepubliceerd|bijgewerkt|publicerad"
    r"|uppdaterad|publisert|oppdatert|publiceret|opublikowano|publikováno|yayın\w*|güncelle\w*|diterbitkan|terbit"
    r"|thứ|ngày|опубликовано|обновлено|нашр)\b",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(r"\b(?:E[SD]?T|C[SD]T|M[SD]T|P[SD]?T)\b")
"""Words of languages, and zones, whose people write the day before the month, or after it."""


def has_two_readings(line: str) -> bool:
    """Return whether a line holds numbers that are two days, unless something settles it."""
    return any(int(match[1]) <= 12 and int(match[2]) <= 12 for match in _SLASHED.finditer(line))


def day_first(text: str) -> bool | None:
    """Return whether 05/06/2023 is in June on this page: as its other dates are written, if any."""
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[2])
        if 12 < first <= 31 and second <= 12:
            return True
        if 12 < second <= 31 and first <= 12:
            return False
    return None


_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](?:19|20)\d\d(?!\d)")
