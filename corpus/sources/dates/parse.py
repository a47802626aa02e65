"""Parse dates as sources write them: ISO 8601, RFC 2822, stamps, and notations of many languages.

    2019-04-15T10:30:00+02:00 · 20190415103000 · 1555324200 (seconds, milliseconds, ... since 1970)
    {"$date": "2019-04-15T10:30:00Z"} · and everything in `notations.py`

A time without a zone is UTC. An ambiguous date is not parsed: a year alone, a month alone or
05/06/2023 keeps its original form in an extra column. The setting `date_format` decides.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow as pa

from corpus.sources.dates.notations import has_day_first, parse_notation

DATE_TYPE = pa.timestamp("us", "UTC")
MIN_DATE_CHARACTERS = 8
MAX_DATE_CHARACTERS = 80

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# (lowest, upper bound, units per second): seconds, milliseconds, microseconds and nanoseconds of
# the years 1973 to 5138. The ranges do not overlap, so a number has exactly one meaning.
_EPOCH_UNITS = ((1e8, 1e11, 1), (1e11, 1e14, 1000), (1e14, 1e17, 1_000_000), (1e17, 1e20, 10**9))
_STAMPS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
"""Calendar times by their number of digits. Other numbers are counts since 1970."""
_STAMP_YEARS = range(1970, 2100)
"""Years of stamps of 10 and 12 digits; in other years, these are counts."""
_NUMBER = re.compile(r"\d{8,20}(?:\.0+)?|\d{9,20}\.\d+", re.ASCII)
_TWO_NUMBERS = re.compile(
    r"\D{0,20}(\d{1,2})\s?([/-])\s?(\d{1,2})\s?\2\s?[12]\d{3}(?!\d)", re.ASCII
)
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/\d\d(?![\d/])", re.ASCII)
"""A date with a year of two digits, as spreadsheets write it: 4/15/19."""
_DOTNET_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)
"""Milliseconds since 1970 as .NET writes them into JSON. The zone does not change the time."""
_RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? "
    r"(?:[+-]\d{4}|GMT|UTC?|[ECMP][SD]T)",
    re.ASCII,
)
"""The form that e-mail and RSS use; its parser is faster than that of other notations."""


def parse_date(value: Any, format: str | None = None) -> datetime | None:
    """Return a value as a time in UTC, or None if it is not an unambiguous date.

    `format`, as of `strptime`, is tried first.
    """
    try:
        if isinstance(value, str):
            return _parse_text(value.strip(), format)
        if isinstance(value, datetime):
            return _to_utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if format and (time := _parse_format(str(value), format)):
                return time
            return _parse_number(value)
        if isinstance(value, dict) and len(value) == 1:
            return _parse_wrapped(value, format)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    return None


def parse_dates(values: Sequence[Any], format: str | None = None) -> tuple[pa.Array, list[int]]:
    """Return the times (timestamp[us, UTC]) and the rows with a value that could not be parsed.

    Both missing and unparsable values are null.
    """
    cache: dict[str, datetime | None] = {}
    times: list[datetime | None] = []
    unparsed: list[int] = []
    for row, value in enumerate(values):
        if value is None or value == "":
            times.append(None)
            continue
        if isinstance(value, str):
            if value not in cache:
                cache[value] = parse_date(value, format)
            time = cache[value]
        else:
            time = parse_date(value, format)
        if time is None:
            unparsed.append(row)
        times.append(time)
    return pa.array(times, DATE_TYPE), unparsed


def number_order(text: str) -> str | None:
    """Return whether the day or the month is first in a date such as 27/03/2019.

    `day_first`, `month_first` or `ambiguous`; None for a date in another notation, or 03/03/2019.
    """
    if match := _SHORT_YEAR.match(text):
        return "month_first" if int(match[1]) <= 12 < int(match[2]) <= 31 else "ambiguous"
    if not (match := _TWO_NUMBERS.match(text)):
        return None
    first, second = int(match[1]), int(match[3])
    if first == second or max(first, second) > 31 or min(first, second) > 12:
        return None
    return "day_first" if first > 12 else "month_first" if second > 12 else "ambiguous"


def check_format(format: str) -> None:
    """Raise ValueError unless a `strptime` format can state a year, a month and a day."""
    example = datetime(2019, 4, 15, 10, 30, tzinfo=UTC)
    try:
        parsed = datetime.strptime(example.strftime(format), format)  # noqa: DTZ007
    except (ValueError, re.error) as error:
        raise ValueError(f"not a date format: {error}; write it like '%d/%m/%Y'") from None
    if parsed.date() != example.date():
        raise ValueError("a date format needs year, month and day, such as '%d/%m/%Y'")


def _parse_format(text: str, format: str) -> datetime | None:
    """Return the time that a text states in a format, or None if it has another form."""
    try:
        return _to_utc(datetime.strptime(text, format))  # noqa: DTZ007, made UTC here
    except ValueError:
        return None


def _parse_wrapped(value: Mapping[str, Any], format: str | None) -> datetime | None:
    """Return the time in an object of MongoDB's extended JSON, or None."""
    ((key, inner),) = value.items()
    if key == "$numberLong":
        return _parse_number(int(inner))
    if key != "$date":
        return None
    is_number = isinstance(inner, dict) and set(inner) == {"$numberLong"}
    return parse_date(inner, format) if is_number or not isinstance(inner, dict) else None


