"""Limits: pages that would cost too much are refused before they are parsed."""

from __future__ import annotations

import time

import pytest

from corpus.articles.html.extract import read_html
from corpus.articles.html.limits import Limits, nesting, refusal


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
    result = read_html("<div>" * 400_000)
    assert (result.reason, time.process_time() - start < 2) == ("bad_html", True)


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
