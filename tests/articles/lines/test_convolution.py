"""The net over lines: what it computes, that no page sees another, and that its sums are exact."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.lines import model
from corpus.articles.lines.convolution import (
    MOST_FEATURE,
    MOST_HELD,
    MOST_WEIGHT,
    STEPS,
    Net,
    convolve,
)
from corpus.articles.lines.features import NAMES

EXACT = 2**24
"""Whole numbers below this are exact in float32."""


def drawn_net(seed: int, n_features: int = 5, n_channels: int = 3) -> Net:
    """Return a net of random weights."""
    draws = np.random.default_rng(seed)

    def whole(*shape: int) -> np.ndarray:
        return draws.integers(-MOST_WEIGHT, MOST_WEIGHT + 1, shape).astype(np.float32)

    n_layers = len(STEPS)
    return Net(
        draws.normal(size=n_features).astype(np.float32),
        np.full(n_features, 25, np.float32),
        whole(n_features, n_channels),
        whole(n_layers, 3, n_channels, n_channels),
        whole(1 + n_layers, n_channels),
        np.full(1 + n_layers, 0.01, np.float32),
        whole(n_features),
        whole(n_channels),
        np.array([0.001, 0.0001, 0.5], np.float32),
    )


def drawn_table(n: int, seed: int = 0, n_features: int = 5) -> np.ndarray:
    """Return random features of some lines."""
    return np.random.default_rng(seed).normal(size=(n, n_features)).astype(np.float32) * 2


def slowly(table: np.ndarray, net: Net) -> np.ndarray:
    """Return the scores of one page, line by line as the docstring has it."""

    def passed_on(sums: np.ndarray, bias: np.ndarray, unit: np.float32) -> np.ndarray:
        return np.rint(np.clip((sums + bias) * unit, 0, MOST_HELD))

    own = np.rint(np.clip((table - net.mean) * net.unit, -MOST_FEATURE, MOST_FEATURE))
    held = [passed_on(row @ net.entry, net.biases[0], net.units[0]) for row in own]
    for k, step in enumerate(STEPS):
        new = []
        for i, row in enumerate(held):
            sums = row @ net.layers[k, 1]
            if i >= step:
                sums = sums + held[i - step] @ net.layers[k, 0]
            if i + step < len(held):
                sums = sums + held[i + step] @ net.layers[k, 2]
            added = passed_on(sums, net.biases[k + 1], net.units[k + 1])
            new.append(np.minimum(row + added, MOST_HELD))
        held = new
    straight, through = own @ net.straight, np.array(held) @ net.through
    return straight * net.worth[0] + through * net.worth[1] + net.worth[2]


@pytest.mark.parametrize("n", [1, 2, 17, 90])
def test_a_line_is_scored_as_if_by_hand(n):
    """All lines of a page at once have the bits that one line after the other has."""
    net, table = drawn_net(n), drawn_table(n)
    assert np.array_equal(convolve(table, np.array([0, n]), net), slowly(table, net))


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 5))
def test_no_page_sees_another(sizes, seed):
    """Pages that are scored together have the scores of each alone, empty ones among them."""
    net = drawn_net(seed)
    tables = [drawn_table(n, seed + i) for i, n in enumerate(sizes)]
    together = np.concatenate([np.empty((0, 5), np.float32), *tables])
    firsts = np.cumsum([0, *sizes])
    alone = [convolve(table, np.array([0, len(table)]), net) for table in tables]
    found = convolve(together, firsts, net)
    assert np.array_equal(found, np.concatenate([np.empty(0, np.float32), *alone]))


def test_the_order_of_a_sum_changes_no_bit():
    """With features and channels in another order the scores are the same to the last bit."""
    net, table = drawn_net(3, 114, 32), drawn_table(60, 3, 114)
    draws = np.random.default_rng(4)
    rows, columns = draws.permutation(114), draws.permutation(32)
    turned = Net(
        net.mean[rows],
        net.unit[rows],
        net.entry[rows][:, columns],
        net.layers[:, :, columns][:, :, :, columns],
        net.biases[:, columns],
        net.units,
        net.straight[rows],
        net.through[columns],
        net.worth,
    )
    firsts = np.array([0, 60])
    assert np.array_equal(convolve(table, firsts, net), convolve(table[:, rows], firsts, turned))


def test_the_sums_of_the_model_that_ships_are_exact():
    """Its weights are whole numbers, and no sum that they can make reaches 2**24."""
    net = model.load().net
    assert net.mean.shape == (len(NAMES),)
    for weights in (net.entry, net.layers, net.biases, net.straight, net.through):
        assert np.array_equal(weights, np.rint(weights))
        assert weights.dtype == np.float32
    of_features = [np.abs(net.entry).sum(0) + np.abs(net.biases[0]), np.abs(net.straight).sum()]
    of_channels = [np.abs(net.layers).sum((1, 2)) + np.abs(net.biases[1:]) / MOST_HELD]
    assert max(float(x.max()) for x in of_features) * MOST_FEATURE < EXACT
    assert max(float(x.max()) for x in of_channels) * MOST_HELD < EXACT
    assert np.abs(net.through).sum() * MOST_HELD < EXACT
