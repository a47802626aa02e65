"""The distribution of one measurement: quantiles and a histogram, for each language."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
N_BINS = 40
SHOWN = (0.005, 0.995)
"""The quantiles between which a histogram is drawn; bounds beyond them are included.

If they are equal, it is drawn between the smallest and the largest value."""
LOGARITHMIC = 50
"""Positive values whose quantiles differ by more than this factor have bins of equal ratio."""


class Distribution(NamedTuple):
    """The values of a measurement in the documents of one language, or in all."""

    language: str | None
    """None for all documents."""

    documents: int
    missing: int
    removed: int
    """The number of documents outside the bounds."""

    quantiles: tuple[float, ...]
    """The values at QUANTILES; empty without values."""

    counts: tuple[int, ...]
    """int[N_BINS]: documents in each bin; values beyond the edges are in the first and last."""


def bin_edges(values: NDArray[np.float64], bounds: tuple[float | None, ...]) -> NDArray[np.float64]:
    """Return the edges of the bins, float64[N_BINS + 1], from finite values and bounds."""
    known = values[np.isfinite(values)]
    if not len(known):
        known = np.zeros(1)
    ends = [*np.quantile(known, SHOWN), *(bound for bound in bounds if bound is not None)]
    low, high = float(min(ends)), float(max(ends))
    if low == high:  # nearly all values are equal: show the others, too
        low, high = float(min(low, known.min())), float(max(high, known.max()))
    if low > 0 and high > LOGARITHMIC * low:
        return np.geomspace(low, high, N_BINS + 1)
    if low == high:
        low, high = (low, low + 1) if low >= 0 else (low - 0.5, high + 0.5)
    return np.linspace(low, high, N_BINS + 1)


def distribution(
    values: NDArray[np.float64],
    outside: NDArray[np.bool_],
    edges: NDArray[np.float64],
    language: str | None,
) -> Distribution:
    """Return the distribution of values; NaN is a missing one."""
    known = values[~np.isnan(values)]
    quantiles = np.quantile(known, QUANTILES).tolist() if len(known) else []
    clipped = np.clip(known, edges[0], edges[-1])
    counts, _ = np.histogram(clipped, edges)
    return Distribution(
        language,
        len(values),
        len(values) - len(known),
        int(outside.sum()),
        tuple(quantiles),
        tuple(counts.tolist()),
    )
