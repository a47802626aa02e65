"""The URL of a page: its own, not one of the many others on the page."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.articles.metadata.urls import (
    MAX_LINES_WITH_URL,
    MAX_URL_CHARACTERS,
    own_url,
    url_positions,
    valid_url,
)

TITLE = "Harbour bridge closes for a year as repairs begin"
SPELLED = "https://post.example/city/harbour-bridge-closes-for-a-year-1234.html?from=home"
SPELLED_SHORT = "https://example.com/bridge-closes-for-a-year"


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("• Permalink https://p.example/a/4QgGF", "https://p.example/a/4QgGF"),
        ("URL: https://post.example/1234", "https://post.example/1234"),
        ("Short link (https://p.example/x)", "https://p.example/x"),
        (SPELLED, SPELLED),
        (f"print header logo {SPELLED}", SPELLED),
        (f"Source: {SPELLED}.", SPELLED),
        (f"| {{{SPELLED}}} |", SPELLED),
        ("Source: https://wire.example/1234", None),
        ("https://post.example/city/ferry-company-hires-captains", None),
        ("https://post.example/bridge", None),
        (f"Read what {SPELLED} says about it", None),
        (f"A long line that says much before it comes to {SPELLED}", None),
        (f"İZLE: {SPELLED_SHORT}", SPELLED_SHORT),
        ("URL: HTTPS://example.com/1", "HTTPS://example.com/1"),
        ("İ" * 10 + "http://", None),
        ("URL: http://localhost", None),
        ("Permalink", None),
        ("", None),
    ],
)
def test_a_url_counts_if_it_is_labelled_or_spells_the_title(line, url):
    """A label before it, or the words of the title in its path, show that it is the page's own."""
    assert own_url(line, TITLE) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "/city/bridge",
        "javascript:alert(1)",
        "https://post.example/<script>",
        "https://post.example/\x1b[31m",
        "https://post.example/" + "x" * MAX_URL_CHARACTERS,
    ],
)
def test_anything_but_a_complete_url_is_refused(url):
    """A path, a script or text with markup is not a URL."""
    assert valid_url(url) is None


@pytest.mark.parametrize(
    ("url", "encoded"),
    [
        (" https://post.example/a|b ", "https://post.example/a%7Cb"),
        ("https://post.example/a b", "https://post.example/a%20b"),
        ("https://post.example/{id}?q=[1]", "https://post.example/%7Bid%7D?q=[1]"),
        ("https://post.example/a%20b/brücke", "https://post.example/a%20b/brücke"),
        ("https://ann@post.example/1", None),
        ("https://post.example./1", "https://post.example./1"),
        ("http://[2001:db8::1]/1", None),
        ("httpſ://post.example/1", None),
        ("https://post.example/a\u202eb", None),
        ("https://post.example/a\u200bb", None),
        ("https://post.example/a\u2066b", None),
        ("https://post.example/a\ufeffb", None),
        ("https://post.example/a\x85b", None),
    ],
)
def test_a_url_is_percent_encoded_or_refused(url, encoded):
    """Characters that a path may not contain are encoded; invisible characters are refused."""
    assert valid_url(url) == encoded
    assert valid_url(encoded) == encoded


@given(
    line=st.tuples(
        st.text(max_size=40),
        st.sampled_from(["", "http", "http://", "HTTPS://a.example/", SPELLED]),
        st.text(max_size=40),
    ).map("".join),
    title=st.text(max_size=40) | st.just(TITLE),
)
@example(line="İ" * 10 + "http://", title=TITLE)
def test_any_url_returned_is_valid_and_occurs_in_the_line(line, title):
    """A URL that is returned occurs in its line, percent-encoded where necessary."""
    url = own_url(line, title)
    encoded = line.translate({ord(sign): quote(sign) for sign in "^`{|}"})
    assert url is None or (url in encoded and valid_url(url) == url)


def test_the_number_of_lines_examined_is_limited():
    """A page that consists of URLs costs no more than a page with some."""
    page = b"\n".join([b"see https://a.example and https://b.example"] * 1000)
    positions = [*url_positions(page)]
    assert len(positions) == MAX_LINES_WITH_URL
    assert [page[:at].count(b"\n") for at in positions] == list(range(MAX_LINES_WITH_URL))
    assert [*url_positions(b"no address")] == []
