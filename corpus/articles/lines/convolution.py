"""A small convolutional network over the lines of a page.

Trees compare one feature at a time. A network adds features up, and its layers pass on what they
compute for a line to the lines around it, in increasing steps (dilated convolutions with residuals:
Yu and Koltun 2016; van den Oord et al. 2016). Alone it is no better than the trees, but it makes
other mistakes, so the two together are better than either.

Weights and activations are whole numbers, stored as float32, and no sum of products reaches 2**24.
So every sum is exact, whatever order the linear algebra library uses, on one thread or several.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from corpus.array_types import Numbers, Offsets

DILATIONS = (1, 2, 4, 8, 16)
"""Distance in lines that each layer looks up and down: 31 lines for all layers together."""
PAGE_GAP = max(DILATIONS)
"""Empty lines between two pages, so that no layer looks from one page into another."""
MAX_DEVIATIONS = 5.0
"""Features are clipped to this many standard deviations."""
MAX_FEATURE = 127
"""Maximum absolute value of a feature as a whole number: that of `MAX_DEVIATIONS`."""
MAX_ACTIVATION = 1023
"""Maximum value that a layer passes on."""
MAX_WEIGHT = 127
"""Maximum weight: 3 * 32 channels * `MAX_WEIGHT` * `MAX_ACTIVATION` is below 2**24."""


class Net(NamedTuple):
    """The weights of the network as whole numbers, and the factors that scale its sums."""

    feature_means: Numbers
    feature_scales: Numbers
    """Both float32[n_features]: a feature becomes `(feature - mean) * scale`, rounded."""
    input_weights: Numbers
    """From features to channels: float32[n_features, n_channels]."""
    layer_weights: Numbers
    """From the channels of the line before, of the line itself and of the line after, each at the
    distance of the layer: float32[n_layers, 3, n_channels, n_channels]."""
    biases: Numbers
    """Biases of the input and of each layer: float32[1 + n_layers, n_channels]."""
    scales: Numbers
    """Factor of the sums of the input and of each layer: float32[1 + n_layers]."""
    skip_weights: Numbers
    """From features directly to the score: float32[n_features]."""
    output_weights: Numbers
    """From channels to the score: float32[n_channels]."""
    output_scales: Numbers
    """Factor of the sum over features, factor of the sum over channels, and bias: float32[3]."""


def convolve(table: Numbers, page_offsets: Offsets, net: Net) -> Numbers:
    """Return the score of each line (float32[n_lines]).

    `table` (float32[n_lines, n_features]) has the lines of several pages, one page after the other,
    and `page_offsets` (int64[n_pages + 1]) is where each page starts.
    """
    with _thread_limits().limit(limits=1):
        return _convolve(table, page_offsets, net)


@cache
def _thread_limits() -> Any:
    """Return the controller that restricts the linear algebra library to one thread.

    For products this small, threads would wait for each other longer than they work.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _convolve(table: Numbers, page_offsets: Offsets, net: Net) -> Numbers:
    """Return what `convolve` returns."""
    n_pages = page_offsets.size - 1
    gaps = PAGE_GAP * np.repeat(np.arange(1, n_pages + 1), np.diff(page_offsets))
    rows = np.arange(len(table)) + gaps
    features = np.rint(
        np.clip((table - net.feature_means) * net.feature_scales, -MAX_FEATURE, MAX_FEATURE)
    )
    n_channels = net.output_weights.size
    channels = np.zeros((len(table) + PAGE_GAP * (n_pages + 1), n_channels), np.float32)
    channels[rows] = _activate(features @ net.input_weights, net.biases[0], net.scales[0])
    is_gap = np.ones(len(channels), np.bool_)
    is_gap[rows] = False
    n = max(len(channels) - 2 * PAGE_GAP, 0)
    for dilation, weights, bias, scale in zip(
        DILATIONS, net.layer_weights, net.biases[1:], net.scales[1:], strict=True
    ):
        before, lines, after = (channels[PAGE_GAP + k * dilation :][:n] for k in (-1, 0, 1))
        sums = before @ weights[0]
        sums += lines @ weights[1]
        sums += after @ weights[2]
        lines += _activate(sums, bias, scale)
        np.minimum(channels, MAX_ACTIVATION, out=channels)
        channels[is_gap] = 0
    feature_scale, channel_scale, bias = net.output_scales
    scores = features @ net.skip_weights * feature_scale
    scores += channels[rows] @ net.output_weights * channel_scale
    return np.asarray(scores + bias, np.float32)


def _activate(sums: Numbers, bias: Numbers, scale: np.float32) -> Numbers:
    """Return the activations for the sums of a layer, in place: scaled, rounded, not negative."""
    sums += bias
    sums *= scale
    np.clip(sums, 0, MAX_ACTIVATION, out=sums)
    return np.rint(sums, out=sums)
