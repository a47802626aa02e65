"""Tests of the conversion between numpy arrays and Arrow columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import arrow_buffers


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans())), st.sampled_from(["i4", "i8", "f4"]))
def test_a_column_of_numbers_equals_the_one_from_arrow(pairs, dtype):
    """A column of numbers equals the result of `pa.array`, including its nulls."""
    values = np.array([value for value, _ in pairs], dtype)
    missing = np.array([is_null for _, is_null in pairs], np.bool_)
    assert arrow_buffers.column(values).equals(pa.array(values))
    column = arrow_buffers.column(values, missing)
    column.validate(full=True)
    assert column.equals(pa.array(values, mask=missing))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5)))
def test_a_column_of_strings_equals_the_one_from_arrow(values):
    """A column of strings equals the result of `pa.array`."""
    column = arrow_buffers.words(values)
    column.validate(full=True)
    assert column.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize(
    "column", [pa.array(["a", None, "b"]), pa.chunked_array([["a", None], ["b"]])]
)
def test_texts_returns_bytes_and_offsets(column):
    """A null is an empty text, for every string type and any chunks."""
    data, offsets = arrow_buffers.texts(column)
    assert data.tobytes() == b"ab"
    assert offsets.tolist() == [0, 1, 1, 2]
