"""Fit the model of the content kind, and cross-validate it over sites.

The model is a multinomial logistic regression on hashed tokens and on ranges of columns, with
weights of 8 bits. One factor for all scores calibrates its probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from article_pages import FOLDS, fold_of
from content_kind_examples import Example
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from corpus.articles.content_kind import html_page, text_page
from corpus.articles.content_kind.description import TABLE_SIZE
from corpus.articles.content_kind.linear import LinearModel
from corpus.articles.content_kind.model import KINDS, kind_probabilities
from corpus.articles.lines.model import MAX_SCORE

GROUP_SCALES = {
    "address": 1.0, "title": 1.0, "class names": 1.0, "words": 2.0, "markup": 1.0,
    "first words of lines": 1.0,
}  # fmt: skip
RANGES = 5
RANGE_SCALE, SHAPE_SCALE = 0.1, 0.2
"""Values of the range that a column is in, for most columns and for the few of the page's shape. A
larger value is regularised less."""
PENALTY = 30.0
"""Inverse strength of the regularisation."""
TABLE = (1 / (1 + np.exp(-np.linspace(-MAX_SCORE, MAX_SCORE, 1025)))).astype(np.float32)


class Layout(NamedTuple):
    """The names of the parts of a description."""

    groups: Sequence[str]
    columns: Sequence[str]

    def range_scales(self) -> Any:
        """Return the value of the range of each column."""
        is_shape = [name in html_page.SHAPE_COLUMNS for name in self.columns]
        return np.where(is_shape, SHAPE_SCALE, RANGE_SCALE)


LAYOUTS = {
    "html": Layout(html_page.GROUPS, html_page.COLUMNS),
    "text": Layout(text_page.GROUPS, text_page.COLUMNS),
}


def matrix(examples: Sequence[Example], scales: Any, range_scales: Any, edges: Any) -> Any:
    """Return the examples as a sparse matrix: a column for each slot, and for each range."""
    pages = [example.page for example in examples]
    sizes = [np.diff(page.slot_offsets) for page in pages]
    token_values = [np.repeat(scales / np.sqrt(np.maximum(n, 1)), n) for n in sizes]
    pointers = np.cumsum([0, *(len(page.slots) for page in pages)])
    parts = (np.concatenate(token_values), np.concatenate([page.slots for page in pages]), pointers)
    tokens = csr_matrix(parts, shape=(len(pages), TABLE_SIZE))
    columns = np.stack([page.columns for page in pages])
    at = np.stack([np.searchsorted(own, columns[:, j]) for j, own in enumerate(edges)], 1)
    at += np.arange(len(edges)) * RANGES
    pointers = np.arange(len(pages) + 1) * len(edges)
    values = np.tile(range_scales, len(pages))
    ranges = csr_matrix((values, at.ravel(), pointers), shape=(len(pages), RANGES * len(edges)))
    return hstack([tokens, ranges]).tocsr()


def edges_of(examples: Sequence[Example]) -> Any:
    """Return the upper ends of the ranges of each column: quantiles, each only once."""
    columns = np.stack([example.page.columns for example in examples])
    edges = np.full((columns.shape[1], RANGES - 1), np.inf, np.float32)
    for j, column in enumerate(columns.T):
        shares = np.arange(1, RANGES) / RANGES
        own = np.unique(np.quantile(column, shares, method="lower"))
        edges[j, : len(own)] = own
    return edges


def even_weights(examples: Sequence[Example]) -> Any:
    """Return the weight of each example, so that all kinds weigh the same together.

    Half of the pages are articles. With their own frequencies, a page of a rare kind counts as an
    article in every doubt.
    """
    kinds, weights = np.array([e.kind for e in examples]), np.array([e.weight for e in examples])
    totals = np.bincount(kinds, weights, len(KINDS))
    return weights * (weights.sum() / len(KINDS) / totals)[kinds]


def rounded(weights: Any) -> tuple[Any, float]:
    """Return weights as numbers of 8 bits, and their unit."""
    unit = float(np.abs(weights).max()) / 127
    return np.round(weights / unit).astype(np.int8), unit


def fit(examples: Sequence[Example], layout: Layout) -> LinearModel:
    """Return a model fitted to the examples, with weights of 8 bits.

    Tokens and ranges have a unit of their own: the weights of ranges are small, and many of them
    are added up.
    """
    scales = np.array([GROUP_SCALES[name] for name in layout.groups], np.float32)
    edges, range_scales = edges_of(examples), layout.range_scales()
    table = matrix(examples, scales, range_scales, edges)
    labels, weights = [example.kind for example in examples], even_weights(examples)
    fitted = LogisticRegression(C=PENALTY, max_iter=300).fit(table, labels, sample_weight=weights)
    tokens, unit = rounded(fitted.coef_[:, :TABLE_SIZE].T)
    by_range = fitted.coef_[:, TABLE_SIZE:].T.reshape(len(edges), RANGES, len(KINDS))
    ranges, range_unit = rounded(by_range * range_scales[:, None, None])
    return LinearModel(
        np.ascontiguousarray(tokens),
        scales,
        edges,
        np.ascontiguousarray(ranges),
        np.float32(range_unit / unit),
        np.float32(unit),
        fitted.intercept_.astype(np.float32),
    )


def sharpened(model: LinearModel, factor: float) -> LinearModel:
    """Return the model with all scores multiplied by a factor."""
    scale, bias = np.float32(model.scale * factor), (model.bias * factor).astype(np.float32)
    return model._replace(scale=scale, bias=bias)


def predicted(examples: Sequence[Example], model: LinearModel) -> Any:
    """Return the probabilities of the kinds of each example."""
    return np.array([kind_probabilities(example.page, model, TABLE) for example in examples])


def log_loss(examples: Sequence[Example], probabilities: Any) -> Any:
    """Return the log loss of each example."""
    own = probabilities[np.arange(len(examples)), [example.kind for example in examples]]
    return -np.log(np.maximum(own, 1e-6))


def best_factor(examples: Sequence[Example], probabilities: Any) -> float:
    """Return the factor of the scores that gives the smallest log loss."""
    log_odds, weights = np.log(np.maximum(probabilities, 1e-6)), [e.weight for e in examples]

    def loss(factor: float) -> float:
        scores = np.exp(log_odds * factor)
        table = scores / scores.sum(1, keepdims=True)
        return float(np.average(log_loss(examples, table), weights=weights))

    return float(round(minimize_scalar(loss, bounds=(0.3, 3), method="bounded").x, 3))


def cross_validated(examples: Sequence[Example], layout: Layout) -> tuple[Any, float]:
    """Return the probabilities of each example without its fold, and the factor of the scores.

    The factor of a fold is chosen on the other folds.
    """
    folds = np.array([fold_of(example.site) for example in examples])
    raw = np.zeros((len(examples), len(KINDS)), np.float32)
    models = {}
    rows = {fold: np.flatnonzero(folds == fold).tolist() for fold in range(FOLDS)}
    others = {fold: np.flatnonzero(folds != fold).tolist() for fold in range(FOLDS)}
    for fold in range(FOLDS):
        models[fold] = fit([examples[i] for i in others[fold]], layout)
        raw[rows[fold]] = predicted([examples[i] for i in rows[fold]], models[fold])
    probabilities = raw.copy()
    for fold in range(FOLDS):
        factor = best_factor([examples[i] for i in others[fold]], raw[others[fold]])
        model = sharpened(models[fold], factor)
        probabilities[rows[fold]] = predicted([examples[i] for i in rows[fold]], model)
    return probabilities, best_factor(examples, raw)
