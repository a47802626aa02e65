"""Why a line of text is kept or not, in words."""

from __future__ import annotations

import pytest

from corpus.articles.lines.extraction import lines
from corpus.articles.lines.feature_columns import NAMES
from corpus.articles.lines.reasons import topic_of
from corpus.articles.reasons import MAX_EXPLAINED, MAX_REASONS

PARAGRAPHS = [
    f"The ferry to the island was late again on day {n}, because the fog did not lift before "
    "noon. Passengers waited in the hall, and some of them went home after two hours."
    for n in range(5)
]
MENU = ["Home", "News", "Sport", "Culture", "Weather", "Subscribe", "Log in", "Contact us"]
FOOTER = ["Follow us", "Privacy policy", "Terms of use", "All rights reserved"]
PAGE = "\n".join([*MENU, "", "The ferry was late", "", "\n\n".join(PARAGRAPHS), "", *FOOTER])


@pytest.fixture(scope="module")
def explained():
    """Return the lines of a page with a menu, an article and a footer, by text."""
    return {line.text: line for line in lines(PAGE)}


def test_a_paragraph_names_what_speaks_for_it(explained):
    """A paragraph is kept because of its length, its words or the lines around it."""
    line = explained[PARAGRAPHS[2]]
    assert line.kept
    expected = {"long text of 33 words", "words of main content", "lines around it are content"}
    assert expected & set(line.reasons_for)
    assert not line.reasons_against


def test_an_entry_of_a_menu_names_what_speaks_against_it(explained):
    """An entry of a menu is removed because of what it is, and nothing speaks for it."""
    line = explained["Culture"]
    assert not line.kept
    assert line.reasons_against
    assert "only 1 word" not in line.reasons_for


def test_a_line_has_few_reasons(explained):
    """At most three different reasons for and three against are named; none of them is empty."""
    for line in explained.values():
        for reasons in (line.reasons_for, line.reasons_against):
            assert len(set(reasons)) == len(reasons) <= MAX_REASONS
            assert all(reasons)


def test_every_feature_has_a_topic():
    """Each feature is put into words by one topic."""
    assert all(callable(topic_of(column)) for column in range(len(NAMES)))


def test_a_long_page_is_explained_up_to_a_bound():
    """Lines beyond the bound are judged as before, without reasons."""
    explained = lines("\n".join(f"Line {n} of a long list" for n in range(MAX_EXPLAINED + 20)))
    assert len(explained) == MAX_EXPLAINED + 20
    assert explained[-1].reasons_for == explained[-1].reasons_against == ()


@pytest.mark.parametrize("page", ["", "\n\n", "A single line"])
def test_a_page_of_few_lines_is_explained(page):
    """A page without lines has no reasons, and one line differs from no other."""
    assert [line.text for line in lines(page)] == ([page] if page.strip() else [])
