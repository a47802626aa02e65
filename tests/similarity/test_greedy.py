"""Candidates, exact comparison, and who goes, against plain Python."""

from __future__ import annotations

import random
import tracemalloc
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import storage
from corpus.observations import in_memory
from corpus.similarity import (
    candidates,
    compared_pairs,
    comparing,
    greedy,
    large_buckets,
    prefix_filter,
    signature_filter,
)
from corpus.similarity.bands import Bands
from corpus.similarity.jaccard import jaccards, shingle_sets
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import Ranked, halves, numbers
from corpus.words.definition import jaccard, shingles

BANDS = Bands(25, 5)


def ranked(batch):
    """Return the documents of a batch, ranked as they stand."""
    observed = Signatures()
    return Ranked(in_memory(batch, [observed]), observed, np.arange(batch.num_rows))


def expected(texts, threshold, group):
    """Return who is kept, by comparing all pairs in plain Python."""
    sets, kept = [shingles(text) for text in texts], []
    for k, found in enumerate(sets):
        others = [e for e in kept if group is None or group[e] < group[k]]
        if all(jaccard(found, sets[e]) < threshold for e in others):
            kept.append(k)
    return kept


@st.composite
def families(draw):
    """Return texts of which many are edits of each other, and all have a word."""
    vocabulary = [f"word{i}" for i in range(draw(st.integers(3, 40)))]
    word = st.sampled_from(vocabulary)
    bases = draw(st.lists(st.lists(word, min_size=1, max_size=30), min_size=1, max_size=4))
    texts = []
    for _ in range(draw(st.integers(1, 14))):
        text = list(draw(st.sampled_from(bases)))
        for place, new in draw(st.lists(st.tuples(st.integers(0, 40), word), max_size=2)):
            text[place % (len(text) + 1) : place % (len(text) + 1) + place % 3] = [new]
        texts.append(" ".join(text))
    return texts


@settings(deadline=None, derandomize=True, max_examples=150)
@given(families(), st.sampled_from([0.5, 0.8, 1.0]), st.booleans(), st.integers(1, 3))
def test_who_goes_is_what_comparing_all_pairs_says(documents, texts, threshold, grouped, heads):
    """However few of a bucket are a crowd, the same documents go as without buckets."""
    group = [3 * k // len(texts) for k in range(len(texts))] if grouped else None
    shape = Bands(64, 2) if threshold < 0.8 else BANDS
    found = greedy.settle(
        ranked(documents(*texts)),
        threshold=threshold,
        shape=shape,
        groups=np.searchsorted(group, np.arange(3)) if group else greedy.ALL,
        heads=heads,
        crowded=heads,
    )
    kept = expected(texts, threshold, group)
    assert np.flatnonzero(found.near < 0).tolist() == kept
    sets = [shingles(text) for text in texts]
    for k, near in enumerate(found.near.tolist()):
        if near >= 0:
            assert near in kept
            assert found.score[k] == jaccard(sets[k], sets[near]) >= threshold
    assert found.left < threshold
    assert (found.missed < threshold).all()


def test_bands_in_a_file_say_what_bands_in_memory_do(documents, tmp_path, monkeypatch):
    """Where there are too many keys for memory, the same documents go, for the same ones."""
    draw = random.Random(7)
    texts = [f"{draw.randrange(40)} of {k % 7} and all of the same words again" for k in range(300)]
    batch, observed = documents(*texts), Signatures(words=2)
    seen = in_memory(batch, (observed,))
    here = greedy.settle(Ranked(seen, observed, np.arange(300)), threshold=0.7, shape=Bands(32, 4))
    monkeypatch.setattr(candidates, "KEYS", 0)
    seen = replace(seen, allocate=partial(storage.disk_array, tmp_path))
    there = greedy.settle(Ranked(seen, observed, np.arange(300)), threshold=0.7, shape=Bands(32, 4))
    assert 0 < (here.near >= 0).sum() < 300
    for name in ("near", "score", "misses", "missed"):
        assert np.array_equal(getattr(here, name), getattr(there, name), equal_nan=name == "score")
    assert list(tmp_path.iterdir()) == []


def test_a_large_cluster_is_not_compared_with_itself(documents):
    """Three thousand near copies cost a few comparisons each, not four million in all."""
    body = " ".join(f"w{i}" for i in range(200))
    batch = documents(*[f"{body} end{k}" for k in range(3000)])
    found = greedy.settle(ranked(batch), threshold=0.8, shape=BANDS)
    assert (found.near[1:] == 0).sum() > 2500
    assert np.flatnonzero(found.near < 0).tolist() == [0]
    assert found.compared < 2 * greedy.HEADS * 3000


def test_a_crowded_bucket_of_texts_that_stay_is_compared_in_full(documents, monkeypatch):
    """Many texts nearly near share buckets; each near pair among them is found all the same."""
    monkeypatch.setattr(candidates, "ROOM", 50)
    monkeypatch.setattr(greedy, "PENDING", 200)
    monkeypatch.setattr(compared_pairs, "HELD", 1000)
    shared = " ".join(f"s{i}" for i in range(100))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(8))}" for k in range(120)]
    found = greedy.settle(ranked(documents(*texts)), threshold=0.9, shape=BANDS, heads=1)
    assert found.near.tolist() == [-1 if k % 2 == 0 else k - 1 for k in range(120)]
    assert found.left == jaccard(shingles(texts[0]), shingles(texts[2]))


