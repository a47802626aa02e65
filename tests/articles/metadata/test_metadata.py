"""The metadata of an article, read from the text of its page and never invented."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.articles.lines.extraction import lines, read_pages
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.feature_columns import FEATURES
from corpus.articles.metadata.metadata import ArticleMetadata
from tests.articles.pages import ARTICLE, HEAD, PAGE, PARAGRAPHS, TAIL, TITLE

TITLE_LINE = HEAD.index(TITLE)


def metadata(page: str, *, as_of: date | None = None) -> ArticleMetadata:
    """Return the metadata of a page."""
    return next(read_pages(pa.array([page], pa.large_string()), as_of=as_of)).metadata


def page(*about: str) -> str:
    """Return the test page with other metadata lines."""
    return "\n".join((*HEAD[:TITLE_LINE], *about, "", ARTICLE, *TAIL))


def test_metadata_is_read_from_the_lines_around_the_article():
    """Title, author, publisher and date are read from their usual places."""
    about = metadata(PAGE)
    assert (about.title, about.author, about.publisher) == (TITLE, "Ann Lee", "Harbour Post")
    assert about.date == datetime(2023, 5, 22, tzinfo=UTC)


def test_an_article_alone_has_no_metadata():
    """No title, author or date is invented from the text of an article."""
    assert metadata(ARTICLE) == ArticleMetadata()


def test_a_date_in_a_sentence_is_not_the_date_of_the_article():
    """A sentence that mentions a date does not date its article."""
    sentence = (
        "The treaty of 22 May 1923 was signed after months of talks between the two cities, "
        "whose delegates met on neutral ground for the first time in a generation, and held."
    )
    assert metadata("\n".join([sentence, *PARAGRAPHS])).date is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Published: 22 May 2023. Updated: 24 May 2023", (2023, 5, 22)),
        ("Updated: 24 May 2023 | Published: 22 May 2023", (2023, 5, 22)),
        ("Veröffentlicht am 05/06/2023", (2023, 6, 5)),
        ("22 May 2023, 9:41 am EDT", (2023, 5, 22, 13, 41)),
        ("22 May 2023, 01:30 +02:00", (2023, 5, 21, 23, 30)),
        ("22 May 2023, 9:41 am", (2023, 5, 22)),
    ],
)
def test_the_date_of_publication_is_read_with_its_time_if_the_zone_is_given(line, expected):
    """Update dates are skipped; the language shows the order, the zone makes the time usable."""
    assert metadata(page(TITLE, "By Ann Lee", line)).date == datetime(*expected, tzinfo=UTC)


def test_an_age_is_counted_from_the_date_in_the_masthead():
    """The line "2 days ago" gives a date only if the page shows its own date."""
    about = (TITLE, "By Ann Lee", "2 days ago")
    assert metadata(page(*about)).date is None
    masthead = "Harbour Post\nWednesday, 24 May 2023\n" + page(*about)
    assert metadata(masthead).date == datetime(2023, 5, 22, tzinfo=UTC)


def test_a_date_after_as_of_is_dropped():
    """No article is dated after the day that the corpus is as of."""
    assert metadata(PAGE, as_of=date(2020, 1, 1)).date is None


def test_the_line_after_a_bare_by_names_the_author():
    """If a line consists of "by", the next line names the author."""
    assert metadata(page(TITLE, "By", "Ann Lee", "May 22, 2023")).author == "Ann Lee"


def test_a_title_has_no_bullet():
    """The bullet that a dump puts before a headline is not part of it."""
    assert metadata(page("• " + TITLE, "By Ann Lee", "May 22, 2023")).title == TITLE


def test_lines_have_roles():
    """Each line is body, boilerplate, or has the role of the metadata read from it."""
    roles = {line.text: line.role for line in lines(PAGE)}
    assert roles[TITLE] == "title"
    assert roles["By Ann Lee"] == "byline"
    assert roles["May 22, 2023 9:41 am"] == "date"
    assert {roles[text] for text in PARAGRAPHS} == {"body"}
    assert roles["Most Read"] == "boilerplate"
    assert roles["© 2023 Harbour Post. All rights reserved."] == "publisher"


def test_the_url_of_the_page_is_read():
    """A URL below the article that spells its title is the page's own; one in a teaser is not."""
    url = "https://post.example/harbour-bridge-closes-for-a-year"
    teaser = "https://post.example/ferry-company-hires-forty-captains"
    page = PAGE.replace("Related Content", f"Related Content\n{teaser}\nprint logo {url}")
    assert metadata(page).url == url
    assert metadata(PAGE).url is None
    assert {line.role: line.text for line in lines(page)}["url"] == f"print logo {url}"


def test_a_date_that_is_dropped_has_no_role():
    """A line with a date after `as_of` is not shown as the date line in explanations either."""
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


@example(page=PAGE)
@given(page=pages)
@settings(max_examples=60, deadline=None)
def test_metadata_occurs_on_the_page(page):
    """Any page can be read, and its metadata is copied from it, never invented."""
    about = metadata(page)
    flat = page.replace("; ", " ")
    for value in (about.title, about.publisher, *(about.author or "").split("; ")):
        assert not value or value in flat
    if about.date is not None:
        assert about.date.year == 2023 or "ago" in page


def test_the_classifiers_are_small():
    """The model has at most 200 kB, a description next to it, and only known features."""
    assert classifiers.MODEL_PATH.stat().st_size < 200_000
    assert classifiers.MODEL_PATH.with_suffix(".md").is_file()
    assert classifiers.load()._fields == classifiers.ROLES
    for forest in classifiers.load():
        assert forest.feature.max() < len(FEATURES)
    packed = classifiers.pack(classifiers.load())
    assert classifiers.pack(classifiers.unpack(packed)).keys() == packed.keys()
