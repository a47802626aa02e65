"""Prefixes of texts in a large bucket (their first shingles, rarest first), and an index of them.

A shingle is represented by 32 bits: how rare it is in the bucket, and part of its hash. Texts are
read in tasks of bounded size. The prefixes of long texts have thousands of shingles. If there are
too many for memory, they are kept in a file.

The inverted index looks shingles up by hash. Two shingles with the same hash are treated as one, so
the index may return too many documents for a shingle, but never too few.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import TEXT
from corpus.observations import Fetch
from corpus.similarity.jaccard import shingle_sets
from corpus.similarity.ranked_documents import RankedDocuments, numbers

# isort: split
from numba import int64, uint32, uint64

from corpus.kernels import njit_without_allocation

N_COUNTERS = 1 << 20
"""Counters of shingles (4 MB), addressed by the upper bits of their hash."""

TASK_BYTES = 32 << 20
"""Approximate maximum memory of a task's texts and shingles; a larger text is its own task."""

MAX_SHINGLES_IN_MEMORY = 1 << 26
"""More prefix shingles than this (256 MB) are kept in a file."""

ROUNDING = 1e-6
"""Maximum rounding error of a product of a threshold and a size."""

_COUNTER_SHIFT, _HALF = np.uint64(44), np.uint64(32)
_MIX = np.uint64(0x9E3779B97F4A7C15)

PartRows = tuple[int, NDArray[np.int64]]
"""A part, and rows in it, ascending."""


class Prefixes(NamedTuple):
    """The prefixes of the texts in a large bucket, whose documents are numbered by size."""

    ranks: NDArray[np.int64]
    sizes: NDArray[np.int64]
    """int64[n_documents], ascending: the number of distinct shingles of each document."""

    shingles: NDArray[np.uint32]
    begins: NDArray[np.int64]
    """int64[n_documents]: where the prefix of each document begins in `shingles`."""

    ends: NDArray[np.int64]


class InvertedIndex(NamedTuple):
    """The documents whose prefix has a shingle: documents[starts[b] : starts[b + 1]] for slot b."""

    bits: int
    starts: NDArray[np.uint32]
    """uint32[n_slots + 2]."""

    documents: NDArray[np.uint32]
    """Positions among the indexed documents, ascending within a slot."""


class Query(NamedTuple):
    """A text whose similar texts are sought among the indexed documents from `first` to `last`."""

    prefix: NDArray[np.uint32]
    size: int
    first: int
    last: int
    threshold: float


def count_shingles(task: PartRows, *, fetch: Fetch, words: int) -> NDArray[np.uint32]:
    """Return how many of these documents have a shingle of each counter: uint32[N_COUNTERS]."""
    sets, _ = shingle_sets(pa.chunked_array([fetch(*task, [TEXT]).column(TEXT)]), words=words)
    counters = (sets >> _COUNTER_SHIFT).astype(np.int64)
    return np.bincount(counters, minlength=N_COUNTERS).astype(np.uint32)