def template(k, *, shared=100, own=20):
    """Return a text of one template: most of it is shared, and its own words stand in slots."""
    found = [f"s{i}" for i in range(shared)]
    for slot in range(own):
        found.insert(slot * 7 % shared, f"own{k}x{slot}")
    return " ".join(found)


def test_a_crowd_of_like_texts_costs_little_and_loses_no_pair(documents):
    """Of two thousand texts of one template nearly no two are compared; two near ones are found."""
    texts = [template(k, own=6) for k in range(2000)]
    texts += [f"{texts[7]} more", f"{texts[1999]} more"]
    assert 0.5 < jaccard(shingles(texts[0]), shingles(texts[1])) < 0.8
    found = greedy.settle(ranked(documents(*texts)), threshold=0.8, shape=BANDS)
    assert found.near[2000:].tolist() == [7, 1999]
    assert (found.near[:2000] < 0).all()
    assert found.compared < 20 * len(texts)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(families(), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(1, 3))
def test_the_filter_of_crowds_loses_no_near_pair(documents, texts, threshold, posted):
    """Every pair at the threshold is proposed, once, in however many turns postings are sorted."""
    some, everyone = ranked(documents(*texts)), np.ones(len(texts), np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_buckets, "POSTINGS", 5 * posted)
        patch.setattr(large_buckets, "ROOM", posted)
        found = list(
            large_buckets.crowd_pairs(
                *(some, np.arange(len(texts)), everyone, everyone),
                least=np.array([threshold]),
                groups=greedy.ALL,
            )
        )
    pairs = np.concatenate([np.zeros(0, np.uint64), *found]).tolist()
    sets = [shingles(text) for text in texts]
    near = {
        l << 32 | e
        for l in range(len(texts))
        for e in range(l)
        if jaccard(sets[l], sets[e]) >= threshold
    }
    assert len(pairs) == len(set(pairs))
    assert near <= set(pairs)


def test_a_crowd_of_long_texts_is_held_in_a_file(documents, tmp_path, monkeypatch):
    """Texts are read a few at a time and their first shingles kept on disk; the pairs are the same.

    Memory that is taken from the start to the first pairs is a fraction of what the shingles take.
    """
    shared = " ".join(f"s{i}" for i in range(400))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(900))}" for k in range(200)]
    batch, observed = documents(*texts), Signatures()
    monkeypatch.setattr(large_buckets, "ROOM", 1000)
    held, here = pairs_of(in_memory(batch, (observed,)), observed)
    monkeypatch.setattr(prefix_filter, "HELD", 0)
    monkeypatch.setattr(prefix_filter, "TASK_BYTES", 100_000)
    monkeypatch.setattr(prefix_filter, "COUNTERS", 1 << 10)
    monkeypatch.setattr(prefix_filter, "_SHIFT", np.uint64(54))
    monkeypatch.setattr(large_buckets, "POSTINGS", 1 << 12)
    seen = replace(in_memory(batch, (observed,)), allocate=partial(storage.disk_array, tmp_path))
    spilled, there = pairs_of(seen, observed)
    near = {(2 * k + 1) << 32 | 2 * k for k in range(100)}
    assert near <= here
    assert near <= there
    assert spilled < held / 4


def pairs_of(corpus, observed):
    """Return the most memory that proposing the pairs of a crowd took, in bytes, and the pairs."""
    count = int(corpus.starts[-1])
    everyone, least = np.ones(count, np.bool_), np.array([0.8])
    some = Ranked(corpus, observed, np.arange(count))
    tracemalloc.start()
    found = large_buckets.crowd_pairs(
        some, np.arange(count), everyone, everyone, least=least, groups=greedy.ALL
    )
    pairs = {pair for few in found for pair in few.tolist()}
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most, pairs


