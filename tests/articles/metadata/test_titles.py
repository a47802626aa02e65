"""Titles that a dump or a feed gives, with the name of the site behind them."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.titles import Asked, title_of, without_site


@pytest.mark.parametrize(
    ("title", "headline", "shorter"),
    [
        ("Bridge to close | Harbour Post", "Bridge to close", "Bridge to close"),
        ("Bridge to close - Harbour Post", "Bridge to close", "Bridge to close"),
        ("Bridge to close — for a year", None, "Bridge to close — for a year"),
        ("Bridge to close - Harbour Post", "Ferry sails", "Bridge to close - Harbour Post"),
        ("Bridge to close again", "Bridge to close", "Bridge to close again"),
        ("Bridge to close", "Bridge to close", "Bridge to close"),
        ("Bridge | " + "x" * 80, "Bridge", "Bridge | " + "x" * 80),
    ],
)
def test_a_site_goes_where_the_page_has_the_title_without_it(title, headline, shorter):
    """Only the page's own headline says where a title ends and its site begins."""
    assert without_site(title, headline) == shorter


def asked(*lines: str, kept: bool = False, score: float = 0.5) -> list[Asked]:
    """Return lines that follow each other on a page, each less likely than the one before."""
    before, after = ["", *lines[:-1]], [*lines[1:], ""]
    return [
        Asked(row, score - row / 10, line, before[row], kept, after[row])
        for row, line in enumerate(lines)
    ]


HEADLINE = "Cables of the harbour bridge are taken down"
STEP = "• Harbour bridge: what drivers should know now"


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (("• News", STEP, "City", HEADLINE), HEADLINE),
        (("1. News", STEP.replace("•", "2."), HEADLINE), HEADLINE),
        (("News", STEP, HEADLINE), STEP[2:]),
        (("• News", STEP, "Ferry captains are hard to find these days"), STEP[2:]),
        (("• News", STEP, "Harbour bridge"), STEP[2:]),
        (("• News", STEP, "City", "Ann Lee", "Share", HEADLINE), STEP[2:]),
    ],
)
def test_a_headline_below_a_path_is_the_title(lines, title):
    """The last step of a path is the title unless a long line near below says much the same."""
    first, *rest = asked(*lines)
    row, found = title_of(rest) or (0, "")
    assert found == title
    assert title in lines[row]
    assert first.line == lines[0]


@pytest.mark.parametrize(
    ("before", "line", "after", "title"),
    [
        ("", "1. FC Köln siegt im Derby gegen Gladbach", "", None),
        ("Sport", "2. Bundesliga: Derby endet ohne Tore", "3 Stunden her", None),
        ("1. FC Köln", "3. Mai: Was an diesem Tag geschah", "5. Mai", None),
        ("1. City", "2. Harbour bridge closes", "", "Harbour bridge closes"),
        ("", "1. Harbour bridge closes", "2. Ferry sails", "Harbour bridge closes"),
        ("• 1. City", "• 2. Harbour bridge closes", "", "Harbour bridge closes"),
        ("", "• 1. FC Köln siegt im Derby", "", "1. FC Köln siegt im Derby"),
    ],
)
def test_a_number_is_a_bullet_only_in_a_list(before, line, after, title):
    """The line before has the number before, or the line after the next: else it is a name's."""
    assert title_of([Asked(3, 2.0, line, before, kept=False, after=after)]) == (3, title or line)


@pytest.mark.parametrize("line", ["• 1. • 2. •", "•", "• 1. 2.", "1. |", "24 | 7"])
def test_a_line_without_a_letter_is_no_title(line):
    """What is left of a line without the signs of a list has to say something."""
    assert title_of(asked(line, score=2)) is None
    assert title_of(asked(line, HEADLINE, score=2)) == (1, HEADLINE)


def test_two_lines_with_numbers_that_do_not_follow_are_no_path():
    """The first of two names with a number stays the title, though a line below has its words."""
    first, *rest = asked("1. FC Köln", "3. Liga: Derby in der Stadt", "Das Derby der Stadt heute")
    assert first.line == rest[0].before
    assert title_of(rest) == (1, "3. Liga: Derby in der Stadt")


def test_a_caption_with_its_credit_is_no_title():
    """A line that starts with a sentence that is no title is that sentence with more behind it."""
    caption = "A lorry waits below the bridge on Monday."
    lines = asked(caption, f"{caption} Harbour Post / Ann Lee", HEADLINE)
    assert title_of(lines) == (2, HEADLINE)
    assert title_of(lines[:2]) is None


@pytest.mark.parametrize(("line", "score", "stays"), [
    ("The harbour bridge, which had carried all of the city's traffic since …", 0.5, False),
    ("The harbour bridge, which had carried all of the city's traffic since …", 1.5, True),
    ("And the bridge stays closed…", 0.5, True),
])  # fmt: skip
def test_a_long_line_that_is_cut_off_is_a_teaser(line, score, stays):
    """What is cut off for its length is a teaser's text; a headline may end with dots."""
    assert (title_of(asked(line, score=score)) is not None) == stays


def test_a_title_read_off_a_page_loses_the_site_too():
    """Where the page has the headline with its site and without, the title is without."""
    assert title_of(asked(f"{HEADLINE} | Harbour Post", HEADLINE)) == (0, HEADLINE)
    assert title_of(asked(f"City: {HEADLINE}", "City")) == (0, f"City: {HEADLINE}")


@pytest.mark.parametrize(
    "line", ["Home > City > Bridge", "Photo: Ann Lee", "By Ann Lee", "May 22, 2023", "It closed."]
)
def test_what_says_something_else_is_no_title(line):
    """Paths, credits, bylines, dates and sentences are no titles, however they lie."""
    assert title_of(asked(line)) is None
