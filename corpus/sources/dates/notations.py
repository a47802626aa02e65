"""Dates as people and programs write them, in the languages whose months we know.

    15 April 2019 · April 15, 2019, 10:30 AM EDT · 15-Apr-19 · 26-FEB-1987 15:01:01.79
    Mon Apr 15 10:30:00 +0000 2019 · Montag, 15. April 2019, 10:30 Uhr · 15 апреля 2019 г.
    2019年4月15日 10:30 · 2019.04.15 · 15.04.2019 · 15/Apr/2019:10:30:00 +0200 · 04/27/2019

A text is a date if it states a day, a month and a year, perhaps a time and a time zone, and nothing
else but a few words. 05/04/2019 may be two days: it needs `day_first`. With dots, the day is first.
With a year of two digits, 15/04/19 may also be in 2015: only 4/15/19 needs no `day_first`.
"""

# ruff: noqa: RUF001, RUF002  (letters of many languages)

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timezone
from functools import cache

from corpus.sources.dates.time_zones import ZONES, utc_offset
from corpus.words.month_names import MONTHS

MAX_WORDS = 4
"""Words beside date, time and zone: the name of the day, "at", "Uhr"."""

PIVOT_YEAR = 69
"""A year of two digits from 69 is in the 20th century, as in RFC 2822."""

_SEPARATOR = r"[\s.,/،-]*"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.?º|ª)?"
_NAME = r"(?P<name>[^\W\d_]{3,12})"
_YEAR = r"(?P<year>[12]\d{3})(?!\d)"
_SHORT_YEAR = r"['’]?(?P<year>[12]\d{3}|\d\d)(?!\d)"
_DATES = (
    rf"(?<!\d){_YEAR}\s?(?P<mark>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=mark)\s?(?P<day>\d{{1,2}})(?!\d)",
    rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]?(?!\d)",
    rf"{_DAY}\s+tháng\s+(?P<month>\d{{1,2}})(?:,|\s+năm)?\s+{_YEAR}",
    rf"(?<!\d){_YEAR}{_SEPARATOR}(?:m\.\s+)?{_NAME}{_SEPARATOR}(?P<day>\d{{1,2}})(?!\d)",
    rf"{_DAY}{_SEPARATOR}(?:(?:de|of|di)\s+|d['’])?{_NAME}{_SEPARATOR}(?:(?:de|del)\s+)?{_SHORT_YEAR}",
    rf"(?<!\w){_NAME}{_SEPARATOR}{_DAY}(?!\d){_SEPARATOR}{_YEAR}",
    rf"(?<!\d)(?P<first>\d{{1,2}})\s?(?P<mark>[-/.])\s?(?P<second>\d{{1,2}})\s?(?P=mark)\s?{_YEAR}",
    r"(?<![\d/.])(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d\d)(?![\d/.])",
)
_ZONE = (
    r"(?:[\s,]*(?P<zone>(?:(?:GMT|UTC)\s?)?[+-]\d{1,2}:?(?:\d\d)?(?!\d)"
    rf"|\(?(?:{'|'.join(ZONES)})\b\)?))?"
)
_HALF = r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?"
_EAST_ASIAN = (
    r"(?P<hour>\d{1,2})\s?[时時시]\s?(?P<minute>\d{1,2})\s?[分분]"
    r"(?:\s?(?P<second>\d{1,2})\s?[秒초])?"
)
_BEFORE_DATE = (
    rf"(?<!\d){_CLOCK}(?!\d){_HALF}{_ZONE}",
    rf"(?<!\d){_EAST_ASIAN}",
)
_AFTER_DATE = (
    rf"(?<!\d)(?P<hour>\d{{1,2}})[.h](?P<minute>\d\d)(?!\d){_HALF}{_ZONE}",
    rf"(?<!\d)(?P<hour>\d{{1,2}})(?=\s?[ap]\.?m){_HALF}{_ZONE}",
)
"""Times that can be told from a date, and those that can only be read once the date is known."""
_USUAL = re.compile(
    r"(\d{1,2})[ -]([a-z]{3,12})[ -]([12]\d{3})(?: (\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?",
    re.IGNORECASE | re.ASCII,
)
"""The most frequent notation, 26-FEB-1987 15:01:01.79: read in one step, it takes a tenth of the
time."""
_COMMENT = re.compile(r"(?<=\d)\s*[(\[][^()\[\]\d]*[)\]]$")
_AFTERNOON = re.compile(r"下午|晚上|오후")
_MORNING = re.compile(r"上午|早上|오전")
_WORD = re.compile(r"[^\W\d_]+")


