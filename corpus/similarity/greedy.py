"""Greedy deduplication: in rank order, a document is removed if it is similar to a kept one.

The result is unique, and found without comparing all pairs. Each round compares the candidate pairs
of documents that are not yet removed, decides again which documents are kept, and continues with
those that came back. It ends when no document comes back. By then every two kept documents that
share a bucket have been compared or cannot reach the threshold, and each removed document has an
earlier, kept document at or above the threshold.

So in a bucket of many near copies, the first ones are compared with the rest, and the rest never
with each other. What remains of a large bucket (similar texts below the threshold) is handled by
the exact prefix filter of `large_buckets`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.band_keys import band_keys
from corpus.similarity.bands import Bands, min_agreements
from corpus.similarity.candidates import PairFilter, band_pairs
from corpus.similarity.compared_pairs import ComparedPairs, Resolution
from corpus.similarity.highest_remaining import measure_highest_remaining
from corpus.similarity.large_buckets import large_bucket_pairs
from corpus.similarity.ranked_documents import RankedDocuments
from corpus.similarity.signature_filter import batched, signature_filter

LEADERS_PER_BUCKET = 16
"""Documents of a bucket that are compared with all of it in the first round."""

MAX_PAIRED_BUCKET = 64
"""Maximum size of a bucket whose documents are all paired; larger ones go to the prefix filter."""

MAX_PENDING_PAIRS = 1 << 22
"""Candidate pairs (32 MB) that are collected before they are compared."""

NO_GROUPS: NDArray[np.int64] = np.zeros(0, np.int64)
"""Any two documents may be a pair."""


def resolve_duplicates(
    documents: RankedDocuments,
    *,
    threshold: float,
    shape: Bands,
    groups: NDArray[np.int64] = NO_GROUPS,
    leaders: int = LEADERS_PER_BUCKET,
    max_paired_bucket: int = MAX_PAIRED_BUCKET,
    measure_remaining: bool = False,
) -> Resolution:
    """Return which of the ranked documents are removed, and why.

    With `groups` (the first rank of each, ascending), documents of one group are never compared:
    only a document of an earlier group can remove another. With `measure_remaining`, the highest
    remaining similarity across groups is also sought below the threshold: see `highest_remaining`.
    """
    compared = ComparedPairs(documents, threshold)
    if len(groups) and (np.diff(groups, append=len(documents)) > 0).sum() < 2:
        return compared.resolution()
    required = min_agreements(documents.observed.hashes, threshold)
    kept, keys = compared.kept(), band_keys(documents, shape, groups)
    changed, first_round = kept.copy(), True
    while changed.any():
        wanted = PairFilter(kept.copy(), changed, groups)
        in_large_bucket = np.zeros(len(documents), np.bool_)
        proposed = band_pairs(
            *(documents, keys, wanted, in_large_bucket),
            leaders=leaders if first_round else max_paired_bucket,
            pair_large_buckets=first_round,
        )
        _compare_proposed(compared, proposed, wanted.present, required)
        if not first_round:
            members = np.flatnonzero(in_large_bucket & wanted.present)
            _compare_large_buckets(compared, members, wanted, required)
        kept = compared.kept()
        changed = kept & ~wanted.present
        if first_round:
            changed |= kept & in_large_bucket
        first_round = False
        if measure_remaining and not changed.any():
            before, kept = kept, measure_highest_remaining(compared, kept, keys, groups=groups)
            changed = kept & ~before
    return compared.resolution()


def _compare_proposed(
    compared: ComparedPairs,
    proposed: Iterator[NDArray[np.uint64]],
    present: NDArray[np.bool_],
    required: int,
) -> None:
    """Compare the proposed pairs that agree in at least `required` hashes."""
    pending: list[NDArray[np.uint64]] = []
    for pairs in batched(map(compared.unknown, proposed)):
        pending.append(signature_filter(compared.documents, pairs, min_agreements=required))
        if sum(map(len, pending)) > MAX_PENDING_PAIRS:
            compared.compare(np.concatenate(pending), present)
            pending.clear()
    if pending:
        compared.compare(np.concatenate(pending), present)


def _compare_large_buckets(
    compared: ComparedPairs, members: NDArray[np.int64], wanted: PairFilter, required: int
) -> None:
    """Compare all pairs of the members of large buckets that may reach the threshold."""
    min_similarity = np.array([compared.threshold])
    for pairs in large_bucket_pairs(
        compared.documents, members, wanted, min_similarity=min_similarity
    ):
        unknown = compared.unknown(pairs)
        candidates = signature_filter(compared.documents, unknown, min_agreements=required)
        compared.compare(candidates, wanted.present)
