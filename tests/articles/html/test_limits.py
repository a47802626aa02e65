"""Limits: pages that would cost too much are refused before they are parsed."""

from __future__ import annotations

import time

import pytest

from corpus.articles.html.extract import read_html
from corpus.articles.html.limits import Limits, nesting, refusal
from tests.articles.pages import PARAGRAPHS


def test_page_above_a_limit_is_refused_with_the_number():
    """A page with too many bytes or tags, or nested too deeply, is refused with the reason."""
    limits = Limits(bytes=2000, tags=50, depth=20)
    assert refusal(b"<p>" + b"x" * 2000, limits=limits) == (
        "too_large",
        "2003 bytes, at most 2000",
    )
    assert refusal(b"<b></b>" * 51, limits=limits) == ("too_large", "51 tags, at most 50")
    assert refusal(b"<div>" * 21, limits=limits) == ("bad_html", "nested more than 20 deep")
    assert refusal(b"<div></div>" * 50, limits=limits) is None


def test_deep_nesting_is_refused_at_once():
    """A page of nested tags costs one pass over its bytes."""
    start = time.process_time()
    page = "<div>" * 400_000
    assert read_html(page, engine="trafilatura").reason == "bad_html"
    assert read_html(page).reason == "too_large"
    assert time.process_time() - start < 2


def test_any_depth_is_read_by_blocks():
    """The block model needs no limit of depth, so a deep page keeps its text."""
    page = "<div>" * 20_000 + f"<p>{PARAGRAPHS[0]}<p>{PARAGRAPHS[1]}"
    assert PARAGRAPHS[1] in read_html(page).text
    assert read_html(page, engine="resiliparse").reason == "bad_html"


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
def test_depth_is_counted_as_in_a_browser(page, tags, depth):
    """Void elements, elements closed by a sibling, and scripts do not add to the depth."""
    assert nesting(page.encode(), max_depth=50) == (tags, depth)
