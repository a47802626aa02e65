"""The publisher of a page, from its copyright line."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.metadata.publishers import (
    copyright_holder,
    copyright_lines,
    last_copyright_sign,
)


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
        ("© Hill Verlag GmbH & Co. KGaA", "Hill"),
        ("© Hill Verlags-Gesellschaft mbH, Inc.", "Hill"),
        ("All of this is ours", None),
        ("© 2023", None),
        ("© 2023 All rights reserved.", None),
        ("Copyright infringement is a crime", None),
        ("© " + "Word " * 90, None),
    ],
)
def test_a_copyright_line_names_the_publisher(line, publisher):
    """The publisher is returned without the years, the rights and the legal form."""
    assert copyright_holder(line) == publisher


def test_copyright_lines_are_returned_from_the_last_to_the_first():
    """Only lines with a copyright sign after the given byte are returned."""
    tail = "\nMenu\n  © 2023 Harbour Post, Copyright\n" + "Home\n" * 50 + "(c) Hill Media"
    lines = ["(c) Hill Media", "© 2023 Harbour Post, Copyright"]
    assert [line for _, line in copyright_lines(tail.encode())] == lines
    assert [line for _, line in copyright_lines(tail.encode(), after=60)] == lines[:1]
    assert [*copyright_lines(b"")] == []


@given(st.text("©(cC)oOpPyYrRiIgGhHtTé\n", max_size=60), st.integers(0, 20))
def test_the_last_copyright_sign_is_the_one_that_a_regex_finds(text, after):
    """The search ignores case and never reads beyond the end."""
    page = text.encode()
    sign = re.compile("©|(?=opyright)|\\(c\\)".encode(), re.IGNORECASE)
    positions = [match.start() for match in sign.finditer(page, after)]
    data = np.frombuffer(page, np.uint8)
    assert last_copyright_sign(data, after, len(page)) == (positions[-1] if positions else -1)


@pytest.mark.parametrize("form", [" Verlag AG", " AG & Co. KG", " & Co.", " Ltd"])
def test_many_legal_forms_are_read_once(form):
    """A form that may be one or two does not take exponential time: each is read in one way."""
    line = "© Hill" + form * 24 + " x"
    assert copyright_holder(line[:300]) is None
    assert copyright_holder("© Hill" + " Verlag AG" * 20) == "Hill"