def test_of_many_compared_pairs_the_nearest_are_remembered(documents, monkeypatch):
    """What is near and the nearest misses stay known, whatever else is forgotten."""
    monkeypatch.setattr(compared_pairs, "HELD", 40)
    texts = [" ".join(f"w{i}" for i in range(k, k + 30)) for k in range(20)]
    some = compared_pairs.Known(ranked(documents(*texts)), 0.8)
    pairs = np.array([l << 32 | e for l in range(20) for e in range(l)], np.uint64)
    present = np.ones(20, np.bool_)
    for few in np.array_split(pairs, 9):
        some.compare(few, present)
    kept = some.kept()
    assert len(some.pairs) < 80
    assert np.flatnonzero(kept).tolist() == expected(texts, 0.8, None)
    assert some.settled().left == jaccard(shingles(texts[0]), shingles(texts[3]))


@settings(deadline=None, max_examples=50)
@given(families())
def test_the_exact_jaccard_is_that_of_the_definition(texts):
    """Sets of hashes have the Jaccard of the sets of shingles."""
    import pyarrow as pa

    sets, starts = shingle_sets(pa.array(texts))
    left, right = (place.ravel() for place in np.indices((len(texts), len(texts))))
    found = jaccards(sets, starts, left, right).reshape(len(texts), -1)
    plain = [shingles(text) for text in texts]
    assert found.tolist() == [[jaccard(one, other) for other in plain] for one in plain]


def test_comparisons_are_cut_into_tasks_of_bounded_size(documents, monkeypatch):
    """However small a task may be, all pairs get their Jaccard, in the order they were asked."""
    texts = [" ".join(f"w{i}" for i in range(k, k + 30)) for k in range(40)]
    some = ranked(documents(*texts))
    pairs = np.array([l << 32 | e for l in range(40) for e in range(l) if l - e < 9], np.uint64)
    plain = [shingles(text) for text in texts]
    expected = [jaccard(plain[int(p) >> 32], plain[int(p) & 0xFFFFFFFF]) for p in pairs]
    for most in (1, 3000, 1 << 30):
        monkeypatch.setattr(comparing, "TASK_BYTES", most)
        tasks = []
        spread = partial(record, tasks)
        corpus = in_memory(documents(*texts), [Signatures()])
        object.__setattr__(corpus, "parallel_map", spread)
        counted = Ranked(corpus, some.observed, some.rows)
        assert comparing.similarities(counted, pairs).tolist() == expected
        sizes = [counted.sizes[np.concatenate([rows for _, rows in t.rows])].sum() for t in tasks]
        assert all(size <= most or len(t.left) == 1 for size, t in zip(sizes, tasks, strict=True))
        assert sum(len(t.left) for t in tasks) == len(pairs)


def record(tasks, function, given):
    """Call a function on tasks, and keep them."""
    for task in given:
        tasks.append(task)
        yield function(task)


@pytest.mark.parametrize("hashes", [16, 1024])
def test_signatures_are_held_by_their_bytes(documents, monkeypatch, hashes):
    """With more hashes those of fewer pairs are held at a time; the agreements are the same."""
    draw = random.Random(2)
    texts = [" ".join(f"w{draw.randrange(9)}" for _ in range(20)) for _ in range(40)]
    observed, sizes = Signatures(words=2, hashes=hashes), []
    some = Ranked(in_memory(documents(*texts), [observed]), observed, np.arange(40))
    pairs = np.array([l << 32 | e for l in range(40) for e in range(l)], np.uint64)
    whole, read = signature_filter.agreements(some, pairs), Ranked.signatures

    def noted(self, ranks):
        found = read(self, ranks)
        sizes.append(found.nbytes)
        return found

    monkeypatch.setattr(signature_filter, "HELD", 1 << 14)
    monkeypatch.setattr(Ranked, "signatures", noted)
    assert signature_filter.agreements(some, pairs).tolist() == whole.tolist()
    assert max(sizes) <= 1 << 14
    assert whole.max() > 0


def test_keys_sort_as_their_bytes(documents):
    """Halves of 16 bytes keep the order of the bytes, through slices of a column."""
    keys = [bytes([k]) * 8 + bytes([255 - k]) * 8 for k in (9, 200, 9, 0)]
    column = in_memory(documents(*"abcd", _key=keys), [Signatures()]).column("_key")
    upper, lower = halves(column.slice(1))
    assert np.lexsort((lower, upper)).tolist() == sorted(range(3), key=lambda k: keys[k + 1])


def test_a_missing_number_is_not_a_number(documents):
    """Numbers with nulls come as floats with NaN."""
    import pyarrow as pa

    found = numbers(pa.chunked_array([pa.array([1, None]), pa.array([3])]), np.float64)
    assert found[[0, 2]].tolist() == [1, 3]
    assert np.isnan(found[1])


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_document_settle_at_once(documents, count):
    """There is nobody to be near to."""
    found = greedy.settle(ranked(documents(*["a b"] * count)), threshold=0.8, shape=BANDS)
    assert found.near.tolist() == [-1] * count
    assert found.compared == 0
