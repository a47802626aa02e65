"""Decoding: the article with the highest gain, a bounded threshold, the expected F1."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.array_types import Flags, Numbers, Sums
from corpus.articles.lines.decoding import FULL_GAP_WORDS, expected_f1, threshold, viterbi


def best_article(gains: Sums, counts: Numbers, gap_cost: float) -> Flags:
    """Return the lines that the kernel keeps."""
    kept = np.empty(gains.size, np.bool_)
    viterbi(gains, counts, gap_cost, np.empty((gains.size, 4), np.uint8), kept)
    return kept


def total_gain(
    kept: tuple[bool, ...], gains: list[float], counts: list[float], gap_cost: float
) -> float:
    """Return the gain of keeping these lines, computed from the definition."""
    rows = [i for i, keep in enumerate(kept) if keep]
    if not rows:
        return 0.0
    gaps = sum(min(1, counts[i] / FULL_GAP_WORDS) for i in range(rows[0], rows[-1]) if not kept[i])
    return sum(gains[i] for i in rows) - gap_cost * gaps


@given(
    gains=st.lists(st.integers(-40, 40).map(lambda n: n / 8), max_size=8),
    gap_cost=st.sampled_from([0.0, 0.25, 1.0]),
)
@settings(max_examples=80, deadline=None)
def test_no_other_selection_has_a_higher_gain(gains, gap_cost):
    """The kept lines have the highest gain of all subsets of the lines."""
    counts = [5.0 * (i % 4) for i in range(len(gains))]
    kept = best_article(np.array(gains, np.float64), np.array(counts, np.float32), gap_cost)
    best = max(
        total_gain(selection, gains, counts, gap_cost)
        for selection in itertools.product((False, True), repeat=len(gains))
    )
    assert total_gain(tuple(kept.tolist()), gains, counts, gap_cost) == pytest.approx(best)


def test_distant_line_needs_a_higher_gain():
    """Each line of a gap costs: the same line is kept near the article and removed far below it."""
    near = best_article(np.array([3.0, 3.0, -2.0, 1.0]), np.full(4, 20.0), 0.25)
    far = best_article(np.array([3.0, 3.0, *[-2.0] * 9, 1.0]), np.full(12, 20.0), 0.25)
    assert near.tolist() == [True, True, False, True]
    assert far.tolist() == [True, True, *[False] * 10]


def test_a_gap_of_short_lines_costs_less():
    """The cells of a small table are many short lines: they do not cost the article around them."""
    gains = np.array([0.4, *[-2.0] * 9, 3.0])
    cells = best_article(gains, np.array([20.0, *[1.0] * 9, 20.0]), 0.1)
    sentences = best_article(gains, np.array([20.0, *[20.0] * 9, 20.0]), 0.1)
    assert cells[0]
    assert not sentences[0]


@given(
    probabilities=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20),
    low=st.floats(0.1, 0.4),
    high=st.floats(0.5, 0.9),
)
@settings(max_examples=60, deadline=None)
def test_threshold_is_within_its_bounds(probabilities, low, high):
    """The threshold is at least `low` and at most `high`, whatever the page."""
    counts = np.full(len(probabilities), 9, np.float32)
    limit = threshold(np.array(probabilities, np.float32), counts, low, high)
    assert low <= limit <= high


def test_doubtful_page_has_a_lower_threshold():
    """The threshold is near one half if the model is sure, and lower if it is not."""
    counts = np.full(6, 20, np.float32)
    sure = threshold(np.array([0.99, 0.99, 0.98, 0.01, 0.01, 0.01], np.float32), counts, 0.1, 0.5)
    unsure = threshold(np.array([0.5, 0.4, 0.4, 0.3, 0.3, 0.3], np.float32), counts, 0.1, 0.5)
    assert unsure < 0.4 < sure


def test_expected_f1_follows_its_definition():
    """Keeping a doubtful line and removing a probable one both lower the expected F1."""
    sizes = np.array([10, 10, 20], np.float32)
    kept = np.array([True, True, False])

    def expected(*probabilities: float) -> float:
        return expected_f1(np.array(probabilities, np.float32), sizes, kept)

    assert expected(1, 1, 0) == 1
    assert expected(1, 0, 0) == pytest.approx(2 * 10 / (20 + 10))
    assert expected(1, 1, 1) == pytest.approx(2 * 20 / (20 + 40))
    assert expected(0, 0, 0) == 0
