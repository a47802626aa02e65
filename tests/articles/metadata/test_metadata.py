"""What a page's text says about its article: read where it is said, and never invented."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.lines.extraction import lines, read_pages
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.features import NAMES
from corpus.articles.metadata.metadata import Found, believable
from tests.articles.pages import ARTICLE, HEAD, PAGE, PARAGRAPHS, TAIL, TITLE

AT = HEAD.index(TITLE)


def found(page: str, *, as_of: date | None = None) -> Found:
    """Return what is read off a page."""
    return next(read_pages(pa.array([page], pa.large_string()), as_of=as_of)).metadata


def page(*about: str) -> str:
    """Return the page with these lines about its article instead of its own."""
    return "\n".join((*HEAD[:AT], *about, "", ARTICLE, *TAIL))


def test_a_page_is_described_from_around_its_article():
    """Title, author, publisher and date are each found where pages put them."""
    said = found(PAGE)
    assert (said.title, said.author, said.publisher) == (TITLE, "Ann Lee", "Harbour Post")
    assert said.date == datetime(2023, 5, 22, tzinfo=UTC)


def test_an_article_alone_is_not_described():
    """No title, author or date is made up from an article's own text."""
    assert found(ARTICLE) == Found()


def test_a_date_in_the_text_is_not_the_date_of_the_text():
    """A sentence that mentions a day does not date its article."""
    sentence = (
        "The treaty of 22 May 1923 was signed after months of talks between the two cities, "
        "whose delegates met on neutral ground for the first time in a generation, and held."
    )
    assert found("\n".join([sentence, *PARAGRAPHS])).date is None


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("Published: 22 May 2023. Updated: 24 May 2023", (2023, 5, 22)),
        ("Updated: 24 May 2023 | Published: 22 May 2023", (2023, 5, 22)),
        ("Veröffentlicht am 05/06/2023", (2023, 6, 5)),
        ("22 May 2023, 9:41 am EDT", (2023, 5, 22, 13, 41)),
        ("22 May 2023, 01:30 +02:00", (2023, 5, 21, 23, 30)),
        ("22 May 2023, 9:41 am", (2023, 5, 22)),
    ],
)
def test_the_day_of_publication_is_read_with_its_time_where_the_zone_is_said(line, moment):
    """The day of a change is not taken; a language settles the order, a zone makes an instant."""
    assert found(page(TITLE, "By Ann Lee", line)).date == datetime(*moment, tzinfo=UTC)


def test_an_age_is_counted_from_the_day_in_the_masthead():
    """The line "2 days ago" names a day where the page says which day it is, and none elsewhere."""
    about = (TITLE, "By Ann Lee", "2 days ago")
    assert found(page(*about)).date is None
    masthead = "Harbour Post\nWednesday, 24 May 2023\n" + page(*about)
    assert found(masthead).date == datetime(2023, 5, 22, tzinfo=UTC)


def test_an_impossible_date_is_not_believed():
    """No article is dated after `as_of`, or before there were any."""
    moment = datetime(2023, 5, 22, 9, tzinfo=UTC)
    assert believable(moment, as_of=date(2023, 5, 21)) is None
    assert believable(moment.replace(year=1023), as_of=None) is None
    assert believable(moment, as_of=date(2023, 5, 22)) == moment
    assert believable(None, as_of=None) is None
    assert found(PAGE, as_of=date(2020, 1, 1)).date is None


def test_who_is_named_below_by_alone_is_the_author():
    """Where "by" stands on a line of its own, the next line names somebody."""
    assert found(page(TITLE, "By", "Ann Lee", "May 22, 2023")).author == "Ann Lee"


def test_a_title_has_no_bullet():
    """The mark that a dump puts before a headline is no part of it."""
    assert found(page("• " + TITLE, "By Ann Lee", "May 22, 2023")).title == TITLE


def test_lines_have_roles():
    """Each line is body or boilerplate, or says something about the article."""
    roles = {line.text: line.role for line in lines(PAGE)}
    assert roles[TITLE] == "title"
    assert roles["By Ann Lee"] == "byline"
    assert roles["May 22, 2023 9:41 am"] == "date"
    assert {roles[text] for text in PARAGRAPHS} == {"body"}
    assert roles["Most Read"] == "boilerplate"
    assert roles["© 2023 Harbour Post. All rights reserved."] == "publisher"


def test_the_pages_own_address_is_read():
    """An address below the article that spells its title is the page's; one in a teaser is not."""
    address = "https://post.example/harbour-bridge-closes-for-a-year"
    teaser = "https://post.example/ferry-company-hires-forty-captains"
    page = PAGE.replace("Related Content", f"Related Content\n{teaser}\nprint logo {address}")
    assert found(page).url == address
    assert found(PAGE).url is None
    assert {line.role: line.text for line in lines(page)}["url"] == f"print logo {address}"


def test_a_date_that_is_not_believed_has_no_role():
    """What is after the day the corpus is as of is not the article's date, in explanations too."""
    roles = {line.text: line.role for line in lines(PAGE, as_of=date(2023, 5, 1))}
    assert roles["May 22, 2023 9:41 am"] == "boilerplate"


pages = st.lists(
    st.sampled_from(
        [*PARAGRAPHS, TITLE, "By", "By Ann Lee", "•", "3 days ago", "Von",
         "31/12/2023 31.12.2023", "22. Mai 2023", "\u0301", "日本語。", "©", "(c) by", "x" * 700,
         "By " + "Ann " * 300, "|" * 90]
    ),
    max_size=12,
).map("\n".join) | st.text(max_size=60)  # fmt: skip


@given(page=pages)
@settings(max_examples=60, deadline=None)
def test_what_is_said_stands_on_the_page(page):
    """Whatever a page is, nothing about it is invented, and reading it does not fail."""
    said = found(page)
    flat = page.replace("; ", " ")
    for value in (said.title, said.publisher, *(said.author or "").split("; ")):
        assert not value or value in flat
    if said.date is not None:
        assert said.date.year == 2023 or "ago" in page


def test_the_forests_are_small_and_plain():
    """What ships is arrays alone, of two hundred kilobytes at most, for the features there are."""
    assert classifiers.PATH.stat().st_size < 200_000
    assert classifiers.PATH.with_suffix(".md").is_file()
    assert classifiers.load()._fields == classifiers.ROLES
    for forest in classifiers.load():
        assert forest.column.max() < len(NAMES)
    packed = classifiers.pack(classifiers.load())
    assert classifiers.pack(classifiers.unpack(packed)).keys() == packed.keys()
