"""Dates in a line of text, in the notations of many languages, and ages such as "3 hours ago".

Only certain readings count: a day, a month and a year. 05/06/2023 is ambiguous, so it is skipped
unless the line or the page shows which number is the day. With dots (05.06.2023) the day comes
first everywhere.

An age is a number of whole days, because the hour at which a page was saved is unknown. Hours and
minutes count as today. The caller has to know the date of the page.
"""

# ruff: noqa: E501, RUF001  (words and letters of many languages; one line for each group)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from corpus.words.month_names import MONTHS

EARLIEST_DATE = date(1800, 1, 1)
"""No page is older; earlier dates are about history."""
MAX_LINE_CHARACTERS = 400
"""Longer lines are not searched for dates."""
MAX_AGE_LINE_CHARACTERS = 60
"""Longer lines are not read as an age."""
MAX_AGE_DAYS = 400


class DateMention(NamedTuple):
    """A date that a line names, and the characters `line[start:end]` that name it."""

    day: date
    start: int
    end: int


def find_date(line: str, *, day_first: bool | None = None) -> DateMention | None:
    """Return the first date in a line, or None; `day_first` decides how to read 05/06/2023."""
    return next(iter(find_dates(line, day_first=day_first)), None)


def find_dates(line: str, *, day_first: bool | None = None) -> list[DateMention]:
    """Return the dates in a line, in order; of overlapping ones, the one that starts first."""
    if len(line) > MAX_LINE_CHARACTERS or not _MAY_CONTAIN_DATE.search(line):
        return []
    mentions: list[DateMention] = []
    for mention in sorted(_matches(line, day_first), key=lambda m: (m.start, -m.end)):
        if not mentions or mention.start >= mentions[-1].end:
            mentions.append(mention)
    return mentions


def _matches(line: str, day_first: bool | None) -> Iterator[DateMention]:
    """Yield the dates that each pattern matches."""
    for pattern, (year, month, day) in _PATTERNS:
        for match in pattern.finditer(line):
            name = match[month]
            number = int(name) if name.isdecimal() else MONTHS.get(name.lower())
            if number:
                yield from _valid_dates(match, int(match[year]), number, int(match[day]))
    for match in _NUMBERS.finditer(line):
        first, second = int(match[1]), int(match[3])
        is_day_first = _day_first(first, second, match[2], line=line, page=day_first)
        if is_day_first is not None:
            day, month = (first, second) if is_day_first else (second, first)
            yield from _valid_dates(match, int(match[4]), month, day)
    for match in _SHORT_YEAR.finditer(line):
        yield from _valid_dates(match, 2000 + int(match[4]), int(match[3]), int(match[1]))


def _day_first(
    first: int, second: int, separator: str, *, line: str, page: bool | None
) -> bool | None:
    """Return whether the first of two numbers is the day; None if neither line nor page shows it."""
    if second > 12:
        return False
    if separator == "." or first > 12 or first == second:
        return True
    if _DAY_FIRST_WORDS.search(line):
        return True
    return False if _MONTH_FIRST_WORDS.search(line) else page


def _valid_dates(match: re.Match[str], year: int, month: int, day: int) -> Iterator[DateMention]:
    """Yield the date if the calendar has it."""
    try:
        yield DateMention(date(year, month, day), match.start(), match.end())
    except ValueError:
        return


def has_ambiguous_date(line: str) -> bool:
    """Return whether a line has a date such as 05/06/2023 that could mean two days."""
    return any(int(match[1]) <= 12 and int(match[2]) <= 12 for match in _SLASHED.finditer(line))


def infer_day_first(text: str) -> bool | None:
    """Return whether the first unambiguous date of a page, such as 22/05/2023, has the day first.

    None if the page has no such date.
    """
    for match in _SLASHED.finditer(text):
        first, second = int(match[1]), int(match[2])
        if 12 < first <= 31 and second <= 12:
            return True
        if 12 < second <= 31 and first <= 12:
            return False
    return None


def parse_age(line: str) -> timedelta | None:
    """Return the age that a line states ("vor 2 Tagen", "3日前"), in whole days, or None."""
    if not 3 <= len(line) <= MAX_AGE_LINE_CHARACTERS:
        return None
    if _TODAY.match(line):
        return timedelta(0)
    if _YESTERDAY.match(line):
        return timedelta(1)
    if not _MAY_CONTAIN_AGE.search(line):
        return None
    for days, pattern in _AGES:
        match = pattern.search(line)
        if match:
            count = int(match[1]) if match[1].isdecimal() else 1
            return timedelta(days * count) if days * count <= MAX_AGE_DAYS else None
    return None


