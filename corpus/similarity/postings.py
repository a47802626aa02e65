"""Which documents of a crowd have a shingle: an index of their first shingles, looked up by hash.

Two shingles that are looked up in the same place are taken for one: a document is met too often
then, never too seldom.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.prefix_filter import SLACK

# isort: split
from numba import int64, uint32, uint64

from corpus.kernels import njit

_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit
def _bucket(key: int, bits: int) -> int:
    """Return where a shingle is looked up."""
    return int64((uint64(key) * _MIX) >> uint64(64 - bits))


@njit
def index(
    prefix: NDArray[np.uint32],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    few: NDArray[np.int64],
    bits: int,
    starts: NDArray[np.uint32],
    posted: NDArray[np.uint32],
) -> None:
    """Write the places in `few` of the documents of each bucket to `posted`, rising.

    Those of bucket b are then posted[starts[b] : starts[b + 1]]; `starts` is two longer than there
    are buckets.
    """
    for a in range(few.size):
        for k in range(begins[few[a]], ends[few[a]]):
            starts[_bucket(prefix[k], bits) + 2] += uint32(1)
    for b in range(2, starts.size):
        starts[b] += starts[b - 1]
    for a in range(few.size):
        for k in range(begins[few[a]], ends[few[a]]):
            b = _bucket(prefix[k], bits) + 1
            posted[starts[b]] = a
            starts[b] += uint32(1)


@njit
def at_least(values: NDArray[Any], i: int, end: int, least: float) -> int:
    """Return the first place of `values`, rising from `i` to `end`, that is so much."""
    while i < end:
        middle = (i + end) >> 1
        if values[middle] < least:
            i = middle + 1
        else:
            end = middle
    return i


@njit
def spans_of(
    shingles: NDArray[np.uint32],
    n: int,
    sizes: NDArray[np.int64],
    first: int,
    last: int,
    starts: NDArray[np.uint32],
    posted: NDArray[np.uint32],
    bits: int,
    threshold: float,
    extra: int,
    spans: NDArray[np.int64],
) -> tuple[int, int]:
    """Write where in `posted` those stand that each of the first shingles meets.

    Return how many shingles meet any, and how often.
    Of the documents from `first` to `last`, whose sizes rise, a shingle is to meet those that could
    be near if all before it but `extra` were in none of them.
    """
    met = 0
    for i in range(shingles.size):
        most = (n - i + extra + 2 * SLACK) * (1 + threshold) / threshold - n
        last = at_least(sizes, first, last, most + 1)
        if first == last:
            return i, met
        b = _bucket(shingles[i], bits)
        start, end = int64(starts[b]), int64(starts[b + 1])
        spans[i, 0] = at_least(posted, start, end, first)
        spans[i, 1] = at_least(posted, spans[i, 0], end, last)
        met += spans[i, 1] - spans[i, 0]
    return shingles.size, met
