"""Exact Jaccard similarity of candidate pairs, in tasks of bounded memory, spread over workers."""

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
from corpus.similarity.ranked_documents import RankedDocuments, distinct

# isort: split
from corpus.kernels import njit

Scores = NDArray[np.float64]
Measure = Callable[
    [NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]], Scores
]
"""(sets, starts, left, right) -> the score of each pair left[k], right[k]: see `jaccards`."""

TASK_BYTES = 64 << 20
"""Approximate maximum memory of a task's texts and shingles. A larger pair is a task of its own."""


@dataclass(frozen=True)
class ComparisonTask:
    """Which documents to read, and which pairs of them to compare."""

    rows: tuple[tuple[int, NDArray[np.int64]], ...]
    """(part, rows in it, ascending). `left` and `right` number these documents from 0."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]


def compare(task: ComparisonTask, *, fetch: Fetch, words: int, measure: Measure) -> Scores:
    """Return the exact score of each pair of a task: float64[n_pairs]."""
    chunks = [fetch(part, rows, [TEXT]).column(TEXT) for part, rows in task.rows]
    sets, starts = shingle_sets(pa.chunked_array(chunks), words=words)
    return measure(sets, starts, task.left, task.right)


@njit
def _task_starts(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    sizes: NDArray[np.int64],
    max_size: int,
    out: NDArray[np.int64],
) -> int:
    """Write the first pair of each task to `out`; return the number of tasks.

    A document that is in several pairs of a task counts once.
    """
    last_task = np.zeros(sizes.size, np.int64)  # of each document, numbered from 1
    tasks, size = 0, 0
    for k in range(left.size):
        added = 0
        if last_task[left[k]] != tasks:
            added += sizes[left[k]]
        if last_task[right[k]] != tasks:
            added += sizes[right[k]]
        if tasks == 0 or size + added > max_size:
            out[tasks] = k
            tasks += 1
            size, added = 0, sizes[left[k]] + sizes[right[k]]
        last_task[left[k]] = last_task[right[k]] = tasks
        size += added
    return tasks


def _tasks(
    documents: RankedDocuments, pairs: NDArray[np.uint64], ranks: NDArray[np.int64]
) -> Iterator[ComparisonTask]:
    """Divide pairs into tasks, in order; `ranks` are all their documents, ascending."""
    left = np.searchsorted(ranks, earlier(pairs))
    right = np.searchsorted(ranks, later(pairs))
    starts = np.empty(len(pairs) + 1, np.int64)
    count = _task_starts(left, right, documents.sizes(ranks), TASK_BYTES, starts)
    starts[count] = len(pairs)
    for begin, end in zip(starts[:count].tolist(), starts[1 : count + 1].tolist(), strict=True):
        earlier_ranks, later_ranks = earlier(pairs[begin:end]), later(pairs[begin:end])
        by_part = list(documents.by_part(distinct(np.concatenate([earlier_ranks, later_ranks]))))
        order = np.concatenate([ranks_in_part for _, _, ranks_in_part in by_part])
        ranking = np.argsort(order)
        yield ComparisonTask(
            tuple((part, rows) for part, rows, _ in by_part),
            ranking[np.searchsorted(order[ranking], earlier_ranks)],
            ranking[np.searchsorted(order[ranking], later_ranks)],
        )


def similarities(
    documents: RankedDocuments, pairs: NDArray[np.uint64], *, measure: Measure = jaccards
) -> Scores:
    """Return the exact score of each pair of ranks (distinct): the Jaccard similarity by default.

    Pairs are compared cluster by cluster (by the first document that both are paired with, then by
    the later one), so that few texts are read twice.
    """
    if len(pairs) == 0:
        return np.zeros(0, np.float64)
    earlier_ranks, later_ranks = earlier(pairs), later(pairs)
    ranks = distinct(np.concatenate([earlier_ranks, later_ranks]))
    first = ranks.copy()
    np.minimum.at(first, np.searchsorted(ranks, later_ranks), earlier_ranks)
    order = np.lexsort((pairs, first[np.searchsorted(ranks, earlier_ranks)]))
    task = partial(
        compare,
        fetch=documents.corpus.fetch,
        words=documents.observed.words,
        measure=measure,
    )
    scores = list(documents.corpus.map(task, _tasks(documents, pairs[order], ranks)))
    out = np.empty(len(pairs), np.float64)
    out[order] = np.concatenate(scores)
    return out
