"""Train the convolutional net over the lines of pages, and round its weights to whole numbers.

JAX differentiates it. Training is in floating point; what `corpus.articles.lines.convolution`
computes from the rounded weights differs from it by .03 log-odds on the median line and by less
than .15 on
99 of 100, where scores spread over 5; of 1,250 lines one changes sides (422 pages, a net that did
not see a fifth of their sites, on those).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from corpus.articles.lines.convolution import (
    FARTHEST,
    MOST_FEATURE,
    MOST_HELD,
    MOST_WEIGHT,
    REACH,
    STEPS,
    Net,
)

CHANNELS = 32
EPOCHS = 14
RATE = 3e-3
"""The highest step: reached in `WARM` steps, then falling as a cosine does."""
WARM = 30
DROPPED = 0.2
"""Share of the features that are hidden in each step, the same for all lines."""
SHRINKING = 1e-5
ROWS = 4096
"""Lines of a step: whole pages, `REACH` apart."""
Weights = list[dict[str, Any]]
Example = tuple[Any, Any, Any]
"""Of a page: its features, its labels, and what each line weighs."""


def fit(pages: Sequence[Example], *, seed: int = 0) -> Net:
    """Return the net fitted to the pages (Adam: Kingma and Ba 2015)."""
    tables = np.concatenate([table for table, _, _ in pages])
    mean, deviation = tables.mean(0), tables.std(0) + np.float32(1e-3)
    weights = _start(jax.random.PRNGKey(seed), len(mean))
    first = second = jax.tree_util.tree_map(jnp.zeros_like, weights)
    draws = np.random.default_rng(seed)
    orders = [draws.permutation(len(pages)) for _ in range(EPOCHS)]
    steps = sum(1 for order in orders for _ in _chunks(pages, order, mean, deviation))
    taken = 0
    for order in orders:
        for chunk in _chunks(pages, order, mean, deviation):
            taken += 1
            rate = RATE * min(1, taken / WARM) * (0.51 + 0.5 * np.cos(np.pi * taken / steps))
            key = jax.random.PRNGKey(taken)
            weights, first, second = _step(weights, first, second, float(taken), chunk, key, rate)
    plain = [{name: np.asarray(x) for name, x in layer.items()} for layer in weights]
    highest = max(
        float(_held(plain, chunk[0], chunk[3])[-1].max())
        for chunk in _chunks(pages, orders[0], mean, deviation)
    )
    return rounded(plain, mean, deviation, highest)


def _chunks(
    pages: Sequence[Example], order: Any, mean: Any, deviation: Any
) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield some pages at a time: features, labels, weights, and which rows are lines."""
    held: list[Example] = []
    size = 0
    for page in (pages[i] for i in order):
        if held and size + len(page[1]) > ROWS:
            yield _packed(held, mean, deviation)
            held, size = [], 0
        held.append(page)
        size += len(page[1]) + REACH
    yield _packed(held, mean, deviation)


def _packed(pages: Sequence[Example], mean: Any, deviation: Any) -> tuple[Any, Any, Any, Any]:
    """Return the pages in one table of `ROWS` rows; what is beyond it is not learned from."""
    features = np.zeros((ROWS, len(mean)), np.float32)
    labels, weights, lines = (np.zeros(ROWS, np.float32) for _ in range(3))
    at = 0
    for table, label, weight in pages:
        rows = slice(at, min(at + len(label), ROWS))
        n = rows.stop - rows.start
        features[rows] = np.clip((table[:n] - mean) / deviation, -FARTHEST, FARTHEST)
        labels[rows], weights[rows], lines[rows] = label[:n], weight[:n], 1
        at = rows.stop + REACH
    return features, labels, weights, lines


