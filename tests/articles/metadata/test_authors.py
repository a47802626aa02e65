"""Names in bylines: cut from what stands beside them, and nobody where there is none."""

from __future__ import annotations

import pytest

from corpus.articles.metadata.authors import names, only_by


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
def test_a_byline_names_its_authors(line, author):
    """What stands beside the names, a date, a place, a role or an address, is no part of them."""
    said = names(line)
    assert (said.text if said else None) == author


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
def test_what_is_no_byline_names_nobody(line):
    """Sentences, buttons and credits of pictures are not taken for bylines."""
    assert names(line) is None


def test_by_alone_speaks_of_the_next_line():
    """A line that only says "by" is told from one that names somebody."""
    assert [only_by(line) for line in ("By", "von", "Text:", "By Ann Lee", "Bye")] == [
        True, True, True, False, False,
    ]  # fmt: skip