_BEFORE = r"(?:(?<!\d)|(?<=\D20\d\d))"
"""Not inside a number, but possibly right after another date: "30.01.202430. Januar 2024"."""
_AFTER = r"(?!\d(?!\d?[:.]\d\d))"
"""Not inside a number, but possibly right before a time: "Apr 28 20232:23 PM"."""
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
"""A year of two digits counts only before a time: "27.04.24, 07:39"."""
_MAY_CONTAIN_DATE = re.compile(r"(?:1[89]|20)\d\d|\d\.\d\d[\s,|•·–-]")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](?:19|20)\d\d(?!\d)")
_PATTERNS = (
    (_YEAR_FIRST, (1, 2, 3)),
    (_YEAR_NAMED, (1, 2, 3)),
    (_DAY_NAMED, (3, 2, 1)),
    (_MONTH_NAMED, (3, 1, 2)),
    (_VIETNAMESE, (3, 2, 1)),
)
"""Each pattern with its groups for year, month and day."""
_DAY_FIRST_WORDS = re.compile(
    r"\b(?:CES?T|ME[SZ]Z|GMT|BST|UTC|MSK|Uhr|ver[öo]ffentlicht|erschienen|aktualisiert|stand|publié|mis à jour"
    r"|publicad[oa]|actualizad[oa]|atualizad[oa]|pubblicato|aggiornato|gepubliceerd|bijgewerkt|publicerad"
    r"|uppdaterad|publisert|oppdatert|publiceret|opublikowano|publikováno|yayın\w*|güncelle\w*|diterbitkan|terbit"
    r"|thứ|ngày|опубликовано|обновлено|нашр)\b",
    re.IGNORECASE,
)
_MONTH_FIRST_WORDS = re.compile(r"\b(?:E[SD]?T|C[SD]T|M[SD]T|P[SD]?T)\b")
"""Words and time zones of countries that write the day first, or the month first."""

_UNITS_BY_DAYS = {
    0: r"s|m|h|sec\w*|min\w*|hours?|hrs?|stunden?|std\.?|sekunden?|heures?|horas?|or[ae]|uur|uren|timer?|timmar|timme"
    r"|saat|dakika|godzin\w*|hodin\w*|час\w*|минут\w*|годин\w*|хвилин\w*|jam|menit|giờ|phút|小时|小時|分钟|分鐘|時間|分|시간|분"
    r"|ساع\w*|دقيق\w*|دقیق\w*|tunti\w*",
    1: r"d|days?|tag(?:en|e)?|jours?|días?|giorn[io]|dias?|dag(?:en|er|ar)?|gün|dni|dzień|dn[yíů]\w*|den|д(?:ень|ня|ней)|дн\w+"
    r"|hari|ngày|天|日|일|يوم\w*|أيام|روز|päivä\w*",
    7: r"w|weeks?|wochen?|semaines?|semanas?|settiman[ae]|we[e]?k(?:en)?|uker?|veck\w+|uger?|hafta|tydzień|tygodni\w*|týd\w+"
    r"|недел\w+|тижн\w+|minggu|tuần|周|週間?|주|أسبوع|أسابيع|هفته",
}
_BEFORE_AGE = "vor|hace|il y a|há|för|før|for|před|منذ|قبل"
_AFTER_AGE = (
    "ago|fa|geleden|siden|sedan|önce|temu|назад|тому|yang lalu|lalu|trước|前|전|پیش|sitten|atrás"
)
_AGES = tuple(
    (days, re.compile(phrase, re.IGNORECASE))
    for days, unit in _UNITS_BY_DAYS.items()
    for phrase in (
        rf"(?:{_BEFORE_AGE})\s+(\d{{1,3}}|ein\w*|une?|una?|um|en|ett)\s+(?:{unit})\b",
        rf"(?<!\w)(\d{{1,3}}|an?|one)\s?(?:{unit})\s*(?:{_AFTER_AGE})(?!\w)",
    )
)
_MAY_CONTAIN_AGE = re.compile(rf"(?:{_BEFORE_AGE})\s|(?:{_AFTER_AGE})(?!\w)", re.IGNORECASE)
"""Occurs in every age: a quick test that excludes most lines."""
_TODAY = re.compile(
    r"\W*(?:(?:published|posted|online seit|stand|publié|oggi|publicado)\W+)?(?:today|heute|hoy|aujourd['’]hui|oggi|hoje|vandaag|idag"
    r"|i dag|bugün|dziś|dzisiaj|dnes|сегодня|сьогодні|hari ini|hôm nay|今天|今日|오늘|اليوم)\b",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(
    r"\W*(?:yesterday|gestern|ayer|hier|ieri|ontem|gisteren|igår|i går|dün|wczoraj|včera|вчера|вчора|kemarin|hôm qua"
    r"|昨天|昨日|어제|أمس)\b(?=\W*(?:$|\d|,|um|at|à|alle|om|kl))",
    re.IGNORECASE,
)
