"""Distributions: bins and quantiles of a measurement."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.tuning.distribution import N_BINS, bin_edges, distribution

FLOATS = st.floats(-1e6, 1e6) | st.just(float("nan"))


@given(st.lists(FLOATS, max_size=50), st.none() | st.floats(-1e5, 1e5))
def test_every_value_is_in_one_bin(values, bound):
    """Bins rise strictly and contain the bound; values beyond them are in the outer bins."""
    array = np.array(values, np.float64)
    edges = bin_edges(array, (bound, None))
    assert len(edges) == N_BINS + 1
    assert np.all(np.diff(edges) >= 0)
    assert edges[0] < edges[-1]
    if bound is not None:
        assert edges[0] <= bound
        assert bound <= edges[-1] or np.isclose(bound, edges[-1])
    found = distribution(array, np.zeros(len(array), np.bool_), edges, "en")
    assert sum(found.counts) == len(array) - found.missing
    assert found.documents == len(array)


@pytest.mark.parametrize("values", [[], [float("nan")], [5.0], [5.0] * 9, [0.0, 1e9]])
def test_few_values_have_a_distribution(values):
    """No value, one value and equal values are no errors."""
    array = np.array(values, np.float64)
    edges = bin_edges(array, (None, 3.0))
    found = distribution(array, np.ones(len(array), np.bool_), edges, None)
    assert found.removed == len(values)
    assert len(found.quantiles) in (0, 5)


def test_values_over_several_powers_have_bins_of_equal_ratio():
    """Lengths of 10 to 100,000 would otherwise all be in the first bin."""
    edges = bin_edges(np.geomspace(10, 1e5, 500), (None, None))
    assert np.allclose(edges[1:] / edges[:-1], edges[1] / edges[0])


def test_the_few_values_beside_a_common_one_are_drawn_where_they_are():
    """Signals such as curly brackets are 0 in nearly all documents, and never below it."""
    values = np.array([0.0] * 1000 + [1.0, 4.0])
    edges = bin_edges(values, (None, 0.0))
    assert (edges[0], edges[-1]) == (0.0, 4.0)
    found = distribution(values, values > 0, edges, None)
    assert [n for n in found.counts if n] == [1000, 1, 1]
    assert bin_edges(np.zeros(9), (None, 0.0))[0] == 0.0
