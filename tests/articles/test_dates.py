"""Dates in lines of text: found in many languages, and never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.articles.dates import find


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
