"""Dates and ages in lines of text: read in many languages, and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.articles.metadata.dates import find_date, find_dates, infer_day_first, parse_age


@pytest.mark.parametrize(
    "line",
    [
        "2023-05-22",
        "2023/5/22 09:41",
        "Published May 22, 2023 at noon",
        "Sept said nothing. 22nd May 2023",
        "Montag, 22. Mai 2023, 10:04 Uhr",
        "22 de mayo de 2023",
        "le 22 mai 2023",
        "22 мая 2023, 12:00",
        "22 Mayıs 2023",
        "2023年5月22日",
        "2023년 5월 22일",
        "22.05.2023",
        "22/05/2023",
        "05/22/2023",
        "22. 05. 2023, 14:59",
        "22-May-2023",
        "22 de maig del 2023",
        "22 травня 2023",
        "22 مايو 2023",
        "22 أيار 2023",
        "2023. május 22.",
        "2023 m. gegužės 22 d.",
        "Mei 22, 2023",
        "ngày 22 tháng 5 năm 2023",
        "22.05.23, 07:39",
        "22.05.202322. Mai 2023",
        "May 22 20232:23 PM",
    ],
)
def test_a_date_is_read_in_the_notations_of_many_languages(line):
    """A day, a month and a year are read in every common notation."""
    mention = find_date(line)
    assert mention is not None
    assert mention.day == date(2023, 5, 22)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "3 hours ago",
        "May 2023",
        "05/06/2023",  # two readings
        "31 February 2023",
        "2023-13-01",
        "32.01.2023",
        "Call 0201-2023-0522",
        "12 monkeys 2023",
        "22.05.23",  # or a version
        "Pro 11 2023",
        "2023-05-221",
        "22 May 20231",
        "22 May 2023 " * 40,
    ],
)
def test_an_ambiguous_or_invalid_date_is_skipped(line):
    """Neither the order nor the year is guessed, and the calendar must have the day."""
    assert find_date(line) is None


def test_the_position_of_a_date_is_returned():
    """The position distinguishes a date line from a sentence that mentions a date."""
    line = "By Ann Lee, 22 May 2023, London"
    day, start, end = find_date(line)
    assert (day, line[start:end]) == (date(2023, 5, 22), "22 May 2023")


def test_the_first_of_several_dates_is_returned():
    """The date that comes first in the line is returned, whatever its notation."""
    assert find_date("22.05.2023 (updated 2023-06-01)")[0] == date(2023, 5, 22)


def test_the_other_dates_of_a_page_show_which_number_is_the_day():
    """05/06/2023 is read like the unambiguous dates of the page, and skipped if there are none."""
    assert infer_day_first("05/06/2023, 22/06/2023") is True
    assert infer_day_first("05/06/2023, 06/22/2023") is False
    assert infer_day_first("05/06/2023, 99/99/2023") is None
    assert find_date("05/06/2023", day_first=True)[0] == date(2023, 6, 5)
    assert find_date("05/06/2023", day_first=False)[0] == date(2023, 5, 6)
    assert find_date("22/05/2023", day_first=False)[0] == date(2023, 5, 22)


def test_all_dates_of_a_line_are_returned_in_order():
    """A line may have the date of publication and the date of the last update."""
    mentions = find_dates("Updated: June 1, 2023. Published: 22.05.2023")
    assert [mention.day for mention in mentions] == [date(2023, 6, 1), date(2023, 5, 22)]


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("3 hours ago", 0),
        ("Updated 2 days ago", 2),
        ("a week ago", 7),
        ("vor 14 Minuten", 0),
        ("vor 3 Tagen", 3),
        ("il y a 2 jours", 2),
        ("hace 1 día", 1),
        ("2 giorni fa", 2),
        ("2 dni temu", 2),
        ("3 дня назад", 3),
        ("2 gün önce", 2),
        ("3日前", 3),
        ("2天前", 2),
        ("5시간 전", 0),
        ("Heute, 7.57 Uhr", 0),
        ("Yesterday at 9:41", 1),
        ("In 3 days", None),
        ("3 days", None),
        ("900 days ago", None),
        ("Today's paper and 3 others to read on the way to your work in town", None),
        ("", None),
    ],
)
def test_an_age_is_read_in_many_languages(line, days):
    """Hours count as today, a week as seven days; a line without an age returns None."""
    age = parse_age(line)
    assert (None if age is None else age.days) == days
