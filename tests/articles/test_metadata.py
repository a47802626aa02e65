"""What a page's text says about its article: read where it is said, and never invented."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.articles.metadata import believable, byline, describe, holder, marked_lines, title


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("by Ann Lee and Bo Chan | 22 May 2023", "Ann Lee and Bo Chan"),
        ("By northern Ledger May 22, 2023", "northern Ledger"),
        ("Von Jörg van der Berg", "Jörg van der Berg"),
        ("Por María de la Cruz, Madrid", "María de la Cruz"),
        ("Written by: Ann Lee (Staff)", "Ann Lee"),
        ("By AFP", "AFP"),
        ("作者：王小明", "王小明"),
    ],
)
def test_a_byline_names_its_author(line, author):
    """What stands beside the name, a date or a place, is no part of it."""
    assert byline(line) == author


@pytest.mark.parametrize(
    "line",
    [
        "By using this site you agree to our terms",
        "By the end of the year it was over.",
        "By Category",
        "by email",
        "Von hier aus ging es weiter",
        "Goodbye Ann Lee",
        "By continuing, Ann Lee accepts",
        "",
    ],
)
def test_what_is_no_byline_names_nobody(line):
    """Sentences and buttons that start like a byline are not taken for one."""
    assert byline(line) is None


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("© 2023 Morning Ledger Ltd. All rights reserved", "Morning Ledger Ltd"),
        ("Copyright © 2001-2023 Harbour Post", "Harbour Post"),
        ("Copyright Hill Media", "Hill Media"),
        ("All of this is ours", None),
        ("© 2023", None),
    ],
)
def test_a_copyright_line_names_the_publisher(line, publisher):
    """The holder is named without the years and the rights."""
    assert holder(line) == publisher


HEAD = ["Home", "Weather", "Harbour bridge to close for repairs", "By Ann Lee", "22 May 2023"]
BODY = [
    "The harbour bridge will close in June while engineers carry out repairs to its deck.",
    "The city expects the bridge to open again before the summer fair.",
]
TAIL = ["More news", "© 2023 Harbour Post. All rights reserved"]


def test_a_page_is_described_from_around_its_article():
    """Title, author, publisher and date are each found where pages put them."""
    found = describe(HEAD, BODY, TAIL, marked_lines("\n".join(TAIL).encode()))
    assert found.title == "Harbour bridge to close for repairs"
    assert found.author == "Ann Lee"
    assert found.publisher == "Harbour Post"
    assert found.date == date(2023, 5, 22)


def test_a_page_that_says_nothing_is_not_described():
    """No title, author or date is made up from an article alone."""
    found = describe([], BODY, [])
    assert found == type(found)()


def test_a_date_in_the_text_is_not_the_date_of_the_text():
    """A sentence that mentions a day does not date its article."""
    sentence = (
        "The treaty of 22 May 1923 was signed after months of talks between the two cities, "
        "whose delegates met on neutral ground for the first time in a generation."
    )
    assert describe([], [sentence], []).date is None


def test_an_impossible_date_is_not_believed():
    """No article is dated after `as_of`, or before there were any."""
    assert believable(date(2023, 5, 22), as_of=date(2023, 5, 21)) is None
    assert believable(date(1023, 5, 22), as_of=None) is None
    assert believable(date(2023, 5, 22), as_of=date(2023, 5, 22)) == date(2023, 5, 22)
    assert describe(HEAD, BODY, TAIL, as_of=date(2020, 1, 1)).date is None


def test_a_title_shares_its_words_with_the_article():
    """Of several lines above an article, the one about the same thing is its title."""
    head = ["Storm warning for the northern coast", *HEAD[2:3], "Share this with friends"]
    assert title(head, BODY) == HEAD[2]


def test_lines_that_claim_a_copyright_are_found_far_below():
    """Of all that follows an article only the marked lines are looked at, each once."""
    tail = "\nMenu\n  © 2023 Harbour Post, Copyright\n" + "Home\n" * 50 + "(c) Hill Media"
    assert marked_lines(tail.encode()) == ["© 2023 Harbour Post, Copyright", "(c) Hill Media"]
    assert marked_lines(b"") == []
