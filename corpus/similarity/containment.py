"""Candidates for containment: pairs of texts, one of which may be contained in the other.

The same shingles are sampled from every text, by their hash (Broder, "On the resemblance and
containment of documents", 1997), so a contained text shares its sample with the longer one. Each
text uses a few sampled shingles as queries, and the longest texts that have such a shingle are its
candidates. Its lowest hashes are queries. Shingles that many texts share, such as the boilerplate
of a site, would return the wrong candidates; so the rarest sampled shingles that at least one other
text has are queries, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.observations import CorpusView
from corpus.similarity.observations import ShingleSample
from corpus.similarity.ranked_documents import distinct

QUERIES_PER_ORDER = 4
"""Query shingles of a text in each of two orders: those of lowest hash, and the rarest."""

N_COUNTERS = 1 << 22
"""Counters of sampled shingles (32 MB), addressed by the lower bits of their hash."""

CANDIDATES_PER_QUERY = 16
"""Maximum number of texts returned for a query shingle: the longest ones."""

MAX_SORTED_SHINGLES = 1 << 25
"""Sampled shingles that are sorted at a time (512 MB)."""

QUERIES_PER_BATCH = 1 << 15
"""Queries whose pairs are returned at a time, up to `CANDIDATES_PER_QUERY` for each (4 MB)."""

_HALF = np.uint64(32)

RECALL_SIZES = (50, 100, 200, 400)
"""Numbers of shingles for which recall is reported."""


class _Entries(NamedTuple):
    """Sampled shingles: their hashes, the ranks of their texts, and whether they are queries."""

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]
    is_query: NDArray[np.bool_]


def recall(shingles: int, share: float, *, one_in: int = 16) -> float:
    """Return the probability that a contained text and the longer one become a candidate pair.

    `shingles` is the size of the contained text, `share` the share of them in the longer one. A
    pair is missed if the sample is empty or the longer text has none of the query shingles. If more
    than `CANDIDATES_PER_QUERY` texts have a query shingle, only the longest are candidates.
    """
    missed, more = 0.0, 1.0
    for sampled in range(QUERIES_PER_ORDER):
        chance = comb(shingles, sampled) * (one_in - 1) ** (shingles - sampled) / one_in**shingles
        missed += chance * (1 - share) ** sampled
        more -= chance
    return 1.0 - missed - more * (1 - share) ** QUERIES_PER_ORDER


def recall_by_size(share: float, *, one_in: int = 16) -> dict[str, float]:
    """Return the recall for texts of each of `RECALL_SIZES` shingles, rounded down."""
    return {str(n): floor(1e4 * recall(n, share, one_in=one_in)) / 1e4 for n in RECALL_SIZES}


def _sampled(
    corpus: CorpusView, observed: ShingleSample, ranks: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Yield for each part the sampled hashes, ascending within a text, and the texts' ranks."""
    for part, start in zip(corpus.parts, corpus.starts[:-1].tolist(), strict=True):
        column = part.column(observed.sample)
        ends = column.offsets.to_numpy().astype(np.int64)
        hashes = column.values.to_numpy()[ends[0] : ends[-1]]
        owner = ranks[start + np.repeat(np.arange(part.num_rows), np.diff(ends))]
        yield hashes[owner >= 0], owner[owner >= 0]


def _counts(
    corpus: CorpusView, observed: ShingleSample, ranks: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many texts have a sampled shingle of each counter: int64[N_COUNTERS].

    Shingles that share a counter are counted together.
    """
    counts = np.zeros(N_COUNTERS, np.int64)
    for hashes, _ in _sampled(corpus, observed, ranks):
        np.add.at(counts, hashes % np.uint64(N_COUNTERS), 1)
    return counts


def _positions(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of each entry among those of its text, which are adjacent."""
    is_first = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
    return np.arange(len(owner)) - np.flatnonzero(is_first)[np.cumsum(is_first) - 1]


def _queries(
    hashes: NDArray[np.uint64], owner: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which hashes are queries: the lowest of each text, and its rarest shared ones."""
    is_query = _positions(owner) < QUERIES_PER_ORDER
    count = counts[hashes % np.uint64(N_COUNTERS)]
    shared = np.flatnonzero(count > 1)  # a shingle of one text cannot lead to another
    shared = shared[np.lexsort((hashes[shared], count[shared], owner[shared]))]
    is_query[shared[_positions(owner[shared]) < QUERIES_PER_ORDER]] = True
    return is_query


def _entries(
    corpus: CorpusView,
    observed: ShingleSample,
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    turn: int,
    turns: int,
) -> _Entries:
    """Return the sampled hashes of this turn, sorted by hash, then by rank."""
    hashes, owners, queries = (
        [np.zeros(0, np.uint64)],
        [np.zeros(0, np.int64)],
        [np.zeros(0, np.bool_)],
    )
    for hashes_of_part, owner in _sampled(corpus, observed, ranks):
        in_turn = hashes_of_part % np.uint64(turns) == turn
        hashes.append(hashes_of_part[in_turn])
        owners.append(owner[in_turn])
        queries.append(_queries(hashes_of_part, owner, counts)[in_turn])
    hash, owner = np.concatenate(hashes), np.concatenate(owners)
    order = np.lexsort((owner, hash))
    return _Entries(hash[order], owner[order], np.concatenate(queries)[order])


def _query_pairs(
    owners: NDArray[np.int64],
    first: NDArray[np.int64],
    position: NDArray[np.int64],
    queries: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Return the pairs of each query's text with the longest texts that have the same hash."""
    pairs = [np.zeros(0, np.uint64)]
    for k in range(CANDIDATES_PER_QUERY):
        matched = queries[position[queries] > k]
        longer = owners[first[matched] + k].astype(np.uint64)
        pairs.append(owners[matched].astype(np.uint64) << _HALF | longer)
    return distinct(np.concatenate(pairs))


def containment_candidates(
    corpus: CorpusView, observed: ShingleSample, ranks: NDArray[np.int64]
) -> Iterator[NDArray[np.uint64]]:
    """Yield pairs of ranks, `shorter << 32 | longer`, whose shorter text may be in the longer one.

    `ranks` has the rank of each row, longest text first; -1 excludes a row. Sampled shingles are
    sorted in turns of bounded size, and a pair appears at most once per turn.
    """
    sampled = sum(len(part.column(observed.sample).values) for part in corpus.parts)
    turns, counts = sampled // MAX_SORTED_SHINGLES + 1, _counts(corpus, observed, ranks)
    for turn in range(turns):
        hashes, owners, is_query = _entries(corpus, observed, ranks, counts, turn, turns)
        is_first = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
        first = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
        position = np.arange(len(hashes)) - first
        queries = np.flatnonzero(is_query & (position > 0))
        queries = queries[np.argsort(owners[queries], kind="stable")]
        # all queries of a text are in one batch
        bounds = np.searchsorted(
            owners[queries], owners[queries[QUERIES_PER_BATCH::QUERIES_PER_BATCH]]
        )
        for batch in np.split(queries, bounds):
            yield _query_pairs(owners, first, position, batch)
