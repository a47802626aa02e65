"""Banding of MinHash signatures, and the exact recall that it has.

A signature is divided into bands of `rows` hashes. Two texts are candidates if they agree in all
rows of at least one band, which at a Jaccard similarity of j happens with probability
1 - (1 - j^rows)^bands (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4).
Fewer rows find more pairs and propose more false ones. A candidate pair that agrees in too few
hashes to reach the threshold is skipped without reading its texts.

    recall(0.8, bands=25, rows=5)     -> 0.99995
    recall(0.8, bands=9, rows=13)     -> 0.399: what "threshold 0.8" means in more than one tool
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, fsum, lgamma, log, log1p, nextafter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_SKIPPED_SHARE = 1e-8
"""Maximum share of the pairs exactly at the threshold that are skipped for too few agreements."""


class Bands(NamedTuple):
    """The number of bands of a signature, and the rows (hashes) in each."""

    bands: int
    rows: int


def recall(similarity: float, *, bands: int, rows: int) -> float:
    """Return the probability that two texts of this Jaccard similarity share a band."""
    return 1.0 - (1.0 - similarity**rows) ** bands


def bands_for(hashes: int, threshold: float, *, min_recall: float) -> Bands | None:
    """Return the bands with the most rows that have at least `min_recall` at the threshold.

    The most rows propose the fewest false pairs. None if even single rows find too few.
    """
    for rows in range(hashes, 0, -1):
        if recall(threshold, bands=hashes // rows, rows=rows) >= min_recall:
            return Bands(hashes // rows, rows)
    return None


def _agreement_distribution(hashes: int, similarity: float) -> NDArray[np.float64]:
    """Return the probabilities that two texts agree in 0, 1, ..., `hashes` hashes."""
    if similarity in (0.0, 1.0):
        return np.array([float(k == hashes * similarity) for k in range(hashes + 1)])
    log_factorial, log_agree, log_differ = lgamma(hashes + 1), log(similarity), log1p(-similarity)
    return np.array(
        [
            exp(
                log_factorial
                - lgamma(k + 1)
                - lgamma(hashes - k + 1)
                + k * log_agree
                + (hashes - k) * log_differ
            )
            for k in range(hashes + 1)
        ]
    )


@lru_cache(1024)  # bounded: it is also called with measured similarities
def min_agreements(hashes: int, threshold: float, *, loss: float = MAX_SKIPPED_SHARE) -> int:
    """Return the minimum number of hashes in which a pair must agree to be compared.

    At most `loss` of the pairs exactly at the threshold agree in fewer, and are skipped. This is
    the exact tail of the binomial distribution: its normal approximation is wrong by orders of
    magnitude near a similarity of 1.
    """
    below = 0.0
    for agreements, probability in enumerate(_agreement_distribution(hashes, threshold).tolist()):
        below += probability
        if below > loss:
            return max(1, agreements)
    return hashes


def comparison_recall(similarity: float, shape: Bands, *, hashes: int, threshold: float) -> float:
    """Return the probability that two texts of this Jaccard similarity are compared exactly.

    They must share a band and agree in at least `min_agreements` hashes. The result is exact: the
    probability of enough agreements, minus that of enough agreements without a complete band.
    """
    required = min_agreements(hashes, threshold)
    broken_band = _agreement_distribution(shape.rows, similarity)[:-1]
    no_band = _agreement_distribution(hashes - shape.bands * shape.rows, similarity)
    for _ in range(shape.bands):
        no_band = np.convolve(no_band, broken_band)
    enough = fsum(_agreement_distribution(hashes, similarity)[required:])
    # Rounding must not turn "almost certain" into "certain".
    upper = 1.0 if similarity == 1.0 else nextafter(1.0, 0.0)
    return min(upper, max(0.0, enough - fsum(no_band[required:])))
