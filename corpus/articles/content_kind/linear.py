"""A linear model of a page: weights of hashed tokens, and of the range that each column is in.

A column is cut into a few ranges, each with a weight of its own, so that the model need not be
linear in it. Weights have 8 bits, and their sums are sums of whole numbers. So every machine
computes the same scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Numbers, Offsets, Sums
from corpus.articles.content_kind.description import PageDescription, PageDescriptions
from corpus.kernels import njit


class LinearModel(NamedTuple):
    """The weights of a model with several classes."""

    token_weights: NDArray[np.int8]
    """The weight of each slot, in units of `scale` (int8[TABLE_SIZE, n_classes])."""
    group_scales: Numbers
    """The tokens of a group have this weight together, by the square root of their number
    (float32[n_groups])."""
    edges: Numbers
    """The upper ends of the ranges of each column, without the last (float32[n_columns, n])."""
    range_weights: NDArray[np.int8]
    """The weight of each range (int8[n_columns, n + 1, n_classes])."""
    range_scale: np.float32
    scale: np.float32
    bias: Numbers
    """float32[n_classes]."""


@njit
def _fill_scores(page: PageDescription, model: LinearModel, sums: Offsets, scores: Sums) -> None:
    """Fill in the score of each class; `sums` (int64[n_classes]) is a buffer."""
    n_columns, n_edges = model.edges.shape
    scores[:] = 0.0
    for group in range(model.group_scales.size):
        first, stop = page.slot_offsets[group], page.slot_offsets[group + 1]
        sums[:] = 0
        for i in range(first, stop):
            for k in range(sums.size):
                sums[k] += model.token_weights[page.slots[i], k]
        n = stop - first if stop > first else 1
        unit = np.float64(model.group_scales[group]) / np.sqrt(n)
        for k in range(sums.size):
            scores[k] += sums[k] * unit
    sums[:] = 0
    for j in range(n_columns):
        value, at = page.columns[j], 0
        while at < n_edges and value > model.edges[j, at]:
            at += 1
        for k in range(sums.size):
            sums[k] += model.range_weights[j, at, k]
    for k in range(scores.size):
        total = scores[k] + sums[k] * np.float64(model.range_scale)
        scores[k] = model.bias[k] + total * np.float64(model.scale)


@njit
def _fill_pages(pages: PageDescriptions, model: LinearModel, sums: Offsets, scores: Sums) -> None:
    """Fill in what `class_scores` returns; `sums` (int64[n_classes]) is a buffer."""
    n_groups = model.group_scales.size
    for i in range(len(scores)):
        slot_offsets = pages.slot_offsets[i * n_groups : (i + 1) * n_groups + 1]
        page = PageDescription(pages.slots, slot_offsets, pages.columns[i])
        _fill_scores(page, model, sums, scores[i])


def class_scores(pages: PageDescriptions, model: LinearModel) -> Sums:
    """Return the score of each class for each page (float64[n_pages, n_classes])."""
    n_classes = len(model.bias)
    scores = np.empty((len(pages.columns), n_classes))
    _fill_pages(pages, model, np.empty(n_classes, np.int64), scores)
    return scores


def pack_linear(model: LinearModel, name: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a model, ready to save."""
    return {f"{name}_{field}": np.asarray(array) for field, array in model._asdict().items()}


def unpack_linear(arrays: Mapping[str, NDArray[Any]], name: str) -> LinearModel:
    """Return the model that `pack_linear` turned into arrays."""
    fields: dict[str, Any] = {field: arrays[f"{name}_{field}"] for field in LinearModel._fields}
    numbers = {field: np.float32(fields[field]) for field in ("range_scale", "scale")}
    return LinearModel(**fields | numbers)
