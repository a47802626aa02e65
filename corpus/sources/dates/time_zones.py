"""Offsets of time zones by their abbreviations, as dates in text have them.

Of an abbreviation with several meanings, the one that is most frequent in news counts: IST is
India, BST is British Summer Time, CST is Central Standard Time in North America.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "UT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "BST": 1,
    "CET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "TRT": 3,
    "SAST": 2,
    "CAT": 2,
    "WAT": 1,
    "EAT": 3,
    "GST": 4,
    "PKT": 5,
    "IST": 5.5,
    "NPT": 5.75,
    "WIB": 7,
    "ICT": 7,
    "WITA": 8,
    "WIT": 9,
    "HKT": 8,
    "SGT": 8,
    "PHT": 8,
    "MYT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "ACST": 9.5,
    "ACDT": 10.5,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    "BRT": -3,
    "ART": -3,
    "NST": -3.5,
    "NDT": -2.5,
    "AST": -4,
    "ADT": -3,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "AKST": -9,
    "AKDT": -8,
    "HST": -10,
}
_NORTH_AMERICA = {"ET": -5, "CT": -6, "MT": -7, "PT": -8}
"""Zones whose abbreviation does not say whether it is summer time."""

ZONES = tuple(sorted([*_HOURS, *_NORTH_AMERICA], key=lambda name: (-len(name), name)))
"""All abbreviations, the longest first."""

_OFFSET = re.compile(r"(?:GMT|UTC)?\s?([+-])(\d{1,2}):?(\d\d)?")


def utc_offset(zone: str, time: datetime) -> timedelta | None:
    """Return the offset of a zone (`CEST`, `+0200`, `GMT+2`) at a local time.

    None if the zone is unknown.
    """
    name = zone.strip("() ").upper()
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return -offset if match[1] == "-" else offset
    if name in _NORTH_AMERICA:
        return timedelta(hours=_NORTH_AMERICA[name] + _is_summer_in_north_america(time))
    return timedelta(hours=_HOURS[name]) if name in _HOURS else None


def _is_summer_in_north_america(time: datetime) -> bool:
    """Return whether daylight saving time applies, by the rules of 1987 and of 2007."""
    start, end = (_sunday(time, 3, 8), _sunday(time, 11, 1))
    if time.year < 2007:
        start, end = _sunday(time, 4, 1), _sunday(time, 10, 25)
    return start <= time < end


def _sunday(time: datetime, month: int, day: int) -> datetime:
    """Return 2 o'clock on the first Sunday on or after a day of the year of `time`."""
    first = time.replace(month=month, day=day, hour=2, minute=0, second=0, microsecond=0)
    return first + timedelta(days=6 - first.weekday())
