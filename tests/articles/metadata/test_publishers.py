"""The publisher of a page, as its copyright line names it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.metadata.publishers import holder, last_mark, marked_lines


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
    """Of all that follows an article only the marked lines are looked at, the last first."""
    tail = "\nMenu\n  © 2023 Harbour Post, Copyright\n" + "Home\n" * 50 + "(c) Hill Media"
    lines = ["(c) Hill Media", "© 2023 Harbour Post, Copyright"]
    assert [line for _, line in marked_lines(tail.encode())] == lines
    assert [line for _, line in marked_lines(tail.encode(), after=60)] == lines[:1]
    assert [*marked_lines(b"")] == []


@given(st.text("©(cC)oOpPyYrRiIgGhHtTé\n", max_size=60), st.integers(0, 20))
def test_the_last_mark_is_the_one_that_a_pattern_finds(text, after):
    """Bytes are compared one by one, never beyond the end; capitals are the same."""
    page = text.encode()
    marks = re.compile("©|(?=opyright)|\\(c\\)".encode(), re.IGNORECASE)
    found = [match.start() for match in marks.finditer(page, after)]
    data = np.frombuffer(page, np.uint8)
    assert last_mark(data, after, len(page)) == (found[-1] if found else -1)
