"""The time that stands beside a day, where its zone is said: an instant, and not a guess.

A time without a zone is some time of that day; the day alone is kept then, as midnight in UTC.
Abbreviations that are two zones (CST: Chicago, Shanghai) or depend on the season (ET) say none.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

BESIDE = 40
"""Characters after a day, or before it, within which its time stands."""
LONGEST = 64

_ZONES = {
    **dict.fromkeys(("utc", "gmt", "z", "wet"), 0),
    **dict.fromkeys(("bst", "west", "cet", "mez", "wat"), 60),
    **dict.fromkeys(("cest", "mesz", "eet", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "msk", "мск", "trt", "eat"), 180),
    **dict.fromkeys(("wib",), 420),
    **dict.fromkeys(("hkt", "sgt", "wita", "awst"), 480),
    **dict.fromkeys(("jst", "kst", "wit"), 540),
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "edt": -240,
    "est": -300,
    "cdt": -300,
    "mdt": -360,
    "mst": -420,
    "pdt": -420,
    "pst": -480,
}
"""Minutes east of Greenwich."""
_TIME = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?\s?([ap]\.?m\.?)?\s?(?:uhr|uur)?\s?"
    r"\(?(?:(?:(utc|gmt)\s?)?([+-])(\d\d?):?([0-5]\d)?(?!\d)|(" + "|".join(_ZONES) + r")\b)",
    re.IGNORECASE,
)


def at_midnight(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def moment(line: str, day: date, start: int, end: int) -> datetime:
    """Return the instant that a line names with its day (at `start` to `end`), in UTC."""
    found = _TIME.search(line[end : end + BESIDE]) or _TIME.search(
        line[max(0, start - BESIDE) : start]
    )
    if found is None:
        return at_midnight(day)
    hour, half = int(found[1]), (found[4] or "")[:1].lower()
    if half and not 1 <= hour <= 12:
        return at_midnight(day)
    hour = hour % 12 + 12 * (half == "p") if half else hour
    east = _ZONES[found[9].lower()] if found[9] else _minutes(found)
    clock = timedelta(hours=hour, minutes=int(found[2]) - east, seconds=int(found[3] or 0))
    return at_midnight(day) + clock if abs(east) <= 14 * 60 else at_midnight(day)


def _minutes(found: re.Match[str]) -> int:
    """Return the minutes east that +02:00, UTC+2 or -0500 say."""
    minutes = 60 * int(found[7]) + int(found[8] or 0)
    return -minutes if found[6] == "-" else minutes


def written(text: str) -> datetime | None:
    """Return the instant that a date in markup says, in UTC (so is one without a zone), or None."""
    text = text.strip()
    if not 8 <= len(text) <= LONGEST:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


_PUBLISHED = re.compile(
    r"""["']datePublished["']\s*:\s*["']([^"'<>]{8,64})["']"""
    r"""|<meta\s[^<>]{0,300}?article:published_time["'][^<>]{0,300}?content=["']([^"'<>]{8,64})["']"""
    r"""|<meta\s[^<>]{0,300}?content=["']([^"'<>]{8,64})["'][^<>]{0,300}?article:published_time["']""",
    re.IGNORECASE,
)
"""Where markup says when an article was published, to the minute and with the zone."""
_MOST_MOMENTS = 20
_FIRST, _LAST = timedelta(hours=-14), timedelta(hours=36)
"""When a day starts in the east of the world, and ends in its west, after its midnight in UTC."""


def published(markup: str, day: datetime | None) -> datetime | None:
    """Return when markup says that its article was published, if that is on the day.

    Extractors give a day; it is kept where the markup names no moment on it. Without a day, the
    first moment.
    """
    if day is not None and day.time() != time.min:
        return day
    for match in itertools.islice(_PUBLISHED.finditer(markup), _MOST_MOMENTS):
        when = written(match[1] or match[2] or match[3])
        if when is not None and (day is None or _FIRST <= when - day <= _LAST):
            return when
    return day
