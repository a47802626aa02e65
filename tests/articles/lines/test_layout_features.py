"""The layout around a line: lists, stretches between blank lines, means over the page."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.articles.characters import character_tables
from corpus.articles.lines.feature_columns import FIRST_LAYOUT, NAMES
from corpus.articles.lines.features import features
from corpus.articles.lines.scan import scan

CHARACTERS = character_tables()


def columns(page: str) -> dict[str, list[float]]:
    """Return the features of the lines of a page, by name."""
    data = np.frombuffer(page.encode(), np.uint8)
    counters, words, word_offsets, _ = scan(data, 0, data.size, CHARACTERS)
    table = features(counters, words, word_offsets, np.zeros(len(counters), np.float32))
    return dict(zip(NAMES[FIRST_LAYOUT:], table[:, FIRST_LAYOUT:].T.tolist(), strict=True))


def test_lists_are_counted_up_and_down():
    """Each entry of a list has the number of entries up to it, and from it on."""
    found = columns("Intro\n• one\n  • two\n• three\nEnd")
    assert found["bullets in a row up to it"] == [0, 1, 2, 3, 0]
    assert found["bullets in a row from it on"] == [0, 3, 2, 1, 0]
    assert found["starts with a bullet at -1"] == [0, 0, 1, 1, 1]
    assert found["indentation at +1"] == [0, 2, 0, 0, 0]


def test_stretches_end_at_blank_lines():
    """A line has the size of its stretch, and the words per line of the stretches around it."""
    found = columns("one two\nthree four\n\nfive\n\n\nsix seven eight.\nnine")
    assert found["lines of its stretch"] == [2, 2, 1, 2, 2]
    assert found["lines before it in its stretch"] == [0, 1, 0, 0, 1]
    assert found["words per line of its stretch"] == [2, 2, 1, 2, 2]
    assert found["words per line of the stretch before"] == [0, 0, 2, 1, 1]
    assert found["words per line of the stretch after"] == [1, 1, 2, 0, 0]
    assert found["share of sentences in its stretch"] == [0, 0, 0, 0.5, 0.5]


def test_page_means_are_equal_for_all_lines():
    """The mean of a counter over the page is a feature of each of its lines."""
    found = columns("one two three\nfour")
    assert found["mean on the page: words"] == [2, 2]
    assert found["mean on the page: starts in lower case"] == [1, 1]


@pytest.mark.parametrize("page", ["", "\n\n", "one"])
def test_any_page_has_a_layout(page):
    """A page may have no lines or one."""
    assert len(columns(page)["lines of its stretch"]) == len(page.split())
