"""Train the convolutional network over the lines of pages, and round its weights to whole numbers.

JAX computes the gradients. Training uses floating point. The scores that
`corpus.articles.lines.convolution` computes from the rounded weights differ by .03 log-odds on the
median line and by less than .15 on 99 of 100, where scores have a standard deviation of 5. One line
in 1,250 changes sides (422 pages; a network that did not see a fifth of their sites, measured on
those).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from corpus.articles.lines.convolution import (
    DILATIONS,
    MAX_ACTIVATION,
    MAX_DEVIATIONS,
    MAX_FEATURE,
    MAX_WEIGHT,
    PAGE_GAP,
    Net,
)

CHANNELS = 32
EPOCHS = 14
LEARNING_RATE = 3e-3
"""Maximum learning rate: reached after `WARM_UP_STEPS`, then falling like a cosine."""
WARM_UP_STEPS = 30
DROPOUT = 0.2
"""Share of the features that are hidden in each step, the same ones for all lines."""
WEIGHT_DECAY = 1e-5
BATCH_ROWS = 4096
"""Lines of a batch: whole pages, `PAGE_GAP` apart."""
Weights = list[dict[str, Any]]
Example = tuple[Any, Any, Any]
"""The features, the labels and the weights of the lines of a page."""
Batch = tuple[Any, Any, Any, Any]
"""Features, labels, weights, and which rows are lines."""


def fit(pages: Sequence[Example], *, seed: int = 0) -> Net:
    """Return the network fitted to the pages (Adam: Kingma and Ba 2015)."""
    tables = np.concatenate([table for table, _, _ in pages])
    mean, deviation = tables.mean(0), tables.std(0) + np.float32(1e-3)
    weights = _initial_weights(jax.random.PRNGKey(seed), len(mean))
    first = second = jax.tree_util.tree_map(jnp.zeros_like, weights)
    draws = np.random.default_rng(seed)
    orders = [draws.permutation(len(pages)) for _ in range(EPOCHS)]
    n_steps = sum(1 for order in orders for _ in _batches(pages, order, mean, deviation))
    step = 0
    for order in orders:
        for batch in _batches(pages, order, mean, deviation):
            step += 1
            cosine = 0.51 + 0.5 * np.cos(np.pi * step / n_steps)
            rate = LEARNING_RATE * min(1, step / WARM_UP_STEPS) * cosine
            key = jax.random.PRNGKey(step)
            weights, first, second = _step(weights, first, second, float(step), batch, key, rate)
    plain = [{name: np.asarray(x) for name, x in layer.items()} for layer in weights]
    highest = max(
        float(_activations(plain, batch[0], batch[3])[-1].max())
        for batch in _batches(pages, orders[0], mean, deviation)
    )
    return rounded(plain, mean, deviation, highest)


def _batches(pages: Sequence[Example], order: Any, mean: Any, deviation: Any) -> Iterator[Batch]:
    """Yield the pages in batches."""
    batch: list[Example] = []
    size = 0
    for page in (pages[i] for i in order):
        if batch and size + len(page[1]) > BATCH_ROWS:
            yield _padded(batch, mean, deviation)
            batch, size = [], 0
        batch.append(page)
        size += len(page[1]) + PAGE_GAP
    yield _padded(batch, mean, deviation)


def _padded(pages: Sequence[Example], mean: Any, deviation: Any) -> Batch:
    """Return the pages in one table of `BATCH_ROWS` rows; lines beyond it are dropped."""
    features = np.zeros((BATCH_ROWS, len(mean)), np.float32)
    labels, weights, lines = (np.zeros(BATCH_ROWS, np.float32) for _ in range(3))
    at = 0
    for table, label, weight in pages:
        rows = slice(at, min(at + len(label), BATCH_ROWS))
        n = rows.stop - rows.start
        features[rows] = np.clip((table[:n] - mean) / deviation, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        labels[rows], weights[rows], lines[rows] = label[:n], weight[:n], 1
        at = rows.stop + PAGE_GAP
    return features, labels, weights, lines


def _initial_weights(key: Any, n_features: int) -> Weights:
    """Return random weights that preserve the scale of their input (He et al. 2015)."""
    keys = jax.random.split(key, 1 + len(DILATIONS))

    def draw(key: Any, n: int) -> dict[str, Any]:
        scale = np.sqrt(1 / n)
        return {"w": jax.random.normal(key, (n, CHANNELS)) * scale, "b": jnp.zeros(CHANNELS)}

    layers = [draw(own, 3 * CHANNELS) for own in keys[1:]]
    last = {"w": jnp.zeros(CHANNELS), "b": jnp.zeros(()), "skip": jnp.zeros(n_features)}
    return [draw(keys[0], n_features), *layers, last]


def _activations(weights: Weights, features: Any, lines: Any) -> list[Any]:
    """Return the activations of each layer."""
    layers = [jax.nn.relu(features @ weights[0]["w"] + weights[0]["b"]) * lines[:, None]]
    for layer, dilation in zip(weights[1:-1], DILATIONS, strict=True):
        old = layers[-1]
        edge = jnp.zeros((dilation, CHANNELS))
        before = jnp.concatenate([edge, old[:-dilation]])
        after = jnp.concatenate([old[dilation:], edge])
        sums = jnp.concatenate([before, old, after], 1) @ layer["w"] + layer["b"]
        layers.append((old + jax.nn.relu(sums)) * lines[:, None])
    return layers


def _loss(weights: Weights, batch: Any, key: Any) -> Any:
    """Return the weighted log loss, with some features hidden."""
    features, labels, line_weights, lines = batch
    mask = jax.random.bernoulli(key, 1 - DROPOUT, features.shape[1:]) / (1 - DROPOUT)
    features = features * mask
    last = weights[-1]
    output = _activations(weights, features, lines)[-1] @ last["w"]
    scores = output + features @ last["skip"] + last["b"]
    loss = (line_weights * (jnp.logaddexp(0.0, scores) - labels * scores)).sum()
    return loss / jnp.maximum(line_weights.sum(), 1) + WEIGHT_DECAY * sum(
        (layer["w"] ** 2).sum() for layer in weights
    )


@partial(jax.jit)
def _step(
    weights: Weights, first: Weights, second: Weights, step: float, batch: Any, key: Any, rate: Any
) -> tuple[Weights, Weights, Weights]:
    """Return the weights after one step, and the means of the gradients and of their squares."""
    gradients = jax.grad(_loss)(weights, batch, key)
    each = jax.tree_util.tree_map
    first = each(lambda old, slope: 0.9 * old + 0.1 * slope, first, gradients)
    second = each(lambda old, slope: 0.999 * old + 0.001 * slope * slope, second, gradients)

    def updated(weight: Any, mean: Any, square: Any) -> Any:
        mean, square = mean / (1 - 0.9**step), square / (1 - 0.999**step)
        return weight - rate * mean / (jnp.sqrt(square) + 1e-8)

    return each(updated, weights, first, second), first, second


def rounded(weights: Weights, mean: Any, deviation: Any, highest: float) -> Net:
    """Return the network in whole numbers; `highest` is the highest activation of a line."""

    def to_integers(values: Any) -> tuple[Any, float]:
        """Return the weights as whole numbers, and the factor that restores them."""
        scale = float(np.abs(values).max()) / MAX_WEIGHT
        return np.rint(values / scale).astype(np.float32), scale

    feature_scale = MAX_DEVIATIONS / MAX_FEATURE
    channel_scale = highest / MAX_ACTIVATION
    input_weights, scale = to_integers(weights[0]["w"])
    scales = [scale * feature_scale / channel_scale]
    biases = [np.rint(weights[0]["b"] / (scale * feature_scale))]
    layers = []
    for layer in weights[1:-1]:
        layer_weights, scale = to_integers(layer["w"].reshape(3, CHANNELS, CHANNELS))
        layers.append(layer_weights)
        scales.append(scale)
        biases.append(np.rint(layer["b"] / (scale * channel_scale)))
    last = weights[-1]
    skip_weights, skip_scale = to_integers(last["skip"])
    output_weights, output_scale = to_integers(last["w"])
    return Net(
        feature_means=mean.astype(np.float32),
        feature_scales=(1 / (feature_scale * deviation)).astype(np.float32),
        input_weights=input_weights,
        layer_weights=np.array(layers, np.float32),
        biases=np.array(biases, np.float32),
        scales=np.array(scales, np.float32),
        skip_weights=skip_weights,
        output_weights=output_weights,
        output_scales=np.array(
            [skip_scale * feature_scale, output_scale * channel_scale, float(last["b"])],
            np.float32,
        ),
    )
