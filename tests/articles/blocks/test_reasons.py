"""Why a block is kept or not, in words."""

from __future__ import annotations

import pytest

from corpus.articles.blocks.extraction import extract_blocks, lines
from corpus.articles.blocks.feature_columns import N_FEATURES
from corpus.articles.blocks.reasons import topic_of
from corpus.articles.reasons import MAX_EXPLAINED, MAX_REASONS

PARAGRAPHS = [
    f"Page {n}: the ferry to the island was late again on Monday, because the fog did not lift "
    "before noon. Passengers waited in the hall, and some of them went home."
    for n in range(5)
]
PAGE = (
    "<title>The ferry was late</title>"
    "<ul class=main-menu>"
    + "".join(f"<li><a href=/{n}>Section {n}</a>" for n in range(6))
    + "</ul>"
    "<div class=article-body><h1>The ferry was late</h1>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</div><div class=sidebar-ads><p>Subscribe to our newsletter</p></div>"
)


@pytest.fixture(scope="module")
def explained():
    """Return the blocks of a page with a menu, an article and an advertisement, by text."""
    return {line.text: line for line in lines(extract_blocks(PAGE))}


def test_a_paragraph_names_what_speaks_for_it(explained):
    """A paragraph among its like is kept because of that, and little speaks against it."""
    line = explained[PARAGRAPHS[2]]
    assert line.kept
    assert "one of 5 such paragraphs" in line.reasons_for
    assert not line.reasons_against


def test_a_link_of_a_menu_names_what_speaks_against_it(explained):
    """A link in a menu is removed because of its links, its class, or the links around it."""
    line = explained["Section 3"]
    assert not line.kept
    assert not line.reasons_for
    expected = {"one of 6 such links", "mostly a link", "class main-menu", "top of the page"}
    assert expected & set(line.reasons_against)


def test_a_block_has_few_reasons(explained):
    """At most three reasons for and three against are named, and none of them is empty."""
    for line in explained.values():
        for reasons in (line.reasons_for, line.reasons_against):
            assert len(reasons) <= MAX_REASONS
            assert all(reasons)


def test_every_feature_has_a_topic():
    """Each feature is put into words by one topic."""
    assert all(callable(topic_of(column)) for column in range(N_FEATURES))


def test_a_long_page_is_explained_up_to_a_bound():
    """Blocks beyond the bound are judged as before, without reasons."""
    page = "".join(f"<p>Line {n} of a long list" for n in range(MAX_EXPLAINED + 20))
    explained = lines(extract_blocks(page))
    assert len(explained) == MAX_EXPLAINED + 20
    assert explained[-1].reasons_for == explained[-1].reasons_against == ()


def test_a_class_name_is_cut():
    """A very long class name does not fill the line."""
    page = f"<div class='sidebar{'x' * 500}'><p>Subscribe now</p></div><p>{PARAGRAPHS[0]}</p>" * 3
    reasons = [reason for line in lines(extract_blocks(page)) for reason in (*line[4], *line[5])]
    assert max(map(len, reasons)) < 60