def parse_notation(text: str, *, day_first: bool | None = None) -> datetime | None:
    """Return the time that a text states, in UTC, or None.

    `day_first` says how to read 05/04/2019. A time without a zone is UTC.
    """
    if (usual := _USUAL.fullmatch(text)) and (at_once := _usual_time(usual)):
        return at_once
    rest = _COMMENT.sub("", text)
    half = "p" if _AFTERNOON.search(rest) else "a" if _MORNING.search(rest) else ""
    time, rest = _cut_first(rest, _compiled(_BEFORE_DATE))
    for match in _date_matches(rest):
        day = _day(match, day_first)
        if day is None:
            continue
        others = f"{rest[: match.start()]} {rest[match.end() :]}"
        if time is None:
            time, others = _cut_first(others, _compiled(_AFTER_DATE))
        words = _WORD.findall(others)
        if len(words) > MAX_WORDS or any(character.isdigit() for character in others):
            return None
        if time is None:
            return day
        return _at(day, time, half)
    return None


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return patterns, compiled when the first date needs them: it takes milliseconds."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _usual_time(match: re.Match[str]) -> datetime | None:
    """Return the time that the most frequent notation means; None if it is impossible."""
    day, name, year, hour, minute, second, part = match.groups("0")
    try:
        return datetime(
            int(year),
            MONTHS.get(name.lower(), 0),
            int(day),
            int(hour),
            int(minute),
            int(second),
            int(part[:6].ljust(6, "0")),
            tzinfo=UTC,
        )
    except ValueError:
        return None


def _cut_first(
    text: str, patterns: tuple[re.Pattern[str], ...]
) -> tuple[re.Match[str] | None, str]:
    """Return the first match of any pattern, and the text without it."""
    for pattern in patterns:
        if match := pattern.search(text):
            return match, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _date_matches(text: str) -> Iterator[re.Match[str]]:
    for pattern in _compiled(_DATES):
        if match := pattern.search(text):
            yield match


def _day(match: re.Match[str], day_first: bool | None) -> datetime | None:
    """Return the day that a match means, at midnight; None if it is unknown or impossible."""
    parts = match.groupdict()
    month: int | None
    if "name" in parts:
        month, day = MONTHS.get(parts["name"].lower()), int(parts["day"])
    elif "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        if len(parts["year"]) == 2:
            is_day_first = False if second > 12 else day_first
        else:
            is_day_first = _is_day_first(first, second, parts["mark"], day_first)
        if is_day_first is None:
            return None
        day, month = (first, second) if is_day_first else (second, first)
    else:
        month, day = int(parts["month"]), int(parts["day"])
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= PIVOT_YEAR else 2000
    try:
        return datetime(year, month or 0, day, tzinfo=UTC)
    except ValueError:
        return None


def _is_day_first(first: int, second: int, mark: str, day_first: bool | None) -> bool | None:
    """Return whether the first of two numbers is the day; None if that cannot be known."""
    if first > 12 or second > 12:
        return first > 12
    return True if mark == "." or first == second else day_first


def _at(day: datetime, match: re.Match[str], half: str) -> datetime | None:
    """Return the time of a day that a match means; None if it is impossible."""
    parts = match.groupdict()
    hour, half = int(parts["hour"]), (parts.get("half") or half).lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    microsecond = int((parts.get("part") or "0").ljust(6, "0")[:6])
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    try:
        time = day.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
        offset = utc_offset(parts.get("zone") or "", time)
        return time if offset is None else time.replace(tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def has_day_first(format: str) -> bool | None:
    """Return whether a `strptime` format has the day before the month; None if it lacks one."""
    day, month = format.find("%d"), max(format.find(code) for code in ("%m", "%b", "%B"))
    return None if day < 0 or month < 0 else day < month
