"""Which texts are inside another one: candidates by sampled shingles, then the exact share.

Of every text the same shingles are sampled, by their hash (Broder, "On the resemblance and
containment of documents", 1997). What is inside another shares its sample with it. The few least
hashes of a text's sample ask; the longest texts that have one of them answer. What many texts
share, the boilerplate of a site, would be answered by the wrong ones: so the few rarest ask as well,
of those that some other text has.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, floor

import numpy as np
from numpy.typing import NDArray

from corpus.observations import CorpusView
from corpus.similarity.observations import Sample
from corpus.similarity.ranked_documents import distinct

ASKED = 4
"""Sampled shingles of a text that ask for the texts it may be inside: so many by hash, the same
ones in every text, and so many by how few texts have them."""

COUNTERS = 1 << 22
"""Counters of sampled shingles (32 MB), told apart by the lower bits of their hash."""

LONGEST = 16
"""Texts with a shingle, the longest ones, that answer."""

ENTRIES = 1 << 25
"""Sampled shingles that are sorted at a time (512 MB)."""

TOLD = 1 << 15
"""Askers whose pairs are told at a time, each of them with up to `LONGEST` (4 MB)."""

_HALF = np.uint64(32)

SIZES = (50, 100, 200, 400)
"""Shingles of a text, where recall is told."""


def recall(shingles: int, share: float, *, one_in: int = 16) -> float:
    """Return the probability that a text that is inside another with this share of it is asked for.

    Its sample is missed if it is empty, or if none of the few hashes that ask is in the longer
    text; where more than `LONGEST` texts have one, the longest of them answer.
    """
    missed, more = 0.0, 1.0
    for sampled in range(ASKED):
        chance = comb(shingles, sampled) * (one_in - 1) ** (shingles - sampled) / one_in**shingles
        missed += chance * (1 - share) ** sampled
        more -= chance
    return 1.0 - missed - more * (1 - share) ** ASKED


def recalls(share: float, *, one_in: int = 16) -> dict[str, float]:
    """Return the recall by the number of shingles, rounded down."""
    return {str(n): floor(1e4 * recall(n, share, one_in=one_in)) / 1e4 for n in SIZES}


def _sampled(
    corpus: CorpusView, observed: Sample, ranks: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Yield for each part the sampled hashes, text by text, rising, and the rank of their text."""
    for part, start in zip(corpus.parts, corpus.starts[:-1].tolist(), strict=True):
        column = part.column(observed.sample)
        ends = column.offsets.to_numpy().astype(np.int64)
        found = column.values.to_numpy()[ends[0] : ends[-1]]
        owner = ranks[start + np.repeat(np.arange(part.num_rows), np.diff(ends))]
        yield found[owner >= 0], owner[owner >= 0]


def _counts(corpus: CorpusView, observed: Sample, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many texts have a sampled shingle of each counter, or a few more."""
    counts = np.zeros(COUNTERS, np.int64)
    for found, _ in _sampled(corpus, observed, ranks):
        np.add.at(counts, found % np.uint64(COUNTERS), 1)
    return counts


def _places(owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each entry among those of its text, which stand side by side."""
    fresh = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
    return np.arange(len(owner)) - np.flatnonzero(fresh)[np.cumsum(fresh) - 1]


def _asks(
    found: NDArray[np.uint64], owner: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which sampled hashes ask: the least of each text, and the rarest that it shares."""
    asks = _places(owner) < ASKED
    count = counts[found % np.uint64(COUNTERS)]
    shared = np.flatnonzero(count > 1)  # in no other text, and it can tell of none
    shared = shared[np.lexsort((found[shared], count[shared], owner[shared]))]
    asks[shared[_places(owner[shared]) < ASKED]] = True
    return asks


def _entries(
    corpus: CorpusView,
    observed: Sample,
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    turn: int,
    turns: int,
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the sampled hashes of this turn, the rank of their text, and whether they ask."""
    hashes, owners, asking = [], [], []
    for found, owner in _sampled(corpus, observed, ranks):
        mine = found % np.uint64(turns) == turn
        hashes.append(found[mine])
        owners.append(owner[mine])
        asking.append(_asks(found, owner, counts)[mine])
    if not hashes:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    return np.concatenate(hashes), np.concatenate(owners), np.concatenate(asking)


def _answered(
    owners: NDArray[np.int64],
    first: NDArray[np.int64],
    place: NDArray[np.int64],
    asks: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Return each pair of the texts at these entries with the longest that have the same hash."""
    found = [np.zeros(0, np.uint64)]
    for k in range(LONGEST):
        some = asks[place[asks] > k]
        longer = owners[first[some] + k].astype(np.uint64)
        found.append(owners[some].astype(np.uint64) << _HALF | longer)
    return distinct(np.concatenate(found))


def inside_pairs(
    corpus: CorpusView, observed: Sample, ranks: NDArray[np.int64]
) -> Iterator[NDArray[np.uint64]]:
    """Yield pairs of ranks, `shorter << 32 | longer`, of which one may be inside the other.

    Each pair comes once for each turn that sampled shingles are sorted in, and few at a time.
    `ranks` has the rank of each row, the longest text first, -1 for one that does not count.
    """
    sampled = sum(len(part.column(observed.sample).values) for part in corpus.parts)
    turns, counts = sampled // ENTRIES + 1, _counts(corpus, observed, ranks)
    for turn in range(turns):
        hashes, owners, asking = _entries(corpus, observed, ranks, counts, turn, turns)
        order = np.lexsort((owners, hashes))
        hashes, owners, asking = hashes[order], owners[order], asking[order]
        fresh = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
        first = np.flatnonzero(fresh)[np.cumsum(fresh) - 1]
        place = np.arange(len(hashes)) - first
        asks = np.flatnonzero(asking & (place > 0))
        asks = asks[np.argsort(owners[asks], kind="stable")]
        # all that a text asks for is told at once
        cuts = np.searchsorted(owners[asks], owners[asks[TOLD::TOLD]])
        for some in np.split(asks, cuts):
            yield _answered(owners, first, place, some)
