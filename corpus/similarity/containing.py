"""Which texts are inside another one: candidates by sampled shingles, then the exact share.

Of every text the same shingles are sampled, by their hash (Broder, "On the resemblance and
containment of documents", 1997). What is inside another shares its sample with it. The few least
hashes of a text's sample ask; the longest texts that have one of them answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, floor

import numpy as np
from numpy.typing import NDArray

from corpus.similarity.observations import Sample
from corpus.similarity.ranked import distinct
from corpus.stages.observed import Observed

ASKED = 4
"""Sampled shingles of a text that ask for the texts it may be inside."""

LONGEST = 16
"""Texts with a shingle, the longest ones, that answer."""

ENTRIES = 1 << 25
"""Sampled shingles that are sorted at a time (512 MB)."""

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


def _entries(
    corpus: Observed, observed: Sample, ranks: NDArray[np.int64], turn: int, turns: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the sampled hashes of this turn, the rank of their text, and whether they ask."""
    hashes, owners, asking = [], [], []
    for part, start in zip(corpus.parts, corpus.starts[:-1].tolist(), strict=True):
        column = part.column(observed.sample)
        ends = column.offsets.to_numpy().astype(np.int64)
        found = column.values.to_numpy()[ends[0] : ends[-1]]
        ends = ends - ends[0]
        of_text = np.repeat(np.arange(part.num_rows), np.diff(ends))
        place = np.arange(len(found)) - ends[of_text]
        owner = ranks[start + of_text]
        mine = (owner >= 0) & (found % np.uint64(turns) == turn)
        hashes.append(found[mine])
        owners.append(owner[mine])
        asking.append(place[mine] < ASKED)
    if not hashes:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    return np.concatenate(hashes), np.concatenate(owners), np.concatenate(asking)


def inside_pairs(
    corpus: Observed, observed: Sample, ranks: NDArray[np.int64]
) -> Iterator[NDArray[np.uint64]]:
    """Yield pairs of ranks, `shorter << 32 | longer`, of which one may be inside the other.

    `ranks` has the rank of each row, the longest text first, -1 for one that does not count.
    """
    sampled = sum(len(part.column(observed.sample).values) for part in corpus.parts)
    turns = sampled // ENTRIES + 1
    for turn in range(turns):
        hashes, owners, asking = _entries(corpus, observed, ranks, turn, turns)
        order = np.lexsort((owners, hashes))
        hashes, owners, asking = hashes[order], owners[order], asking[order]
        fresh = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
        first = np.flatnonzero(fresh)[np.cumsum(fresh) - 1]
        place = np.arange(len(hashes)) - first
        found = [np.zeros(0, np.uint64)]
        for k in range(LONGEST):
            asks = asking & (place > k)
            found.append(
                owners[asks].astype(np.uint64) << _HALF | owners[first[asks] + k].astype(np.uint64)
            )
        yield distinct(np.concatenate(found))
