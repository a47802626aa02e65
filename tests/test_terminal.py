"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.terminal import format_bound, format_number

numbers = st.floats(-1e12, 1e12) | st.integers(-(10**9), 10**9)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25, "0.25"), (3.0, "3"), (1_234_567, "1,234,567"), (0.00004, "0"), (1234.5, "1,234")],
)
def test_numbers_have_few_digits(value, text):
    """A number has at most four digits after the point, and none above a thousand."""
    assert format_number(value) == text


@given(value=numbers, bound=numbers, near=st.sampled_from([0.0, 1e-3, 1e-7, 1e-12]))
def test_a_number_never_contradicts_the_bound_beside_it(value, bound, near):
    """As it is written, it is as much below, at or above the bound as it is."""
    value = bound + near if near else value
    written = float(format_number(value, (bound, None)).replace(",", ""))
    assert float(format_bound(bound).replace(",", "")) == bound
    assert (written < bound, written > bound) == (value < bound, value > bound)
