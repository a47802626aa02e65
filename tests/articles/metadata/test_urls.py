"""Addresses: the page's own, and no other of the many that stand on a page."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.articles.metadata.urls import (
    LONGEST,
    MOST_ASKED,
    believed,
    own_address,
    places,
)

TITLE = "Harbour bridge closes for a year as repairs begin"
SPELLED = "https://post.example/city/harbour-bridge-closes-for-a-year-1234.html?from=home"
SPELLED_SHORT = "https://example.com/bridge-closes-for-a-year"


@pytest.mark.parametrize(
    ("line", "address"),
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
def test_an_address_is_the_pages_own_if_its_line_says_so_or_if_it_spells_the_title(line, address):
    """A label says it, or the words of the title in the path; all others are of other pages."""
    assert own_address(line, TITLE) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/city/bridge",
        "javascript:alert(1)",
        "https://post.example/<script>",
        "https://post.example/\x1b[31m",
        "https://post.example/" + "x" * LONGEST,
    ],
)
def test_what_is_no_whole_address_of_the_web_is_not_believed(address):
    """A path, a script or something with markup in it is no address, wherever it was read."""
    assert believed(address) is None


@pytest.mark.parametrize(
    ("address", "whole"),
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
def test_an_address_is_written_whole_or_not_believed(address, whole):
    """What may not stand in a path is percent-encoded; marks that nobody sees are refused."""
    assert believed(address) == whole
    assert believed(whole) == whole


@given(
    line=st.tuples(
        st.text(max_size=40),
        st.sampled_from(["", "http", "http://", "HTTPS://a.example/", SPELLED]),
        st.text(max_size=40),
    ).map("".join),
    title=st.text(max_size=40) | st.just(TITLE),
)
@example(line="İ" * 10 + "http://", title=TITLE)
def test_whatever_a_line_says_an_address_is_believed_or_none(line, title):
    """Each address that is found stands in its line, encoded where it has to be, and is whole."""
    found = own_address(line, title)
    encoded = line.translate({ord(sign): quote(sign) for sign in "^`{|}"})
    assert found is None or (found in encoded and believed(found) == found)


def test_only_so_many_lines_are_asked():
    """A page of nothing but addresses costs no more than one of some."""
    page = b"\n".join([b"see https://a.example and https://b.example"] * 1000)
    found = [*places(page)]
    assert len(found) == MOST_ASKED
    assert [page[:at].count(b"\n") for at in found] == list(range(MOST_ASKED))
    assert [*places(b"no address")] == []
