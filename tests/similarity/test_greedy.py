"""Candidates, exact comparison and greedy deduplication, compared with plain Python."""

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
    band_keys,
    candidates,
    compared_pairs,
    comparing,
    greedy,
    large_buckets,
    prefix_filter,
    signature_filter,
)
from corpus.similarity.bands import Bands
from corpus.similarity.candidates import PairFilter
from corpus.similarity.jaccard import jaccards, shingle_sets
from corpus.similarity.observations import Signatures
from corpus.similarity.ranked_documents import RankedDocuments, halves, numbers
from corpus.words.definition import jaccard, shingles

BANDS = Bands(25, 5)


def ranked(batch):
    """Return the documents of a batch, ranked in the order given."""
    observed = Signatures()
    return RankedDocuments(in_memory(batch, [observed]), observed, np.arange(batch.num_rows))


def expected(texts, threshold, group):
    """Return the kept documents, by comparing all pairs in plain Python."""
    sets, kept = [shingles(text) for text in texts], []
    for k, shingle_set in enumerate(sets):
        others = [e for e in kept if group is None or group[e] < group[k]]
        if all(jaccard(shingle_set, sets[e]) < threshold for e in others):
            kept.append(k)
    return kept


@st.composite
def families(draw):
    """Return texts with at least one word, many of which are edits of each other."""
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
def test_the_result_equals_comparing_all_pairs(documents, texts, threshold, grouped, leaders):
    """The same documents are removed as without buckets, however small a large bucket is."""
    group = [3 * k // len(texts) for k in range(len(texts))] if grouped else None
    shape = Bands(64, 2) if threshold < 0.8 else BANDS
    resolution = greedy.resolve_duplicates(
        ranked(documents(*texts)),
        threshold=threshold,
        shape=shape,
        groups=np.searchsorted(group, np.arange(3)) if group else greedy.NO_GROUPS,
        leaders=leaders,
        max_paired_bucket=leaders,
    )
    kept = expected(texts, threshold, group)
    assert np.flatnonzero(resolution.duplicate_of < 0).tolist() == kept
    sets = [shingles(text) for text in texts]
    for k, original in enumerate(resolution.duplicate_of.tolist()):
        if original >= 0:
            assert original in kept
            assert resolution.score[k] == jaccard(sets[k], sets[original]) >= threshold
    assert resolution.highest_remaining < threshold
    assert (resolution.near_miss_scores < threshold).all()


def test_keys_in_a_file_give_the_same_result_as_keys_in_memory(documents, tmp_path, monkeypatch):
    """If there are too many keys for memory, the same documents are removed."""
    draw = random.Random(7)
    texts = [f"{draw.randrange(40)} of {k % 7} and all of the same words again" for k in range(300)]
    batch, observed = documents(*texts), Signatures(words=2)
    corpus = in_memory(batch, (observed,))
    resolve = partial(greedy.resolve_duplicates, threshold=0.7, shape=Bands(32, 4))
    in_ram = resolve(RankedDocuments(corpus, observed, np.arange(300)))
    monkeypatch.setattr(band_keys, "MAX_KEYS_IN_MEMORY", 0)
    corpus = replace(corpus, allocate=partial(storage.disk_array, tmp_path))
    in_file = resolve(RankedDocuments(corpus, observed, np.arange(300)))
    assert 0 < (in_ram.duplicate_of >= 0).sum() < 300
    for name in ("duplicate_of", "score", "near_misses", "near_miss_scores"):
        actual, expected = getattr(in_ram, name), getattr(in_file, name)
        assert np.array_equal(actual, expected, equal_nan=name == "score")
    assert list(tmp_path.iterdir()) == []


def test_a_large_cluster_is_not_compared_with_itself(documents):
    """Three thousand near copies take a few comparisons each, not four million in all."""
    body = " ".join(f"w{i}" for i in range(200))
    batch = documents(*[f"{body} end{k}" for k in range(3000)])
    resolution = greedy.resolve_duplicates(ranked(batch), threshold=0.8, shape=BANDS)
    assert (resolution.duplicate_of[1:] == 0).sum() > 2500
    assert np.flatnonzero(resolution.duplicate_of < 0).tolist() == [0]
    assert resolution.compared < 2 * greedy.LEADERS_PER_BUCKET * 3000


def test_a_large_bucket_below_the_threshold_is_searched_completely(documents, monkeypatch):
    """Among many texts just below the threshold that share buckets, every similar pair is found."""
    monkeypatch.setattr(candidates, "MAX_PAIRS_PER_BATCH", 50)
    monkeypatch.setattr(greedy, "MAX_PENDING_PAIRS", 200)
    monkeypatch.setattr(compared_pairs, "MAX_REMEMBERED_MISSES", 1000)
    shared = " ".join(f"s{i}" for i in range(100))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(8))}" for k in range(120)]
    resolution = greedy.resolve_duplicates(
        ranked(documents(*texts)), threshold=0.9, shape=BANDS, leaders=1
    )
    assert resolution.duplicate_of.tolist() == [-1 if k % 2 == 0 else k - 1 for k in range(120)]
    assert resolution.highest_remaining == jaccard(shingles(texts[0]), shingles(texts[2]))


