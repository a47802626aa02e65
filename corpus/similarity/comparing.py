"""The exact Jaccard of candidate pairs, in tasks of bounded memory, spread over the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.documents import TEXT
from corpus.observations import Fetch
from corpus.similarity.candidates import earlier, later
from corpus.similarity.jaccard import jaccards, shingle_sets
from corpus.similarity.ranked_documents import Ranked, distinct

# isort: split
from corpus.kernels import njit

Scores = NDArray[np.float64]
Measure = Callable[
    [NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], Scores
]
"""(sets, starts, left, right) -> how alike each left[k] and right[k] are; see `jaccard`."""

TASK_BYTES = 64 << 20
"""About what the texts and shingles of a task take; a pair of larger ones is its own task."""


@dataclass(frozen=True)
class Comparison:
    """One task: which documents to read, and which of them to compare."""

    rows: tuple[tuple[int, NDArray[np.int64]], ...]
    """(part, rows in it in rising order): the documents; `left` and `right` number them from 0."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]


def compare(task: Comparison, *, fetch: Fetch, words: int, measure: Measure) -> Scores:
    """Return how alike each pair of a task is, exactly: float64[n_pairs]."""
    found = [fetch(part, rows, [TEXT]).column(TEXT) for part, rows in task.rows]
    sets, starts = shingle_sets(pa.chunked_array(found), words=words)
    return measure(sets, starts, task.left, task.right)


@njit
def _cuts(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    sizes: NDArray[np.int64],
    most: int,
    out: NDArray[np.int64],
) -> int:
    """Write the first pair of each task to `out`; return how many tasks there are.

    A document counts once in a task, in however many of its pairs it is.
    """
    seen = np.zeros(sizes.size, np.int64)  # the number of the last task each one is in, from 1
    tasks, taken = 0, 0
    for k in range(left.size):
        more = 0
        if seen[left[k]] != tasks:
            more += sizes[left[k]]
        if seen[right[k]] != tasks:
            more += sizes[right[k]]
        if tasks == 0 or taken + more > most:
            out[tasks] = k
            tasks += 1
            taken, more = 0, sizes[left[k]] + sizes[right[k]]
        seen[left[k]] = seen[right[k]] = tasks
        taken += more
    return tasks


def _tasks(
    documents: Ranked, pairs: NDArray[np.uint64], ranks: NDArray[np.int64]
) -> Iterator[Comparison]:
    """Cut pairs, in the order given, into tasks; `ranks` are all the documents in them, rising."""
    left = np.searchsorted(ranks, earlier(pairs))
    right = np.searchsorted(ranks, later(pairs))
    cuts = np.empty(len(pairs) + 1, np.int64)
    count = _cuts(left, right, documents.sizes[ranks], TASK_BYTES, cuts)
    cuts[count] = len(pairs)
    for begin, end in zip(cuts[:count].tolist(), cuts[1 : count + 1].tolist(), strict=True):
        one, other = earlier(pairs[begin:end]), later(pairs[begin:end])
        found = list(documents.by_part(distinct(np.concatenate([one, other]))))
        order = np.concatenate([these for _, _, these in found])
        ranking = np.argsort(order)
        yield Comparison(
            tuple((part, rows) for part, rows, _ in found),
            ranking[np.searchsorted(order[ranking], one)],
            ranking[np.searchsorted(order[ranking], other)],
        )


def similarities(
    documents: Ranked, pairs: NDArray[np.uint64], *, measure: Measure = jaccards
) -> Scores:
    """Return the exact Jaccard of each pair of ranks (distinct), or what else measures it.

    Pairs are taken cluster by cluster (by the first document that both are paired with, then by the
    later one), so that few texts are read twice.
    """
    if len(pairs) == 0:
        return np.zeros(0, np.float64)
    one, other = earlier(pairs), later(pairs)
    ranks = distinct(np.concatenate([one, other]))
    first = ranks.copy()
    np.minimum.at(first, np.searchsorted(ranks, other), one)
    order = np.lexsort((pairs, first[np.searchsorted(ranks, one)]))
    task = partial(
        compare,
        fetch=documents.corpus.fetch,
        words=documents.observed.words,
        measure=measure,
    )
    found = list(documents.corpus.map(task, _tasks(documents, pairs[order], ranks)))
    out = np.empty(len(pairs), np.float64)
    out[order] = np.concatenate(found)
    return out
