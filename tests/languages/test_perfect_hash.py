"""Every key has its own slot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kernels import njit
from corpus.languages import perfect_hash
from corpus.languages.perfect_hash import assign_slots, slot_of


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(0, 110_000))
def test_no_two_keys_share_a_slot(start: int, count: int) -> None:
    """Tables can be filled to nine tenths, even with consecutive keys."""
    keys = np.arange(start, start + count, dtype=np.uint64)
    displacements, slots = assign_slots(keys)
    assert len(np.unique(slots)) == count
    assert count == 0 or 0 <= slots.min() <= slots.max() < 1 << perfect_hash.SLOT_BITS
    assert np.array_equal(slot_of.py_func(keys, displacements), slots.astype(np.uint64))


def test_a_kernel_computes_the_same_slots() -> None:
    """Compiled and in numpy, arithmetic is modulo 2**64."""

    @njit(cache=False)
    def look_up(keys: np.ndarray, displacements: np.ndarray, out: np.ndarray) -> None:
        for at in range(len(keys)):
            out[at] = slot_of(keys[at], displacements)

    keys = np.array([0, 1, 2**37, 2**64 - 1], np.uint64)
    displacements, slots = assign_slots(keys)
    by_kernel = np.zeros(len(keys), np.int64)
    look_up(keys, displacements, by_kernel)
    assert by_kernel.tolist() == slots.tolist()


def test_more_keys_than_slots_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot hold the keys is an error, not an endless search."""
    monkeypatch.setattr(perfect_hash, "MAX_DISPLACEMENTS", 8)
    with pytest.raises(ValueError, match="do not fit into the table"):
        assign_slots(np.arange((1 << perfect_hash.SLOT_BITS) + 1, dtype=np.uint64))
