"""Signature filter: skip candidate pairs whose signatures agree in too few hashes.

The signatures of many documents do not fit in memory, and those of one batch of pairs are spread
over all their files. So they are read in file order, for as many pairs at a time as fit in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.candidates import earlier, later
from corpus.similarity.ranked_documents import RankedDocuments, distinct

# isort: split
from corpus.kernels import njit_without_allocation

PAIRS_PER_BATCH = 1 << 20
"""Pairs collected before their signatures are read, so that the files are read seldom."""

MAX_SIGNATURE_BYTES = 1 << 29
"""Bytes of signatures in memory at a time: those of 1,048,576 pairs with 128 hashes."""

MIN_SIGNATURE_BYTES = 1 << 26
SIGNATURE_BYTES_PER_DOCUMENT = 16
"""A smaller corpus has fewer signatures in memory at a time: its files are in the system's cache,
where reading them more often costs little."""


def batched(batches: Iterable[NDArray[np.uint64]]) -> Iterator[NDArray[np.uint64]]:
    """Yield the pairs in batches of about `PAIRS_PER_BATCH`, each pair once per batch."""
    collected: list[NDArray[np.uint64]] = []
    for pairs in batches:
        collected.append(pairs)
        if sum(map(len, collected)) >= PAIRS_PER_BATCH:
            collected = [distinct(np.concatenate(collected))]
            if 2 * len(collected[0]) > PAIRS_PER_BATCH:
                yield collected.pop()
    if collected:
        yield distinct(np.concatenate(collected))


@njit_without_allocation
def _count_agreements(
    signatures: NDArray[np.uint16],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Count the hashes in which the signatures of each pair agree."""
    for k in range(left.size):
        count = 0
        for j in range(signatures.shape[1]):
            count += signatures[left[k], j] == signatures[right[k], j]
        out[k] = count


def agreements(documents: RankedDocuments, pairs: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of hashes in which the signatures of each pair agree: int64[n_pairs]."""
    counts = np.empty(len(pairs), np.int64)
    # a pair has two signatures of two bytes per hash
    wanted = max(MIN_SIGNATURE_BYTES, SIGNATURE_BYTES_PER_DOCUMENT * len(documents))
    step = max(1, min(MAX_SIGNATURE_BYTES, wanted) // (4 * documents.observed.hashes))
    for start in range(0, len(pairs), step):
        batch = pairs[start : start + step]
        both = documents.rows[np.concatenate([earlier(batch), later(batch)])]
        rows, position = np.unique(both, return_inverse=True)
        left, right = position[: len(batch)], position[len(batch) :]
        _count_agreements(documents.signatures(rows), left, right, counts[start : start + step])
    return counts


def signature_filter(
    documents: RankedDocuments, pairs: NDArray[np.uint64], *, min_agreements: int
) -> NDArray[np.uint64]:
    """Return the pairs whose signatures agree in at least `min_agreements` hashes."""
    return pairs[agreements(documents, pairs) >= min_agreements]
