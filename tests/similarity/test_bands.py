"""How surely a banded signature finds a pair."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.similarity.bands import Bands, bands_for, fewest_agreements, recall, recall_curve


def test_recall_is_the_probability_that_some_band_agrees():
    """Simulated signatures share a band as often as the formula says."""
    r = random.Random(1)
    trials = 4000
    found = sum(
        any(all(r.random() < 0.6 for _ in range(4)) for _ in range(6)) for _ in range(trials)
    )
    assert found / trials == pytest.approx(recall(0.6, bands=6, rows=4), abs=0.03)


def test_the_bands_of_the_defaults():
    """At 0.8, 25 bands of 5; at 0.5, to be surer still, 64 of 2."""
    assert bands_for(128, 0.8, least=0.999) == Bands(25, 5)
    assert bands_for(128, 0.5, least=0.9999) == Bands(64, 2)
    assert recall(0.8, bands=25, rows=5) == pytest.approx(0.99995, abs=1e-5)
    assert recall(0.8, bands=9, rows=13) == pytest.approx(0.399, abs=1e-3)


@given(st.integers(1, 300), st.floats(0.01, 1))
def test_no_bands_of_more_rows_would_do(hashes, threshold):
    """The bands reach the recall within the hashes there are; one more row would not."""
    found = bands_for(hashes, threshold, least=0.99)
    if found is None:
        assert recall(threshold, bands=hashes, rows=1) < 0.99
        return
    assert found.bands * found.rows <= hashes
    assert recall(threshold, bands=found.bands, rows=found.rows) >= 0.99
    for rows in range(found.rows + 1, hashes + 1):
        assert recall(threshold, bands=hashes // rows, rows=rows) < 0.99


def test_the_curve_rises_from_nothing_to_certainty():
    """Recall is 0 where nothing is shared, 1 where all is, and never falls between."""
    curve = recall_curve(25, 5)
    assert [similarity for similarity, _ in curve] == [i / 20 for i in range(21)]
    assert curve[0] == (0.0, 0.0)
    assert curve[-1] == (1.0, 1.0)
    assert sorted(curve) == list(curve)
    assert [found for _, found in curve] == sorted(found for _, found in curve)


@given(st.integers(16, 1024), st.floats(0.05, 1))
def test_a_pair_is_skipped_only_far_below_the_threshold(hashes, threshold):
    """The least number of agreements is six sigma below the expected one, and at least one."""
    fewest = fewest_agreements(hashes, threshold)
    sigma = (threshold * (1 - threshold) * hashes) ** 0.5
    assert 1 <= fewest <= hashes
    assert fewest == 1 or abs(hashes * threshold - 6 * sigma - fewest) <= 0.5 + 1e-6
    assert fewest_agreements(hashes, 1.0) == hashes
