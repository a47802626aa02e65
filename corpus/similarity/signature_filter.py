"""How many hashes the signatures of candidate pairs agree in: who cannot be near is not read.

Signatures of many documents do not fit the memory, and those of a batch of pairs lie anywhere in
their files. So they are read in the order they lie, for as many pairs at a time as can be held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import earlier, later
from corpus.similarity.ranked_documents import Ranked, distinct

# isort: split
from corpus.kernels import njit

CHECKED = 1 << 20
"""Pairs that are gathered, so that the files of signatures are seldom walked through."""

HELD = 1 << 29
"""Bytes of signatures that are held at a time: those of 1,048,576 pairs with 128 hashes."""


def gathered(pairs: Iterable[NDArray[np.uint64]]) -> Iterator[NDArray[np.uint64]]:
    """Yield the pairs in batches of about `CHECKED`, each pair once in its batch."""
    held: list[NDArray[np.uint64]] = []
    for some in pairs:
        held.append(some)
        if sum(map(len, held)) >= CHECKED:
            held = [distinct(np.concatenate(held))]
            if 2 * len(held[0]) > CHECKED:
                yield held.pop()
    if held:
        yield distinct(np.concatenate(held))


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


def agreements(documents: Ranked, pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many hashes the signatures of each pair agree in."""
    same = np.empty(len(pairs), np.int64)
    step = max(1, HELD // (4 * documents.observed.hashes))  # two signatures of uint16 a pair
    for start in range(0, len(pairs), step):
        some = pairs[start : start + step]
        both = np.concatenate([earlier(some), later(some)])
        ranks, place = np.unique(both, return_inverse=True)
        into, n = same[start : start + step], len(some)
        _agreements(documents.signatures(ranks), place[:n], place[n:], into)
    return same


def agreeing(documents: Ranked, pairs: NDArray[np.uint64], *, fewest: int) -> NDArray[np.uint64]:
    """Return those of the pairs whose signatures agree in `fewest` hashes or more."""
    return pairs[agreements(documents, pairs) >= fewest]
