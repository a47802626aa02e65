"""The first shingles of texts in a crowd, the rarest first: what its exact filter looks at.

What stands for a shingle is 32 bits of how rare it is in the crowd and of its hash. Texts are read
in tasks of bounded size, and where the first shingles are many they lie in a file: long texts have
thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import TEXT
from corpus.observations import Fetch
from corpus.similarity.jaccard import shingle_sets
from corpus.similarity.ranked_documents import Ranked, numbers

COUNTERS = 1 << 20
"""Counters of shingles, told apart by the upper bits of their hash (4 MB)."""

TASK_BYTES = 32 << 20
"""About what texts and shingles of a task take; a larger text is its own task."""

HELD = 1 << 26
"""First shingles (256 MB) that are held in memory; more lie in a file."""

SLACK = 1e-6
"""What a product of a threshold and a size may be off by."""

_SHIFT, _HALF = np.uint64(44), np.uint64(32)

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
    first = _count_first(sizes, threshold)
    keys = classes[sets >> _SHIFT].astype(np.uint64) << np.uint64(24)
    keys |= sets & np.uint64(0xFFFFFF)
    owner = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
    keys = np.sort(owner << _HALF | keys)
    place = np.arange(len(keys)) - np.repeat(starts[:-1], sizes)
    return sizes, first, keys[place < np.repeat(first, sizes)].astype(np.uint32)


def _tasks(
    documents: Ranked, ranks: NDArray[np.int64]
) -> Iterator[tuple[Place, NDArray[np.int64]]]:
    """Yield the places of these documents, and their ranks, in tasks of bounded size."""
    for part, rows, these in documents.by_part(ranks):
        task = np.cumsum(documents.sizes[these]) // TASK_BYTES
        for some in np.split(np.arange(len(these)), np.flatnonzero(np.diff(task)) + 1):
            yield (part, rows[some]), these[some]


def _count_first(sizes: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """Return how many shingles of texts of so many come first; more of more."""
    return np.minimum(sizes, sizes - np.ceil(threshold * sizes - SLACK).astype(np.int64) + 1)


class FirstShingles(NamedTuple):
    """The first shingles of a crowd, whose documents are numbered by size."""

    ranks: NDArray[np.int64]
    sizes: NDArray[np.int64]
    held: NDArray[np.uint32]
    begins: NDArray[np.int64]
    """int64[n_documents]: where those of each begin in `held`."""

    ends: NDArray[np.int64]


def first_shingles(documents: Ranked, ranks: NDArray[np.int64], threshold: float) -> FirstShingles:
    """Return the first shingles of the documents: a few bytes of memory for each, however long.

    Many of them are held in a file, for which their number has to be known beforehand: what was
    observed counts repeated shingles again, so there may be room left.
    """
    fetch, words = documents.corpus.fetch, documents.observed.words
    counts = np.zeros(COUNTERS, np.uint64)
    places = (place for place, _ in _tasks(documents, ranks))
    for some in documents.corpus.map(partial(tally, fetch=fetch, words=words), places):
        counts += some
    most = numbers(documents.corpus.column(documents.observed.shingles))[documents.rows[ranks]]
    room = int(_count_first(most, threshold).sum())
    held = np.empty(room, np.uint32)
    if room > HELD:
        held = documents.corpus.allocate(room // 2 + 1).view(np.uint32)
    ask = partial(prefixes, fetch=fetch, words=words, threshold=threshold, classes=rarity(counts))
    places = (place for place, _ in _tasks(documents, ranks))
    sizes, first, at = [], [], 0
    for these, count, keys in documents.corpus.map(ask, places):
        held[at : at + len(keys)] = keys
        at += len(keys)
        sizes.append(these)
        first.append(count)
    every = np.concatenate([these for _, these in _tasks(documents, ranks)])
    size, end = np.concatenate(sizes), np.cumsum(np.concatenate(first))
    order = np.lexsort((every, size))
    begins = (end - np.concatenate(first))[order]
    return FirstShingles(every[order], size[order], held[:at], begins, end[order])
