"""Crowds: which pairs are proposed, and how often texts meet until then."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from corpus.observations import in_memory
from corpus.similarity import greedy, large_buckets
from corpus.similarity.bands import Bands
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import Ranked
from corpus.words.definition import jaccard, shingles


def pool(count, *, sentences=100, taken=60):
    """Return texts of so many sentences each, in their order, out of the same ones."""
    draw = random.Random(3)
    every = [" ".join(f"w{draw.randrange(3000)}" for _ in range(10)) for _ in range(sentences)]
    return [
        " ".join(every[k] for k in sorted(draw.sample(range(sentences), taken)))
        for _ in range(count)
    ]


def ranked(batch):
    """Return the documents of a batch, ranked as they stand."""
    observed = Signatures()
    return Ranked(in_memory(batch, [observed]), observed, np.arange(batch.num_rows))


def proposed(some, *, threshold, groups=greedy.ALL, limit=large_buckets.UNBOUNDED):
    """Return the pairs that a crowd of all of these documents proposes, and how often two met."""
    everyone, work = np.ones(len(some), np.bool_), np.array([0, limit])
    found = large_buckets.crowd_pairs(
        *(some, np.arange(len(some)), everyone, everyone),
        least=np.array([threshold]),
        groups=groups,
        work=work,
    )
    pairs = np.concatenate([np.zeros(0, np.uint64), *found]).tolist()
    return [(pair & 0xFFFFFFFF, pair >> 32) for pair in pairs], int(work[0])


@pytest.mark.parametrize("posted", [1 << 24, 3000])
def test_texts_of_one_pool_lose_no_near_pair(documents, monkeypatch, posted):
    """Where texts must share more than one shingle to be read, all near pairs are read, once."""
    monkeypatch.setattr(large_buckets, "POSTINGS", posted)
    texts = pool(150, sentences=30, taken=20)
    texts += [f"{text} {k}" for k, text in enumerate(texts[:9])] + [t[:-40] for t in texts[9:20]]
    sets = [shingles(text) for text in texts]
    near = {
        (a, b) for a, b in combinations(range(len(texts)), 2) if jaccard(sets[a], sets[b]) >= 0.7
    }
    pairs, _ = proposed(ranked(documents(*texts)), threshold=0.7)
    assert len(pairs) == len(set(pairs))
    assert near <= set(pairs)
    assert len(near) > 20


def test_texts_of_one_pool_meet_a_few_times_and_are_not_read(documents):
    """Of sentences shared by all, two texts are counted a few times; hardly a pair is proposed."""
    texts = pool(1200)
    pairs, met = proposed(ranked(documents(*texts)), threshold=0.8)
    assert met < 12 * len(texts) * len(texts) / 2
    assert len(pairs) < 10


def test_documents_of_one_group_never_meet(documents):
    """Nothing is done for two of one group: the few held out meet the others, and these nobody."""
    some = ranked(documents(*pool(600)))
    every, many = proposed(some, threshold=0.5)
    held_out, few = proposed(some, threshold=0.5, groups=np.array([0, 6]))
    assert 6 < few < many / 20
    assert set(held_out) <= {(a, b) for a, b in every if a < 6 <= b}
    both, _ = proposed(some, threshold=0.5, groups=np.array([0, 6, 300]))
    assert set(both) <= {(a, b) for a, b in every if a < 6 <= b or a < 300 <= b}
    assert set(held_out) < set(both)


@pytest.mark.parametrize("groups", [[0], [0, 0, 0], [0, 200], [0, 200, 200], [0, 0, 200]])
def test_a_group_alone_is_not_read(documents, monkeypatch, groups):
    """Where all documents are of one group there is no pair: no crowd of them is looked at."""
    monkeypatch.setattr(greedy, "band_pairs", forbidden)
    some = ranked(documents(*pool(200, sentences=20, taken=15)))
    asked = {"threshold": 0.5, "shape": Bands(64, 2), "measured": True}
    found = greedy.settle(some, groups=np.array(groups), **asked)
    assert (found.near < 0).all()
    assert (found.compared, found.left) == (0, 0.0)


def forbidden(*_, **__):
    """Stand for what must not be called."""
    raise AssertionError


def test_a_crowd_is_read_at_the_threshold(documents, monkeypatch):
    """First shingles are as many as the threshold asks for: a figure is no reason for more."""
    asked = []

    def noted(*given, least, **options):
        asked.append(float(least[0]))
        return large_buckets.crowd_pairs(*given, least=least, **options)

    monkeypatch.setattr(greedy, "crowd_pairs", noted)
    texts = pool(100, sentences=20, taken=17)
    greedy.settle(ranked(documents(*texts)), threshold=0.8, shape=Bands(25, 5))
    assert asked
    assert set(asked) == {0.8}


def test_spent_work_ends_a_crowd(documents):
    """Where texts have met as often as they may, the rest is not looked for."""
    some = ranked(documents(*pool(300, sentences=20, taken=15)))
    every, met = proposed(some, threshold=0.5)
    part, spent = proposed(some, threshold=0.5, limit=met // 3)
    assert met // 3 <= spent < met // 2
    assert 0 < len(part) < len(every)
    assert set(part) < set(every)
