"""Fit a logistic regression to the buckets of documents, and calibrate its probabilities.

A document's row has 1 / sqrt(number of its buckets) in each of its buckets, so that long documents
do not weigh more. Both classes weigh the same, however many documents they have: a score of 0.5 is
equally likely in both. A bucket must occur on two sites, or it only tells sites apart.

liblinear's dual coordinate descent (Yu et al. 2011) is sequential, uses no BLAS, and its random
order is seeded: the weights do not depend on threads.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.classifier.model import MAX_WEIGHT

REGULARIZATION = 10.0
"""Inverse strength of the L2 penalty: scikit-learn's C."""

MAX_EPOCHS, TOLERANCE = 200, 1e-3
MIN_SITES = 2

MIN_SLOPE = 1e-3
"""Minimum slope of a calibration, in logits for each standard deviation."""


class Rows(NamedTuple):
    """The buckets of documents, one document after the other."""

    buckets: NDArray[np.uint32]
    bounds: NDArray[np.int64]
    """int64[n_documents + 1]."""

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """Return these rows."""
        lists = pa.LargeListArray.from_arrays(pa.array(self.bounds), pa.array(self.buckets))
        taken = lists.take(pa.array(rows))
        return Rows(taken.values.to_numpy(), taken.offsets.to_numpy())

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of buckets of each document."""
        return np.diff(self.bounds)


class Linear(NamedTuple):
    """A linear function of the rows, before it is calibrated and rounded."""

    weights: NDArray[np.float64]
    """float64[n_buckets]."""

    bias: float

    def logits(self, rows: Rows) -> NDArray[np.float64]:
        """Return the value of each row."""
        sums = np.add.reduceat(self.weights[rows.buckets], rows.bounds[:-1])
        return self.bias + sums / np.sqrt(rows.sizes)


def fit(
    rows: Rows,
    is_good: NDArray[np.bool_],
    sites: NDArray[np.int64],
    *,
    bits: int,
    regularization: float = REGULARIZATION,
) -> Linear:
    """Return the logistic regression of these documents, each with at least one bucket."""
    import scipy.sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    kept = np.flatnonzero(_sites_of_buckets(rows, sites, bits) >= MIN_SITES)
    column_of = np.full(1 << bits, -1, np.int32)
    column_of[kept] = np.arange(len(kept))
    columns = column_of[rows.buckets]
    known = columns >= 0
    sizes = np.add.reduceat(known, rows.bounds[:-1], dtype=np.int64)
    matrix = scipy.sparse.csr_matrix(
        (
            np.repeat(1 / np.sqrt(rows.sizes), sizes),
            columns[known],
            np.concatenate([[0], np.cumsum(sizes)]),
        ),
        shape=(len(is_good), max(len(kept), 1)),
    )
    del columns, known
    model = LogisticRegression(
        C=regularization, solver="liblinear", dual=True, class_weight="balanced",
        random_state=0, tol=TOLERANCE, max_iter=MAX_EPOCHS,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix, is_good)
    weights = np.zeros(1 << bits)
    weights[kept] = model.coef_[0][: len(kept)]
    return Linear(weights, float(model.intercept_[0]))


def _sites_of_buckets(rows: Rows, sites: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Return on how many sites each bucket occurs."""
    order = np.argsort(sites, kind="stable")
    by_site = rows.take(order)
    firsts = np.flatnonzero(np.diff(sites[order], prepend=-1))
    counts = np.zeros(1 << bits, np.int64)
    for first, last in pairwise([*firsts.tolist(), len(order)]):
        here = by_site.buckets[by_site.bounds[first] : by_site.bounds[last]]
        counts[np.unique(here)] += 1
    return counts


class Calibration(NamedTuple):
    """A logit that is a probability: slope * logit + intercept (Platt 1999)."""

    slope: float
    intercept: float

    def scores(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities, 0 to 1."""
        return 1 / (1 + np.exp(-np.clip(self.slope * logits + self.intercept, -80, 80)))


def calibrate(logits: NDArray[np.float64], is_good: NDArray[np.bool_]) -> Calibration:
    """Return the calibration of logits of documents that were not trained on.

    Newton's method on the two parameters, with a weak penalty, which keeps them finite where the
    classes can be separated. The slope is always positive, so calibrating changes no order: logits
    that are lower in good documents than in bad ones are not turned round, but have scores near a
    half.
    """
    scale = float(np.std(logits)) or 1.0
    x = np.stack([logits / scale, np.ones_like(logits)])
    weights = np.where(is_good, 0.5 / max(is_good.mean(), 1e-9), 0.5 / max((~is_good).mean(), 1e-9))
    target, penalty = is_good.astype(np.float64), 1e-4 * len(logits)
    parameters = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(parameters @ x, -80, 80)))
        gradient = (x * (weights * (p - target))).sum(axis=1) + penalty * parameters
        curvature = weights * p * (1 - p)
        a, b, c = ((x[i] * x[j] * curvature).sum() for i, j in ((0, 0), (0, 1), (1, 1)))
        a, c = a + penalty, c + penalty
        determinant = a * c - b * b
        step = (
            np.array([c * gradient[0] - b * gradient[1], a * gradient[1] - b * gradient[0]])
            / determinant
        )
        parameters = parameters - step
        if float(np.abs(step).max()) < 1e-9:
            break
    if parameters[0] < MIN_SLOPE:
        return Calibration(MIN_SLOPE / scale, -MIN_SLOPE * float(np.mean(logits)) / scale)
    return Calibration(float(parameters[0]) / scale, float(parameters[1]))


def round_weights(
    linear: Linear, calibration: Calibration
) -> tuple[NDArray[np.int16], float, float]:
    """Return whole-number weights, their scale and the bias of the calibrated function."""
    largest = float(np.abs(linear.weights).max()) or 1.0
    unit = largest / MAX_WEIGHT
    weights = np.rint(linear.weights / unit).astype(np.int16)
    bias = calibration.slope * linear.bias + calibration.intercept
    return weights, calibration.slope * unit, bias