def frequency_classes(counts: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return an 8-bit class for each counter, four classes per doubling; rare shingles are low."""
    return np.floor(4 * np.log2(np.maximum(counts, 1))).astype(np.uint32)


def read_prefixes(
    task: PartRows, *, fetch: Fetch, words: int, threshold: float, classes: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """Return the number of distinct shingles of each document, its prefix length, and the prefixes.

    The prefixes are concatenated: uint32, rarest first, `class << 24 | 24 bits of the hash`.
    """
    texts = fetch(*task, [TEXT]).column(TEXT)
    sets, starts = shingle_sets(pa.chunked_array([texts]), words=words)
    sizes = np.diff(starts)
    lengths = _prefix_lengths(sizes, threshold)
    keys = classes[sets >> _COUNTER_SHIFT].astype(np.uint64) << np.uint64(24)
    keys |= sets & np.uint64(0xFFFFFF)
    owner = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
    keys = np.sort(owner << _HALF | keys)
    position = np.arange(len(keys)) - np.repeat(starts[:-1], sizes)
    return sizes, lengths, keys[position < np.repeat(lengths, sizes)].astype(np.uint32)


def _tasks(
    documents: RankedDocuments, ranks: NDArray[np.int64]
) -> Iterator[tuple[PartRows, NDArray[np.int64]]]:
    """Yield the parts and rows of these documents, and their ranks, in tasks of bounded size."""
    for part, rows, ranks_in_part in documents.by_part(ranks):
        task = np.cumsum(documents.sizes(ranks_in_part)) // TASK_BYTES
        bounds = np.flatnonzero(np.diff(task)) + 1
        for chosen in np.split(np.arange(len(ranks_in_part)), bounds):
            yield (part, rows[chosen]), ranks_in_part[chosen]


def _prefix_lengths(sizes: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """Return the prefix length of texts of these sizes; it never falls as the size grows."""
    return np.minimum(sizes, sizes - np.ceil(threshold * sizes - ROUNDING).astype(np.int64) + 1)


def make_prefixes(
    documents: RankedDocuments, ranks: NDArray[np.int64], threshold: float
) -> Prefixes:
    """Return the prefixes of the documents, with a few bytes of memory for each, however long.

    The space in a file must be reserved beforehand. The observed number of shingles includes
    repeated ones, so some of that space may remain unused.
    """
    fetch, words = documents.corpus.fetch, documents.observed.words
    counts = np.zeros(N_COUNTERS, np.uint64)
    places = (place for place, _ in _tasks(documents, ranks))
    count = partial(count_shingles, fetch=fetch, words=words)
    for counts_of_task in documents.corpus.map(count, places):
        counts += counts_of_task
    observed = numbers(documents.corpus.column(documents.observed.shingles))
    capacity = int(_prefix_lengths(observed[documents.rows[ranks]], threshold).sum())
    shingles = np.empty(capacity, np.uint32)
    if capacity > MAX_SHINGLES_IN_MEMORY:
        shingles = documents.corpus.allocate(capacity // 2 + 1).view(np.uint32)
    classes = frequency_classes(counts)
    read = partial(read_prefixes, fetch=fetch, words=words, threshold=threshold, classes=classes)
    places = (place for place, _ in _tasks(documents, ranks))
    sizes, lengths, filled = [], [], 0
    for sizes_of_task, lengths_of_task, prefixes in documents.corpus.map(read, places):
        shingles[filled : filled + len(prefixes)] = prefixes
        filled += len(prefixes)
        sizes.append(sizes_of_task)
        lengths.append(lengths_of_task)
    ranks = np.concatenate([ranks_of_task for _, ranks_of_task in _tasks(documents, ranks)])
    size, end = np.concatenate(sizes), np.cumsum(np.concatenate(lengths))
    order = np.lexsort((ranks, size))
    begins = (end - np.concatenate(lengths))[order]
    return Prefixes(ranks[order], size[order], shingles[:filled], begins, end[order])


@njit_without_allocation
def _slot(shingle: int, bits: int) -> int:
    """Return the slot of the index that a shingle is in."""
    return int64((uint64(shingle) * _MIX) >> uint64(64 - bits))


@njit_without_allocation
def _fill_index(prefixes: Prefixes, indexed: NDArray[np.int64], index: InvertedIndex) -> None:
    """Fill in an index of the prefixes of the documents `indexed`; `index.starts` must be zero."""
    shingles, begins, ends = prefixes.shingles, prefixes.begins, prefixes.ends
    bits, starts, documents = index.bits, index.starts, index.documents
    for a in range(indexed.size):
        for k in range(begins[indexed[a]], ends[indexed[a]]):
            starts[_slot(shingles[k], bits) + 2] += uint32(1)
    for b in range(2, starts.size):
        starts[b] += starts[b - 1]
    for a in range(indexed.size):
        for k in range(begins[indexed[a]], ends[indexed[a]]):
            b = _slot(shingles[k], bits) + 1
            documents[starts[b]] = a
            starts[b] += uint32(1)


def build_index(prefixes: Prefixes, indexed: NDArray[np.int64]) -> InvertedIndex:
    """Return the index of the prefixes of these documents."""
    count = int((prefixes.ends - prefixes.begins)[indexed].sum())
    bits = count.bit_length()
    starts = np.zeros((1 << bits) + 2, np.uint32)
    index = InvertedIndex(bits, starts, np.empty(count, np.uint32))
    _fill_index(prefixes, indexed, index)
    return index


@njit_without_allocation
def first_at_least(values: NDArray[Any], i: int, end: int, minimum: float) -> int:
    """Return the first position in the ascending values[i:end] that is at least `minimum`."""
    while i < end:
        middle = (i + end) >> 1
        if values[middle] < minimum:
            i = middle + 1
        else:
            end = middle
    return i


@njit_without_allocation
def matching_spans(
    query: Query,
    sizes: NDArray[np.int64],
    index: InvertedIndex,
    extra: int,
    spans: NDArray[np.int64],
) -> tuple[int, int]:
    """Write for each prefix shingle the span of `index.documents` that has it and may be similar.

    Return how many shingles have a span, and the total length of the spans (the matches). A
    document is in the span of a shingle if its size still allows the threshold when all shingles
    before this one, except for `extra`, are missing in it. `sizes` are those of the indexed
    documents, ascending.
    """
    n, first, last, threshold = query.size, query.first, query.last, query.threshold
    matches = 0
    for i in range(query.prefix.size):
        max_size = (n - i + extra + 2 * ROUNDING) * (1 + threshold) / threshold - n
        last = first_at_least(sizes, first, last, max_size + 1)
        if first == last:
            return i, matches
        b = _slot(query.prefix[i], index.bits)
        start, end = int64(index.starts[b]), int64(index.starts[b + 1])
        spans[i, 0] = first_at_least(index.documents, start, end, first)
        spans[i, 1] = first_at_least(index.documents, spans[i, 0], end, last)
        matches += spans[i, 1] - spans[i, 0]
    return query.prefix.size, matches
