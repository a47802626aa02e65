"""Candidate pairs: documents that share a band, found by sorting.

A document's key for a band is a hash of the band's rows with its rank in the low bits. Sorted,
equal hashes stand side by side, in rank order: a bucket. A pair of ranks is one number, `later <<
32 | earlier`.

A bucket of a thousand like texts has half a million pairs, and nearly all say nothing new once the
first has been compared with the rest. So only the first `heads` of a bucket are paired, and the
caller asks again with more of them, of those that are left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.bands import Bands
from corpus.similarity.ranked import Ranked
from corpus.similarity.vectors import frozen

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

_MIX, _ONE, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(1), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

ROOM = 1 << 18
"""Pairs handed out at a time."""

MARK_BITS = 22
MARKS = 1 << MARK_BITS
"""Marks (4 MB) that say which bands a document outside the last group has."""

KEYS = 1 << 25
"""Keys in memory at a time (256 MB), as far as single bands allow."""


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
    first: int,
    height: int,
    bits: int,
    out: NDArray[np.uint64],
    at: int,
) -> None:
    """Write the keys of bands `first`, `first` + 1, ... of documents of one part to out[:, at:]."""
    low = (_ONE << uint64(bits)) - _ONE
    for k in range(rows.size):
        for b in range(out.shape[0]):
            state = _MIX
            for j in range((first + b) * height, (first + b + 1) * height):
                state = (state ^ uint64(signatures[rows[k], j])) * _MIX
                state ^= state >> _HALF
            out[b, at + k] = state & ~low | uint64(ranks[k])


@njit
def _shared(
    keys: NDArray[np.uint64], bits: int, groups: NDArray[np.int64], marks: NDArray[np.bool_]
) -> int:
    """Move to the front the keys that may share a bucket across groups; return their number.

    Nearly all documents are of the last group, and nearly none of them has the band of one of
    another group: `marks` tell by the upper bits of a key, which spares sorting the rest.
    """
    if groups.size == 0:
        return keys.size
    low, shift = (_ONE << uint64(bits)) - _ONE, uint64(64 - MARK_BITS)
    marks[:] = False
    for k in range(keys.size):
        if int64(keys[k] & low) < groups[groups.size - 1]:
            marks[keys[k] >> shift] = True
    found = 0
    for k in range(keys.size):
        if marks[keys[k] >> shift]:
            keys[found] = keys[k]
            found += 1
    return found


@njit
def _bucket_pairs(
    keys: NDArray[np.uint64],
    bits: int,
    groups: NDArray[np.int64],
    heads: int,
    present: NDArray[np.bool_],
    cursor: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> int:
    """Write pairs of a sorted band to `out` until it is full; return their number.

    The cursor holds where to go on: member, its bucket's first, the next to pair it with; then
    whether a bucket has more members than heads. With groups (first ranks of each, rising), two of
    one group are no pair.
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
            if present[int64(keys[e] & low)]:
                out[found] = uint64(rank) << _HALF | (keys[e] & low)
                found += 1
            e += 1
        if e == first + heads and e < k and int64(keys[e] & low) < below:
            cursor[3] = 1
        k += 1
        e = first
    cursor[0], cursor[1], cursor[2] = k, first, e
    return found


def band_pairs(
    documents: Ranked,
    present: NDArray[np.bool_],
    shape: Bands,
    *,
    groups: NDArray[np.int64],
    heads: int,
) -> Iterator[tuple[NDArray[np.uint64], bool]]:
    """Yield pairs of present documents that share a band, and whether some bucket has more of them.

    More, that is, than those of its first `heads` with all others. No more than ROOM at a time; a
    pair comes once for each band it shares. Documents may cease to be present while this runs.
    """
    ranks = np.flatnonzero(present)
    parts = list(documents.by_part(ranks))
    bits = max(1, len(documents).bit_length())
    together = max(1, min(8, KEYS // max(1, len(ranks))))
    pairs, marks = np.empty(ROOM, np.uint64), np.empty(MARKS if groups.size else 0, np.bool_)
    for first in range(0, shape.bands, together):
        keys = np.empty((min(together, shape.bands - first), len(ranks)), np.uint64)
        at = 0
        for part, rows, found in parts:
            signatures = frozen(documents.parts[part])
            _band_keys(signatures, rows, found, first, shape.rows, bits, keys, at)
            at += len(rows)
        for every in keys:
            band = every[: _shared(every, bits, groups, marks)]
            band.sort()
            cursor = np.zeros(4, np.int64)
            while cursor[0] < len(band):
                count = _bucket_pairs(band, bits, groups, heads, present, cursor, pairs)
                yield pairs[:count].copy(), bool(cursor[3])


@njit
def _agreements(
    signatures: NDArray[np.uint16],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Count the hashes that the signatures of each pair agree in."""
    for k in range(left.size):
        same = 0
        for j in range(signatures.shape[1]):
            same += signatures[left[k], j] == signatures[right[k], j]
        out[k] = same


def agreeing(documents: Ranked, pairs: NDArray[np.uint64], *, fewest: int) -> NDArray[np.uint64]:
    """Return those of the pairs whose signatures agree in `fewest` hashes or more."""
    both = np.concatenate([earlier(pairs), later(pairs)])
    ranks, place = np.unique(both, return_inverse=True)
    same = np.empty(len(pairs), np.int64)
    _agreements(documents.signatures(ranks), place[: len(pairs)], place[len(pairs) :], same)
    return pairs[same >= fewest]
