"""The title among likely lines, and titles with the name of the site after them."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.titles import TitleCandidate, choose_title, strip_site_name


@pytest.mark.parametrize(
    ("title", "headline", "stripped"),
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
def test_a_site_name_is_stripped_if_the_page_has_the_title_without_it(title, headline, stripped):
    """Only the headline on the page shows where the title ends and the site name begins."""
    assert strip_site_name(title, headline) == stripped


def candidates(*lines: str, kept: bool = False, score: float = 0.5) -> list[TitleCandidate]:
    """Return consecutive lines of a page, each less likely than the one before."""
    before, after = ["", *lines[:-1]], [*lines[1:], ""]
    return [
        TitleCandidate(row, score - row / 10, line, before[row], kept, after[row])
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
def test_a_headline_below_a_breadcrumb_is_the_title(lines, title):
    """The last step of a breadcrumb is the title unless a headline below shares a word with it."""
    first, *rest = candidates(*lines)
    row, text = choose_title(rest) or (0, "")
    assert text == title
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
    """The previous or next line has the neighbouring number; else the number is part of a name."""
    candidate = TitleCandidate(3, 2.0, line, before, kept=False, next_line=after)
    assert choose_title([candidate]) == (3, title or line)


@pytest.mark.parametrize("line", ["• 1. • 2. •", "•", "• 1. 2.", "1. |", "24 | 7"])
def test_a_line_without_letters_is_not_a_title(line):
    """A line needs letters besides its bullets and numbers."""
    assert choose_title(candidates(line, score=2)) is None
    assert choose_title(candidates(line, HEADLINE, score=2)) == (1, HEADLINE)


def test_lines_with_numbers_that_are_not_consecutive_are_not_a_breadcrumb():
    """A name with a number is the title, even if a line below shares its words."""
    first, *rest = candidates(
        "1. FC Köln", "3. Liga: Derby in der Stadt", "Das Derby der Stadt heute"
    )
    assert first.line == rest[0].previous_line
    assert choose_title(rest) == (1, "3. Liga: Derby in der Stadt")


def test_a_caption_with_its_credit_is_not_a_title():
    """A line that starts with a caption is the caption with its credit."""
    caption = "A lorry waits below the bridge on Monday."
    lines = candidates(caption, f"{caption} Harbour Post / Ann Lee", HEADLINE)
    assert choose_title(lines) == (2, HEADLINE)
    assert choose_title(lines[:2]) is None


@pytest.mark.parametrize(("line", "score", "is_title"), [
    ("The harbour bridge, which had carried all of the city's traffic since …", 0.5, False),
    ("The harbour bridge, which had carried all of the city's traffic since …", 1.5, True),
    ("And the bridge stays closed…", 0.5, True),
])  # fmt: skip
def test_a_long_line_that_ends_with_an_ellipsis_is_a_teaser(line, score, is_title):
    """A long line that was cut off is the text of a teaser; a short headline may end with dots."""
    assert (choose_title(candidates(line, score=score)) is not None) == is_title


def test_the_site_name_is_stripped_from_a_title_on_the_page():
    """If the page has the headline both with and without the site name, the title is without."""
    lines = candidates(f"{HEADLINE} | Harbour Post", HEADLINE)
    assert choose_title(lines) == (0, HEADLINE)
    assert choose_title(candidates(f"City: {HEADLINE}", "City")) == (0, f"City: {HEADLINE}")


@pytest.mark.parametrize(
    "line", ["Home > City > Bridge", "Photo: Ann Lee", "By Ann Lee", "May 22, 2023", "It closed."]
)
def test_other_kinds_of_lines_are_not_titles(line):
    """Breadcrumbs, photo credits, bylines, dates and sentences are not titles."""
    assert choose_title(candidates(line)) is None
