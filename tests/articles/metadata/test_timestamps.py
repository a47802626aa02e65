"""Times beside days: an instant where the zone is said, else the day alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from corpus.articles.metadata.dates import find
from corpus.articles.metadata.timestamps import at_midnight, moment, published, written

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
def test_a_time_counts_where_its_zone_is_said(line, hours):
    """An instant is told in UTC; a time without a zone, or with two, leaves the day."""
    found = moment(line, *find(line, day_first=True))
    wanted = at_midnight(DAY)
    assert found == (wanted if hours is None else wanted + timedelta(hours=hours, minutes=41))


def test_a_date_in_markup_is_read_with_its_zone():
    """ISO 8601 and RFC 2822 are read; what is neither is no date."""
    assert written("2023-05-22T09:41:00+02:00") == datetime(2023, 5, 22, 7, 41, tzinfo=UTC)
    assert written("Mon, 22 May 2023 09:41:00 GMT") == datetime(2023, 5, 22, 9, 41, tzinfo=UTC)
    assert written("2023-05-22") == at_midnight(DAY)
    for said in ("", "yesterday", "22 hours ago", "2023-02-31", "9" * 80, "0001-01-01T00:00+14:00"):
        assert written(said) is None


@pytest.mark.parametrize(
    ("markup", "day", "found"),
    [
        ('{"datePublished": "2023-05-22T23:00:00-04:00"}', DAY, (23, 3)),
        ('<meta property="article:published_time" content="2023-05-22T09:00:00Z">', DAY, (22, 9)),
        ('<meta content="2023-05-22T09:00:00Z" property="article:published_time">', None, (22, 9)),
        ('{"datePublished": "2023-06-30T09:00:00Z"}', DAY, (22, 0)),
        ("<p>nothing</p>", DAY, (22, 0)),
    ],
)
def test_markup_makes_a_day_a_moment_of_that_day(markup, day, found):
    """The moment that markup names is taken if it is of the day that was found."""
    wanted = datetime(2023, 5, *found, tzinfo=UTC)
    assert published(markup, day and at_midnight(day)) == wanted


def test_markup_that_says_nothing_has_no_moment():
    """Without a day and without a moment there is no date."""
    assert published("<p>" * 1000, None) is None
