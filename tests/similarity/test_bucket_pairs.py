"""The buckets and pairs of a sorted band: those of a definition in plain Python."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.observations import CorpusView
from corpus.similarity.band_keys import band_keys
from corpus.similarity.bands import Bands
from corpus.similarity.candidates import PairFilter, _bucket_pairs, _mark_large_buckets
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import RankedDocuments

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


def ranked(signatures, order, n_first):
    """Return documents with these signatures, in two parts, in this order."""
    observed, raw = Signatures(hashes=signatures.shape[1]), signatures.astype(np.uint16)
    packed = pa.array([row.tobytes() for row in raw], pa.binary(2 * raw.shape[1]))
    batch = pa.record_batch({observed.signature: packed})
    parts = [batch.slice(0, n_first), batch.slice(n_first)]
    corpus = CorpusView(parts, lambda *_: batch, np.ones(len(raw), np.bool_))
    return RankedDocuments(corpus, observed, order)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 99),
    n=st.integers(1, 400),
    n_values=st.sampled_from([2, 9, 1000]),
    n_queried=st.integers(1, 8),
)
def test_with_groups_the_keys_of_all_pairs_are_left(seed, n, n_values, n_queried):
    """Every key in a bucket with a document before the last group is there, and few others."""
    draw = np.random.default_rng(seed)
    documents = ranked(draw.integers(0, n_values, (n, 12)), draw.permutation(n), n // 3)
    first = min(n_queried, n)
    every = band_keys(documents, Bands(4, 3)).by_band
    some = band_keys(documents, Bands(4, 3), np.array([0, first])).by_band
    bits = np.uint64(n.bit_length())
    chance = 0
    for keys, chosen in zip(every, some, strict=True):
        assert len(keys) == n
        assert np.isin(chosen, keys).all()
        ranks = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
        needed = np.isin(keys >> bits, keys[ranks < first] >> bits)
        assert np.isin(keys[needed], chosen).all()
        assert len(np.unique(chosen)) == len(chosen)
        chance += len(chosen) - int(needed.sum())
    assert chance <= 4 * (n // 8 + 8)
