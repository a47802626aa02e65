"""The highest Jaccard that is left across groups, whatever the threshold they were compared at.

At a high threshold the bands propose only what is nearly equal, and what is a little less alike is
never looked at. So, once it is settled who goes, bands of their own propose all that is somewhat
alike, and the likeliest are compared first: a pair whose signatures agree in too few hashes to
exceed the highest Jaccard found so far is left unread, and soon nearly all are.

Where a great many texts are about as alike as the likest, out of one pool of sentences or of one
form, that spares little. It is one figure: when the work it is worth has been spent, the highest
Jaccard found by then is told as what it is, a lower bound. Of what reaches the threshold nothing is
left to this: the bands of the threshold have looked for it before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands, bands_for, compared, fewest_agreements
from corpus.similarity.candidates import band_keys, band_pairs
from corpus.similarity.compared_pairs import Known
from corpus.similarity.large_buckets import crowd_pairs
from corpus.similarity.signature_filter import agreements, gathered

MEASURED = 0.4
"""From this Jaccard on the highest is found as surely as leaks are; one below may be missed."""

SURELY = 0.9999

HEADS = 16
"""Documents of a bucket, held out, whose pairs are looked at one by one; more are a crowd."""

FIRST = 256
"""Pairs that are compared first, of those that agree in the most hashes."""

PAIRS = 32
"""Pairs for each document that are compared to measure; a small corpus has `PAIRS_AT_LEAST`."""

PAIRS_AT_LEAST = 1 << 18

MEETINGS = 1 << 16
"""How often texts of a crowd may meet, for each document (about 0.1 ms)."""

STEP = 1e-5
"""How much higher a Jaccard in a crowd must be: texts of one template may all be equally near."""


def measuring_bands(hashes: int) -> Bands:
    """Return the bands that propose the pairs to be measured."""
    return bands_for(hashes, MEASURED, least=SURELY) or Bands(hashes, 1)


def measured_recall(hashes: int) -> float:
    """Return the probability that a pair with a Jaccard of `MEASURED` is measured."""
    return compared(MEASURED, measuring_bands(hashes), hashes=hashes, threshold=MEASURED)


def measure(
    known: Known, kept: NDArray[np.bool_], *, groups: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Compare the nearest pairs of kept documents of two groups; return who is kept by then.

    What is found at the threshold or over counts as any other pair that is known. If someone goes
    by that, the others are measured once more; if someone comes back, that is for others to settle.
    """
    while True:
        _measure(known, kept, groups)
        before, kept = kept, known.kept()
        if np.array_equal(before, kept) or (kept & ~before).any():
            return kept


def _measure(known: Known, kept: NDArray[np.bool_], groups: NDArray[np.int64]) -> None:
    documents, present = known.documents, kept.copy()
    keys = band_keys(documents, measuring_bands(documents.observed.hashes))
    known.miss, known.spent = known.left(kept), False
    most = known.compared + max(PAIRS_AT_LEAST, PAIRS * len(documents))
    crowd = np.zeros(len(documents), np.bool_)
    asked = (documents, keys, present, kept, crowd)
    proposed = band_pairs(*asked, groups=groups, heads=HEADS, leave=False)
    for found in gathered(map(known.unknown, proposed)):
        _compare_nearest(known, found, present, most=most)
        if known.spent:
            return
    members = np.flatnonzero(crowd & present)
    least = np.array([_least(known)])
    work = np.array([0, MEETINGS * len(documents)])
    asked_of = (documents, members, present, kept)
    for found in crowd_pairs(*asked_of, least=least, groups=groups, work=work):
        _compare_nearest(known, known.unknown(found), present, most=most)
        if known.spent:
            return
        least[0] = _least(known)
    known.spent = bool(work[0] >= work[1])


def _least(known: Known) -> float:
    """Return the Jaccard that a pair of a crowd must have to tell anything new."""
    return min(known.threshold, max(MEASURED, known.miss + STEP))


def _compare_nearest(
    known: Known, pairs: NDArray[np.uint64], present: NDArray[np.bool_], *, most: int
) -> None:
    """Compare those of the pairs that may exceed the highest Jaccard, the likeliest first.

    `known.spent` tells of some that are left when `most` have been compared in all.
    """
    same = agreements(known.documents, pairs)
    hashes, count = known.documents.observed.hashes, FIRST
    order = np.argsort(-same, kind="stable")
    while len(order):
        least = max(known.miss, min(MEASURED, known.threshold))
        order = order[same[order] >= fewest_agreements(hashes, least)]
        count = min(count, most - known.compared)
        if count <= 0:
            known.spent = len(order) > 0
            return
        known.compare(pairs[order[:count]], present)
        order, count = order[count:], 4 * count
