"""The recall of banded signatures."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.similarity.bands import (
    MAX_SKIPPED_SHARE,
    Bands,
    bands_for,
    comparison_recall,
    min_agreements,
    recall,
)


def test_recall_is_the_probability_that_some_band_agrees():
    """Simulated signatures share a band as often as the formula predicts."""
    r = random.Random(1)
    trials = 4000
    shared = sum(
        any(all(r.random() < 0.6 for _ in range(4)) for _ in range(6)) for _ in range(trials)
    )
    assert shared / trials == pytest.approx(recall(0.6, bands=6, rows=4), abs=0.03)


def test_the_cache_of_minimum_agreements_is_bounded():
    """Only the minimum agreements of the most recent similarities are cached."""
    for k in range(2000):
        min_agreements(16, 0.5 + k * 1e-6)
    assert min_agreements.cache_info().currsize <= 1024


def test_the_default_settings_give_these_bands():
    """A threshold of 0.8 gives 25 bands of 5; 0.5 with a higher recall gives 64 bands of 2."""
    assert bands_for(128, 0.8, min_recall=0.999) == Bands(25, 5)
    assert bands_for(128, 0.5, min_recall=0.9999) == Bands(64, 2)
    assert recall(0.8, bands=25, rows=5) == pytest.approx(0.99995, abs=1e-5)
    assert recall(0.8, bands=9, rows=13) == pytest.approx(0.399, abs=1e-3)


@given(st.integers(1, 300), st.floats(0.01, 1))
def test_bands_have_as_many_rows_as_the_recall_allows(hashes, threshold):
    """The bands fit in the hashes and reach the recall; bands with one more row would not."""
    shape = bands_for(hashes, threshold, min_recall=0.99)
    if shape is None:
        assert recall(threshold, bands=hashes, rows=1) < 0.99
        return
    assert shape.bands * shape.rows <= hashes
    assert recall(threshold, bands=shape.bands, rows=shape.rows) >= 0.99
    for rows in range(shape.rows + 1, hashes + 1):
        assert recall(threshold, bands=hashes // rows, rows=rows) < 0.99


def binomial(hashes, similarity):
    """Return the exact probabilities, as fractions, to agree in 0, 1, ..., `hashes` hashes."""
    p = Fraction(similarity)
    return [comb(hashes, k) * p**k * (1 - p) ** (hashes - k) for k in range(hashes + 1)]


@given(
    st.integers(16, 200),
    st.one_of(st.floats(0.05, 1), st.floats(0.95, 1), st.sampled_from([0.98, 0.99, 0.999, 1.0])),
)
def test_at_most_one_in_a_hundred_million_pairs_at_the_threshold_is_skipped(hashes, threshold):
    """Requiring one more agreement would skip more than that share."""
    chances, required = binomial(hashes, threshold), min_agreements(hashes, threshold)
    assert sum(chances[:required]) <= MAX_SKIPPED_SHARE * 1.000001 or required == 1
    assert required == hashes or sum(chances[: required + 1]) > MAX_SKIPPED_SHARE * 0.999999


def test_more_similar_pairs_are_skipped_more_rarely():
    """The share of skipped pairs falls above the threshold, to zero for equal texts."""
    for threshold in (0.5, 0.8, 0.95, 0.99):
        required = min_agreements(128, threshold)
        skipped = [
            sum(binomial(128, threshold + (1 - threshold) * k / 20)[:required]) for k in range(21)
        ]
        assert skipped == sorted(skipped, reverse=True)
        assert skipped[-1] == 0


@pytest.mark.parametrize(("similarity", "threshold"), [(0.6, 0.8), (0.8, 0.8), (0.97, 0.99)])
def test_reported_recall_includes_bands_and_signature_filter(similarity, threshold):
    """Simulated signatures share a band and enough hashes as often as reported."""
    random, shape = np.random.default_rng(1), Bands(6, 4)
    agree = random.random((20_000, 30)) < similarity
    banded = agree[:, :24].reshape(-1, 6, 4).all(axis=2).any(axis=1)
    is_compared = banded & (agree.sum(axis=1) >= min_agreements(30, threshold))
    expected = comparison_recall(similarity, shape, hashes=30, threshold=threshold)
    assert is_compared.mean() == pytest.approx(expected, abs=0.015)


@given(st.integers(16, 300), st.floats(0.05, 1), st.floats(0, 1))
def test_the_signature_filter_only_reduces_recall(hashes, threshold, similarity):
    """Recall with the filter is at most that of the bands, and almost equal at the threshold."""
    shape = bands_for(hashes, threshold, min_recall=0.9)
    if shape is None:
        return
    expected = comparison_recall(similarity, shape, hashes=hashes, threshold=threshold)
    banded = recall(similarity, bands=shape.bands, rows=shape.rows)
    assert 0 <= expected <= min(1, banded + 1e-9)
    assert expected < 1 or similarity == 1
    if similarity >= threshold:
        assert expected >= banded - 1.01e-8 or min_agreements(hashes, threshold) == 1
