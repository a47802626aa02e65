"""Dates: every common format is parsed to UTC, and ambiguous dates are left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources import Source, find_files, read, split_into_chunks
from corpus.sources.dates.notations import parse_notation
from corpus.sources.dates.parse import DATE_TYPE, number_order, parse_date, parse_dates
from corpus.sources.notes import notes_of
from corpus.words.month_names import MONTHS
from tests.sources.conftest import jsonl, read_all

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
        *("May 2023", "in May 2023", "05-06-2023", "22/05/23", "22 bananas 2023", "20230230103000"),
        *(
            "22 May 2023 - 24 May 2023",
            "31 April 2023",
            "22 May 2023 25:00",
            {"$date": {}},
            {"d": 1},
        ),
        *(float("nan"), {"$date": 1}, ["2023-05-22"], "0001-01-01T00:00:00+23:59", 99999999),
        "x" * 10_000,
    ],
)
def test_ambiguous_and_invalid_dates_are_not_parsed(value):
    """A year alone, an impossible day, an ambiguous date and nonsense are not dates."""
    assert parse_date(value) is None


APRIL = datetime(2019, 4, 15, tzinfo=UTC)
HALF_PAST_TEN = datetime(2019, 4, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "15-Apr-19",
            "15 Apr 2019",
            "Apr. 15, 2019",
            "April 15th, 2019",
            "2019-Apr-15",
            "15Apr2019",
        ),
        *(
            "2019年4月15日",
            "2019년 4월 15일",
            "2019.04.15",
            "2019. 04. 15.",
            "15.04.2019",
            "2019-4-15",
        ),
        *("15/04/2019", "04/15/2019", "15-04-2019", "Montag, 15. April 2019", "15 avril 2019"),
        *(
            "lunes, 15 de abril de 2019",
            "15 апреля 2019 г.",
            "2019. április 15.",
            "15 tháng 4 năm 2019",
        ),
        *("15 Nisan 2019 Pazartesi", "15. huhtikuuta 2019", "15 kwietnia 2019", "15 أبريل 2019"),
        *("den 15 april 2019", "15 dubna 2019", "15 d'abril de 2019", "15 квітня 2019"),
        *(20190415, 20190415.0, "20190415.0", "4/15/19", "04/15/19", "４/15/2019"),
        *(
            "２０１９年４月１５日",
            "١٥ أبريل ٢٠١٩",
            "१५/०४/२०१९",
            "\u200e15\u200e/\u200e04\u200e/\u200e2019",
        ),
        *("/Date(1555286400000)/", "/Date(1555286400000+0200)/"),
    ],
)
def test_days_are_parsed_in_many_notations(value):
    """A day, a month by name or number, and a year are a date, in many languages."""
    assert parse_date(value) == APRIL


@pytest.mark.parametrize(
    "value",
    [
        *(
            "Mon Apr 15 10:30:00 +0000 2019",
            "Mon Apr 15 10:30:00 2019",
            "15/Apr/2019:10:30:00 +0000",
        ),
        *(
            "15-APR-2019 10:30:00.00",
            "15APR2019:10:30:00",
            "2019年4月15日 10:30",
            "10:30 Apr 15 2019",
        ),
        *("2019年4月15日 上午10时30分", "April 15, 2019 at 10:30 a.m.", "15 avril 2019 à 10h30"),
        *("15. April 2019, 10:30 Uhr", "15. huhtikuuta 2019 klo 10.30", "2019.04.15 10:30"),
        *("Mon Apr 15 2019 12:30:00 GMT+0200 (Central European Summer Time)",),
        *("2019-04-15T12:30:00+02:00[Europe/Berlin]", "15/04/2019 10:30", "2019-04-15 11:30 BST"),
        *("2019-04-15 12:30:00 CEST", "Mon, 15 Apr 2019 06:30:00 EDT", "Apr 15, 2019 6:30 AM ET"),
        *("15 Apr 2019 16:00 IST", "2019年4月15日 19:30 JST", "15 Apr 2019 10:30 GMT"),
        *(20190415103000, "20190415103000", 201904151030, "20190415103000000", 2.0190415103e13),
        *(1555324200, 1555324200000, 1555324200000000, 1555324200000000000, "1555324200.0"),
        *({"$date": "2019-04-15T10:30:00Z"}, {"$date": 1555324200000}),
        {"$date": {"$numberLong": "1555324200000"}},
    ],
)
def test_times_are_parsed_in_many_notations(value):
    """Clocks of 12 and 24 hours, zone names, stamps, and counts in four units are times."""
    assert parse_date(value) == HALF_PAST_TEN


def test_fractions_and_stamps_of_hours_are_parsed():
    """Fractions of a second are kept; ten digits that are no calendar time are seconds."""
    assert parse_date("26-FEB-1987 15:01:01.79") == datetime(
        1987, 2, 26, 15, 1, 1, 790_000, tzinfo=UTC
    )
    assert parse_date("2019041510") == parse_date(2019041510) == HALF_PAST_TEN.replace(minute=0)
    assert parse_date(2000000000) == datetime(2033, 5, 18, 3, 33, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "hour"),
    [
        *(("10 Mar 2019 01:30 ET", 6), ("10 Mar 2019 03:30 ET", 7), ("3 Nov 2019 03:30 ET", 8)),
        *(("2 Apr 2006 03:30 PT", 10), ("1 Apr 2006 03:30 PT", 11), ("29 Oct 2006 03:30 PT", 11)),
    ],
)
def test_a_zone_without_its_season_follows_the_calendar(time, hour):
    """ET is EDT from the second Sunday in March, before 2007 from the first Sunday in April."""
    assert parse_date(time).hour == hour


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_what_programs_write_is_read_back(time):
    """Every time that strftime or email.utils writes in a common format is the same time."""
    exact = time.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(format_datetime(exact)) == exact
    for form in ("%d %B %Y %H:%M:%S", "%a %b %d %H:%M:%S %z %Y", "%Y.%m.%d %I:%M:%S %p", "%c"):
        assert parse_date(exact.strftime(form)) == exact
    assert parse_date(exact.strftime("%Y%m%d%H%M%S")) == exact


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("%d/%m/%Y", "05/04/2019", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%m/%d/%Y", "04/05/2019", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%d/%m/%Y", "05/04/2019 10:30", datetime(2019, 4, 5, 10, 30, tzinfo=UTC)),
        ("%m/%d/%Y", "04-05-2019", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%d/%m/%Y", "2019-04-05", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%d%m%Y", "05042019", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%d.%m.%y", "5.4.19", datetime(2019, 4, 5, tzinfo=UTC)),
        ("%d/%m/%Y", "soon", None),
    ],
)
def test_date_format_decides(form, value, expected, put):
    """The format is tried first and says which number is the day; other notations still count."""
    assert parse_date(value, form) == expected
    result = read_all(put("a.jsonl", jsonl([{"text": "a", "date": value}])), date_format=form)
    assert result.column("date") == [expected]


@pytest.mark.parametrize("form", ["%d/%m", "dd/mm/yyyy", "%H:%M", "%Q", ""])
def test_a_format_must_state_a_day(form):
    """A format without year, month or day, or with an unknown code, is a mistake of the config."""
    with pytest.raises(ValueError, match="date format"):
        Source(path="x", date_format=form)


def test_unparsed_dates_are_noted(put):
    """A batch says how many dates of a file could not be parsed, with three of them."""
    rows = [{"text": "a", "date": f"0{i}/03/2019"} for i in range(1, 7)]
    path = put("a.jsonl", jsonl(rows))
    source = Source(path=str(path))
    (chunk,) = split_into_chunks(find_files(source, path.parent).files, source)
    ((documents, *_),) = read(chunk, source)
    (note,) = notes_of(documents).values()

    assert (note.unparsed_dates, note.unparsed_examples) == (
        *(5, ("01/03/2019", "02/03/2019", "04/03/2019")),
    )


def test_a_repeated_date_that_cannot_be_parsed_is_noted_each_time(put):
    """Dates are parsed once for each value, but each row with one that could not be is noted."""
    dates = ["soon", "26-FEB-1987", None, "soon", "", "26-FEB-1987", "later", "soon"]
    path = put("a.jsonl", jsonl([{"text": "a", "date": each} for each in dates]))
    source = Source(path=str(path))
    (chunk,) = split_into_chunks(find_files(source, path.parent).files, source)
    ((documents, *_),) = read(chunk, source)
    (note,) = notes_of(documents).values()

    assert note.unparsed_dates == 4
    day = datetime(1987, 2, 26, tzinfo=UTC)
    expected = [None, day, None, None, None, day, None, None]
    assert documents.column("date").to_pylist() == expected


@given(
    st.sampled_from([*MONTHS, "may", "foo", "del", "utc"]),
    st.sampled_from([str.upper, str.title, str]),
    st.tuples(st.integers(0, 33), st.integers(990, 3010), st.integers(0, 25), st.integers(0, 61)),
    st.sampled_from(["{:02}-{}-{}", "{} {} {}", "{:02} {}-{} {:02}:{:02}", "{}-{}-{} {:02}:{:02}"]),
    st.sampled_from(
        ["", ":05", ":60", ":05.7", ":05.1234567", ":05.123456789", " UTC", " pm", "."]
    ),
)
def test_the_most_frequent_notation_means_the_same_in_a_sentence(name, case, numbers, form, end):
    """The quick way of reading 26-FEB-1987 gives what the way for all notations gives."""
    day, *rest = numbers
    date = form.format(day, case(name), *rest) + end
    assert parse_notation(date) == parse_notation(f"on {date}")


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


@pytest.mark.parametrize(
    ("text", "format", "day"),
    [
        ("15/04/19", None, None),
        ("19/04/15", None, None),
        ("5/4/19", None, None),
        ("32/04/19", "%d/%m/%Y", None),
        ("1/2/3", "%d/%m/%Y", None),
        ("15/04/19/20", "%d/%m/%Y", None),
        ("15/04/19", "%d/%m/%Y", (2019, 4, 15)),
        ("5/4/19 10:30 PM", "%d/%m/%Y", (2019, 4, 5)),
        ("5/4/19", "%m/%d/%Y", (2019, 5, 4)),
        ("5/4/99", "%m/%d/%Y", (1999, 5, 4)),
        ("19/04/15", "%y/%m/%d", (2019, 4, 15)),
        ("15.04.19", "%d.%m.%Y", (2019, 4, 15)),
    ],
)
def test_a_year_of_two_digits_needs_to_know_the_order(text, format, day):
    """15/04/19 may be three days, so `date_format` or the other dates of the source decide."""
    time = parse_date(text, format)

    assert (time and (time.year, time.month, time.day)) == day


@pytest.mark.parametrize(
    ("text", "order"),
    [("4/15/19 9:00", "month_first"), ("15/04/19", "ambiguous"), ("3/3/19", "ambiguous")],
)
def test_only_a_second_number_above_12_decides_with_a_short_year(text, order):
    """A first number above 12 may be the day or the year."""
    assert number_order(text) == order
