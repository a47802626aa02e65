"""Authors in bylines: separated from the rest of the line; None if there are none."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.authors import is_bare_by, is_list_of_names, parse_byline


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
        ("By Ann Lee, MD, PhD", "Ann Lee"),
        ("Ann Lee, MPH and Bo Chan, RDN", "Ann Lee; Bo Chan"),
        ("Written by Ann Lee, Senior Director, Harbour Institute", "Ann Lee"),
        ("Published May 22, 2023 by Ann Lee", "Ann Lee"),
        ("May 22, 2023 | by Ann Lee", "Ann Lee"),
        ("By Ann LeeNovember 3", "Ann Lee"),
        ("Ann Marie Lee December", "Ann Marie Lee"),
        ("By Dr. Ann Lee - Harbour News", "Dr. Ann Lee"),
        ("By Ann (Annie) Lee", "Ann (Annie) Lee"),
        ("By Ann Lee ⋅ Review Editor", "Ann Lee"),
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


@pytest.mark.parametrize(
    "line", ["Reviewed by Ann Lee, MD", "Edited by Ann Lee", "Last updated by Ann Lee"]
)
def test_people_who_did_not_write_the_text_are_not_its_authors(line):
    """A reviewer or editor is not the author."""
    assert parse_byline(line) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Ann Lee", True), ("Ann Lee and Bo Chan", True), ("Harbour Bridge", False),
        ("Ann Lee walked along the harbour", False), ("Zoé Roux", False),
        ("Светлана Озерова", True),
    ],
)  # fmt: skip
def test_a_line_that_starts_with_a_given_name_may_consist_of_names(line, expected):
    """Given names of many languages tell a name from other words with capitals."""
    assert is_list_of_names(line) == expected
