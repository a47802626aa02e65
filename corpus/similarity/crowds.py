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
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import TEXT
from corpus.similarity.jaccard import shingle_sets
from corpus.similarity.ranked import Ranked
from corpus.stages.observed import Fetch

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

COUNTERS = 1 << 20
"""Counters of shingles, told apart by the upper bits of their hash (4 MB)."""

POSTINGS = 1 << 25
"""First shingles (256 MB) that are sorted at a time."""

ROOM = 1 << 18
"""Pairs handed out at a time."""

_SHIFT, _HALF, _LOW = np.uint64(44), np.uint64(32), np.uint64(0xFFFFFFFF)
_SLACK = 1e-6

Place = tuple[int, NDArray[np.int64]]
"""A part, and rows in it in rising order."""


def tally(task: Place, *, fetch: Fetch, words: int) -> NDArray[np.uint32]:
    """Return how many of these documents have a shingle of each counter: uint32[COUNTERS]."""
    sets, _ = shingle_sets(pa.chunked_array([fetch(*task, [TEXT]).column(TEXT)]), words=words)
    return np.bincount((sets >> _SHIFT).astype(np.int64), minlength=COUNTERS).astype(np.uint32)


def rarity(counts: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return for each counter a class of 8 bits, four of them to a doubling: rare ones are low."""
    return np.floor(4 * np.log2(np.maximum(counts, 1))).astype(np.uint32)


def prefixes(
    task: Place, *, fetch: Fetch, words: int, threshold: float, classes: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """Return the number of distinct shingles of each document, how many come first, and those.

    The last are uint32, end to end, rarest first: rarity << 24 | 24 bits of the hash.
    """
    found = fetch(*task, [TEXT]).column(TEXT)
    sets, starts = shingle_sets(pa.chunked_array([found]), words=words)
    sizes = np.diff(starts)
    first = sizes - np.ceil(threshold * sizes - _SLACK).astype(np.int64) + 1
    first = np.minimum(first, sizes)
    keys = classes[sets >> _SHIFT].astype(np.uint64) << np.uint64(24)
    keys |= sets & np.uint64(0xFFFFFF)
    owner = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
    keys = np.sort(owner << _HALF | keys)
    place = np.arange(len(keys)) - np.repeat(starts[:-1], sizes)
    return sizes, first, keys[place < np.repeat(first, sizes)].astype(np.uint32)


@njit
def _may_be_near(
    prefix: NDArray[np.uint32],
    starts: NDArray[np.int64],
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
    i, j, shared = starts[x], starts[y], 0
    while i < starts[x + 1] and j < starts[y + 1]:
        if shared + min(n - i + starts[x], m - j + starts[y]) < need:
            return False
        u, v = prefix[i], prefix[j]
        if u == v:
            if shared == 0 and u != key:
                return False
            shared += 1
        i += u <= v
        j += v <= u
    return shared + min(n - i + starts[x], m - j + starts[y]) >= need


@njit
def _join(
    prefix: NDArray[np.uint32],
    starts: NDArray[np.int64],
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
        n, i, end = sizes[x], starts[x], starts[x + 1]
        while sizes[int64(postings[low] & _LOW)] < threshold * n - _SLACK:
            low += 1
        a = max(a, low)
        while i < end:  # the place of the key in the prefix
            middle = (i + end) >> 1
            if prefix[middle] < key:
                i = middle + 1
            else:
                end = middle
        most = (n - i + starts[x]) * (1 + threshold) / threshold - n + _SLACK
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
                need = threshold / (1 + threshold) * (n + m) - _SLACK
                if _may_be_near(prefix, starts, x, n, y, m, key, need):
                    out[found] = uint64(max(one, other)) << _HALF | uint64(min(one, other))
                    found += 1
            a += 1
        b += 1
        a = 0
    cursor[0], cursor[1], cursor[2] = b, low, a
    return found


def _first_shingles(
    documents: Ranked, ranks: NDArray[np.int64], threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """Return ranks by size, their sizes, where the first shingles of each begin, and those."""
    parts = list(documents.by_part(ranks))
    places: list[Place] = [(part, rows) for part, rows, _ in parts]
    fetch, words = documents.corpus.fetch, documents.observed.words
    counts = np.zeros(COUNTERS, np.uint64)
    for some in documents.corpus.map(partial(tally, fetch=fetch, words=words), places):
        counts += some
    ask = partial(prefixes, fetch=fetch, words=words, threshold=threshold, classes=rarity(counts))
    found = list(documents.corpus.map(ask, places))
    every = np.concatenate([these for _, _, these in parts])
    sizes = np.concatenate([some for some, _, _ in found])
    first = np.concatenate([some for _, some, _ in found])
    order = np.lexsort((every, sizes))
    begins = np.cumsum(first) - first
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(first[order])])
    taken = np.repeat(begins[order] - starts[:-1], first[order]) + np.arange(starts[-1])
    prefix = np.concatenate([some for _, _, some in found])[taken]
    return every[order], sizes[order], starts, prefix


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
    ranks, sizes, starts, prefix = _first_shingles(documents, ranks, float(least[0]))
    group = np.searchsorted(groups, ranks, side="right") if len(groups) else groups
    owner = np.repeat(np.arange(len(ranks), dtype=np.uint64), np.diff(starts))
    turns = len(prefix) // POSTINGS + 1
    out = np.empty(ROOM, np.uint64)
    for turn in range(turns):
        mine = slice(None) if turns == 1 else prefix % np.uint32(turns) == turn
        postings = prefix[mine].astype(np.uint64) << _HALF | owner[mine]
        postings.sort()
        cursor = np.zeros(3, np.int64)
        while cursor[0] < len(postings):
            count = _join(
                *(prefix, starts, sizes, ranks, group, documents.scopes, postings, least),
                *(present, fresh, cursor, out),
            )
            yield out[:count].copy()
