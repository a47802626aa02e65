"""Dates in lines of text: found in many languages, and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.articles.metadata.dates import day_first, find, find_all


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
def test_a_date_is_read_in_the_ways_pages_write_it(line):
    """A day, a month and a year are found however a page writes them."""
    found = find(line)
    assert found is not None
    assert found[0] == date(2023, 5, 22)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "3 hours ago",
        "May 2023",
        "05/06/2023",  # two days
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
def test_what_names_no_day_for_certain_is_no_date(line):
    """Nothing is guessed: neither order nor year, and no day that the calendar lacks."""
    assert find(line) is None


def test_the_place_of_a_date_is_said():
    """The place tells a date line from a sentence that mentions a day."""
    line = "By Ann Lee, 22 May 2023, London"
    day, start, end = find(line)
    assert (day, line[start:end]) == (date(2023, 5, 22), "22 May 2023")


def test_the_first_date_counts():
    """Of several dates the one that is said first is taken, however it is written."""
    assert find("22.05.2023 (updated 2023-06-01)")[0] == date(2023, 5, 22)


def test_a_page_settles_which_number_is_the_day():
    """05/06/2023 is read as the page writes its other dates, and not at all where it has none."""
    assert day_first("05/06/2023, 22/06/2023") is True
    assert day_first("05/06/2023, 06/22/2023") is False
    assert day_first("05/06/2023, 99/99/2023") is None
    assert find("05/06/2023", day_first=True)[0] == date(2023, 6, 5)
    assert find("05/06/2023", day_first=False)[0] == date(2023, 5, 6)
    assert find("22/05/2023", day_first=False)[0] == date(2023, 5, 22)


def test_all_dates_of_a_line_are_found_in_order():
    """A line may name the day of publication and the day of the last change."""
    found = find_all("Updated: June 1, 2023. Published: 22.05.2023")
    assert [day.day for day in found] == [date(2023, 6, 1), date(2023, 5, 22)]
