"""Parse dates as sources write them: ISO 8601, RFC 2822, or seconds or milliseconds since 1970.

A time without a zone is UTC. An ambiguous date is not parsed: a year alone, a month alone or
05/06/2023 keeps its original form in an extra column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow as pa

DATE_TYPE = pa.timestamp("us", "UTC")
MIN_DATE_CHARACTERS = 8
MAX_DATE_CHARACTERS = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# (lowest, upper bound, units per second): seconds, milliseconds and microseconds of the years 1973
# to 5138. The ranges do not overlap, so a number has exactly one meaning.
_EPOCH_UNITS = ((1e8, 1e11, 1), (1e11, 1e14, 1000), (1e14, 1e17, 1_000_000))


def parse_date(value: Any) -> datetime | None:
    """Return a value as a time in UTC, or None if it is not an unambiguous date."""
    try:
        if isinstance(value, str):
            return _parse_text(value.strip())
        if isinstance(value, datetime):
            return _to_utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _parse_number(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    return None


def parse_dates(values: Sequence[Any]) -> tuple[pa.Array, list[int]]:
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
                cache[value] = parse_date(value)
            time = cache[value]
        else:
            time = parse_date(value)
        if time is None:
            unparsed.append(row)
        times.append(time)
    return pa.array(times, DATE_TYPE), unparsed


def _to_utc(time: datetime) -> datetime:
    """Return the time in UTC; a time without a zone is already in UTC."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _parse_number(value: float) -> datetime | None:
    """Return the time of a count since 1970; an eight-digit integer is a day, such as 20230522."""
    if not math.isfinite(value):
        return None
    if isinstance(value, int) and 10_000_000 <= value <= 99_999_999:
        return _to_utc(datetime.strptime(str(value), "%Y%m%d"))  # noqa: DTZ007, made UTC here
    for lowest, bound, per_second in _EPOCH_UNITS:
        if lowest <= value < bound:
            seconds, rest = divmod(value, per_second)
            microseconds = round(rest * 1e6 / per_second)
            return _EPOCH + timedelta(seconds=int(seconds), microseconds=microseconds)
    return None


def _parse_text(text: str) -> datetime | None:
    """Return the time that a text states; raises ValueError if it states none."""
    if not MIN_DATE_CHARACTERS <= len(text) <= MAX_DATE_CHARACTERS:
        return None
    if text.isascii() and text.isdigit():
        return _parse_number(int(text))
    if text[4:5] == "/" == text[7:8]:
        text = text.replace("/", "-", 2)
    for zone in (" UTC", " GMT", " Z"):
        if text.endswith(zone) and text[:4].isdigit():
            text = text.removesuffix(zone) + "Z"
    try:
        return _to_utc(datetime.fromisoformat(text))
    except ValueError:
        return _to_utc(parsedate_to_datetime(text))
