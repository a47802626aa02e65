"""Candidate pairs: documents that share a band, found by sorting.

The key of a document for a band (`band_keys`) is a hash with the document's rank in the low bits.
After sorting, equal hashes are neighbours, in rank order: a bucket. A pair of ranks is stored as
one number, `later << 32 | earlier`.

A bucket of a thousand similar texts has half a million pairs. Nearly all of them add nothing once
the first texts have been compared with the rest. So at first only the leaders of a bucket (its
first few documents) are paired with it. Later rounds pair whole buckets, and leave those that are
still large to `large_buckets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.band_keys import MAX_FILTER_BITS, BandKeys, rank_bits
from corpus.similarity.ranked_documents import RankedDocuments
from corpus.storage import release_memory

# isort: split
from numba import int64, uint64

from corpus.kernels import njit, njit_without_allocation

_ONE, _HALF, _LOW_HALF = np.uint64(1), np.uint64(32), np.uint64(0xFFFFFFFF)

MAX_PAIRS_PER_BATCH = 1 << 18

# columns of the cursor of `_bucket_pairs`
MEMBER, BUCKET_START, PARTNER = 0, 1, 2


class PairFilter(NamedTuple):
    """Which pairs are wanted: both documents present, at least one changed, of two groups."""

    present: NDArray[np.bool_]
    """bool[n_ranked]: documents not known to be removed. May be cleared while pairs are made."""

    changed: NDArray[np.bool_]
    """bool[n_ranked]: documents whose pairs have not all been proposed before."""

    groups: NDArray[np.int64]
    """int64[n_groups], ascending: the first rank of each group. If empty, any two documents may be
    a pair; otherwise two documents of one group never are."""


def earlier(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the lower rank of each pair."""
    return (pairs & _LOW_HALF).astype(np.int64)


def later(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the higher rank of each pair."""
    return (pairs >> _HALF).astype(np.int64)


@njit_without_allocation
def _present_keys(
    keys: NDArray[np.uint64], bits: int, present: NDArray[np.bool_], out: NDArray[np.uint64]
) -> int:
    """Write the keys of the present documents to `out`; return their number."""
    low = (_ONE << uint64(bits)) - _ONE
    count = 0
    for k in range(keys.size):
        out[count] = keys[k]
        count += present[int64(keys[k] & low)]
    return count


@njit
def _shared_keys(
    keys: NDArray[np.uint64],
    bits: int,
    changed: NDArray[np.bool_],
    key_filter: NDArray[np.bool_],
) -> int:
    """Move to the front the keys that may share a bucket with a changed document; return how many.

    `key_filter` marks the upper bits of the keys of changed documents, so that the other keys are
    dropped before sorting.
    """
    low, shift = (_ONE << uint64(bits)) - _ONE, uint64(64 - MAX_FILTER_BITS)
    key_filter[:] = False
    for k in range(keys.size):
        if changed[int64(keys[k] & low)]:
            key_filter[keys[k] >> shift] = True
    count = 0
    for k in range(keys.size):
        if key_filter[keys[k] >> shift]:
            keys[count] = keys[k]
            count += 1
    return count


@njit_without_allocation
def _mark_large_buckets(
    keys: NDArray[np.uint64],
    bits: int,
    last_group: int,
    max_size: int,
    present: NDArray[np.bool_],
    in_large_bucket: NDArray[np.bool_],
    *,
    keep: bool,
) -> int:
    """Mark the members of buckets of more than `max_size` documents; return the remaining keys.

    Only present documents count, and only those before the last group if there are groups. Unless
    `keep` is set, the keys of large buckets are dropped; the remaining keys are moved to the front.
    """
    shift = uint64(bits)
    low = (_ONE << shift) - _ONE
    first = filled = 0
    while first < keys.size:
        end, count = first, 0
        while end < keys.size and keys[end] >> shift == keys[first] >> shift:
            rank = int64(keys[end] & low)
            count += present[rank] and (last_group == 0 or rank < last_group)
            end += 1
        large = count > max_size
        for k in range(first, end):
            if large:
                in_large_bucket[int64(keys[k] & low)] = True
            if keep or not large:
                keys[filled] = keys[k]
                filled += 1
        first = end
    return filled


@njit_without_allocation
def _bucket_pairs(
    keys: NDArray[np.uint64],
    bits: int,
    wanted: PairFilter,
    leaders: int,
    cursor: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> int:
    """Write pairs of a sorted band to `out` until it is full; return their number.

    The cursor holds where to continue: the member, the first key of its bucket, and the next key to
    pair the member with.
    """
    present, changed, groups = wanted.present, wanted.changed, wanted.groups
    shift = uint64(bits)
    low = (_ONE << shift) - _ONE
    k, first, e, count = cursor[MEMBER], cursor[BUCKET_START], cursor[PARTNER], 0
    while k < keys.size:
        if keys[k] >> shift != keys[first] >> shift:
            first = e = k
        rank = int64(keys[k] & low)
        below = rank
        if groups.size:
            below = 0
            for g in range(groups.size):
                if groups[g] <= rank:
                    below = groups[g]
        while e < min(k, first + leaders) and int64(keys[e] & low) < below and present[rank]:
            if count == out.size:
                cursor[MEMBER], cursor[BUCKET_START], cursor[PARTNER] = k, first, e
                return count
            other = int64(keys[e] & low)
            if present[other] and (changed[rank] or changed[other]):
                out[count] = uint64(rank) << _HALF | (keys[e] & low)
                count += 1
            e += 1
        k += 1
        e = first
    cursor[MEMBER], cursor[BUCKET_START], cursor[PARTNER] = k, first, e
    return count


def band_pairs(
    documents: RankedDocuments,
    keys: BandKeys,
    wanted: PairFilter,
    in_large_bucket: NDArray[np.bool_],
    *,
    leaders: int,
    pair_large_buckets: bool,
) -> Iterator[NDArray[np.uint64]]:
    """Yield the wanted pairs of documents that share a band, in batches.

    Members of a bucket of more than `leaders` documents are marked in `in_large_bucket`. Such a
    bucket yields the pairs of its first `leaders` documents with all others if `pair_large_buckets`
    is set, otherwise none. A pair appears once for each band that it shares.
    """
    bits = rank_bits(documents)
    present, changed, groups = wanted.present.copy(), wanted.changed, wanted.groups
    last_group = int(groups[-1]) if len(groups) else 0
    is_filtered = last_group > 0 or bool(changed[present].all())
    key_filter = np.empty(0 if is_filtered else 1 << MAX_FILTER_BITS, np.bool_)
    pairs = np.empty(MAX_PAIRS_PER_BATCH, np.uint64)
    buffer = np.empty(max(map(len, keys.by_band)), np.uint64)
    for keys_of_band in keys.by_band:
        band = buffer[: _present_keys(keys_of_band, bits, present, buffer)]
        release_memory(keys_of_band)
        if not is_filtered:
            band = band[: _shared_keys(band, bits, changed, key_filter)]
        band.sort()
        size = _mark_large_buckets(
            *(band, bits, last_group, leaders, wanted.present, in_large_bucket),
            keep=pair_large_buckets,
        )
        cursor = np.zeros(3, np.int64)
        while cursor[MEMBER] < size:
            count = _bucket_pairs(band[:size], bits, wanted, leaders, cursor, pairs)
            yield pairs[:count].copy()
