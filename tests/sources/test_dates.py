"""Dates: every common format is parsed to UTC, and ambiguous dates are left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources.dates import DATE_TYPE, parse_date, parse_dates

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
def test_common_formats_are_parsed(value, expected):
    """ISO 8601, RFC 2822, and seconds, milliseconds or microseconds since 1970 are parsed."""
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        *("", "2023", 2023, "2023-05", "05/06/2023", "yesterday", "2023-02-30", 0, -1, True, 1e300),
        *(float("nan"), {"$date": 1}, ["2023-05-22"], "0001-01-01T00:00:00+23:59", 99999999),
        "x" * 10_000,
    ],
)
def test_ambiguous_and_invalid_dates_are_not_parsed(value):
    """A year alone, an impossible day, an ambiguous date and nonsense are not dates."""
    assert parse_date(value) is None


@given(st.text() | st.integers() | st.floats() | st.dates())
def test_parsing_never_raises(value):
    """Any value gives a time in UTC or None."""
    time = parse_date(value)
    assert time is None or time.utcoffset() == timedelta(0)


def test_unparsed_rows_are_returned():
    """Missing and unparsable values are null; only the rows of the latter are returned."""
    times, unparsed = parse_dates([None, "2023-05-22", "soon", ""])

    assert times.type == DATE_TYPE
    assert times.to_pylist() == [None, MAY, None, None]
    assert unparsed == [2]


@pytest.mark.parametrize(
    ("own", "kept"), [("date", "date_source"), ("published_at", "published_at")]
)
def test_an_unparsable_date_is_kept_in_an_extra_column(own, kept, put):
    """An unparsable date is null, and its value is kept under the source's own name."""
    rows = [{"text": "a", own: "2023-05-22"}, {"text": "b", own: "in May"}, {"text": "c"}]
    result = read_all(put("a.jsonl", jsonl(rows)), columns={"date": own})

    assert result.column("date") == [MAY, None, None]
    assert result.column(kept) == [None, "in May", None]
