"""How surely a banded signature finds a pair."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.similarity.bands import (
    LOSS,
    Bands,
    bands_for,
    compared,
    fewest_agreements,
    recall,
)


def test_recall_is_the_probability_that_some_band_agrees():
    """Simulated signatures share a band as often as the formula says."""
    r = random.Random(1)
    trials = 4000
    found = sum(
        any(all(r.random() < 0.6 for _ in range(4)) for _ in range(6)) for _ in range(trials)
    )
    assert found / trials == pytest.approx(recall(0.6, bands=6, rows=4), abs=0.03)


def test_what_is_asked_of_measured_jaccards_is_forgotten():
    """The fewest agreements are kept for the last Jaccards asked for, not for all ever."""
    for k in range(2000):
        fewest_agreements(16, 0.5 + k * 1e-6)
    assert fewest_agreements.cache_info().currsize <= 1024


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


def binomial(hashes, similarity):
    """Return the exact chances to agree in 0 to all hashes: rational numbers."""
    p = Fraction(similarity)
    return [comb(hashes, k) * p**k * (1 - p) ** (hashes - k) for k in range(hashes + 1)]


@given(
    st.integers(16, 200),
    st.one_of(st.floats(0.05, 1), st.floats(0.95, 1), st.sampled_from([0.98, 0.99, 0.999, 1.0])),
)
def test_a_pair_is_skipped_once_in_a_hundred_million(hashes, threshold):
    """At the threshold so few pairs agree in fewer hashes; one hash more would lose too many."""
    chances, fewest = binomial(hashes, threshold), fewest_agreements(hashes, threshold)
    assert sum(chances[:fewest]) <= LOSS * 1.000001 or fewest == 1
    assert fewest == hashes or sum(chances[: fewest + 1]) > LOSS * 0.999999


def test_a_nearer_pair_is_skipped_more_rarely():
    """What is promised at the threshold holds over it, up to equal texts, which always pass."""
    for threshold in (0.5, 0.8, 0.95, 0.99):
        fewest = fewest_agreements(128, threshold)
        lost = [
            sum(binomial(128, threshold + (1 - threshold) * k / 20)[:fewest]) for k in range(21)
        ]
        assert lost == sorted(lost, reverse=True)
        assert lost[-1] == 0


@pytest.mark.parametrize(("similarity", "threshold"), [(0.6, 0.8), (0.8, 0.8), (0.97, 0.99)])
def test_the_recall_told_is_that_of_bands_and_filter(similarity, threshold):
    """Simulated signatures share a band and enough hashes as often as is told."""
    random, shape = np.random.default_rng(1), Bands(6, 4)
    agree = random.random((20_000, 30)) < similarity
    banded = agree[:, :24].reshape(-1, 6, 4).all(axis=2).any(axis=1)
    met = banded & (agree.sum(axis=1) >= fewest_agreements(30, threshold))
    told = compared(similarity, shape, hashes=30, threshold=threshold)
    assert met.mean() == pytest.approx(told, abs=0.015)


@given(st.integers(16, 300), st.floats(0.05, 1), st.floats(0, 1))
def test_no_more_is_compared_than_shares_a_band(hashes, threshold, similarity):
    """The filter only takes away; at the threshold, next to nothing."""
    shape = bands_for(hashes, threshold, least=0.9)
    if shape is None:
        return
    told = compared(similarity, shape, hashes=hashes, threshold=threshold)
    banded = recall(similarity, bands=shape.bands, rows=shape.rows)
    assert 0 <= told <= min(1, banded + 1e-9)
    assert told < 1 or similarity == 1
    if similarity >= threshold:
        assert told >= banded - 1.01e-8 or fewest_agreements(hashes, threshold) == 1
