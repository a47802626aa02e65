"""The network over lines: its definition, independent pages, exact sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles.lines import model
from corpus.articles.lines.convolution import (
    DILATIONS,
    MAX_ACTIVATION,
    MAX_FEATURE,
    MAX_WEIGHT,
    Net,
    convolve,
)
from corpus.articles.lines.feature_columns import NAMES

MAX_EXACT_INTEGER = 2**24
"""Whole numbers below this are exact in float32."""


def random_net(seed: int, n_features: int = 5, n_channels: int = 3) -> Net:
    """Return a network of random weights."""
    draws = np.random.default_rng(seed)

    def integers(*shape: int) -> np.ndarray:
        return draws.integers(-MAX_WEIGHT, MAX_WEIGHT + 1, shape).astype(np.float32)

    n_layers = len(DILATIONS)
    return Net(
        draws.normal(size=n_features).astype(np.float32),
        np.full(n_features, 25, np.float32),
        integers(n_features, n_channels),
        integers(n_layers, 3, n_channels, n_channels),
        integers(1 + n_layers, n_channels),
        np.full(1 + n_layers, 0.01, np.float32),
        integers(n_features),
        integers(n_channels),
        np.array([0.001, 0.0001, 0.5], np.float32),
    )


def random_table(n: int, seed: int = 0, n_features: int = 5) -> np.ndarray:
    """Return random features of `n` lines."""
    return np.random.default_rng(seed).normal(size=(n, n_features)).astype(np.float32) * 2


def scores_line_by_line(table: np.ndarray, net: Net) -> np.ndarray:
    """Return the scores of one page, one line after the other, as the docstrings define them."""

    def activate(sums: np.ndarray, bias: np.ndarray, scale: np.float32) -> np.ndarray:
        return np.rint(np.clip((sums + bias) * scale, 0, MAX_ACTIVATION))

    scaled = (table - net.feature_means) * net.feature_scales
    features = np.rint(np.clip(scaled, -MAX_FEATURE, MAX_FEATURE))
    lines = [activate(row @ net.input_weights, net.biases[0], net.scales[0]) for row in features]
    for k, dilation in enumerate(DILATIONS):
        new = []
        for i, row in enumerate(lines):
            sums = row @ net.layer_weights[k, 1]
            if i >= dilation:
                sums = sums + lines[i - dilation] @ net.layer_weights[k, 0]
            if i + dilation < len(lines):
                sums = sums + lines[i + dilation] @ net.layer_weights[k, 2]
            added = activate(sums, net.biases[k + 1], net.scales[k + 1])
            new.append(np.minimum(row + added, MAX_ACTIVATION))
        lines = new
    skip, output = features @ net.skip_weights, np.array(lines) @ net.output_weights
    return skip * net.output_scales[0] + output * net.output_scales[1] + net.output_scales[2]


@pytest.mark.parametrize("n", [1, 2, 17, 90])
def test_scores_equal_those_computed_line_by_line(n):
    """Scoring all lines of a page at once gives the same bits as one line after the other."""
    net, table = random_net(n), random_table(n)
    assert np.array_equal(convolve(table, np.array([0, n]), net), scores_line_by_line(table, net))


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(0, 5))
def test_pages_do_not_influence_each_other(sizes, seed):
    """Pages scored together have the same scores as each alone, even if some are empty."""
    net = random_net(seed)
    tables = [random_table(n, seed + i) for i, n in enumerate(sizes)]
    table = np.concatenate([np.empty((0, 5), np.float32), *tables])
    page_offsets = np.cumsum([0, *sizes])
    alone = [convolve(page, np.array([0, len(page)]), net) for page in tables]
    together = convolve(table, page_offsets, net)
    assert np.array_equal(together, np.concatenate([np.empty(0, np.float32), *alone]))


def test_order_of_a_sum_changes_no_bit():
    """With features and channels in another order, the scores are the same to the last bit."""
    net, table = random_net(3, 114, 32), random_table(60, 3, 114)
    draws = np.random.default_rng(4)
    rows, columns = draws.permutation(114), draws.permutation(32)
    permuted = Net(
        net.feature_means[rows],
        net.feature_scales[rows],
        net.input_weights[rows][:, columns],
        net.layer_weights[:, :, columns][:, :, :, columns],
        net.biases[:, columns],
        net.scales,
        net.skip_weights[rows],
        net.output_weights[columns],
        net.output_scales,
    )
    offsets = np.array([0, 60])
    expected = convolve(table, offsets, net)
    assert np.array_equal(expected, convolve(table[:, rows], offsets, permuted))


def test_sums_of_the_shipped_model_are_exact():
    """The weights are whole numbers, and no sum that they can produce reaches 2**24."""
    net = model.load().net
    assert net.feature_means.shape == (len(NAMES),)
    weights = (
        net.input_weights, net.layer_weights, net.biases, net.skip_weights, net.output_weights,
    )  # fmt: skip
    for array in weights:
        assert np.array_equal(array, np.rint(array))
        assert array.dtype == np.float32
    input_sums = np.abs(net.input_weights).sum(0) + np.abs(net.biases[0])
    feature_sums = [input_sums, np.abs(net.skip_weights).sum()]
    layer_sums = np.abs(net.layer_weights).sum((1, 2)) + np.abs(net.biases[1:]) / MAX_ACTIVATION
    assert max(float(x.max()) for x in feature_sums) * MAX_FEATURE < MAX_EXACT_INTEGER
    assert max(float(x.max()) for x in layer_sums) * MAX_ACTIVATION < MAX_EXACT_INTEGER
    assert np.abs(net.output_weights).sum() * MAX_ACTIVATION < MAX_EXACT_INTEGER
