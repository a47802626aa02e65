"""The date when a page was fetched bounds the article's own date, and never replaces it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from corpus.documents import CONTENT, DATE
from corpus.stages.clean import Clean

CRAWLED_TYPE = pa.timestamp("us", "UTC")
SENTENCES = [
    "The lighthouse keeper climbed the stairs every evening before the lamps were lit.",
    "Visitors may now follow the same path, although the last forty steps remain closed.",
    "A new railing was fitted in spring, and the old brass clock has been repaired.",
    "The harbour office expects about nine thousand guests before the end of autumn.",
]


def html_page(published: str) -> str:
    """Return an HTML page that states its date."""
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    meta = f'<meta property="article:published_time" content="{published}">'
    return (
        f"<html><head><title>Lighthouse opens</title>{meta}</head><body><article>"
        f"<h1>Lighthouse opens</h1>{paragraphs}</article></body></html>"
    )


def text_page(published: str) -> str:
    """Return a page of text that states its date below the headline."""
    return "\n".join(["Lighthouse opens to visitors", f"Published {published}", *SENTENCES])


def dates(
    documents: Any, pages: list[str], content: str, crawled: pa.Array, **settings: Any
) -> list[datetime | None]:
    """Return the dates that `clean` reads from pages."""
    batch = documents(*pages, **{CONTENT: [content] * len(pages)})
    batch = batch.append_column("crawled", crawled)
    result = Clean(**settings).apply(batch)

    assert result.column("crawled").equals(crawled)
    return result.column(DATE).to_pylist()


@pytest.mark.parametrize(
    ("crawled", "kept"),
    [
        (datetime(2024, 3, 2, 10, tzinfo=UTC), True),
        (datetime(2019, 5, 3, 0, tzinfo=UTC), True),
        (datetime(2019, 5, 2, 23, tzinfo=UTC), True),
        (datetime(2019, 5, 2, 5, tzinfo=UTC), False),
        (datetime(2017, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), True),
        (None, True),
    ],
)
@pytest.mark.parametrize(
    ("content", "page"),
    [("html", html_page("2019-05-03T12:00:00Z")), ("page", text_page("3 May 2019"))],
)
def test_the_crawl_date_is_an_upper_bound(documents, content, page, crawled, kept):
    """A page's own date is kept unless it is later, in every time zone, than the crawl."""
    (found,) = dates(documents, [page], content, pa.array([crawled], CRAWLED_TYPE))

    assert (found and found.date()) == (date(2019, 5, 3) if kept else None)


@pytest.mark.parametrize("content", ["html", "page"])
def test_each_page_has_its_own_bound(documents, content):
    """The bound of one page does not affect the pages beside it."""
    pages = [html_page("2019-05-03"), html_page("2018-02-04"), html_page("2019-05-03")]
    if content == "page":
        pages = [text_page("3 May 2019"), text_page("4 February 2018"), text_page("3 May 2019")]
    bounds = [datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 1, tzinfo=UTC), None]
    found = dates(documents, pages, content, pa.array(bounds, CRAWLED_TYPE))

    assert [day and day.date() for day in found] == [None, date(2018, 2, 4), date(2019, 5, 3)]


def test_the_earlier_of_both_bounds_counts(documents):
    """If `as_of` is earlier than the crawl, it decides."""
    crawled = pa.array([datetime(2024, 1, 1, tzinfo=UTC)], CRAWLED_TYPE)
    page = html_page("2019-05-03")

    assert dates(documents, [page], "html", crawled, as_of=date(2018, 1, 1)) == [None]


def test_a_column_of_another_type_is_no_bound(documents):
    """A source's own column `crawled` that is not a time has no effect."""
    (found,) = dates(documents, [html_page("2019-05-03")], "html", pa.array(["2001"]))

    assert found is not None


@pytest.mark.parametrize(
    ("crawled", "named"),
    [
        (datetime(2019, 5, 4, tzinfo=UTC), True),
        (datetime(2018, 1, 1, tzinfo=UTC), False),
        (None, True),
    ],
)
def test_the_lines_of_a_page_are_read_with_the_same_bound(crawled, named):
    """The line of a date is named as such only if `clean` would read the date."""
    lines = Clean().lines(text_page("3 May 2019"), crawled=crawled)

    assert ("date" in [line.role for line in lines]) is named