def _start(key: Any, n_features: int) -> Weights:
    """Return weights drawn to keep the size of what they are given (He et al. 2015)."""
    keys = jax.random.split(key, 1 + len(STEPS))

    def drawn(key: Any, n: int) -> dict[str, Any]:
        scale = np.sqrt(1 / n)
        return {"w": jax.random.normal(key, (n, CHANNELS)) * scale, "b": jnp.zeros(CHANNELS)}

    layers = [drawn(own, 3 * CHANNELS) for own in keys[1:]]
    last = {"w": jnp.zeros(CHANNELS), "b": jnp.zeros(()), "straight": jnp.zeros(n_features)}
    return [drawn(keys[0], n_features), *layers, last]


def _held(weights: Weights, features: Any, lines: Any) -> list[Any]:
    """Return what each layer holds of the lines."""
    found = [jax.nn.relu(features @ weights[0]["w"] + weights[0]["b"]) * lines[:, None]]
    for layer, step in zip(weights[1:-1], STEPS, strict=True):
        old = found[-1]
        nothing = jnp.zeros((step, CHANNELS))
        before = jnp.concatenate([nothing, old[:-step]])
        after = jnp.concatenate([old[step:], nothing])
        sums = jnp.concatenate([before, old, after], 1) @ layer["w"] + layer["b"]
        found.append((old + jax.nn.relu(sums)) * lines[:, None])
    return found


def _loss(weights: Weights, chunk: Any, key: Any) -> Any:
    """Return the weighted log loss, some features hidden."""
    features, labels, worth, lines = chunk
    shown = jax.random.bernoulli(key, 1 - DROPPED, features.shape[1:]) / (1 - DROPPED)
    features = features * shown
    last = weights[-1]
    through = _held(weights, features, lines)[-1] @ last["w"]
    scores = through + features @ last["straight"] + last["b"]
    loss = (worth * (jnp.logaddexp(0.0, scores) - labels * scores)).sum()
    return loss / jnp.maximum(worth.sum(), 1) + SHRINKING * sum(
        (layer["w"] ** 2).sum() for layer in weights
    )


@partial(jax.jit)
def _step(
    weights: Weights, first: Weights, second: Weights, taken: float, chunk: Any, key: Any, rate: Any
) -> tuple[Weights, Weights, Weights]:
    """Return the weights after one step, and the means of the gradients and of their squares."""
    slopes = jax.grad(_loss)(weights, chunk, key)
    each = jax.tree_util.tree_map
    first = each(lambda old, slope: 0.9 * old + 0.1 * slope, first, slopes)
    second = each(lambda old, slope: 0.999 * old + 0.001 * slope * slope, second, slopes)

    def moved(weight: Any, mean: Any, square: Any) -> Any:
        mean, square = mean / (1 - 0.9**taken), square / (1 - 0.999**taken)
        return weight - rate * mean / (jnp.sqrt(square) + 1e-8)

    return each(moved, weights, first, second), first, second


def rounded(weights: Weights, mean: Any, deviation: Any, highest: float) -> Net:
    """Return the net in whole numbers; no layer holds more than `highest`, or not by much."""

    def whole(values: Any) -> tuple[Any, float]:
        """Return the weights in their unit, and the unit."""
        unit = float(np.abs(values).max()) / MOST_WEIGHT
        return np.rint(values / unit).astype(np.float32), unit

    feature = FARTHEST / MOST_FEATURE
    held = highest / MOST_HELD
    entry, unit = whole(weights[0]["w"])
    units = [unit * feature / held]
    biases = [np.rint(weights[0]["b"] / (unit * feature))]
    layers = []
    for layer in weights[1:-1]:
        own, unit = whole(layer["w"].reshape(3, CHANNELS, CHANNELS))
        layers.append(own)
        units.append(unit)
        biases.append(np.rint(layer["b"] / (unit * held)))
    last = weights[-1]
    straight, by_feature = whole(last["straight"])
    through, by_channel = whole(last["w"])
    return Net(
        mean.astype(np.float32),
        (1 / (feature * deviation)).astype(np.float32),
        entry,
        np.array(layers, np.float32),
        np.array(biases, np.float32),
        np.array(units, np.float32),
        straight,
        through,
        np.array([by_feature * feature, by_channel * held, float(last["b"])], np.float32),
    )
