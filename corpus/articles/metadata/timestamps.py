"""The time next to a date, where its zone is given, and timestamps in markup.

A time without a zone is ignored: the timestamp is then midnight UTC of the day. Abbreviations that
stand for two zones (CST: Chicago, Shanghai) or depend on the season (ET) do not count as a zone.
"""

# ruff: noqa: E501  (words of many languages)

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from corpus.articles.metadata.dates import EARLIEST_DATE, DateMention

MAX_CHARACTERS_BETWEEN = 40
"""Characters after a date, or before it, that are searched for its time."""
MAX_CHARACTERS_BESIDES_DATE = 150
"""Maximum number of characters, besides the date, in a date line."""
MAX_TIMESTAMP_CHARACTERS = 64
MAX_TIMESTAMPS_IN_MARKUP = 20


def midnight_utc(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time.min, UTC)


def plausible_date(timestamp: datetime | None, *, as_of: date | None) -> datetime | None:
    """Return the timestamp if an article can have it: not before 1800, and not after `as_of`."""
    if timestamp is None or timestamp.date() < EARLIEST_DATE:
        return None
    return None if as_of is not None and timestamp.date() > as_of else timestamp


def timestamp_at(line: str, mention: DateMention) -> datetime:
    """Return the timestamp of a date in a line, in UTC; midnight if no time with a zone is near."""
    midnight = midnight_utc(mention.day)
    after = line[mention.end : mention.end + MAX_CHARACTERS_BETWEEN]
    before = line[max(0, mention.start - MAX_CHARACTERS_BETWEEN) : mention.start]
    match = _TIME.search(after) or _TIME.search(before)
    if match is None:
        return midnight
    hour, am_pm = int(match[1]), (match[4] or "")[:1].lower()
    if am_pm and not 1 <= hour <= 12:
        return midnight
    hour = hour % 12 + 12 * (am_pm == "p") if am_pm else hour
    offset = _ZONE_MINUTES[match[9].lower()] if match[9] else _offset_minutes(match)
    if abs(offset) > 14 * 60:
        return midnight
    minute, second = int(match[2]) - offset, int(match[3] or 0)
    return midnight + timedelta(hours=hour, minutes=minute, seconds=second)


def _offset_minutes(match: re.Match[str]) -> int:
    """Return the minutes east of UTC for +02:00, UTC+2 or -0500."""
    minutes = 60 * int(match[7]) + int(match[8] or 0)
    return -minutes if match[6] == "-" else minutes


def publication_date(
    line: str, mentions: Sequence[DateMention], *, as_of: date | None
) -> datetime | None:
    """Return the first date in a date line that is not the date of an update; else the first one.

    None if the line is a sentence that mentions a date.
    """
    label_start, updates = 0, []
    for mention in mentions:
        label = line[label_start : mention.start]
        label_start = mention.end
        timestamp = plausible_date(timestamp_at(line, mention), as_of=as_of)
        n_other_characters = len(line) - (mention.end - mention.start)
        if timestamp is None or n_other_characters > MAX_CHARACTERS_BESIDES_DATE:
            continue
        if _OTHER_DATE_LABEL.search(label) or line.startswith("—"):  # a quoted post is signed so
            continue
        if not UPDATE_LABEL.search(label):
            return timestamp
        updates.append(timestamp)
    return updates[0] if updates else None


def parse_timestamp(text: str) -> datetime | None:
    """Return an ISO 8601 or RFC 2822 timestamp in UTC, or None if it is neither.

    A timestamp without a zone counts as UTC.
    """
    text = text.strip()
    if not 8 <= len(text) <= MAX_TIMESTAMP_CHARACTERS:
        return None
    try:
        timestamp = datetime.fromisoformat(text)
    except ValueError:
        try:
            timestamp = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
    try:
        has_zone = timestamp.tzinfo is not None
        return timestamp.astimezone(UTC) if has_zone else timestamp.replace(tzinfo=UTC)
    except OverflowError:
        return None


def published_at(markup: str, day: datetime | None) -> datetime | None:
    """Return when the article was published, according to its HTML, if that is on the given day.

    Extractors return a day. It is returned unchanged if it has a time already, or if the markup has
    no timestamp on it. Without a day, the first timestamp in the markup is returned.
    """
    if day is not None and day.time() != time.min:
        return day
    for match in itertools.islice(_PUBLISHED.finditer(markup), MAX_TIMESTAMPS_IN_MARKUP):
        timestamp = parse_timestamp(match[1] or match[2] or match[3])
        if timestamp is not None and (day is None or _DAY_START <= timestamp - day <= _DAY_END):
            return timestamp
    return day


_ZONE_MINUTES = {
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
"""Minutes east of UTC."""
_TIME = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?\s?([ap]\.?m\.?)?\s?(?:uhr|uur)?\s?"
    r"\(?(?:(?:(utc|gmt)\s?)?([+-])(\d\d?):?([0-5]\d)?(?!\d)|(" + "|".join(_ZONE_MINUTES) + r")\b)",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"""["']datePublished["']\s*:\s*["']([^"'<>]{8,64})["']"""
    r"""|<meta\s[^<>]{0,300}?article:published_time["'][^<>]{0,300}?content=["']([^"'<>]{8,64})["']"""
    r"""|<meta\s[^<>]{0,300}?content=["']([^"'<>]{8,64})["'][^<>]{0,300}?article:published_time["']""",
    re.IGNORECASE,
)
"""Where markup gives the time of publication with its zone."""
_DAY_START, _DAY_END = timedelta(hours=-14), timedelta(hours=36)
"""When a day starts in the easternmost zone, and ends in the westernmost, after midnight UTC."""
_OTHER_DATE_LABEL = re.compile(
    r"\b(?:bis|until|till|jusqu\w*|hasta|fino|até|verfügbar|available|expires?|since|seit|depuis|desde|joined"
    r"|born|geboren|cover of)\b[^.]*$",
    re.IGNORECASE,
)
"""Before a date that is not about the publication of the article, such as "until" or "born"."""
UPDATE_LABEL = re.compile(
    r"updated?|upd\.|aktuali|mis à jour|modifi|actualiza|aggiorna|atualiza|oppdater|uppdater|opdater|güncelle|обновл"
    r"|bijgewerkt|päivitetty|diperbarui|geändert|更新|수정|cập nhật|edited|last change|تحديث",
    re.IGNORECASE,
)
"""Before the date of an update."""
