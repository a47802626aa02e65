"""Which pairs a banded signature finds, and how surely.

A signature's hashes are cut into bands of so many rows; two texts are candidates if they agree in
all rows of some band. At Jaccard j that happens with probability 1 - (1 - j^rows)^bands (Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4). Fewer rows find more, and propose
more for nothing. A candidate that agrees in too few hashes to be at the threshold is not compared.

    recall(0.8, bands=25, rows=5)     -> 0.99995
    recall(0.8, bands=9, rows=13)     -> 0.399: what "threshold 0.8" means in more than one tool
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, fsum, lgamma, log, log1p, nextafter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LOSS = 1e-8
"""How many of the pairs right at the threshold may be skipped for agreeing in too few hashes."""


class Bands(NamedTuple):
    """How a signature is cut."""

    bands: int
    rows: int


def recall(similarity: float, *, bands: int, rows: int) -> float:
    """Return the probability that two texts of this Jaccard become candidates."""
    return 1.0 - (1.0 - similarity**rows) ** bands


def bands_for(hashes: int, threshold: float, *, least: float) -> Bands | None:
    """Return the bands of the most rows whose recall at the threshold is `least` or more.

    The most rows propose the fewest pairs for nothing. None where even single rows find too few.
    """
    for rows in range(hashes, 0, -1):
        if recall(threshold, bands=hashes // rows, rows=rows) >= least:
            return Bands(hashes // rows, rows)
    return None


def _agreements(hashes: int, similarity: float) -> NDArray[np.float64]:
    """Return the probability that two texts of this Jaccard agree in 0, 1, ... all hashes."""
    if similarity in (0.0, 1.0):
        return np.array([float(k == hashes * similarity) for k in range(hashes + 1)])
    whole, same, other = lgamma(hashes + 1), log(similarity), log1p(-similarity)
    return np.array(
        [
            exp(whole - lgamma(k + 1) - lgamma(hashes - k + 1) + k * same + (hashes - k) * other)
            for k in range(hashes + 1)
        ]
    )


@lru_cache(1024)  # asked for by Jaccards that were measured, too: no end of them
def fewest_agreements(hashes: int, threshold: float, *, loss: float = LOSS) -> int:
    """Return how many hashes two texts at the threshold agree in at the very least.

    A pair that agrees in fewer is skipped unread. At the threshold, where most are, one in `1 /
    loss` pairs is: the exact tail of the binomial distribution, whose normal approximation is wrong
    by orders near a Jaccard of 1.
    """
    below = 0.0
    for fewest, chance in enumerate(_agreements(hashes, threshold).tolist()):
        below += chance
        if below > loss:
            return max(1, fewest)
    return hashes


def compared(similarity: float, shape: Bands, *, hashes: int, threshold: float) -> float:
    """Return the probability that two texts of this Jaccard are compared.

    They share a band, and as many hashes as two at the threshold do at the very least. Exact: from
    those who agree in so many hashes those are taken away that have no whole band.
    """
    fewest = fewest_agreements(hashes, threshold)
    broken = _agreements(shape.rows, similarity)[:-1]
    missed = _agreements(hashes - shape.bands * shape.rows, similarity)
    for _ in range(shape.bands):
        missed = np.convolve(missed, broken)
    enough = fsum(_agreements(hashes, similarity)[fewest:])
    # rounding must not tell of what is nearly certain that it is
    most = 1.0 if similarity == 1.0 else nextafter(1.0, 0.0)
    return min(most, max(0.0, enough - fsum(missed[fewest:])))
