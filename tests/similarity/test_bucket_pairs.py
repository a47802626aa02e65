"""The buckets and pairs of a sorted band: those of a definition in plain Python."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.similarity.candidates import PairFilter, _bucket_pairs, _mark_large_buckets

BITS = 4
N_RANKS = 1 << BITS


BUCKETS = st.lists(st.integers(0, 2), min_size=N_RANKS, max_size=N_RANKS)
FLAGS = st.lists(st.booleans(), min_size=N_RANKS, max_size=N_RANKS)


def sorted_keys(buckets):
    """Return the keys of a band in which each rank has a bucket, and both, in order."""
    members = sorted((bucket, rank) for rank, bucket in enumerate(buckets))
    return np.array([bucket << BITS | rank for bucket, rank in members], np.uint64), members


@settings(max_examples=200)
@given(
    buckets=BUCKETS,
    present=FLAGS,
    last_group=st.sampled_from([0, 11]),
    max_size=st.integers(1, 8),
    keep=st.booleans(),
)
def test_large_buckets_are_those_of_the_definition(buckets, present, last_group, max_size, keep):
    """A bucket is large if it has more present documents, before the last group, than allowed."""
    keys, members = sorted_keys(buckets)
    marked = np.zeros(N_RANKS, np.bool_)
    size = _mark_large_buckets(
        *(keys, BITS, last_group, max_size, np.array(present), marked), keep=keep
    )

    counts = Counter(
        bucket
        for bucket, rank in members
        if present[rank] and (not last_group or rank < last_group)
    )
    large = {bucket for bucket, count in counts.items() if count > max_size}
    assert marked.tolist() == [bucket in large for bucket in buckets]
    kept = [bucket << BITS | rank for bucket, rank in members if keep or bucket not in large]
    assert keys[:size].tolist() == kept


@settings(max_examples=300)
@given(
    buckets=BUCKETS,
    present=FLAGS,
    changed=FLAGS,
    groups=st.sampled_from([(), (0,), (0, 7), (0, 3, 11)]),
    leaders=st.integers(1, 6),
    size=st.sampled_from([1, 2, 100]),
)
def test_pairs_are_those_of_the_definition(buckets, present, changed, groups, leaders, size):
    """Two of a bucket are a pair if both are there, one is new, and one is among the leaders."""
    keys, members = sorted_keys(buckets)
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
