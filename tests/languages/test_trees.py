"""Trees give a chance, by arithmetic that is the same everywhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.languages.forests import Forest, chances, exponential


@settings(deadline=None)
@given(st.floats(-100, 0))
def test_the_exponential_is_one(x: float) -> None:
    """To three digits it is e**x, and 0 where that is next to nothing."""
    assert exponential(x) == pytest.approx(math.exp(x), rel=2e-3, abs=1e-17)


def test_chances_are_those_of_the_leaves() -> None:
    """Each tree adds the value of the leaf that the signs lead to; equal goes left."""
    forest = Forest(
        root=np.array([0, 3], np.int32),
        sign=np.array([1, -1, -1, -1], np.int8),
        threshold=np.array([0.5, 0, 0, 0]),
        left=np.array([1, 0, 0, 0], np.int32),
        right=np.array([2, 0, 0, 0], np.int32),
        value=np.array([0.0, -3.0, 2.0, 1.0]),
        start=np.array([0.25]),
    )
    signs = np.array([[9.0, 0.5], [9.0, 0.6]])
    expected = [1 / (1 + math.exp(1.75)), 1 / (1 + math.exp(-3.25))]
    assert chances(signs, forest).tolist() == pytest.approx(expected, abs=2e-4)
    assert [round(chance, 4) for chance in chances(signs, forest)] == chances(
        signs, forest
    ).tolist()
