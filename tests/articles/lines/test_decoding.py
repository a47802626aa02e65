"""Which lines are kept: the best article there is, and a threshold within its bounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles.lines.decoding import best_article, expected_f1, threshold


def worth(kept: tuple[bool, ...], gains: list[float], gap_cost: float) -> float:
    """Return what keeping these lines is worth, counted as the definition says."""
    rows = [i for i, keep in enumerate(kept) if keep]
    if not rows:
        return 0.0
    gaps = rows[-1] - rows[0] + 1 - len(rows)
    return sum(gains[i] for i in rows) - gap_cost * gaps


@given(
    gains=st.lists(st.integers(-40, 40).map(lambda n: n / 8), max_size=8),
    gap_cost=st.sampled_from([0.0, 0.25, 1.0]),
)
@settings(max_examples=80, deadline=None)
def test_no_other_choice_is_worth_more(gains, gap_cost):
    """Of all subsets of the lines, none is worth more than the one that is kept."""
    kept = best_article(np.array(gains, np.float64), gap_cost)
    best = max(
        worth(choice, gains, gap_cost)
        for choice in itertools.product((False, True), repeat=len(gains))
    )
    assert worth(tuple(kept.tolist()), gains, gap_cost) == pytest.approx(best)


def test_a_stray_line_far_below_has_to_be_surer():
    """A gap costs by its length: the same line stays near the article, and goes far below it."""
    near = best_article(np.array([3.0, 3.0, -2.0, 1.0]), 0.25)
    far = best_article(np.array([3.0, 3.0, *[-2.0] * 9, 1.0]), 0.25)
    assert near.tolist() == [True, True, False, True]
    assert far.tolist() == [True, True, *[False] * 10]


@given(
    chances=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20),
    low=st.floats(0.1, 0.4),
    high=st.floats(0.5, 0.9),
)
@settings(max_examples=60, deadline=None)
def test_the_threshold_stays_within_its_bounds(chances, low, high):
    """Whatever the page, a line is asked for no less than `low` and no more than `high`."""
    counts = np.full(len(chances), 9, np.float32)
    found = threshold(np.array(chances, np.float32), counts, low, high)
    assert low <= found <= high


def test_a_doubtful_page_has_a_lower_threshold():
    """Where the model is sure, half is asked; where it is not, less."""
    counts = np.full(6, 20, np.float32)
    sure = threshold(np.array([0.99, 0.99, 0.98, 0.01, 0.01, 0.01], np.float32), counts, 0.1, 0.5)
    unsure = threshold(np.array([0.5, 0.4, 0.4, 0.3, 0.3, 0.3], np.float32), counts, 0.1, 0.5)
    assert unsure < 0.4 < sure


def test_the_f1_expected_is_that_of_the_choice():
    """What is sure and kept counts whole; what is likely and lost, or kept in doubt, costs."""
    sizes = np.array([10, 10, 20], np.float32)
    kept = np.array([True, True, False])

    def expected(*chances: float) -> float:
        return expected_f1(np.array(chances, np.float32), sizes, kept)

    assert expected(1, 1, 0) == 1
    assert expected(1, 0, 0) == pytest.approx(2 * 10 / (20 + 10))
    assert expected(1, 1, 1) == pytest.approx(2 * 20 / (20 + 40))
    assert expected(0, 0, 0) == 0
