"""Conversion between Arrow columns and plain arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import arrow_buffers


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans())), st.sampled_from(["i4", "i8", "f4"]))
def test_a_number_column_equals_that_of_arrow(pairs, dtype):
    """A column of numbers equals the one from `pa.array`, including nulls."""
    values = np.array([value for value, _ in pairs], dtype)
    missing = np.array([is_missing for _, is_missing in pairs], np.bool_)
    assert arrow_buffers.number_column(values).equals(pa.array(values))
    column = arrow_buffers.number_column(values, missing)
    column.validate(full=True)
    assert column.equals(pa.array(values, mask=missing))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5)))
def test_a_string_column_equals_that_of_arrow(values):
    """A column of strings equals the one from `pa.array`."""
    column = arrow_buffers.string_column(values)
    column.validate(full=True)
    assert column.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize(
    "column", [pa.array(["a", None, "b"]), pa.chunked_array([["a", None], ["b"]])]
)
def test_texts_are_bytes_and_offsets(column):
    """A null becomes an empty text, in one chunk or several."""
    data, offsets = arrow_buffers.texts(column)
    assert data.tobytes() == b"ab"
    assert offsets.tolist() == [0, 1, 1, 2]


@given(st.lists(st.none() | st.text(alphabet="aé漢🙂", max_size=9)), st.integers(1, 5))
def test_the_beginning_of_a_text_has_its_first_characters(texts, characters):
    """The texts are cut as Arrow cuts them, whatever the size of their characters; null is null."""
    column = pa.array([*texts, "cut off"], pa.large_string()).slice(0, len(texts))
    found = arrow_buffers.beginnings(column, characters)
    assert found.equals(pc.utf8_slice_codeunits(column, 0, characters))
