"""Arrow columns made of plain arrays, and plain arrays of Arrow columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import arrow_buffers


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans())), st.sampled_from(["i4", "i8", "f4"]))
def test_numbers_make_the_column_that_arrow_makes(pairs, dtype):
    """A column of numbers is the one that `pa.array` would make, its nulls too."""
    values = np.array([value for value, _ in pairs], dtype)
    missing = np.array([lacks for _, lacks in pairs], np.bool_)
    assert arrow_buffers.column(values).equals(pa.array(values))
    found = arrow_buffers.column(values, missing)
    found.validate(full=True)
    assert found.equals(pa.array(values, mask=missing))


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5)))
def test_words_make_the_column_that_arrow_makes(values):
    """A column of strings is the one that `pa.array` would make."""
    found = arrow_buffers.words(values)
    found.validate(full=True)
    assert found.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize(
    "column", [pa.array(["a", None, "b"]), pa.chunked_array([["a", None], ["b"]])]
)
def test_texts_are_bytes_and_offsets(column):
    """Null is empty, whatever the type and the chunks."""
    data, offsets = arrow_buffers.texts(column)
    assert data.tobytes() == b"ab"
    assert offsets.tolist() == [0, 1, 1, 2]
