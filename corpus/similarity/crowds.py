"""Which pairs of a crowd may be near: an exact prefix filter, for buckets of too many to compare.

A template with other names and numbers makes a hundred thousand texts that are like each other and
not near. They share buckets, and compared pair by pair they would be five thousand million pairs.
Sorted by how rare they are in the crowd, the shingles of two near texts must begin alike:

    near at t or over  ->  one of the first |x| - ceil(t |x|) + 1 shingles of each is in both

(Chaudhuri, Ganti, Kaushik, "A Primitive Operator for Similarity Joins", 2006), and from where the
first one in both stands there must be enough left to reach t (Xiao et al., "Efficient Similarity
Joins for Near Duplicate Detection", 2008). Texts of one template first meet in a shingle of the
template, behind all that is their own, where too little is left: their sizes alone tell (Mann,
Augsten, "PEL: Position-Enhanced Length Filter", 2014), and nothing is done for such a pair.

No near pair is lost: what stands for a shingle is 32 bits of how rare it is and of its hash, and
two that fall together only spare fewer pairs. What remains is compared exactly, as all else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.prefixes import SLACK, first_shingles
from corpus.similarity.ranked import Ranked

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

POSTINGS = 1 << 25
"""First shingles (256 MB) that are sorted at a time."""

ROOM = 1 << 18
"""Pairs handed out at a time."""

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


@njit
def _may_be_near(
    prefix: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    x: int,
    n: int,
    y: int,
    m: int,
    key: int,
    need: float,
) -> bool:
    """Return whether `need` shingles may be in both, and `key` is the first that is.

    A pair that meets in several shingles is told by the first of them alone.
    """
    i, j, shared = begins[x], begins[y], 0
    while i < ends[x] and j < ends[y]:
        if shared + min(n - i + begins[x], m - j + begins[y]) < need:
            return False
        u, v = prefix[i], prefix[j]
        if u == v:
            if shared == 0 and u != key:
                return False
            shared += 1
        i += u <= v
        j += v <= u
    return shared + min(n - i + begins[x], m - j + begins[y]) >= need


@njit
def _join(
    prefix: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    sizes: NDArray[np.int64],
    ranks: NDArray[np.int64],
    group: NDArray[np.int64],
    scopes: NDArray[np.uint64],
    postings: NDArray[np.uint64],
    least: NDArray[np.float64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    cursor: NDArray[np.int64],
    out: NDArray[np.uint64],
) -> int:
    """Write pairs of ranks that may be near to `out` until it is full; return their number.

    Documents are numbered by size; postings are key << 32 | document, sorted. The cursor holds
    where to go on: the posting, the first one of its key that is large enough, the next to pair.
    """
    b, low, a, found = cursor[0], cursor[1], cursor[2], 0
    threshold = least[0]
    while b < postings.size:
        key, x = int64(postings[b] >> _HALF), int64(postings[b] & _LOW)
        if int64(postings[low] >> _HALF) != key:
            low = b
        n, i, end = sizes[x], begins[x], ends[x]
        while sizes[int64(postings[low] & _LOW)] < threshold * n - SLACK:
            low += 1
        a = max(a, low)
        while i < end:  # the place of the key in the prefix
            middle = (i + end) >> 1
            if prefix[middle] < key:
                i = middle + 1
            else:
                end = middle
        most = (n - i + begins[x]) * (1 + threshold) / threshold - n + SLACK
        while a < b and present[ranks[x]]:
            y = int64(postings[a] & _LOW)
            m = sizes[y]
            if m > most:
                break
            if found == out.size:
                cursor[0], cursor[1], cursor[2] = b, low, a
                return found
            one, other = ranks[x], ranks[y]
            asked = present[other] and (fresh[one] or fresh[other]) and one != other
            if scopes.size:
                asked &= scopes[one] == scopes[other]
            if group.size:
                asked &= group[x] != group[y]
            if asked:
                need = threshold / (1 + threshold) * (n + m) - SLACK
                if _may_be_near(prefix, begins, ends, x, n, y, m, key, need):
                    out[found] = uint64(max(one, other)) << _HALF | uint64(min(one, other))
                    found += 1
            a += 1
        b += 1
        a = 0
    cursor[0], cursor[1], cursor[2] = b, low, a
    return found


@njit
def _postings(
    prefix: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    turn: int,
    turns: int,
    out: NDArray[np.uint64],
) -> int:
    """Write key << 32 | document for the first shingles of a turn to `out`, if there is room.

    Return how many there are.
    """
    found = 0
    for x in range(begins.size):
        for k in range(begins[x], ends[x]):
            key = uint64(prefix[k])
            if key % uint64(turns) == uint64(turn):
                if found < out.size:
                    out[found] = key << _HALF | uint64(x)
                found += 1
    return found


def crowd_pairs(
    documents: Ranked,
    ranks: NDArray[np.int64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    *,
    least: NDArray[np.float64],
    groups: NDArray[np.int64],
) -> Iterator[NDArray[np.uint64]]:
    """Yield each pair of these documents that may reach `least[0]`, once; one of each is fresh.

    With groups (first ranks of each, rising), two of one group are no pair. No more than ROOM at a
    time; documents may cease to be present while this runs, and `least[0]` may rise.
    """
    if len(ranks) < 2:
        return
    found = first_shingles(documents, ranks, float(least[0]))
    group = np.searchsorted(groups, found.ranks, side="right") if len(groups) else groups
    turns, out = len(found.held) // POSTINGS + 1, np.empty(ROOM, np.uint64)
    placed = (found.held, found.begins, found.ends)
    for turn in range(turns):
        postings = np.empty(_postings(*placed, turn, turns, out[:0]), np.uint64)
        _postings(*placed, turn, turns, postings)
        postings.sort()
        cursor = np.zeros(3, np.int64)
        while cursor[0] < len(postings):
            count = _join(
                *(*placed, found.sizes, found.ranks, group, documents.scopes, postings, least),
                *(present, fresh, cursor, out),
            )
            yield out[:count].copy()
