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

Texts put together out of the same sentences do meet early, and each shingle looked at beyond is one
more that near ones must share (Wang, Li, Feng, "Can We Beat the Prefix Filtering?", 2012). So for
each text it is counted how many of its first shingles each other one has, and as many are looked
at as cost little. All texts that share a sentence are still counted: of texts out of one pool the
work grows with the square of their number, at about a nanosecond for each time that two meet.

No near pair is lost: what stands for a shingle is 32 bits of how rare it is and of its hash, and
two that fall together only spare fewer pairs. What remains is compared exactly, as all else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.postings import at_least, index, spans_of
from corpus.similarity.prefix_filter import SLACK, FirstShingles, first_shingles
from corpus.similarity.ranked_documents import Ranked

# isort: split
from numba import int64, uint64

from corpus.kernels import njit

POSTINGS = 1 << 24
"""First shingles that are looked up at a time (64 MB, and twice as much to find them)."""

ROOM = 1 << 18
"""Pairs handed out at a time, and those of one document more."""

FEW = 64
"""Times that a text meets others, up to which no more of its shingles are looked at."""

DEARER = 4
"""How many times as often it may meet others, so that they must share more than one shingle."""

UNBOUNDED = np.iinfo(np.int64).max

_HALF = np.uint64(32)


@njit
def _may_be_near(
    one: NDArray[np.uint32], n: int, other: NDArray[np.uint32], m: int, need: float
) -> bool:
    """Return whether texts of n and m shingles, by the first of them, may have `need` in both."""
    i = j = shared = 0
    while i < one.size and j < other.size:
        if shared + min(n - i, m - j) < need:
            return False
        u, v = one[i], other[j]
        shared += u == v
        i += u <= v
        j += v <= u
    return shared + min(n - i, m - j) >= need


@njit
def _probe(
    prefix: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    size: NDArray[np.int64],
    ranks: NDArray[np.int64],
    scopes: NDArray[np.uint64],
    few: NDArray[np.int64],
    many: NDArray[np.int64],
    starts: NDArray[np.uint32],
    posted: NDArray[np.uint32],
    bits: int,
    least: NDArray[np.float64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    spans: NDArray[np.int64],
    shared: NDArray[np.int32],
    met: NDArray[np.int64],
    work: NDArray[np.int64],
    cursor: int,
    out: NDArray[np.uint64],
) -> tuple[int, int]:
    """Write pairs of ranks, of `few` and of `many`, that may be near to `out`.

    Return how many there are and how many of `many` are done, which is from `cursor` until `out`
    pairs are found or the work is spent. Documents are numbered by size; `shared` is all zero.
    """
    threshold, found = least[0], 0
    sizes = size[few]
    while cursor < many.size and found <= out.size - few.size and work[0] < work[1]:
        x = many[cursor]
        cursor += 1
        n, one = size[x], prefix[begins[x] : ends[x]]
        first = at_least(sizes, 0, few.size, threshold * n - SLACK)
        last = few.size
        if few[0] == many[0]:  # the same documents: each pair once
            last = at_least(few, 0, few.size, x)
        if first >= last or not present[ranks[x]]:
            continue
        extra = meets = 0
        for more in (0, 1, 3, 7, 15):
            _, times = spans_of(
                one, n, sizes, first, last, starts, posted, bits, threshold, more, spans
            )
            if more and times > DEARER * meets:
                break
            if more == 0:
                meets = times
            extra = more
            if meets <= FEW:
                break
        places, times = spans_of(
            one, n, sizes, first, last, starts, posted, bits, threshold, extra, spans
        )
        work[0] += times
        count = 0
        for i in range(places):
            for k in range(spans[i, 0], spans[i, 1]):
                a = int64(posted[k])
                if shared[a] == 0:
                    met[count] = a
                    count += 1
                shared[a] += 1
        for k in range(count):
            a = met[k]
            y = few[a]
            m, other, both = size[y], prefix[begins[y] : ends[y]], shared[a]
            shared[a] = 0
            need = threshold / (1 + threshold) * (n + m) - SLACK
            spare = np.ceil(need)
            if both < min(extra + 1, one.size + spare - n, other.size + spare - m):
                continue
            p, q = ranks[x], ranks[y]
            asked = present[q] and (fresh[p] or fresh[q]) and p != q
            if scopes.size:
                asked &= scopes[p] == scopes[q]
            if asked and _may_be_near(one, n, other, m, need):
                out[found] = uint64(max(p, q)) << _HALF | uint64(min(p, q))
                found += 1
    return found, cursor


def _sides(
    found: FirstShingles, groups: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield numbers of documents to look up, and of those to look them up for; the same: any two.

    No more than POSTINGS first shingles are to be looked up at a time.
    """
    every, count = np.arange(len(found.ranks)), found.ends - found.begins
    sides = [(every, every)]
    if len(groups):
        group = np.searchsorted(groups, found.ranks, side="right")
        sides = [(every[group == g], every[group > g]) for g in np.unique(group)[:-1]]
    for few, many in sides:
        block = np.cumsum(count[few]) // POSTINGS
        for some in np.split(few, np.flatnonzero(np.diff(block)) + 1):
            yield some, many[np.searchsorted(many, some[0]) :] if few is many else many


def crowd_pairs(
    documents: Ranked,
    ranks: NDArray[np.int64],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    *,
    least: NDArray[np.float64],
    groups: NDArray[np.int64],
    work: NDArray[np.int64] | None = None,
) -> Iterator[NDArray[np.uint64]]:
    """Yield each pair of these documents that may reach `least[0]`, once; one of each is fresh.

    With groups (first ranks of each, rising), two of one group are no pair, and are never met.
    About ROOM at a time; documents may cease to be present while this runs, and `least[0]` may
    rise. How often two meet is added to work[0]; where work[1] is reached, no more is looked for.
    """
    if len(ranks) < 2:
        return
    found = first_shingles(documents, ranks, float(least[0]))
    work = np.array([0, UNBOUNDED]) if work is None else work
    longest = int((found.ends - found.begins).max())
    spans = np.empty((longest, 2), np.int64)
    placed = (found.held, found.begins, found.ends)
    for few, many in _sides(found, groups):
        count = int((found.ends - found.begins)[few].sum())
        bits = count.bit_length()
        starts, posted = np.zeros((1 << bits) + 2, np.uint32), np.empty(count, np.uint32)
        index(*placed, few, bits, starts, posted)
        room = (spans, np.zeros(len(few), np.int32), np.empty(len(few), np.int64), work)
        out, cursor = np.empty(ROOM + len(few), np.uint64), 0
        while cursor < len(many) and work[0] < work[1]:
            count, cursor = _probe(
                *(*placed, found.sizes, found.ranks, documents.scopes, few, many, starts, posted),
                *(bits, least, present, fresh, *room, cursor, out),
            )
            yield out[:count].copy()
