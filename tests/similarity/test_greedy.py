"""Candidates, exact comparison, and who goes, against plain Python."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.similarity import candidates, comparing, greedy
from corpus.similarity.bands import Bands
from corpus.similarity.jaccard import jaccards, shingle_sets
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked import Ranked, halves, numbers
from corpus.similarity.words import jaccard, shingles
from corpus.stages.observed import in_memory

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
    """However few of a bucket are compared at a time, the same documents go as without buckets."""
    group = [3 * k // len(texts) for k in range(len(texts))] if grouped else None
    shape = Bands(64, 2) if threshold < 0.8 else BANDS
    found = greedy.settle(
        ranked(documents(*texts)),
        threshold=threshold,
        shape=shape,
        groups=np.searchsorted(group, np.arange(3)) if group else greedy.ALL,
        heads=heads,
    )
    kept = expected(texts, threshold, group)
    assert np.flatnonzero(found.near < 0).tolist() == kept
    sets = [shingles(text) for text in texts]
    for k, near in enumerate(found.near.tolist()):
        if near >= 0:
            assert near in kept
            assert found.score[k] == jaccard(sets[k], sets[near]) >= threshold
    assert found.left < threshold
    assert found.complete


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
    shared = " ".join(f"s{i}" for i in range(100))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(8))}" for k in range(120)]
    found = greedy.settle(ranked(documents(*texts)), threshold=0.9, shape=BANDS, heads=1)
    assert found.near.tolist() == [-1 if k % 2 == 0 else k - 1 for k in range(120)]
    assert found.left == jaccard(shingles(texts[0]), shingles(texts[2]))


def test_comparing_ends_where_it_is_allowed_to(documents, monkeypatch):
    """Past its allowance it says it is not complete; what went by then is near a kept one."""
    monkeypatch.setattr(greedy, "MOST", 100)
    monkeypatch.setattr(greedy, "MOST_EACH", 1)
    monkeypatch.setattr(greedy, "PENDING", 50)
    monkeypatch.setattr(candidates, "ROOM", 50)
    shared = " ".join(f"s{i}" for i in range(100))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(8))}" for k in range(120)]
    found = greedy.settle(ranked(documents(*texts)), threshold=0.9, shape=BANDS)
    assert not found.complete
    assert 220 < found.compared < 400
    went = np.flatnonzero(found.near >= 0)
    assert 0 < len(went) < 60
    assert (found.near[went] == went - 1).all()


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
        object.__setattr__(corpus, "spread", spread)
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
