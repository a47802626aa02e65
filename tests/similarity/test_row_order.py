"""Sorting documents, and finding equal contents, by the halves of 16-byte values."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from corpus.similarity import row_order
from corpus.similarity.row_order import copies_of_earlier, sorted_rows

HALVES = st.sampled_from([bytes(8), bytes(7) + b"\1", b"\1" + bytes(7), b"\xff" * 8])
VALUES_OF_16_BYTES = st.lists(st.builds(bytes.__add__, HALVES, HALVES), min_size=1, max_size=30)


def column(values):
    """Return 16-byte values as a column of two chunks."""
    array = pa.array(values, pa.binary(16))
    return pa.chunked_array([array.slice(0, len(values) // 2), array.slice(len(values) // 2)])


@given(VALUES_OF_16_BYTES, st.data())
def test_rows_are_sorted_by_value_then_by_the_columns(contents, data):
    """The order is that of the tuples (value, content, key), with NaN after every number."""
    n = len(contents)
    numbers = st.sampled_from([-1.0, 0.0, 2.5, math.nan])
    values = data.draw(st.lists(numbers, min_size=n, max_size=n))
    keys = [i.to_bytes(16, "big") for i in data.draw(st.permutations(range(n)))]
    rows = data.draw(st.permutations(range(n)))[: (n + 1) // 2]

    found = sorted_rows(
        np.array(rows, np.int64),
        np.array(values)[rows],
        [column(contents), column(keys)],
    )

    def sort_key(row):
        value = values[row]
        return (math.isnan(value), 0 if math.isnan(value) else value, contents[row], keys[row])

    assert found.tolist() == sorted(rows, key=sort_key)


@given(VALUES_OF_16_BYTES, st.data())
def test_a_copy_names_the_first_document_with_its_content(contents, data):
    """Positions are copies if an earlier one has the same 16 bytes and the same scope."""
    n = len(contents)
    rows = data.draw(st.permutations(range(n)))
    scopes = data.draw(st.none() | st.lists(st.integers(0, 1), min_size=n, max_size=n))
    expected, first_of = [], {}
    for position, row in enumerate(rows):
        first = first_of.setdefault((contents[row], scopes and scopes[position]), position)
        if first != position:
            expected.append((position, first))

    copies = copies_of_earlier(
        column(contents), np.array(rows), None if scopes is None else np.array(scopes)
    )

    pairs = zip(copies.positions.tolist(), copies.firsts.tolist(), strict=True)
    assert list(pairs) == expected


def test_copies_are_found_in_every_block_of_rows(monkeypatch):
    """However few rows are looked at together, all copies are found."""
    monkeypatch.setattr(row_order, "ROWS_AT_A_TIME", 2)
    contents = column([bytes([value]) * 16 for value in (1, 2, 3, 2, 4, 1, 5)])
    copies = copies_of_earlier(contents, np.arange(7))
    assert copies.positions.tolist() == [3, 5]
    assert copies.firsts.tolist() == [1, 0]
