"""Pairs of a large bucket that may be similar: an exact prefix filter.

A template filled with different names and numbers makes a hundred thousand texts that resemble
each other below the threshold. They share buckets, and would be five billion pairs to compare. If
the shingles of each text are sorted by how rare they are in the bucket, two similar texts must
share one of their first shingles, their prefixes:

    similarity >= t  ->  the first |x| - ceil(t |x|) + 1 shingles of both have one in common

(Chaudhuri, Ganti, Kaushik, "A Primitive Operator for Similarity Joins", 2006). After the first
common shingle enough shingles must be left to reach t (Xiao et al., "Efficient Similarity Joins for
Near Duplicate Detection", 2008). Texts of one template first meet in a shingle of the template, and
then too few are left. Their sizes alone show this (Mann, Augsten, "PEL: Position-Enhanced Length
Filter", 2014), so such a pair costs nothing.

Texts composed of the same sentences do meet early. Each additional prefix shingle is one more that
similar texts must share (Wang, Li, Feng, "Can We Beat the Prefix Filtering?", 2012). So the kernel
counts for each text how many of its prefix shingles every other text has, and extends the prefix as
long as that is cheap. All texts that share a sentence are still counted: for texts from one pool of
sentences the work grows with the square of their number, at about a nanosecond per match.

No similar pair is lost. If two shingles have the same 32-bit code (see `prefix_filter`), more pairs
remain. Remaining pairs are compared exactly, like all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import PairFilter
from corpus.similarity.prefix_filter import (
    ROUNDING,
    InvertedIndex,
    Prefixes,
    Query,
    build_index,
    first_at_least,
    make_prefixes,
    matching_spans,
)
from corpus.similarity.ranked_documents import RankedDocuments

# isort: split
from numba import int64, uint64

from corpus.kernels import njit, njit_without_allocation

MAX_INDEXED_SHINGLES = 1 << 24
"""Prefix shingles that are indexed at a time (64 MB, and twice as much for the slots)."""

PAIRS_PER_BATCH = 1 << 18
"""A batch may exceed this by the pairs of one document."""

MAX_UNEXTENDED_MATCHES = 64
"""The prefix of a text that has at most this many matches is not extended."""

MAX_EXTENSION_COST = 4
"""A prefix is extended as long as that at most multiplies its matches by this."""

UNLIMITED_MATCHES = np.iinfo(np.int64).max

# columns of the array `matches`
SPENT, BUDGET = 0, 1

_HALF = np.uint64(32)


class _Join(NamedTuple):
    """What is joined: documents that are looked up in an index of others, or of the same ones."""

    prefixes: Prefixes
    scopes: NDArray[np.uint64]
    indexed: NDArray[np.int64]
    queries: NDArray[np.int64]
    inverted: InvertedIndex


class _Buffers(NamedTuple):
    """Working memory of `_probe`."""

    spans: NDArray[np.int64]
    """int64[longest prefix, 2]: see `matching_spans`."""

    shared: NDArray[np.int32]
    """int32[n_indexed], zero: how many prefix shingles each has in common with the query."""

    matched: NDArray[np.int64]
    """int64[n_indexed]: the documents for which that is not zero."""


@njit_without_allocation
def _may_be_similar(
    prefix: NDArray[np.uint32],
    n: int,
    other_prefix: NDArray[np.uint32],
    m: int,
    required: float,
) -> bool:
    """Return whether texts of n and m shingles can share `required` ones, given their prefixes."""
    i = j = shared = 0
    while i < prefix.size and j < other_prefix.size:
        if shared + min(n - i, m - j) < required:
            return False
        u, v = prefix[i], other_prefix[j]
        shared += u == v
        i += u <= v
        j += v <= u
    return shared + min(n - i, m - j) >= required


@njit_without_allocation
def _extension(
    query: Query, sizes: NDArray[np.int64], index: InvertedIndex, spans: NDArray[np.int64]
) -> int:
    """Return by how many shingles the prefix of a query is extended: 0, 1, 3, 7 or 15."""
    extra = matches = 0
    for more in (0, 1, 3, 7, 15):
        _, count = matching_spans(query, sizes, index, more, spans)
        if more and count > MAX_EXTENSION_COST * matches:
            break
        if more == 0:
            matches = count
        extra = more
        if matches <= MAX_UNEXTENDED_MATCHES:
            break
    return extra


@njit_without_allocation
def _count_meetings(documents: NDArray[np.uint32], n_spans: int, buffers: _Buffers) -> int:
    """Count in `shared` how often each document is in the spans; return how many are in any."""
    spans, shared, matched, count = buffers.spans, buffers.shared, buffers.matched, 0
    for i in range(n_spans):
        for k in range(spans[i, 0], spans[i, 1]):
            a = int64(documents[k])
            if shared[a] == 0:
                matched[count] = a
                count += 1
            shared[a] += 1
    return count


@njit
def _probe(
    join: _Join,
    wanted: PairFilter,
    min_similarity: NDArray[np.float64],
    buffers: _Buffers,
    matches: NDArray[np.int64],
    cursor: int,
    out: NDArray[np.uint64],
) -> tuple[int, int]:
    """Write the pairs of ranks that may be similar to `out`; return their number and the cursor.

    Starts at the query `cursor` and stops when `out` is nearly full or the matches are spent.
    """
    threshold, n_pairs = min_similarity[0], 0
    shingles, begins, ends = join.prefixes.shingles, join.prefixes.begins, join.prefixes.ends
    size, ranks, scopes = join.prefixes.sizes, join.prefixes.ranks, join.scopes
    indexed, queries, index = join.indexed, join.queries, join.inverted
    present, changed = wanted.present, wanted.changed
    spans, shared, matched = buffers.spans, buffers.shared, buffers.matched
    sizes = size[indexed]
    while (
        cursor < queries.size
        and n_pairs <= out.size - indexed.size
        and matches[SPENT] < matches[BUDGET]
    ):
        x = queries[cursor]
        cursor += 1
        n, prefix = size[x], shingles[begins[x] : ends[x]]
        first = first_at_least(sizes, 0, indexed.size, threshold * n - ROUNDING)
        last = indexed.size
        if indexed[0] == queries[0]:  # the same documents: each pair once
            last = first_at_least(indexed, 0, indexed.size, x)
        if first >= last or not present[ranks[x]]:
            continue
        query = Query(prefix, n, first, last, threshold)
        extra = _extension(query, sizes, index, spans)
        n_spans, count = matching_spans(query, sizes, index, extra, spans)
        matches[SPENT] += count
        for k in range(_count_meetings(index.documents, n_spans, buffers)):
            a = matched[k]
            y = indexed[a]
            m, other_prefix, common = size[y], shingles[begins[y] : ends[y]], shared[a]
            shared[a] = 0
            required = threshold / (1 + threshold) * (n + m) - ROUNDING
            ceiling = np.ceil(required)
            if common < min(extra + 1, prefix.size + ceiling - n, other_prefix.size + ceiling - m):
                continue
            p, q = ranks[x], ranks[y]
            is_wanted = present[q] and (changed[p] or changed[q]) and p != q
            if scopes.size:
                is_wanted &= scopes[p] == scopes[q]
            if is_wanted and _may_be_similar(prefix, n, other_prefix, m, required):
                out[n_pairs] = uint64(max(p, q)) << _HALF | uint64(min(p, q))
                n_pairs += 1
    return n_pairs, cursor


def _joins(
    prefixes: Prefixes, groups: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the numbers of documents to index, and of the queries to look up in the index.

    Without groups both are the same documents. At most MAX_INDEXED_SHINGLES are indexed at a time.
    """
    every, lengths = np.arange(len(prefixes.ranks)), prefixes.ends - prefixes.begins
    joins = [(every, every)]
    if len(groups):
        group = np.searchsorted(groups, prefixes.ranks, side="right")
        joins = [(every[group == g], every[group > g]) for g in np.unique(group)[:-1]]
    for indexed, queries in joins:
        block = np.cumsum(lengths[indexed]) // MAX_INDEXED_SHINGLES
        for block_documents in np.split(indexed, np.flatnonzero(np.diff(block)) + 1):
            # in a self-join, documents before the block have matched it already
            start = np.searchsorted(queries, block_documents[0]) if indexed is queries else 0
            yield block_documents, queries[start:]


