"""Dates as sources write them, in UTC; what says none for certain stays as it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.dates import DATE_TYPE, moment, parse

from .conftest import jsonl, read_all

MAY = datetime(2023, 5, 22, tzinfo=UTC)
TEN = datetime(2023, 5, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023-05-22", MAY),
        (" 2023-05-22\n", MAY),
        ("2023/05/22", MAY),
        ("20230522", MAY),
        (20230522, MAY),
        ("2023-05-22T10:00:00Z", TEN),
        ("2023-05-22 10:00:00", TEN),
        ("2023-05-22 10:00:00 UTC", TEN),
        ("2023-05-22T12:00:00+02:00", TEN),
        ("2023-05-22T05:00:00-0500", TEN),
        ("2023-05-22T10:00:00.25Z", TEN + timedelta(seconds=0.25)),
        ("Mon, 22 May 2023 10:00:00 GMT", TEN),
        ("Mon, 22 May 2023 12:00:00 +0200", TEN),
        (1684749600, TEN),
        (1684749600.5, TEN + timedelta(seconds=0.5)),
        ("1684749600", TEN),
        (1684749600000, TEN),
        (1684749600000000, TEN),
        (date(2023, 5, 22), MAY),
        (datetime(2023, 5, 22, 10), TEN),  # noqa: DTZ001
        (datetime(2023, 5, 22, 12, tzinfo=timezone(timedelta(hours=2))), TEN),
    ],
)
def test_dates_are_read(value, expected):
    """ISO 8601, RFC 2822 and seconds, milliseconds or microseconds since 1970 are read."""
    assert moment(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", "2023", 2023, "2023-05", "05/06/2023", "yesterday", "2023-02-30", 0, -1, True, 1e300),
        *(float("nan"), {"$date": 1}, ["2023-05-22"], "0001-01-01T00:00:00+23:59", 99999999),
        "x" * 10_000,
    ],
)
def test_what_is_no_certain_date_is_none(value):
    """A year alone, a day that does not exist, an ambiguous one, nonsense: no dates."""
    assert moment(value) is None


@given(st.text() | st.integers() | st.floats() | st.dates())
def test_nothing_raises(value):
    """Whatever a source says, it is a time in UTC or none."""
    found = moment(value)
    assert found is None or found.utcoffset() == timedelta(0)


def test_a_column_tells_what_it_could_not_read():
    """Missing values are null; so are those that could not be read, whose places are told."""
    found, unread = parse([None, "2023-05-22", "soon", ""])

    assert found.type == DATE_TYPE
    assert found.to_pylist() == [None, MAY, None, None]
    assert unread == [2]


@pytest.mark.parametrize(
    ("own", "kept"), [("date", "date_source"), ("published_at", "published_at")]
)
def test_an_unreadable_date_stays_beside(own, kept, put):
    """A date that could not be read is null, and stays beside under the source's name."""
    rows = [{"text": "a", own: "2023-05-22"}, {"text": "b", own: "in May"}, {"text": "c"}]
    found = read_all(put("a.jsonl", jsonl(rows)), columns={"date": own})

    assert found.column("date") == [MAY, None, None]
    assert found.column(kept) == [None, "in May", None]
