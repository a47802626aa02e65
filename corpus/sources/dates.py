"""Dates as sources write them: ISO 8601, RFC 2822, seconds or milliseconds since 1970.

A time without a zone is UTC. What cannot be read for certain is not read: a year alone, a month
alone, or 05/06/2023 stay as they are, in a column of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pyarrow as pa

DATE_TYPE = pa.timestamp("us", "UTC")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 64  # characters that are looked at as a date
# Seconds, milliseconds and microseconds of the years 1973 to 5138: each number is one of them
# alone.
_UNITS = ((1e8, 1e11, 1), (1e11, 1e14, 1000), (1e14, 1e17, 1_000_000))


def moment(value: Any) -> datetime | None:
    """Return the time that a value says, in UTC, or None where it says none for certain."""
    try:
        if isinstance(value, str):
            return _text(value.strip())
        if isinstance(value, datetime):
            return _utc(value)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value)
    except (ValueError, OverflowError, TypeError, IndexError):
        pass
    return None


def _utc(found: datetime) -> datetime:
    """Return the time in UTC; one without a zone is taken to be."""
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _number(value: float) -> datetime | None:
    """Return the time so long after 1970; a number of eight digits is a day, 20230522."""
    if not math.isfinite(value):
        return None
    if isinstance(value, int) and 10_000_000 <= value <= 99_999_999:
        return _utc(datetime.strptime(str(value), "%Y%m%d"))  # noqa: DTZ007, made UTC here
    for low, high, unit in _UNITS:
        if low <= value < high:
            whole, part = divmod(value, unit)
            return _EPOCH + timedelta(seconds=int(whole), microseconds=round(part * 1e6 / unit))
    return None


def _text(value: str) -> datetime | None:
    """Return the time that a text says."""
    if not 8 <= len(value) <= _LONGEST:
        return None
    if value.isascii() and value.isdigit():
        return _number(int(value))
    if value[4:5] == "/" == value[7:8]:
        value = value.replace("/", "-", 2)
    for zone in (" UTC", " GMT", " Z"):
        if value.endswith(zone) and value[:4].isdigit():
            value = value.removesuffix(zone) + "Z"
    try:
        return _utc(datetime.fromisoformat(value))
    except ValueError:
        return _utc(parsedate_to_datetime(value))


def parse(values: Sequence[Any]) -> tuple[pa.Array, list[int]]:
    """Return the times (timestamp[us, UTC]), null where none, and the places that were not read."""
    known: dict[Any, datetime | None] = {}
    found: list[datetime | None] = []
    unread: list[int] = []
    for place, value in enumerate(values):
        if value is None or value == "":
            found.append(None)
            continue
        if isinstance(value, str):
            if value not in known:
                known[value] = moment(value)
            said = known[value]
        else:
            said = moment(value)
        if said is None:
            unread.append(place)
        found.append(said)
    return pa.array(found, DATE_TYPE), unread
