"""How often each group is used, from sizes and targets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.mixture.epochs import count_uses, epochs_for, largest_total, shares_by_temperature

sizes = st.lists(st.integers(0, 10**9).map(float), min_size=1, max_size=6)


@given(sizes, st.floats(0, 3))
def test_shares_are_proportional_to_the_power_of_the_size(sizes, temperature):
    """The shares add up to 1, and their quotient is the power of that of the sizes."""
    shares = shares_by_temperature(np.array(sizes), temperature)
    filled = [i for i, size in enumerate(sizes) if size]
    assert shares.sum() == pytest.approx(1 if filled else 0)
    for i, size in enumerate(sizes):
        if not size:
            assert shares[i] == 0
        elif shares[filled[0]]:
            quotient = (size / sizes[filled[0]]) ** temperature
            assert shares[i] == pytest.approx(quotient * shares[filled[0]], rel=1e-6, abs=1e-9)


def test_a_temperature_of_1_uses_each_document_once():
    """With natural shares and no budget, nothing is removed or repeated."""
    sizes = np.array([[3.0, 7.0], [1e9 / 3, 1.0]])
    repeats = np.array([1.0, 3.0])
    shares = shares_by_temperature(sizes @ repeats, 1.0)
    total = largest_total(shares, sizes @ repeats, sizes.sum(axis=1) * 4)
    epochs = epochs_for(shares * total, sizes, repeats, 4.0)
    assert epochs.tolist() == [[1.0, 3.0], [1.0, 3.0]]


def test_the_total_is_limited_by_the_group_that_may_not_be_repeated_more_often():
    """Without a budget, the shares are right even if the smallest group cannot be repeated."""
    sizes = np.array([900.0, 100.0, 0.0])
    shares = np.array([0.5, 0.5, 0.0])
    assert largest_total(shares, sizes, sizes * 1) == 200
    assert largest_total(shares, sizes, sizes * 4) == 800
    assert largest_total(shares, sizes, sizes * 9) == 1000


def definition(target, sizes, repeats, max_epochs):
    """Return the epochs of each class by bisection: the factor at which the sum is the target."""

    def uses(factor):
        return [min(factor * n, max_epochs) for n in repeats]

    def total(factor):
        return sum(size * n for size, n in zip(sizes, uses(factor), strict=True))

    low, high = 0.0, max_epochs / min(repeats)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle) < target else (low, middle)
    return uses(high)


classes = st.lists(
    st.tuples(st.integers(1, 10**6).map(float), st.sampled_from([0.5, 1.0, 2.0, 3.0])),
    min_size=1,
    max_size=4,
)


@given(classes, st.floats(0, 6))
def test_epochs_reach_the_target_or_the_maximum(group, wanted):
    """A group has its target size, unless a document would be used more than 4 times."""
    sizes, repeats = zip(*group, strict=True)
    target = wanted * sum(sizes)
    (epochs,) = epochs_for(np.array([target]), np.array([sizes]), np.array(repeats), 4.0)
    assert epochs.tolist() == pytest.approx(definition(target, sizes, repeats, 4.0), abs=2e-9)
    assert epochs.max() <= 4.0


def test_a_group_without_size_is_used_once():
    """Nothing is divided by zero: documents without words are kept."""
    epochs = epochs_for(np.array([0.0, 5.0]), np.zeros((2, 1)), np.ones(1), 4.0)
    assert epochs.tolist() == [[1.0], [1.0]]


positions = st.integers(0, 2**64 - 1)


@given(st.lists(positions, min_size=1, max_size=9), st.floats(0, 5), st.floats(0, 5))
def test_more_epochs_keep_every_use_of_fewer(positions, a, b):
    """Uses grow with the number of epochs, and differ from it by less than one."""
    hashes = np.array(positions, np.uint64)
    few, many = (count_uses(np.full(len(hashes), each), hashes) for each in sorted((a, b)))
    assert (few <= many).all()
    for uses, epochs in ((few, min(a, b)), (many, max(a, b))):
        assert set(uses.tolist()) <= {math.floor(epochs), math.floor(epochs) + 1}


def test_a_fraction_is_the_share_of_hashes():
    """With 2.3 epochs, three tenths of all hashes are used a third time."""
    hashes = (np.arange(1000, dtype=np.float64) / 1000 * 2.0**64).astype(np.uint64)
    uses = count_uses(np.full(1000, 2.3), hashes)
    assert np.bincount(uses).tolist() == [0, 0, 700, 300]
    assert count_uses(np.full(1000, 2.0), hashes).tolist() == [2] * 1000
