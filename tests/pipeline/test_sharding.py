"""Sharding: which shard each document is in."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.pipeline.kept_documents import KeptDocuments
from corpus.pipeline.portions import END
from corpus.pipeline.sharding import (
    data_hash,
    destinations,
    languages_with_folder,
    partition_starts,
    plan_shards,
    split_of,
)


def kept_documents(sizes, *, splits=None, languages=None, keys=None, portions=None):
    """Return one run of documents with texts of these sizes, spread evenly over all keys."""
    n = len(sizes)
    keys = [(k << 64) // n for k in range(n)] if keys is None else keys
    return [
        KeptDocuments(
            np.array(keys, np.uint64),
            np.array(portions or [0] * n, np.uint64),
            np.array(sizes, np.int64),
            pa.array(splits or ["train"] * n, pa.string()),
            None if languages is None else pa.array(languages),
        )
    ]


def in_two_runs(run, second):
    """Return the documents as two runs; `second` says which are in the second."""
    is_second = np.array(second)
    return [
        KeptDocuments(
            run.keys[rows], run.portions[rows], run.bytes[rows], run.splits.filter(pa.array(rows))
        )
        for rows in (~is_second, is_second)
    ]


@pytest.mark.parametrize(
    ("sizes", "max_bytes", "eighths"),
    [
        ([5] * 8, 40, [0]),
        ([5] * 8, 39, [0, 4]),
        ([5] * 8, 10, [0, 2, 4, 6]),
        ([5] * 8, 1, [0, 1, 2, 3, 4, 5, 6, 7]),
        ([90, 1, 1, 1, 1, 1, 1, 1], 50, [0, 1, 2, 4]),
        ([1, 1, 1, 1, 1, 1, 1, 90], 50, [0, 4, 6, 7]),
    ],
)
def test_a_partition_is_divided_until_its_texts_are_small_enough(sizes, max_bytes, eighths):
    """Each is the half, the quarter, ... of all places that has at most `max_bytes`."""
    starts = partition_starts(kept_documents(sizes), max_bytes)
    assert starts == tuple(eighth << 61 for eighth in eighths)


documents = st.lists(
    st.tuples(
        st.integers(0, 3).map(lambda n: n << 62),
        st.integers(0, (1 << 64) - 1) | st.integers(0, 3),
        st.integers(1, 50),
        st.sampled_from(["train", "test", "a"]),
    ),
    min_size=1,
    max_size=40,
)
"""Portion, key, bytes and split of each document."""


def run_of(rows):
    """Return these documents as one run."""
    portions, keys, sizes, splits = map(list, zip(*rows, strict=True))
    return kept_documents(sizes, splits=splits, keys=keys, portions=portions)


def plan(kept, shard_size):
    """Return the plan without folders of languages."""
    return plan_shards(kept, shard_size=shard_size, by_language=False)


@given(documents, st.integers(1, 500))
def test_every_document_is_in_one_partition_one_row_group_and_one_shard(rows, shard_size):
    """Ranges cover all places; those of a destination have its documents, and no other is large."""
    sharding = plan(run_of(rows), shard_size)
    assert sharding.ranges[0][0] == 0
    assert sharding.ranges[-1][1] == END
    number = {
        row: [low <= row[0] << 64 | row[1] < high for low, high in sharding.ranges].index(True)
        for row in rows
    }
    for ranges in (sharding.shards, sharding.row_groups):
        assert set(ranges) == {split for *_, split in rows}
        for split, parts in ranges.items():
            own = [row for row in rows if row[3] == split]
            inside = [[row for row in own if a <= number[row] < b] for a, b in parts]
            assert sum(map(len, inside)) == len(own)
            for several in inside:
                assert several
                places = {row[:2] for row in several}
                assert len(places) == 1 or sum(row[2] for row in several) <= shard_size
    for split, parts in sharding.row_groups.items():
        shards = sharding.shards[split]
        assert all(any(a <= low and high <= b for a, b in shards) for low, high in parts)


@given(documents, documents, st.integers(1, 500))
def test_new_documents_change_only_the_partitions_that_they_are_in(rows, more, max_bytes):
    """A partition without a new document has the same documents afterwards."""
    old, new = ([row[0] << 64 | row[1] for row in each] for each in (rows, more))

    def partitions(kept):
        starts = partition_starts(kept, max_bytes)
        for low, high in zip([0, *starts[1:]], [*starts[1:], END], strict=True):
            is_new = any(low <= place < high for place in new)
            yield sorted(place for place in old if low <= place < high), is_new

    before, after = partitions(run_of(rows)), dict_of(partitions(run_of([*rows, *more])))
    for places, is_new in before:
        if not is_new:
            assert after[tuple(places)] is False


def dict_of(parts):
    """Return the parts by their places."""
    return {tuple(places): is_new for places, is_new in parts}


@given(documents, st.integers(1, 300), st.data())
def test_shards_do_not_depend_on_how_documents_are_divided_into_runs(rows, shard_size, data):
    """One run and two runs, in any order, have the same plan."""
    (run,) = run_of(rows)
    second = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    (mixed,) = run_of(data.draw(st.permutations(rows)))
    plans = [plan(each, shard_size) for each in ([run], in_two_runs(run, second), [mixed])]
    assert plans[0] == plans[1] == plans[2]


def test_a_small_corpus_is_one_partition():
    """Whatever portions its documents are in."""
    sharding = plan(run_of([(1 << 63, 5, 10, "train"), (0, 7, 10, "test")]), 256_000_000)
    assert sharding.ranges == [(0, END)]
    assert sharding.shards == {"test": ((0, 1),), "train": ((0, 1),)} == sharding.row_groups


def test_a_destination_with_half_of_the_text_has_a_row_group_per_partition():
    """With 24 of 40 bytes, `train` has four; `test` joins partitions up to 20 bytes."""
    sizes, splits = [5] * 8, ["train", "test", "train", "test", "train", "train", "train", "test"]
    sharding = plan(kept_documents(sizes, splits=splits), 10)
    assert len(sharding.starts) == 4
    assert sharding.row_groups["train"] == ((0, 1), (1, 2), (2, 3), (3, 4))
    assert sharding.row_groups["test"] == ((0, 2), (2, 4))
    assert sharding.shards["train"] == ((0, 2), (2, 3), (3, 4))
    assert sharding.files("train") == [
        "data/train-00000-of-00003.parquet",
        "data/train-00001-of-00003.parquet",
        "data/train-00002-of-00003.parquet",
    ]


def test_the_name_of_a_shard_ends_with_the_hash_of_the_data():
    """Names sort by number, and are those of the Hub: `train-00000-of-00002-<hash>.parquet`."""
    sharding = plan(kept_documents([5] * 4), 10)
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