def _to_utc(time: datetime) -> datetime:
    """Return the time in UTC; a time without a zone is already in UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _parse_number(value: float) -> datetime | None:
    """Return the time of a stamp such as 20230522, or of a count since 1970."""
    if not math.isfinite(value):
        return None
    if value == int(value) and (stamp := str(int(value))) and len(stamp) in _STAMPS:
        time = _parse_format(stamp, _STAMPS[len(stamp)])
        if time and (len(stamp) not in (10, 12) or time.year in _STAMP_YEARS):
            return time
        if len(stamp) in (8, 14, 17):
            return None  # as a count, it would be centuries away
    for lowest, bound, per_second in _EPOCH_UNITS:
        if lowest <= value < bound:
            whole, part = divmod(value, per_second)
            microseconds = round(part * 1e6 / per_second)
            return _EPOCH + timedelta(seconds=int(whole), microseconds=microseconds)
    return None


def _with_ascii_digits(text: str) -> str:
    """Return a text with the digits 0 to 9 for those of other scripts, without invisible marks."""
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
        if unicodedata.category(character) != "Cf"
    )


def _parse_text(text: str, format: str | None) -> datetime | None:
    """Return the time that a text states; raises ValueError if it states none."""
    if format and len(text) <= MAX_DATE_CHARACTERS and (time := _parse_format(text, format)):
        return time
    if not text.isascii():
        text = _with_ascii_digits(text)
    shortest = 6 if _SHORT_YEAR.match(text) else MIN_DATE_CHARACTERS
    if not shortest <= len(text) <= MAX_DATE_CHARACTERS:
        return None
    if match := _DOTNET_DATE.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(match[1]))
    if "-" not in text and _NUMBER.fullmatch(text):
        return _parse_number(float(text) if "." in text else int(text))
    if text[4:5] == "/" == text[7:8]:
        text = text.replace("/", "-", 2)
    for zone in (" UTC", " GMT", " Z"):
        if text.endswith(zone) and text[:4].isdigit():
            text = text.removesuffix(zone) + "Z"
    try:
        return _to_utc(datetime.fromisoformat(text))
    except ValueError:
        if _RFC_2822.fullmatch(text):
            return _to_utc(parsedate_to_datetime(text))
        day_first = has_day_first(format) if format else None
        time = parse_notation(text, day_first=day_first)
        return time or _to_utc(parsedate_to_datetime(text))
