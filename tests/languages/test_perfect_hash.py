"""Every key has a slot of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.kernels import njit
from corpus.languages import perfect_hash
from corpus.languages.perfect_hash import place, slot


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.integers(0, 110_000))
def test_no_two_keys_share_a_slot(start: int, count: int) -> None:
    """However full the table, up to nine tenths; keys in a row are no harder than others."""
    keys = np.arange(start, start + count, dtype=np.uint64)
    moves, places = place(keys)
    assert len(np.unique(places)) == count
    assert count == 0 or 0 <= places.min() <= places.max() < 1 << perfect_hash.BITS
    assert np.array_equal(slot.py_func(keys, moves), places.astype(np.uint64))


def test_a_kernel_finds_what_was_placed() -> None:
    """Compiled, a slot is the same as in numpy: arithmetic is modulo 2**64 in both."""

    @njit(cache=False)
    def find(keys: np.ndarray, moves: np.ndarray, out: np.ndarray) -> None:
        for at in range(len(keys)):
            out[at] = slot(keys[at], moves)

    keys = np.array([0, 1, 2**37, 2**64 - 1], np.uint64)
    moves, places = place(keys)
    found = np.zeros(len(keys), np.int64)
    find(keys, moves, found)
    assert found.tolist() == places.tolist()


def test_more_keys_than_slots_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be filled is an error, not an endless search."""
    monkeypatch.setattr(perfect_hash, "MOST_TRIES", 8)
    with pytest.raises(ValueError, match="no place for"):
        place(np.arange((1 << perfect_hash.BITS) + 1, dtype=np.uint64))
