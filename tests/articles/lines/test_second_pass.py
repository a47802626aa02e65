"""The features of the second pass: the first scores of the lines around a line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.lines.counters import COUNTERS
from corpus.articles.lines.second_pass import NAMES, NO_SCORE, second_pass_table


def named(lines: list[tuple[float, dict[str, float]]]) -> dict[str, list[float]]:
    """Return the features by name, given the probability and the counters of each line."""
    table = np.array([[own.get(name, 0) for name in COUNTERS] for _, own in lines], np.float32)
    probabilities = np.array([p for p, _ in lines], np.float32)
    scores = np.log(probabilities / (1 - probabilities))
    wide = second_pass_table(table, scores, probabilities)
    assert np.array_equal(wide[:, : len(COUNTERS)], table)
    return dict(zip(NAMES, wide[:, len(COUNTERS) :].T.tolist(), strict=True))


def test_features_contain_what_their_names_say():
    """Each feature of a page of four lines has the value computed by hand."""
    blank = {"follows a blank line": 1.0, "words": 9.0}
    page = named([(0.9, blank), (0.8, {"words": 9.0}), (0.1, blank), (0.6, blank)])
    assert page["score at -1"][0] == NO_SCORE
    assert page["score at +1"][0] == pytest.approx(np.log(4))
    assert page["mean probability of the stretch"] == pytest.approx([0.85, 0.85, 0.1, 0.6])
    assert page["mean probability of the stretch before"] == pytest.approx([0, 0, 0.85, 0.1])
    assert page["mean probability of the stretch after"] == pytest.approx([0.1, 0.1, 0.6, 0])
    assert page["mean probability with the same shape"] == pytest.approx([0.6] * 4)
    assert page["highest probability with the same shape"] == pytest.approx([0.9] * 4)
    assert page["lines since a probable line"] == [0, 0, 0, 1]
    assert page["lines until a probable line"] == [0, 1, 0, 0]
    assert page["share of content on the page"] == pytest.approx([0.6] * 4)
    assert page["words of content on the page"] == pytest.approx([24] * 4)
    assert page["lowest probability on the page"] == pytest.approx([0.1] * 4)
    assert page["share of the content before it"] == pytest.approx([0, 9 / 24, 17 / 24, 18 / 24])
    assert page["share of probable lines"] == [0.75] * 4
    assert page["lowest probability before it within 12 lines"] == pytest.approx([1, 0.9, 0.8, 0.1])
    assert page["lowest probability after it within 12 lines"] == pytest.approx([0.1, 0.1, 0.6, 1])


def test_page_without_lines_has_no_rows():
    """An empty page has an empty table."""
    none = np.zeros(0, np.float32)
    table = second_pass_table(np.zeros((0, len(COUNTERS)), np.float32), none, none)
    assert table.shape == (0, len(COUNTERS) + len(NAMES))


@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 300)), min_size=1, max_size=9))
def test_features_are_finite(lines):
    """Whatever the probabilities and the lengths, no feature is infinite or missing."""
    page = named([(p, {"words": float(words)}) for p, words in lines])
    assert all(np.isfinite(values).all() for values in page.values())