def large_bucket_pairs(
    documents: RankedDocuments,
    ranks: NDArray[np.int64],
    wanted: PairFilter,
    *,
    min_similarity: NDArray[np.float64],
    matches: NDArray[np.int64] | None = None,
) -> Iterator[NDArray[np.uint64]]:
    """Yield the wanted pairs of these documents that may reach `min_similarity[0]`, each once.

    Documents of one group never meet. While this runs, documents may cease to be present and
    `min_similarity[0]` may rise. The matches are added to matches[SPENT]; the search stops when
    they reach matches[BUDGET].
    """
    if len(ranks) < 2:
        return
    prefixes = make_prefixes(documents, ranks, float(min_similarity[0]))
    matches = np.array([0, UNLIMITED_MATCHES]) if matches is None else matches
    spans = np.empty((int((prefixes.ends - prefixes.begins).max()), 2), np.int64)
    for indexed, queries in _joins(prefixes, wanted.groups):
        index = build_index(prefixes, indexed)
        join = _Join(prefixes, documents.scopes, indexed, queries, index)
        shared, matched = np.zeros(len(indexed), np.int32), np.empty(len(indexed), np.int64)
        buffers = _Buffers(spans, shared, matched)
        out, cursor = np.empty(PAIRS_PER_BATCH + len(indexed), np.uint64), 0
        while cursor < len(queries) and matches[SPENT] < matches[BUDGET]:
            count, cursor = _probe(*(join, wanted, min_similarity, buffers, matches, cursor, out))
            yield out[:count].copy()
