"""Distinct keys are numbered in the order in which they appear, however they are made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.blocks.groups import (
    MAX_PROBES_PER_KEY,
    buffer_of_slots,
    group_ids,
    group_ids_by_sorting,
)


def numbered(keys):
    """Return the number of each key, in plain Python."""
    order = {}
    return [order.setdefault(key, len(order)) for key in keys]


def keys_of_one_place(n):
    """Return n distinct keys whose slots are the first few of the table for n keys."""
    bits = buffer_of_slots(n).size.bit_length() - 1
    per_slot = 1 << (32 - bits)
    wanted = [(i % per_slot) << bits | i // per_slot for i in range(n)]
    return np.array([value ^ value >> 16 for value in wanted], np.uint32)


@pytest.mark.parametrize("group", [group_ids, group_ids_by_sorting])
@given(keys=st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 9), max_size=60))
def test_keys_are_numbered_as_they_appear(group, keys):
    """The table and the sort do what plain Python does."""
    ids = np.zeros(len(keys), np.int64)
    n = group(np.array(keys, np.uint32), buffer_of_slots(len(keys)), ids)
    assert ids.tolist() == numbered(keys)
    assert n == len(set(keys))


@pytest.mark.parametrize("n", [1, 2, 100, 5000])
def test_keys_that_meet_in_the_table_are_sorted(n):
    """The numbers are the same, and the table is left after a bounded number of comparisons."""
    distinct = keys_of_one_place(n)
    keys = np.concatenate([distinct, distinct[::-1]])
    slots, ids = buffer_of_slots(len(keys)), np.zeros(len(keys), np.int64)
    assert group_ids(keys, slots, ids) == n
    assert ids.tolist() == numbered(keys.tolist())
    is_sorted = (slots[: len(keys)] >= 0).all()  # the first row of every key is in the buffer
    assert is_sorted == (n > 4 * MAX_PROBES_PER_KEY)
