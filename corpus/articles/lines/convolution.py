"""A small convolutional net over the lines of a page: each line in the light of those around it.

Trees compare one feature at a time; a net adds them up, and its layers pass on what they make of a
line to the lines beside it, in ever larger steps (dilated convolutions with residuals: Yu and
Koltun 2016; van den Oord et al. 2016). Alone it is no better than the trees, but it errs on other
lines, so that both together are better than each.

Weights and what the layers hold are whole numbers, kept in float32, and no sum of products reaches
2**24: so every sum is exact, in whatever order the linear algebra library adds it up, on one thread
or several.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from corpus.array_types import Numbers, Offsets

STEPS = (1, 2, 4, 8, 16)
"""How far each layer looks, in lines: all together 31 lines up and down."""
REACH = max(STEPS)
FARTHEST = 5.0
"""Features are clipped to so many standard deviations."""
MOST_FEATURE = 127
"""The largest whole number that a feature becomes: that of `FARTHEST`."""
MOST_HELD = 1023
"""The largest whole number that a layer passes on."""
MOST_WEIGHT = 127
"""The largest weight: 3 * 32 channels * `MOST_WEIGHT` * `MOST_HELD` is below 2**24."""


class Net(NamedTuple):
    """The weights of the net: whole numbers, and the units that they are counted in."""

    mean: Numbers
    unit: Numbers
    """Both float32[n_features]: a feature becomes `(feature - mean) * unit`, rounded."""
    entry: Numbers
    """From features to channels: float32[n_features, n_channels]."""
    layers: Numbers
    """From the channels of the line some lines before, of the line, and of the one after:
    float32[n_layers, 3, n_channels, n_channels]."""
    biases: Numbers
    """Of the entry and of each layer: float32[1 + n_layers, n_channels]."""
    units: Numbers
    """What the sums of the entry and of each layer are multiplied by: float32[1 + n_layers]."""
    straight: Numbers
    """From features to the score, past all layers: float32[n_features]."""
    through: Numbers
    """From channels to the score: float32[n_channels]."""
    worth: Numbers
    """What these two sums are multiplied by, and what is added: float32[3]."""


def convolve(table: Numbers, firsts: Offsets, net: Net) -> Numbers:
    """Return the score of each line (float32[n_lines]).

    `table` (float32[n_lines, n_features]) has the lines of some pages, one page after the other,
    and `firsts` (int64[n_pages + 1]) where each starts. Pages lie `REACH` apart, with nothing
    between them, so that none sees another.
    """
    with _threads().limit(limits=1):
        return _convolve(table, firsts, net)


@cache
def _threads() -> Any:
    """Return what holds the linear algebra library to one thread.

    On products this small several threads wait for each other for longer than they work.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _convolve(table: Numbers, firsts: Offsets, net: Net) -> Numbers:
    """Return what `convolve` returns."""
    n_pages = firsts.size - 1
    places = np.arange(len(table)) + REACH * np.repeat(np.arange(1, n_pages + 1), np.diff(firsts))
    own = np.rint(np.clip((table - net.mean) * net.unit, -MOST_FEATURE, MOST_FEATURE))
    held = np.zeros((len(table) + REACH * (n_pages + 1), net.through.size), np.float32)
    held[places] = _passed_on(own @ net.entry, net.biases[0], net.units[0])
    between = np.ones(len(held), np.bool_)
    between[places] = False
    n = max(len(held) - 2 * REACH, 0)
    for step, weights, bias, unit in zip(
        STEPS, net.layers, net.biases[1:], net.units[1:], strict=True
    ):
        before, lines, after = (held[REACH + k * step :][:n] for k in (-1, 0, 1))
        sums = before @ weights[0]
        sums += lines @ weights[1]
        sums += after @ weights[2]
        lines += _passed_on(sums, bias, unit)
        np.minimum(held, MOST_HELD, out=held)
        held[between] = 0
    sums = own @ net.straight * net.worth[0] + held[places] @ net.through * net.worth[1]
    return np.asarray(sums + net.worth[2], np.float32)


def _passed_on(sums: Numbers, bias: Numbers, unit: np.float32) -> Numbers:
    """Return what a layer passes on of its sums, in place: nothing of what is negative."""
    sums += bias
    sums *= unit
    np.clip(sums, 0, MOST_HELD, out=sums)
    return np.rint(sums, out=sums)