def template(k, *, shared=100, own=20):
    """Return a text made from a template of shared words, with its own words in the slots."""
    words = [f"s{i}" for i in range(shared)]
    for slot in range(own):
        words.insert(slot * 7 % shared, f"own{k}x{slot}")
    return " ".join(words)


def test_texts_of_one_template_cost_little_and_lose_no_pair(documents):
    """Few of two thousand texts of one template are compared, and both near copies are found."""
    texts = [template(k, own=6) for k in range(2000)]
    texts += [f"{texts[7]} more", f"{texts[1999]} more"]
    assert 0.5 < jaccard(shingles(texts[0]), shingles(texts[1])) < 0.8
    resolution = greedy.resolve_duplicates(ranked(documents(*texts)), threshold=0.8, shape=BANDS)
    assert resolution.duplicate_of[2000:].tolist() == [7, 1999]
    assert (resolution.duplicate_of[:2000] < 0).all()
    assert resolution.compared < 20 * len(texts)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(families(), st.sampled_from([0.3, 0.5, 0.8, 1.0]), st.integers(1, 3))
def test_the_prefix_filter_loses_no_similar_pair(documents, texts, threshold, size):
    """Every pair at the threshold is proposed once, however few shingles are indexed at a time."""
    everything = np.ones(len(texts), np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_buckets, "MAX_INDEXED_SHINGLES", 5 * size)
        patch.setattr(large_buckets, "PAIRS_PER_BATCH", size)
        batches = list(
            large_buckets.large_bucket_pairs(
                ranked(documents(*texts)),
                np.arange(len(texts)),
                PairFilter(everything, everything, greedy.NO_GROUPS),
                min_similarity=np.array([threshold]),
            )
        )
    pairs = np.concatenate([np.zeros(0, np.uint64), *batches]).tolist()
    sets = [shingles(text) for text in texts]
    similar = {
        l << 32 | e
        for l in range(len(texts))
        for e in range(l)
        if jaccard(sets[l], sets[e]) >= threshold
    }
    assert len(pairs) == len(set(pairs))
    assert similar <= set(pairs)


def test_prefixes_of_long_texts_are_kept_in_a_file(documents, tmp_path, monkeypatch):
    """Prefixes in a file give the same pairs and take less than a quarter of the memory."""
    shared = " ".join(f"s{i}" for i in range(400))
    texts = [f"{shared} {' '.join(f'own{k // 2}x{i}' for i in range(900))}" for k in range(200)]
    batch, observed = documents(*texts), Signatures()
    monkeypatch.setattr(large_buckets, "PAIRS_PER_BATCH", 1000)
    memory_in_ram, pairs_in_ram = pairs_of(in_memory(batch, (observed,)), observed)
    monkeypatch.setattr(prefix_filter, "MAX_SHINGLES_IN_MEMORY", 0)
    monkeypatch.setattr(prefix_filter, "TASK_BYTES", 100_000)
    monkeypatch.setattr(prefix_filter, "N_COUNTERS", 1 << 10)
    monkeypatch.setattr(prefix_filter, "_COUNTER_SHIFT", np.uint64(54))
    monkeypatch.setattr(large_buckets, "MAX_INDEXED_SHINGLES", 1 << 12)
    corpus = replace(in_memory(batch, (observed,)), allocate=partial(storage.disk_array, tmp_path))
    memory_in_file, pairs_in_file = pairs_of(corpus, observed)
    similar = {(2 * k + 1) << 32 | 2 * k for k in range(100)}
    assert similar <= pairs_in_ram
    assert similar <= pairs_in_file
    assert memory_in_file < memory_in_ram / 4


def pairs_of(corpus, observed):
    """Return the peak memory, in bytes, of proposing pairs for one large bucket, and the pairs."""
    count = int(corpus.starts[-1])
    everything = np.ones(count, np.bool_)
    tracemalloc.start()
    batches = large_buckets.large_bucket_pairs(
        RankedDocuments(corpus, observed, np.arange(count)),
        np.arange(count),
        PairFilter(everything, everything, greedy.NO_GROUPS),
        min_similarity=np.array([0.8]),
    )
    pairs = {pair for batch in batches for pair in batch.tolist()}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, pairs


def test_the_most_similar_compared_pairs_are_remembered(documents, monkeypatch):
    """Pairs at the threshold and the nearest misses are remembered when others are forgotten."""
    monkeypatch.setattr(compared_pairs, "MAX_REMEMBERED_MISSES", 40)
    texts = [" ".join(f"w{i}" for i in range(k, k + 30)) for k in range(20)]
    compared = compared_pairs.ComparedPairs(ranked(documents(*texts)), 0.8)
    pairs = np.array([l << 32 | e for l in range(20) for e in range(l)], np.uint64)
    present = np.ones(20, np.bool_)
    for batch in np.array_split(pairs, 9):
        compared.compare(batch, present)
    kept = compared.kept()
    assert len(compared.pairs) < 80
    assert np.flatnonzero(kept).tolist() == expected(texts, 0.8, None)
    assert compared.resolution().highest_remaining == jaccard(
        shingles(texts[0]), shingles(texts[3])
    )


