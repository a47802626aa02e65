"""Stretches of prose, and what they say about a list of pages."""

from __future__ import annotations

import numpy as np

from corpus.articles.blocks.extraction import extract_blocks
from corpus.articles.content_kind.html_page import SHAPE_COLUMNS, page_shape
from corpus.articles.content_kind.stretches import longest_stretch, share

PARAGRAPH = "<p>The council met on Monday. Most of its members were against the new bridge.</p>"
CARD = (
    f"<li class=card><h3><a href=/s>Council votes against the new bridge</a></h3>{PARAGRAPH}</li>"
)


def shape_of(page: str) -> dict[str, float]:
    """Return the shape of an HTML page, by the name of the column."""
    return dict(zip(SHAPE_COLUMNS, page_shape(extract_blocks(page).page.table), strict=True))


def test_the_longest_stretch_is_between_two_breaks():
    """Only paragraphs count, and a break ends a stretch."""
    words = np.array([20.0, 4.0, 20.0, 6.0, 30.0])
    is_prose = np.array([True, False, True, False, True])
    is_break = np.array([False, False, False, True, False])
    assert longest_stretch(words, is_prose, is_break) == (40, 2)
    assert longest_stretch(words, is_prose, ~is_prose) == (30, 1)
    assert longest_stretch(words, np.zeros(5, np.bool_), is_break) == (0, 0)


def test_a_share_of_nothing_is_zero():
    """A page without words has no shares."""
    assert share(0, 0) == 0
    assert share(1, 4) == 0.25


def test_prose_of_a_list_is_cut_by_linked_titles():
    """The same paragraphs are one stretch in an article, and one each in a list of articles."""
    article = shape_of(f"<h1>The bridge</h1>{PARAGRAPH * 6}")
    cards = shape_of(f"<h1>News</h1><ul>{CARD * 6}</ul>")
    assert article["most paragraphs between linked titles"] == 6
    assert cards["most paragraphs between linked titles"] == 1
    assert article["words in paragraphs"] == cards["words in paragraphs"]
    assert cards["linked headings"] == 6
    assert cards["share of headings that are linked"] == 6 / 7
    assert article["share of words in linked titles"] == 0


def test_titles_in_menus_do_not_count():
    """A title in a menu, a header, a footer or an aside is no title of a list."""
    link = "<a href=/s>Council votes against the new bridge</a>"
    for element in ("nav", "header", "footer", "aside"):
        page = shape_of(f"<{element}><ul><li>{link}</li></ul></{element}>{PARAGRAPH * 2}")
        assert page["share of words in linked titles"] == 0
        assert page["share of words outside of menus that are in paragraphs"] == 1
    page = shape_of(f"<div><ul><li>{link}</li></ul></div>{PARAGRAPH * 2}")
    assert page["share of words in linked titles"] > 0
