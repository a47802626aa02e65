"""The highest Jaccard similarity that remains across groups, whatever the threshold.

At a high threshold the bands propose only nearly equal texts, so less similar pairs are never
seen. Once it is decided which documents are removed, separate bands propose everything at all
similar, and the most promising pairs are compared first. A pair whose signatures agree in too few
hashes to exceed the highest similarity so far is not read; soon that holds for nearly all pairs.

This saves little if very many texts are about as similar as the most similar pair, for example
texts drawn from one pool of sentences or made from one form. The work for this single figure is
therefore limited. When the budget is exhausted, the highest similarity so far is reported as a
lower bound. Pairs at or above the threshold do not depend on this budget: the bands of the
threshold have proposed them before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.band_keys import BandKeys, band_keys
from corpus.similarity.bands import Bands, bands_for, comparison_recall, min_agreements
from corpus.similarity.candidates import PairFilter, band_pairs
from corpus.similarity.compared_pairs import ComparedPairs
from corpus.similarity.large_buckets import large_bucket_pairs
from corpus.similarity.signature_filter import agreements, batched

MIN_MEASURED_SIMILARITY = 0.4
"""The highest similarity is found reliably if it is at least this; a lower one may be missed."""

MIN_RECALL = 0.9999

MAX_PAIRED_BUCKET = 16
"""Maximum size of a bucket, before the last group, whose documents are paired one by one."""

FIRST_BATCH_PAIRS = 256
"""Pairs that are compared first: those that agree in the most hashes."""

PAIRS_PER_DOCUMENT = 32
"""Budget of compared pairs per document."""

MIN_PAIR_BUDGET = 1 << 18
"""Minimum budget of compared pairs, however small the corpus."""

MATCHES_PER_DOCUMENT = 1 << 16
"""Budget of matches in large buckets per document (about 0.1 ms)."""

SIMILARITY_STEP = 1e-5
"""Minimum improvement in a large bucket: the texts of one template may all be equally similar."""


def measuring_bands(hashes: int) -> Bands:
    """Return the bands that propose the pairs to be measured."""
    return bands_for(hashes, MIN_MEASURED_SIMILARITY, min_recall=MIN_RECALL) or Bands(hashes, 1)


def measured_recall(hashes: int) -> float:
    """Return the probability that a pair at `MIN_MEASURED_SIMILARITY` is measured."""
    bands = measuring_bands(hashes)
    return comparison_recall(
        MIN_MEASURED_SIMILARITY, bands, hashes=hashes, threshold=MIN_MEASURED_SIMILARITY
    )


def measure_highest_remaining(
    compared: ComparedPairs,
    kept: NDArray[np.bool_],
    keys: BandKeys,
    *,
    groups: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Compare the most similar kept pairs across groups; return which documents are kept then.

    `keys` are those of the threshold. They are used here, too, if they are of the same bands.
    A pair at or above the threshold counts like any other. If it removes a document, the rest is
    measured again. If a document comes back, the caller has to resolve that.
    """
    shape = measuring_bands(compared.documents.observed.hashes)
    if keys.shape != shape:
        keys = band_keys(compared.documents, shape, groups)
    while True:
        _measure(compared, kept, keys, groups)
        before, kept = kept, compared.kept()
        if np.array_equal(before, kept) or (kept & ~before).any():
            return kept


def _measure(
    compared: ComparedPairs, kept: NDArray[np.bool_], keys: BandKeys, groups: NDArray[np.int64]
) -> None:
    """Compare the most similar pairs of kept documents across groups, within the budgets."""
    documents, wanted = compared.documents, PairFilter(kept.copy(), kept, groups)
    compared.highest_miss, compared.budget_exhausted = compared.highest_remaining(kept), False
    max_pairs = compared.compared + max(MIN_PAIR_BUDGET, PAIRS_PER_DOCUMENT * len(documents))
    in_large_bucket = np.zeros(len(documents), np.bool_)
    proposed = band_pairs(
        *(documents, keys, wanted, in_large_bucket),
        leaders=MAX_PAIRED_BUCKET,
        pair_large_buckets=False,
    )
    for pairs in batched(map(compared.unknown, proposed)):
        _compare_most_similar(compared, pairs, wanted.present, max_pairs=max_pairs)
        if compared.budget_exhausted:
            return
    members = np.flatnonzero(in_large_bucket & wanted.present)
    min_similarity = np.array([_min_similarity(compared)])
    matches = np.array([0, MATCHES_PER_DOCUMENT * len(documents)])
    for pairs in large_bucket_pairs(
        documents, members, wanted, min_similarity=min_similarity, matches=matches
    ):
        unknown = compared.unknown(pairs)
        _compare_most_similar(compared, unknown, wanted.present, max_pairs=max_pairs)
        if compared.budget_exhausted:
            return
        min_similarity[0] = _min_similarity(compared)
    compared.budget_exhausted = bool(matches[0] >= matches[1])


def _min_similarity(compared: ComparedPairs) -> float:
    """Return the similarity that a pair of a large bucket must reach to change the result."""
    return min(
        compared.threshold, max(MIN_MEASURED_SIMILARITY, compared.highest_miss + SIMILARITY_STEP)
    )


def _compare_most_similar(
    compared: ComparedPairs,
    pairs: NDArray[np.uint64],
    present: NDArray[np.bool_],
    *,
    max_pairs: int,
) -> None:
    """Compare the pairs that may exceed the highest similarity, most promising first.

    Sets `compared.budget_exhausted` if pairs are left when `max_pairs` have been compared in all.
    """
    n_agreements = agreements(compared.documents, pairs)
    hashes, count = compared.documents.observed.hashes, FIRST_BATCH_PAIRS
    order = np.argsort(-n_agreements, kind="stable")
    while len(order):
        least = max(compared.highest_miss, min(MIN_MEASURED_SIMILARITY, compared.threshold))
        order = order[n_agreements[order] >= min_agreements(hashes, least)]
        count = min(count, max_pairs - compared.compared)
        if count <= 0:
            compared.budget_exhausted = len(order) > 0
            return
        compared.compare(pairs[order[:count]], present)
        order, count = order[count:], 4 * count
