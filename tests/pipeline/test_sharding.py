"""Sharding: which shard each document is in."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pipeline.kept_documents import KeptDocuments
from corpus.pipeline.sharding import (
    KEY_END,
    data_hash,
    destinations,
    join_partitions,
    languages_with_folder,
    partition_starts,
    plan_shards,
    split_of,
)


def kept_documents(sizes, *, splits=None, languages=None, keys=None):
    """Return one run of documents with the keys 10, 20, 30, ... and texts of these sizes."""
    n = len(sizes)
    keys = np.arange(10, 10 * n + 10, 10) if keys is None else keys
    return [
        KeptDocuments(
            np.array(keys, np.uint64),
            np.array(sizes, np.int64),
            pa.array(splits or ["train"] * n, pa.string()),
            None if languages is None else pa.array(languages),
        )
    ]


def starts_of(sizes, shard_size):
    """Return the starts of the partitions of documents with the keys 10, 20, 30, ..."""
    return partition_starts(kept_documents(sizes), shard_size)


def in_two_runs(run, second):
    """Return the documents as two runs; `second` says which are in the second."""
    is_second = np.array(second)
    return [
        KeptDocuments(run.keys[rows], run.bytes[rows], run.splits.filter(pa.array(rows)))
        for rows in (~is_second, is_second)
    ]


@pytest.mark.parametrize(
    ("sizes", "shard_size", "starts"),
    [
        ([5, 5, 5, 5], 20, (0,)),
        ([5, 5, 5, 5], 10, (0, 30)),
        ([5, 5, 5, 5], 5, (0, 20, 30, 40)),
        ([90, 1, 1, 1], 50, (0, 20)),
        ([1, 1, 1, 90], 50, (0,)),
        ([5, 5, 5], 10, (0, 30)),
    ],
)
def test_partitions_end_after_the_document_that_fills_them(sizes, shard_size, starts):
    """A partition begins at the key after the document that completed the one before."""
    assert starts_of(sizes, shard_size) == starts


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=40), shard_size=st.integers(1, 200))
def test_partitions_cover_every_key_and_no_partition_is_empty(sizes, shard_size):
    """Starts begin at 0 and increase; every partition contains a document."""
    starts = starts_of(sizes, shard_size)
    keys = range(10, 10 * len(sizes) + 10, 10)
    assert starts[0] == 0
    for low, high in zip(starts, [*starts[1:], KEY_END], strict=True):
        assert any(low <= key < high for key in keys)
    assert len(starts) <= -(-sum(sizes) // shard_size)


@pytest.mark.parametrize(
    ("text_bytes", "documents", "shards"),
    [
        ([5, 5, 5], [1, 1, 1], ((0, 1), (1, 2), (2, 3))),
        ([2, 3, 5], [1, 1, 1], ((0, 2), (2, 3))),
        ([5, 2, 1], [1, 1, 1], ((0, 1), (1, 3))),
        ([5, 0, 0], [1, 0, 0], ((0, 1),)),
        ([0, 0, 5], [0, 0, 1], ((0, 3),)),
        ([0, 0, 0], [1, 0, 0], ((0, 3),)),
        ([0, 0], [0, 0], ()),
    ],
)
def test_neighbouring_partitions_share_a_shard_until_it_is_large_enough(
    text_bytes, documents, shards
):
    """A shard ends where it has 5 bytes and a document; documents left over have one more."""
    assert join_partitions(np.array(text_bytes), np.array(documents), 5) == shards


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=20),
    st.integers(1, 30),
)
def test_every_document_is_in_exactly_one_shard(partitions, min_bytes):
    """Shards do not overlap, and no partition with documents is left out."""
    documents = np.array([n for n, _ in partitions])
    text_bytes = np.array([n * size for n, size in partitions])
    shards = join_partitions(text_bytes, documents, min_bytes)
    covered = [i for first, last in shards for i in range(first, last)]
    assert len(set(covered)) == len(covered)
    assert documents[covered].sum() == documents.sum()
    assert all(documents[first:last].sum() for first, last in shards)


def test_a_destination_with_half_of_the_text_has_a_shard_per_partition():
    """With 20 of 40 bytes, `train` has two shards; `a` and `b`, with 10 each, have one."""
    sizes = [10, 5, 5, 10, 5, 5]
    splits = ["train", "a", "b", "train", "a", "b"]
    sharding = plan_shards(kept_documents(sizes, splits=splits), shard_size=20, by_language=False)
    assert sharding.starts == (0, 40)
    assert sharding.shards == {"a": ((0, 2),), "b": ((0, 2),), "train": ((0, 1), (1, 2))}
    assert sharding.files("train") == [
        "data/train-00000-of-00002.parquet",
        "data/train-00001-of-00002.parquet",
    ]


def test_the_name_of_a_shard_ends_with_the_hash_of_the_data():
    """Names sort by number, and are those of the Hub: `train-00000-of-00002-<hash>.parquet`."""
    sharding = plan_shards(kept_documents([5] * 4), shard_size=10, by_language=False)
    named = replace(sharding, data_hash="1f3a9c07")

    assert named.files("train") == [
        "data/train-00000-of-00002-1f3a9c07.parquet",
        "data/train-00001-of-00002-1f3a9c07.parquet",
    ]
    assert [len(s.all_files()) for s in (sharding, named)] == [2, 2]


def test_the_hash_of_the_data_depends_on_every_shard_and_on_nothing_else():
    """Equal shards have an equal hash, in any order; another byte or another name changes it."""
    first = data_hash({"a": "00", "b": "01"})

    assert len(first) == 8
    assert data_hash({"b": "01", "a": "00"}) == first
    for other in ({"a": "00", "b": "02"}, {"a": "01", "b": "00"}, {"a": "00"}):
        assert data_hash(other) != first


def test_a_destination_with_less_than_half_of_the_text_shares_its_shards():
    """With 19 of 40 bytes, both destinations join partitions until they reach the shard size."""
    sizes, splits = [9, 11, 10, 10], ["a", "b", "a", "c"]
    sharding = plan_shards(kept_documents(sizes, splits=splits), shard_size=20, by_language=False)
    assert len(sharding.starts) == 2
    assert sharding.shards["a"] == ((0, 2),)


@given(
    documents=st.lists(
        st.tuples(st.integers(0, (1 << 64) - 1), st.integers(1, 50), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    shard_size=st.integers(1, 200),
)
def test_shards_do_not_depend_on_how_documents_are_divided_into_runs(documents, shard_size):
    """One run and two runs, with keys in any order, have the partitions that sorting gives."""
    keys, sizes, second = map(list, zip(*documents, strict=True))
    (run,) = kept_documents(sizes, keys=keys)
    ends = np.cumsum([size for _, size in sorted(zip(keys, sizes, strict=True))])
    n = -(-int(ends[-1]) // shard_size)
    cuts = [int(np.searchsorted(ends, int(ends[-1]) * k // n)) + 1 for k in range(1, n)]
    starts = [0, *(sorted(keys)[cut] for cut in cuts if cut < len(keys))]

    assert partition_starts([run], shard_size) == tuple(dict.fromkeys(starts))
    runs = in_two_runs(run, second)
    plans = [plan_shards(each, shard_size=shard_size, by_language=False) for each in ([run], runs)]
    assert plans[0] == plans[1]


@pytest.mark.parametrize("seed", range(12))
def test_partitions_end_in_any_of_many_buckets(seed):
    """Keys that share their first 16 bits, and those that do not, are cut where sorting cuts."""
    draw = random.Random(seed)
    n, shard_size = draw.randrange(20, 60), draw.choice([7, 50, 300])
    keys = draw.sample(range(1 << 40), n)
    keys = [draw.randrange(4) << 48 | key for key in keys]
    sizes = [draw.randrange(0 if seed % 2 else 1, 50) for _ in range(n)]
    ordered = sorted(zip(keys, sizes, strict=True))
    ends = np.cumsum([size for _, size in ordered])
    n_partitions = max(1, -(-int(ends[-1]) // shard_size))
    cuts = [
        int(np.searchsorted(ends, int(ends[-1]) * k // n_partitions)) + 1
        for k in range(1, n_partitions)
    ]
    starts = [0, *(ordered[cut][0] for cut in cuts if cut < n)]
    found = partition_starts(kept_documents(sizes, keys=keys), shard_size)
    assert found == tuple(dict.fromkeys(starts))


@pytest.mark.parametrize(("n", "has_folder"), [(1, True), (2, False)])
def test_a_language_needs_one_percent_of_the_documents_for_a_folder(n, has_folder):
    """One of 100 documents is enough, one of 200 is not."""
    languages = Counter(en=100 * n - 1, de=1)
    assert languages_with_folder(languages) == (("de", "en") if has_folder else ("en",))


def test_only_language_codes_name_folders():
    """`und`, `zxx` and anything that is not a code of two or three letters is under `other`."""
    languages = Counter(["en", "und", "zxx", "all", None, "../x", "EN", "english", "deu"])
    assert languages_with_folder(languages) == ("deu", "en")


def test_a_destination_is_a_split_in_the_folder_of_its_language():
    """Languages without a folder, and unknown ones, share the folder `other`."""
    splits = pa.array(["train", "test", "train"])
    result = destinations(splits, pa.array(["de", "fr", None]), ("de",))
    assert result.to_pylist() == ["de/train", "other/test", "other/train"]
    assert destinations(splits, pa.array(["de", "fr", None]), None) is splits
    assert [split_of(each) for each in result.to_pylist()] == splits.to_pylist()


def test_folders_of_languages_are_made_only_if_the_config_asks():
    """The same documents have destinations with and without a folder."""
    documents = kept_documents([5, 5], languages=["de", "en"])
    with_folders = plan_shards(documents, shard_size=100, by_language=True)
    assert list(with_folders.shards) == ["de/train", "en/train"]
    assert with_folders.languages == ("de", "en")
    without = plan_shards(documents, shard_size=100, by_language=False)
    assert list(without.shards) == ["train"]
    assert without.languages is None