@settings(deadline=None, max_examples=50)
@given(families())
def test_the_exact_jaccard_is_that_of_the_definition(texts):
    """Sets of shingle hashes have the Jaccard similarity of the sets of shingles."""
    import pyarrow as pa

    sets, starts = shingle_sets(pa.array(texts))
    left, right = (place.ravel() for place in np.indices((len(texts), len(texts))))
    actual = jaccards(sets, starts, left, right).reshape(len(texts), -1)
    plain = [shingles(text) for text in texts]
    assert actual.tolist() == [[jaccard(a, b) for b in plain] for a in plain]


def test_comparisons_are_divided_into_tasks_of_bounded_size(documents, monkeypatch):
    """All pairs get their similarity, in the given order, however small the tasks are."""
    texts = [" ".join(f"w{i}" for i in range(k, k + 30)) for k in range(40)]
    pairs = np.array([l << 32 | e for l in range(40) for e in range(l) if l - e < 9], np.uint64)
    plain = [shingles(text) for text in texts]
    expected = [jaccard(plain[int(p) >> 32], plain[int(p) & 0xFFFFFFFF]) for p in pairs]
    for max_bytes in (1, 3000, 1 << 30):
        monkeypatch.setattr(comparing, "TASK_BYTES", max_bytes)
        tasks = []
        corpus = in_memory(documents(*texts), [Signatures()])
        corpus = replace(corpus, parallel_map=partial(record, tasks))
        some = RankedDocuments(corpus, Signatures(), np.arange(40))
        assert comparing.similarities(some, pairs).tolist() == expected
        sizes = [some.sizes(np.concatenate([rows for _, rows in t.rows])).sum() for t in tasks]
        small = [size <= max_bytes for size in sizes]
        assert all(fits or len(t.left) == 1 for fits, t in zip(small, tasks, strict=True))
        assert sum(len(t.left) for t in tasks) == len(pairs)


def record(tasks, function, arguments):
    """Call a function on each argument, and append the arguments to `tasks`."""
    for task in arguments:
        tasks.append(task)
        yield function(task)


@pytest.mark.parametrize("hashes", [16, 1024])
def test_the_memory_for_signatures_is_bounded_in_bytes(documents, monkeypatch, hashes):
    """With more hashes, fewer pairs are read at a time; the agreements are the same."""
    draw = random.Random(2)
    texts = [" ".join(f"w{draw.randrange(9)}" for _ in range(20)) for _ in range(40)]
    observed, sizes = Signatures(words=2, hashes=hashes), []
    some = RankedDocuments(in_memory(documents(*texts), [observed]), observed, np.arange(40))
    pairs = np.array([l << 32 | e for l in range(40) for e in range(l)], np.uint64)
    agreements, read = signature_filter.agreements(some, pairs), RankedDocuments.signatures

    def record_size(self, ranks):
        signatures = read(self, ranks)
        sizes.append(signatures.nbytes)
        return signatures

    monkeypatch.setattr(signature_filter, "MAX_SIGNATURE_BYTES", 1 << 14)
    monkeypatch.setattr(RankedDocuments, "signatures", record_size)
    assert signature_filter.agreements(some, pairs).tolist() == agreements.tolist()
    assert max(sizes) <= 1 << 14
    assert agreements.max() > 0


def test_halves_sort_like_the_bytes(documents):
    """The two halves of 16 bytes sort like the bytes, also for a slice of a column."""
    keys = [bytes([k]) * 8 + bytes([255 - k]) * 8 for k in (9, 200, 9, 0)]
    column = in_memory(documents(*"abcd", _key=keys), [Signatures()]).column("_key")
    upper, lower = halves(column.slice(1))
    assert np.lexsort((lower, upper)).tolist() == sorted(range(3), key=lambda k: keys[k + 1])


def test_a_missing_float_is_nan(documents):
    """A null in a column of numbers becomes NaN."""
    import pyarrow as pa

    values = numbers(pa.chunked_array([pa.array([1, None]), pa.array([3])]), np.float64)
    assert values[[0, 2]].tolist() == [1, 3]
    assert np.isnan(values[1])


@pytest.mark.parametrize("count", [0, 1])
def test_zero_or_one_document_needs_no_comparison(documents, count):
    """A corpus of at most one document has no pairs."""
    resolution = greedy.resolve_duplicates(
        ranked(documents(*["a b"] * count)), threshold=0.8, shape=BANDS
    )
    assert resolution.duplicate_of.tolist() == [-1] * count
    assert resolution.compared == 0
