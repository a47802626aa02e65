"""The pairs of a sorted band: those of a definition in plain Python."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.similarity.candidates import PairFilter, _bucket_pairs

BITS = 4
N_RANKS = 1 << BITS


@settings(max_examples=300)
@given(
    buckets=st.lists(st.integers(0, 2), min_size=N_RANKS, max_size=N_RANKS),
    present=st.lists(st.booleans(), min_size=N_RANKS, max_size=N_RANKS),
    changed=st.lists(st.booleans(), min_size=N_RANKS, max_size=N_RANKS),
    groups=st.sampled_from([(), (0,), (0, 7), (0, 3, 11)]),
    leaders=st.integers(1, 6),
    size=st.sampled_from([1, 2, 100]),
)
def test_pairs_are_those_of_the_definition(buckets, present, changed, groups, leaders, size):
    """Two of a bucket are a pair if both are there, one is new, and one is among the leaders."""
    members = sorted((bucket, rank) for rank, bucket in enumerate(buckets))
    keys = np.array([bucket << BITS | rank for bucket, rank in members], np.uint64)
    wanted = PairFilter(np.array(present), np.array(changed), np.array(groups, np.int64))
    cursor, out, found = np.zeros(3, np.int64), np.empty(size, np.uint64), []
    while cursor[0] < len(keys):
        count = _bucket_pairs(keys, BITS, wanted, leaders, cursor, out)
        found += [(int(pair) & 0xFFFFFFFF, int(pair) >> 32) for pair in out[:count]]

    assert found == [
        (other, rank)
        for _, bucket in groupby(members, key=lambda member: member[0])
        for ranks in [[rank for _, rank in bucket]]
        for index, rank in enumerate(ranks)
        for other in ranks[: min(index, leaders)]
        if not groups or other < max(group for group in groups if group <= rank)
        if present[rank] and present[other] and (changed[rank] or changed[other])
    ]
