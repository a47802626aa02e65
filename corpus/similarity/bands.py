"""Which pairs a banded signature finds, and how surely.

A signature's hashes are cut into bands of so many rows; two texts are candidates if they agree in
all rows of some band. At Jaccard j that happens with probability 1 - (1 - j^rows)^bands (Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4). Fewer rows find more, and propose
more for nothing.

    recall(0.8, bands=25, rows=5)     -> 0.99995
    recall(0.8, bands=9, rows=13)     -> 0.399: what "threshold 0.8" means in more than one tool
"""

from __future__ import annotations

from typing import NamedTuple


class Bands(NamedTuple):
    """How a signature is cut."""

    bands: int
    rows: int


def recall(similarity: float, *, bands: int, rows: int) -> float:
    """Return the probability that two texts of this Jaccard become candidates."""
    return 1.0 - (1.0 - similarity**rows) ** bands


def recall_curve(bands: int, rows: int) -> tuple[tuple[float, float], ...]:
    """Return (Jaccard, recall) at every twentieth from 0 to 1."""
    return tuple((i / 20, recall(i / 20, bands=bands, rows=rows)) for i in range(21))


def bands_for(hashes: int, threshold: float, *, least: float) -> Bands | None:
    """Return the bands of the most rows whose recall at the threshold is `least` or more.

    The most rows propose the fewest pairs for nothing. None where even single rows find too few.
    """
    for rows in range(hashes, 0, -1):
        if recall(threshold, bands=hashes // rows, rows=rows) >= least:
            return Bands(hashes // rows, rows)
    return None


def fewest_agreements(hashes: int, threshold: float) -> int:
    """Return how many hashes two texts at the threshold agree in at the very least.

    Six sigma below the expected number. A pair that agrees in fewer is skipped unread; one in a
    thousand million at the threshold would be.
    """
    sigma = (threshold * (1 - threshold) / hashes) ** 0.5
    return max(1, round(hashes * (threshold - 6 * sigma)))
