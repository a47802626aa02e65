"""Candidate pairs: documents that share a band, found by sorting.

A document's key for a band is a hash of the band's rows with its rank in the low bits. Sorted,
equal hashes stand side by side, in rank order: a bucket. A pair of ranks is one number, `later <<
32 | earlier`.

A bucket of a thousand like texts has half a million pairs, and nearly all say nothing new once the
first has been compared with the rest. So at first only the first `heads` of a bucket are paired;
asked again, of those that are left, a bucket of more is told as a crowd, for `crowds` to pair.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands
from corpus.similarity.ranked_documents import Ranked
from corpus.words.simd import frozen

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

_MIX, _ONE, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

ROOM = 1 << 18
"""Pairs handed out at a time."""

MARK_BITS = 22
MARKS = 1 << MARK_BITS
"""Marks (4 MB) that say which bands the documents have that are asked about."""

KEYS = 1 << 26
"""Keys that are held in memory (512 MB); more lie in a file, and one band of them is."""


def earlier(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the lower rank of each pair."""
    return (pairs & _LOW).astype(np.int64)


def later(pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the higher rank of each pair."""
    return (pairs >> _HALF).astype(np.int64)


@njit
def _band_keys(
    signatures: NDArray[np.uint16],
    rows: NDArray[np.int64],
    ranks: NDArray[np.int64],
    scopes: NDArray[np.uint64],
    height: int,
    bits: int,
    out: NDArray[np.uint64],
    at: int,
) -> None:
    """Write the keys of documents of one part to out[:, at:]."""
    low = (_ONE << uint64(bits)) - _ONE
    for k in range(rows.size):
        for b in range(out.shape[0]):
            state = _MIX ^ (scopes[ranks[k]] if scopes.size else uint64(0))
            for j in range(b * height, (b + 1) * height):
                state = (state ^ uint64(signatures[rows[k], j])) * _MIX
                state ^= state >> _HALF
            out[b, at + k] = state & ~low | uint64(ranks[k])


@njit
def _of_present(
    keys: NDArray[np.uint64], bits: int, present: NDArray[np.bool_], out: NDArray[np.uint64]
) -> int:
    """Write the keys of the present documents to `out`; return their number."""
    low = (_ONE << uint64(bits)) - _ONE
    found = 0
    for k in range(keys.size):
        out[found] = keys[k]
        found += present[int64(keys[k] & low)]
    return found


@njit
def _shared(
    keys: NDArray[np.uint64],
    bits: int,
    border: int,
    fresh: NDArray[np.bool_],
    marks: NDArray[np.bool_],
) -> int:
    """Move to the front the keys that may share a bucket with one asked about; return their number.

    Asked about are the documents before the `border`, or, where it is 0, the fresh ones. With
    groups nearly all documents are beyond the border, and nearly none has the band of one before
    it: `marks` tell by the upper bits of a key, which spares sorting the rest.
    """
    low, shift = (_ONE << uint64(bits)) - _ONE, uint64(64 - MARK_BITS)
    marks[:] = False
    for k in range(keys.size):
        rank = int64(keys[k] & low)
        if (border == 0 and fresh[rank]) or rank < border:
            marks[keys[k] >> shift] = True
    found = 0
    for k in range(keys.size):
        if marks[keys[k] >> shift]:
            keys[found] = keys[k]
            found += 1
    return found


@njit
def _part_crowds(
    keys: NDArray[np.uint64],
    bits: int,
    border: int,
    heads: int,
    present: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    *,
    leave: bool,
) -> int:
    """Mark who is in a bucket of more than `heads`; return how many keys there are without them.

    Counted are the present ones, and before the `border` if there is one. The keys of the others
    are moved to the front, unless the crowds are to be left in.
    """
    shift = uint64(bits)
    low = (_ONE << shift) - _ONE
    first = filled = 0
    while first < keys.size:
        end, count = first, 0
        while end < keys.size and keys[end] >> shift == keys[first] >> shift:
            rank = int64(keys[end] & low)
            count += present[rank] and (border == 0 or rank < border)
            end += 1
        crowded = count > heads
        for k in range(first, end):
            if crowded:
                crowd[int64(keys[k] & low)] = True
            if leave or not crowded:
                keys[filled] = keys[k]
                filled += 1
        first = end
    return filled


@njit
def _bucket_pairs(
    keys: NDArray[np.uint64],
    bits: int,
    groups: NDArray[np.int64],
    heads: int,
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    cursor: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> int:
    """Write pairs of a sorted band to `out` until it is full; return their number.

    The cursor holds where to go on: member, its bucket's first, the next to pair it with. With
    groups (first ranks of each, rising), two of one group are no pair.
    """
    shift = uint64(bits)
    low = (_ONE << shift) - _ONE
    k, first, e, found = cursor[0], cursor[1], cursor[2], 0
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
        while e < min(k, first + heads) and int64(keys[e] & low) < below and present[rank]:
            if found == out.size:
                cursor[0], cursor[1], cursor[2] = k, first, e
                return found
            other = int64(keys[e] & low)
            if present[other] and (fresh[rank] or fresh[other]):
                out[found] = uint64(rank) << _HALF | (keys[e] & low)
                found += 1
            e += 1
        k += 1
        e = first
    cursor[0], cursor[1], cursor[2] = k, first, e
    return found


def band_keys(documents: Ranked, shape: Bands) -> NDArray[np.uint64]:
    """Return the keys of all documents for each band, in no order: uint64[bands, n_documents].

    Signatures are read once. Where the keys are many they lie in a file.
    """
    count = shape.bands * len(documents)
    held = np.empty(count, np.uint64) if count <= KEYS else documents.corpus.allocate(count)
    keys, at = held.reshape(shape.bands, len(documents)), 0
    for part, rows, ranks in documents.by_part(np.arange(len(documents))):
        signatures, scopes = frozen(documents.parts[part]), documents.scopes
        _band_keys(signatures, rows, ranks, scopes, shape.rows, _bits(documents), keys, at)
        at += len(rows)
    return keys


def _bits(documents: Ranked) -> int:
    """Return how many of a key's low bits hold the rank."""
    return max(1, len(documents).bit_length())


def band_pairs(
    documents: Ranked,
    keys: NDArray[np.uint64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    *,
    groups: NDArray[np.int64],
    heads: int,
    leave: bool,
) -> Iterator[NDArray[np.uint64]]:
    """Yield pairs of present documents that share a band, one of them fresh.

    Who is in a bucket of more than `heads` is marked in `crowd`. Of such a bucket the first `heads`
    are paired with all others if crowds are to be left in, else none. No more than ROOM at a time;
    a pair comes once for each band it shares. Documents may cease to be present while this runs.
    """
    bits = _bits(documents)
    there = present.copy()
    border = int(groups[-1]) if len(groups) else 0
    everywhere = border == 0 and bool(fresh[there].all())
    pairs, marks = np.empty(ROOM, np.uint64), np.empty(MARKS, np.bool_)
    room = np.empty(len(documents), np.uint64)
    for every in keys:
        band = room[: _of_present(every, bits, there, room)]
        if not everywhere:
            band = band[: _shared(band, bits, border, fresh, marks)]
        band.sort()
        rest = _part_crowds(band, bits, border, heads, present, crowd, leave=leave)
        cursor = np.zeros(3, np.int64)
        while cursor[0] < rest:
            count = _bucket_pairs(band[:rest], bits, groups, heads, present, fresh, cursor, pairs)
            yield pairs[:count].copy()
