"""Authors in bylines: separated from the rest of the line; None if there are none."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.authors import is_bare_by, parse_byline


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("by Ann Lee and Bo Chan | 22 May 2023", "Ann Lee; Bo Chan"),
        ("By northern Ledger May 22, 2023", "northern Ledger"),
        ("Von Jörg van der Berg, Redakteur", "Jörg van der Berg"),
        ("24.04.2024 | 14:07 Uhr | Von Jörg Berg", "Jörg Berg"),
        ("Par Zoé Roux et Luc Petit, à Lyon", "Zoé Roux; Luc Petit"),
        ("Por María de la Cruz, Madrid", "María de la Cruz"),
        ("di Carla Neri", "Carla Neri"),
        ("Автор: Пётр Озеров", "Пётр Озеров"),
        ("بقلم سامي الخطيب", "سامي الخطيب"),
        ("Written by: Ann Lee (Staff)", "Ann Lee"),
        ("By AFP", "AFP"),
        ("By Ann Lee with Agencies", "Ann Lee"),
        ("作者：王小明", "王小明"),
        ("김하늘 기자", "김하늘"),
        ("2023年5月22日  记者 王小明  来源：山城晚报", "王小明"),
        ("04.03.2025 | Jörg Berg", "Jörg Berg"),
        ("Ann Lee", "Ann Lee"),
        ("Ann LeeThe Harbour Post", "Ann Lee"),
        ("By harbour PostWire May 22, 2023", "harbour PostWire"),
        ("27 January 2026 • Ann McLee • 3 minutes", "Ann McLee"),
        ("Ann Lee, ann@harbour.example", "Ann Lee"),
        ("By Harbour Staff", "Harbour Staff"),
    ],
)
def test_the_authors_of_a_byline_are_returned(line, author):
    """A date, place, role or address next to the names is not part of them."""
    byline = parse_byline(line)
    assert (byline.authors if byline else None) == author


@pytest.mark.parametrize(
    "line",
    [
        "By using this site you agree to our terms",
        "By the end of the year it was over.",
        "By Category",
        "by email",
        "Von hier aus ging es weiter",
        "By continuing, Ann Lee accepts",
        "Photo: Ann Lee",
        "Most Popular",
        "harbour bridge",
        "",
        "By " + "Ann " * 60,
    ],
)
def test_other_lines_have_no_authors(line):
    """Sentences, buttons and photo credits are not bylines."""
    assert parse_byline(line) is None


def test_a_line_that_consists_of_by_is_recognised():
    """A line that consists of "by" differs from one that also has a name."""
    assert [is_bare_by(line) for line in ("By", "von", "Text:", "By Ann Lee", "Bye")] == [
        True, True, True, False, False,
    ]  # fmt: skip
