"""Candidate pairs: documents that share a band, found by sorting.

A document's key for a band is a hash of the band's rows with the document's rank in the low bits.
After sorting, equal hashes are neighbours, in rank order: a bucket. A pair of ranks is stored as
one number, `later << 32 | earlier`.

A bucket of a thousand similar texts has half a million pairs. Nearly all of them add nothing once
the first texts have been compared with the rest. So at first only the leaders of a bucket (its
first few documents) are paired with it. Later rounds pair whole buckets, and leave those that are
still large to `large_buckets`.

With groups, a pair needs a document before the last group. Nearly all documents are in the last
group, and nearly none shares a band with an earlier one. So only keys are stored that pass a filter
of the keys of the earlier documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands
from corpus.similarity.ranked_documents import RankedDocuments
from corpus.storage import release_memory
from corpus.words.simd import read_only

# isort: split
from numba import int64, uint64

from corpus.kernels import njit, njit_without_allocation

_MIX, _ONE, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)

MAX_PAIRS_PER_BATCH = 1 << 18

MAX_FILTER_BITS = 22
"""Upper bits of a key that are looked up in a filter, at most (2^22 bits for each band, 512 kB)."""

FILTER_SLOTS_PER_DOCUMENT = 16
"""With this many slots per document, about a sixteenth of the other keys pass by chance."""

MAX_KEYS_IN_MEMORY = 1 << 23
"""More keys than this (64 MB) are kept in a file; one band at a time is read into memory."""

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


class BandKeys(NamedTuple):
    """The keys of ranked documents, for each band."""

    shape: Bands
    by_band: Sequence[NDArray[np.uint64]]
    """Unsorted; without the keys that cannot be those of a pair."""


class _KeyFilter(NamedTuple):
    """Which keys are stored: those whose upper bits are marked."""

    marks: NDArray[np.uint8]
    """uint8[bands, n_bytes]: one bit for each value of the upper bits."""

    bits: int
    """How many upper bits are looked up."""


class _PartSignatures(NamedTuple):
    """Signatures of one part, and the ranks of some of its rows."""

    signatures: NDArray[np.uint16]
    rows: NDArray[np.int64]
    ranks: NDArray[np.int64]


def earlier(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the lower rank of each pair."""
    return (pairs & _LOW_HALF).astype(np.int64)


def later(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the higher rank of each pair."""
    return (pairs >> _HALF).astype(np.int64)


@njit_without_allocation
def _band_keys(
    part: _PartSignatures,
    scopes: NDArray[np.uint64],
    rows_per_band: int,
    bits: int,
    key_filter: _KeyFilter,
    out: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> None:
    """Write the keys of documents of one part that pass the filter to out[b, counts[b]:].

    There must be room for all of them; `counts` is updated.
    """
    low, shift = (_ONE << uint64(bits)) - _ONE, uint64(64 - key_filter.bits)
    marks = key_filter.marks
    signatures, rows, ranks = part.signatures, part.rows, part.ranks
    for k in range(rows.size):
        for b in range(out.shape[0]):
            state = _MIX ^ (scopes[ranks[k]] if scopes.size else uint64(0))
            for j in range(b * rows_per_band, (b + 1) * rows_per_band):
                state = (state ^ uint64(signatures[rows[k], j])) * _MIX
                state ^= state >> _HALF
            out[b, counts[b]] = state & ~low | uint64(ranks[k])
            slot = int64(state >> shift)
            counts[b] += marks[b, slot >> 3] >> (slot & 7) & 1


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


def band_keys(
    documents: RankedDocuments, shape: Bands, groups: NDArray[np.int64] | None = None
) -> BandKeys:
    """Return the keys of all documents that may be in a pair.

    Many keys are kept in a file.
    """
    bands, last_group = shape.bands, 0 if groups is None or not len(groups) else int(groups[-1])
    key_filter = _KeyFilter(np.full((bands, 1), 0xFF, np.uint8), 1)
    if last_group:
        queried = documents.by_part(np.arange(last_group))
        keys = _keys_of(documents, shape, queried, last_group, key_filter)
        key_filter = _filter_of(keys)
    return _keys_of(documents, shape, documents.every_part(), len(documents), key_filter)


def _keys_of(
    documents: RankedDocuments,
    shape: Bands,
    parts: Iterable[tuple[int, NDArray[np.int64], NDArray[np.int64]]],
    n_documents: int,
    key_filter: _KeyFilter,
) -> BandKeys:
    """Return the keys of these documents that pass the filter; signatures are read once."""
    count = shape.bands * n_documents
    in_memory = count <= MAX_KEYS_IN_MEMORY
    flat = np.empty(count, np.uint64) if in_memory else documents.corpus.allocate(count)
    keys, counts = flat.reshape(shape.bands, n_documents), np.zeros(shape.bands, np.int64)
    bits, scopes = _rank_bits(documents), documents.scopes
    for part, rows, ranks in parts:
        signatures = _PartSignatures(read_only(documents.signatures_of_part(part)), rows, ranks)
        _band_keys(signatures, scopes, shape.rows, bits, key_filter, keys, counts)
        release_memory(keys)
    return BandKeys(shape, [keys[b, :count] for b, count in enumerate(counts.tolist())])


def _filter_of(keys: BandKeys) -> _KeyFilter:
    """Return a filter that these keys pass, and few others."""
    slots = FILTER_SLOTS_PER_DOCUMENT * len(keys.by_band[0])
    bits = min(MAX_FILTER_BITS, max(3, slots.bit_length()))
    marks = np.zeros((len(keys.by_band), 1 << bits - 3), np.uint8)
    for keys_of_band, marks_of_band in zip(keys.by_band, marks, strict=True):
        is_marked = np.zeros(1 << bits, np.bool_)
        is_marked[keys_of_band >> np.uint64(64 - bits)] = True
        marks_of_band[:] = np.packbits(is_marked, bitorder="little")
    return _KeyFilter(marks, bits)


def _rank_bits(documents: RankedDocuments) -> int:
    """Return how many of a key's low bits hold the rank."""
    return max(1, len(documents).bit_length())


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
    bits = _rank_bits(documents)
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
