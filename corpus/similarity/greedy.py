"""Who goes: in rank order, each document that is near enough to one already kept, and no other.

The answer is unique, and found without comparing all pairs. Compare what is known to matter, and
set aside whoever goes by that; judge by all that is known; then compare those that come back. It is
the answer as soon as none comes back: each two of those kept that share a bucket were compared or
proven far, and each that goes has one that is kept, earlier and near enough.

So in a bucket of many near copies the first ones are compared with the rest, and the rest never
with each other; and what is left of a crowd, like each other but not near, goes through the exact
filter of `crowds`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands, fewest_agreements
from corpus.similarity.candidates import band_keys, band_pairs
from corpus.similarity.compared_pairs import Known, Settled
from corpus.similarity.highest_remaining import measure
from corpus.similarity.large_buckets import crowd_pairs
from corpus.similarity.ranked_documents import Ranked
from corpus.similarity.signature_filter import agreeing, gathered

HEADS = 16
"""Documents of a bucket that are compared with all of it in the first round."""

CROWD = 64
"""Documents of a bucket that are still compared pair by pair; more are a crowd."""

PENDING = 1 << 22
"""Candidate pairs (32 MB) that are collected before they are compared."""

ALL: NDArray[np.int64] = np.zeros(0, np.int64)
"""No groups: any two documents may be a pair."""


def settle(
    documents: Ranked,
    *,
    threshold: float,
    shape: Bands,
    groups: NDArray[np.int64] = ALL,
    heads: int = HEADS,
    crowded: int = CROWD,
    measured: bool = False,
) -> Settled:
    """Return which of the ranked documents go, and why.

    With groups (the first rank of each, rising), documents of one group are never compared: only
    those of another and lower group can make a document go. With `measured` the highest Jaccard
    left across groups is looked for under the threshold too, see `measuring`.
    """
    known = Known(documents, threshold)
    if len(groups) and (np.diff(groups, append=len(documents)) > 0).sum() < 2:
        return known.settled()
    fewest = fewest_agreements(documents.observed.hashes, threshold)
    kept, keys = known.kept(), band_keys(documents, shape)
    fresh, first = kept.copy(), True
    while fresh.any():
        present, crowd = kept.copy(), np.zeros(len(documents), np.bool_)
        pending: list[NDArray[np.uint64]] = []
        found = band_pairs(
            *(documents, keys, present, fresh, crowd),
            groups=groups,
            heads=heads if first else crowded,
            leave=first,
        )
        for some in gathered(map(known.unknown, found)):
            pending.append(agreeing(documents, some, fewest=fewest))
            if sum(map(len, pending)) > PENDING:
                known.compare(np.concatenate(pending), present)
                pending.clear()
        if pending:
            known.compare(np.concatenate(pending), present)
        if not first:
            members = np.flatnonzero(crowd & present)
            _compare_crowd(known, members, present, fresh, groups=groups, fewest=fewest)
        kept = known.kept()
        fresh = kept & ~present
        if first:
            fresh |= kept & crowd
        first = False
        if measured and not fresh.any():
            before, kept = kept, measure(known, kept, groups=groups)
            fresh = kept & ~before
    return known.settled()


def _compare_crowd(
    known: Known,
    members: NDArray[np.int64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    fewest: int,
) -> None:
    """Compare all that may be near in a crowd, and nothing that is not known to be farther."""
    least = np.array([known.threshold])
    for found in crowd_pairs(known.documents, members, present, fresh, least=least, groups=groups):
        asked = agreeing(known.documents, known.unknown(found), fewest=fewest)
        known.compare(asked, present)
