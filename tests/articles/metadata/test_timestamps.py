"""The time next to a date: a timestamp if its zone is given, else the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from corpus.articles.metadata.dates import find_date
from corpus.articles.metadata.timestamps import (
    midnight_utc,
    parse_timestamp,
    plausible_date,
    published_at,
    timestamp_at,
)

DAY = date(2023, 5, 22)


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("22 May 2023 09:41", None),
        ("22 May 2023, 09:41 UTC", 9),
        ("22 May 2023, 9:41 pm EDT", 25),
        ("22. Mai 2023, 09:41 Uhr MESZ", 7),
        ("22.05.2023 - 14:41 (GMT+7)", 7),
        ("2023-05-22T09:41:00+02:00", 7),
        ("2023-05-22T09:41:00-0500", 14),
        ("12:41 am BST, 22 May 2023", -1),
        ("22 May 2023, 17:41 pm EDT", None),
        ("22 May 2023, 09:41 CST", None),  # two zones
        ("22 May 2023, 09:41 +29:00", None),
    ],
)
def test_a_time_counts_if_its_zone_is_given(line, hours):
    """A timestamp is in UTC; a time without a zone, or with an ambiguous one, is ignored."""
    timestamp = timestamp_at(line, find_date(line, day_first=True))
    time = timedelta(0) if hours is None else timedelta(hours=hours, minutes=41)
    assert timestamp == midnight_utc(DAY) + time


def test_a_date_in_markup_is_read_with_its_zone():
    """ISO 8601 and RFC 2822 are read; anything else returns None."""
    assert parse_timestamp("2023-05-22T09:41:00+02:00") == datetime(2023, 5, 22, 7, 41, tzinfo=UTC)
    rfc_2822 = "Mon, 22 May 2023 09:41:00 GMT"
    assert parse_timestamp(rfc_2822) == datetime(2023, 5, 22, 9, 41, tzinfo=UTC)
    assert parse_timestamp("2023-05-22") == midnight_utc(DAY)
    for text in ("", "yesterday", "22 hours ago", "2023-02-31", "9" * 80, "0001-01-01T00:00+14:00"):
        assert parse_timestamp(text) is None


@pytest.mark.parametrize(
    ("markup", "day", "day_and_hour"),
    [
        ('{"datePublished": "2023-05-22T23:00:00-04:00"}', DAY, (23, 3)),
        ('<meta property="article:published_time" content="2023-05-22T09:00:00Z">', DAY, (22, 9)),
        ('<meta content="2023-05-22T09:00:00Z" property="article:published_time">', None, (22, 9)),
        ('{"datePublished": "2023-06-30T09:00:00Z"}', DAY, (22, 0)),
        ("<p>nothing</p>", DAY, (22, 0)),
    ],
)
def test_a_timestamp_in_markup_replaces_its_day(markup, day, day_and_hour):
    """A timestamp in the markup is used if it is on the given day."""
    expected = datetime(2023, 5, *day_and_hour, tzinfo=UTC)
    assert published_at(markup, day and midnight_utc(day)) == expected


def test_markup_without_a_timestamp_has_no_date():
    """Without a day and without a timestamp in the markup, the result is None."""
    assert published_at("<p>" * 1000, None) is None


def test_an_implausible_date_is_dropped():
    """An article is not dated after `as_of`, or before 1800."""
    timestamp = datetime(2023, 5, 22, 9, tzinfo=UTC)
    assert plausible_date(timestamp, as_of=date(2023, 5, 21)) is None
    assert plausible_date(timestamp.replace(year=1023), as_of=None) is None
    assert plausible_date(timestamp, as_of=date(2023, 5, 22)) == timestamp
    assert plausible_date(None, as_of=None) is None
