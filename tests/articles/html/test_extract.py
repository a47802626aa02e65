"""HTML: the article and its metadata are read, and no page takes down a run."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import numpy as np
import pytest

from corpus.articles.html.extract import Limits, nesting, read_html, refusal
from tests.articles.pages import HTML, PARAGRAPHS, TITLE


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_the_article_and_its_metadata_are_read(engine):
    """Both engines give every paragraph, and what the page's markup says about it."""
    read = read_html(HTML, engine=engine)
    assert read.reason is None
    assert all(text in read.text for text in PARAGRAPHS)
    assert "Home" not in read.text
    found = read.found
    assert (found.title, found.author, found.publisher) == (TITLE, "Ann Lee", "Harbour Post")
    moment = datetime(2023, 5, 22, 9, 41, tzinfo=UTC)
    assert (found.date, found.url) == (moment, "https://harbour.example/bridge")


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_an_address_that_is_none_is_not_believed(engine):
    """A page may name anything as its address; a script or a path is none."""
    page = HTML.replace("https://harbour.example/bridge", "javascript:alert(1)")
    assert read_html(page, engine=engine).found.url is None


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_a_date_after_as_of_is_not_believed(engine):
    """A page cannot have been written after the day the corpus is as of."""
    assert read_html(HTML, engine=engine, as_of=date(2023, 5, 21)).found.date is None


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "page",
    [
        " \n",
        "\0\0\0",
        "<",
        "<html></html>",
        "no markup at all",
        "<p>" * 5000,
        "<a href='" + "x" * 100_000,
        '<?xml version="1.0" encoding="utf-16"?><html><body><p>x</p></body></html>',
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><p>&c;&c;</p>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><p>&b;</p>',
        "<table><tr><td>" * 80 + "deep",
    ],
    ids=lambda page: page[:20],
)
def test_odd_pages_are_read_or_refused(engine, page):
    """Whatever a page is, what comes of it is a text or a reason, never an error."""
    read = read_html(page, engine=engine)
    assert bool(read.text.strip()) != (read.reason is not None)


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "page",
    [
        "<!-- x -->", "&nbsp;", "<html><body></body></html>", "\0\0", "<?xml version='1.0'?>",
        "<title>Bridge</title><script>let bridge = 'closed'</script><p>\u00a0</p>",
    ],
)  # fmt: skip
def test_a_page_with_nothing_visible_is_empty(engine, page):
    """Comments, spaces and scripts are no fault of the page, and no text of it."""
    assert read_html(page, engine=engine).reason == "empty"


@pytest.mark.parametrize("engine", ["trafilatura", "resiliparse"])
def test_a_page_of_which_nothing_is_taken_says_how_much_there_was(engine):
    """What is visible but no article is told with the lines that there are."""
    page = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/n'>News</a></li></ul></nav>"
    read = read_html(page, engine=engine)
    assert (read.reason, read.removed_ratio) == ("no_article", 1.0)
    assert "2 lines" in (read.evidence or "")


def test_pages_beyond_the_limits_are_refused_with_the_number():
    """A page too large, with too many tags or nested too deep is not parsed, and it is said why."""
    limits = Limits(bytes=2000, tags=50, depth=20)
    assert refusal(b"<p>" + b"x" * 2000, limits=limits) == (
        "too_large",
        "2003 bytes, at most 2000",
    )
    assert refusal(b"<b></b>" * 51, limits=limits) == ("too_large", "51 tags, at most 50")
    assert refusal(b"<div>" * 21, limits=limits) == ("bad_html", "nested more than 20 deep")
    assert refusal(b"<div></div>" * 50, limits=limits) is None


def test_deep_nesting_is_refused_at_once():
    """A bomb of tags costs one pass over its bytes."""
    start = time.process_time()
    read = read_html("<div>" * 400_000)
    assert (read.reason, time.process_time() - start < 2) == ("bad_html", True)


@pytest.mark.parametrize(
    ("page", "tags", "depth"),
    [
        ("<div><p>a<p>b<br>c</div>", 4, 1),
        ("<ul><li>a<li>b<li>c</ul>", 4, 2),
        ("<b><i>x</b></i>", 2, 2),
        ("<script>if (a<b && c<d) x='<div><div>'</script><p>", 2, 0),
        ("a < b <!-- x --> </nothing>", 0, 0),
        ("<DIV><Span></SPAN></div><div>", 3, 2),
    ],
)
def test_depth_is_counted_as_a_browser_would(page, tags, depth):
    """Elements without an end, closed by their siblings, and scripts do not count as depth."""
    from corpus.articles.html import extract

    data = np.frombuffer(page.encode(), np.uint8)
    assert nesting(data, 50, extract._VOID, extract._SIBLINGS, extract._RAW) == (tags, depth)


def test_reading_does_not_look_at_the_clock(monkeypatch):
    """A page that names no date has none, whatever the day."""
    read = read_html(HTML.replace('content="2023-05-22T09:41:00Z"', 'content="3 hours ago"'))
    assert read.found.date is None
