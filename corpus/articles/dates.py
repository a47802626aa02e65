"""The day that a line of text names, in the ways pages of many languages write it.

Only what can be read for certain: a day, a month and a year. 05/06/2023 is two days, so it is
none; with dots (05.06.2023) the day comes first everywhere. "3 hours ago" names no day without a
clock.
"""

# ruff: noqa: E501, RUF001  (one line for each month, in letters of many alphabets)

from __future__ import annotations

import re
from datetime import date

EARLIEST = date(1800, 1, 1)
"""No page is dated before: what looks so is about history."""

_MONTHS = {
    1: "january jan januar jän jänner janvier janv enero ene gennaio gen janeiro januari ocak leden ledna stycznia января januára",
    2: "february feb februar februari février févr fév febrero febbraio fevereiro fev şubat únor února lutego февраля",
    3: "march mar märz mär mars marzo março maart mart března marca marca марта maret març",
    4: "april apr avril avr abril abr aprile nisan dubna kwietnia апреля",
    5: "may mai mayo maggio mag maio mei mayıs května maja мая maj maig",
    6: "june jun juni juin junio giugno giu junho haziran června czerwca июня juny",
    7: "july jul juli juillet juil julio luglio lug julho temmuz července lipca июля juliol",
    8: "august aug août agosto ago augustus ağustos srpna sierpnia августа agustus agost",
    9: "september sept sep septembre septiembre settembre setembro set eylül září września сентября setembre",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out ekim října października октября",
    11: "november nov novembre noviembre novembro kasım listopadu listopada ноября",
    12: "december dec dezember dez décembre déc diciembre dicembre dic dezembro aralık prosince grudnia декабря desember des desembre",
}  # fmt: skip
_MONTH = {name: month for month, names in _MONTHS.items() for name in names.split()}
_YEAR = r"(1[89]\d\d|20\d\d)"

_NAME = r"([^\W\d_]{3,12})"
_YEAR_FIRST = re.compile(
    rf"(?<!\d){_YEAR}(?:-|/|\.|年|년)\s?(\d{{1,2}})(?:-|/|\.|月|월)\s?(\d{{1,2}})(?!\d)"
)
_DAY_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|º|er)?\s+(?:de\s+|of\s+)?{_NAME}\.?,?\s+(?:de\s+|del\s+)?{_YEAR}(?!\d)"
)
_MONTH_NAMED = re.compile(rf"(?<!\w){_NAME}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)")
_NUMBERS = re.compile(rf"(?<!\d)(\d{{1,2}})([./-])(\d{{1,2}})\2{_YEAR}(?!\d)")
_ANY_YEAR = re.compile(r"(?:1[89]|20)\d\d")


def find(line: str) -> tuple[date, int, int] | None:
    """Return the first day that a line names, and where (start, end); None if it names none."""
    if not _ANY_YEAR.search(line):
        return None
    found = []
    for pattern, order in _PATTERNS:
        for match in pattern.finditer(line):
            day = _day(*order(match))
            if day:
                found.append((match.start(), match.end(), day))
                break
    if not found:
        return None
    start, end, day = min(found)
    return day, start, end


def _day(year: int, month: int | None, day: int) -> date | None:
    """Return the day, or None where the calendar has none."""
    try:
        return date(year, month or 0, day)
    except ValueError:
        return None


def _of_numbers(match: re.Match[str]) -> tuple[int, int | None, int]:
    """Return year, month, day of 22/05/2023 or 05/22/2023; month None where both could be meant."""
    first, sign, second, year = int(match[1]), match[2], int(match[3]), int(match[4])
    if sign == "." or first > 12 or first == second:
        return year, second, first
    return year, (first if second > 12 else None), second


def _month(name: str) -> int | None:
    return _MONTH.get(name.lower())


_PATTERNS = (
    (_YEAR_FIRST, lambda match: (int(match[1]), int(match[2]), int(match[3]))),
    (_DAY_NAMED, lambda match: (int(match[3]), _month(match[2]), int(match[1]))),
    (_MONTH_NAMED, lambda match: (int(match[3]), _month(match[1]), int(match[2]))),
    (_NUMBERS, _of_numbers),
)
