"""Large buckets: which pairs are proposed, and how many matches that takes."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from corpus.observations import in_memory
from corpus.similarity import greedy, large_buckets
from corpus.similarity.bands import Bands
from corpus.similarity.candidates import PairFilter
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import RankedDocuments
from corpus.words.definition import jaccard, shingles


def pool(count, *, sentences=100, taken=60):
    """Return texts of `taken` sentences each, in their order, drawn from the same pool."""
    draw = random.Random(3)
    every = [" ".join(f"w{draw.randrange(3000)}" for _ in range(10)) for _ in range(sentences)]
    return [
        " ".join(every[k] for k in sorted(draw.sample(range(sentences), taken)))
        for _ in range(count)
    ]


def ranked(batch):
    """Return the documents of a batch, ranked in the order given."""
    observed = Signatures()
    return RankedDocuments(in_memory(batch, [observed]), observed, np.arange(batch.num_rows))


def proposed(ranked, *, threshold, groups=greedy.NO_GROUPS, budget=large_buckets.UNLIMITED_MATCHES):
    """Return the pairs proposed for one bucket of all these documents, and the matches."""
    everything, matches = np.ones(len(ranked), np.bool_), np.array([0, budget])
    batches = large_buckets.large_bucket_pairs(
        *(ranked, np.arange(len(ranked)), PairFilter(everything, everything, groups)),
        min_similarity=np.array([threshold]),
        matches=matches,
    )
    pairs = np.concatenate([np.zeros(0, np.uint64), *batches]).tolist()
    return [(pair & 0xFFFFFFFF, pair >> 32) for pair in pairs], int(matches[0])


@pytest.mark.parametrize("indexed", [1 << 24, 3000])
def test_texts_from_one_pool_lose_no_similar_pair(documents, monkeypatch, indexed):
    """Every similar pair is proposed once, even where prefixes are extended."""
    monkeypatch.setattr(large_buckets, "MAX_INDEXED_SHINGLES", indexed)
    texts = pool(150, sentences=30, taken=20)
    texts += [f"{text} {k}" for k, text in enumerate(texts[:9])] + [t[:-40] for t in texts[9:20]]
    sets = [shingles(text) for text in texts]
    similar = {
        (a, b) for a, b in combinations(range(len(texts)), 2) if jaccard(sets[a], sets[b]) >= 0.7
    }
    pairs, _ = proposed(ranked(documents(*texts)), threshold=0.7)
    assert len(pairs) == len(set(pairs))
    assert similar <= set(pairs)
    assert len(similar) > 20


def test_texts_from_one_pool_meet_a_few_times_and_are_hardly_proposed(documents):
    """Two texts with common sentences meet a few times, and almost no pair is proposed."""
    texts = pool(1200)
    pairs, matches = proposed(ranked(documents(*texts)), threshold=0.8)
    assert matches < 12 * len(texts) * len(texts) / 2
    assert len(pairs) < 10


def test_documents_of_one_group_never_meet(documents):
    """Two documents of one group never meet: only the few held-out ones meet the others."""
    texts = ranked(documents(*pool(600)))
    every, many = proposed(texts, threshold=0.5)
    held_out, few = proposed(texts, threshold=0.5, groups=np.array([0, 6]))
    assert 6 < few < many / 20
    assert set(held_out) <= {(a, b) for a, b in every if a < 6 <= b}
    both, _ = proposed(texts, threshold=0.5, groups=np.array([0, 6, 300]))
    assert set(both) <= {(a, b) for a, b in every if a < 6 <= b or a < 300 <= b}
    assert set(held_out) < set(both)


@pytest.mark.parametrize("groups", [[0], [0, 0, 0], [0, 200], [0, 200, 200], [0, 0, 200]])
def test_documents_of_a_single_group_are_not_compared(documents, monkeypatch, groups):
    """If all documents are in one group there is no pair, so no bucket is examined."""
    monkeypatch.setattr(greedy, "band_pairs", forbidden)
    texts = ranked(documents(*pool(200, sentences=20, taken=15)))
    options = {"threshold": 0.5, "shape": Bands(64, 2), "measure_remaining": True}
    resolution = greedy.resolve_duplicates(texts, groups=np.array(groups), **options)
    assert (resolution.duplicate_of < 0).all()
    assert (resolution.compared, resolution.highest_remaining) == (0, 0.0)


def forbidden(*_, **__):
    """Fail: this function must not be called."""
    raise AssertionError


def test_prefixes_are_as_long_as_the_threshold_requires(documents, monkeypatch):
    """Large buckets are searched at the threshold, not below it."""
    searched = []

    def record(*arguments, min_similarity):
        searched.append(float(min_similarity[0]))
        return large_buckets.large_bucket_pairs(*arguments, min_similarity=min_similarity)

    monkeypatch.setattr(greedy, "large_bucket_pairs", record)
    texts = pool(100, sentences=20, taken=17)
    greedy.resolve_duplicates(ranked(documents(*texts)), threshold=0.8, shape=Bands(25, 5))
    assert searched
    assert set(searched) == {0.8}


def test_an_exhausted_budget_ends_the_search(documents):
    """When the matches reach their budget, no more pairs are proposed."""
    texts = ranked(documents(*pool(300, sentences=20, taken=15)))
    every, matches = proposed(texts, threshold=0.5)
    part, spent = proposed(texts, threshold=0.5, budget=matches // 3)
    assert matches // 3 <= spent < matches // 2
    assert 0 < len(part) < len(every)
    assert set(part) < set(every)
