"""The publisher of a page, as its copyright line names it."""

from __future__ import annotations

import pytest

from corpus.articles.publishers import holder, marked_lines


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("© 2023 Morning Ledger Ltd. All rights reserved", "Morning Ledger"),
        ("Copyright © 2001-2023 Harbour Post", "Harbour Post"),
        ("Copyright Hill Media", "Hill Media"),
        ("© Hügelbote Verlags-GmbH", "Hügelbote"),
        ("© «Горный вестник». Перепечатка запрещена", "Горный вестник"),
        ("© La Voz del Puerto, S. L.", "La Voz del Puerto"),
        ("© The Hill Observer. Registered office: 3 Mill Lane", "The Hill Observer"),
        ("© 2023 山城晚报 版权所有", "山城晚报"),
        ("© 2023 Hill Media GmbH & Co. KG | Impressum", "Hill Media"),
        ("All of this is ours", None),
        ("© 2023", None),
        ("© 2023 All rights reserved.", None),
        ("Copyright infringement is a crime", None),
        ("© " + "Word " * 90, None),
    ],
)
def test_a_copyright_line_names_the_publisher(line, publisher):
    """The holder is named without the years, the rights and the kind of firm."""
    assert holder(line) == publisher


def test_lines_that_claim_a_copyright_are_found_far_below():
    """Of all that follows an article only the marked lines are looked at, each once."""
    tail = "\nMenu\n  © 2023 Harbour Post, Copyright\n" + "Home\n" * 50 + "(c) Hill Media"
    assert marked_lines(tail.encode()) == ["© 2023 Harbour Post, Copyright", "(c) Hill Media"]
    assert marked_lines(tail.encode(), after=60) == ["(c) Hill Media"]
    assert marked_lines(b"") == []
