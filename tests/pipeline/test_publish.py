"""What is published: tasks of the last pass, names of shards, and why nothing is left."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus import storage
from corpus.documents import ID, ID_IS_GIVEN, TEXT, content_hash
from corpus.pipeline import describe, last_pass, publish, shards
from corpus.pipeline.counted import Counted, merge_counted
from corpus.pipeline.engine import Serial
from corpus.pipeline.first_pass import FirstPass, InputCounts
from corpus.pipeline.kept_columns import KeptColumns
from corpus.pipeline.last_pass import FragmentsTask, join_fragments
from corpus.pipeline.partition_files import write_fragment
from corpus.pipeline.partitions import Partition
from corpus.pipeline.portions import END
from corpus.pipeline.sharding import Sharding, data_hash
from corpus.pipeline.shards import documents_of_table, feature, shard_columns, write_row_groups

SHARDING = Sharding(
    (0, 10, 20),
    {"train": ((0, 1), (1, 2), (2, 3)), "de/test": ((0, 2), (2, 3))},
    {"train": ((0, 1), (1, 2), (2, 3)), "de/test": ((0, 2), (2, 3))},
)
STAGED = Path("staged")


@pytest.mark.parametrize("workers", [1, 5])
def test_each_partition_writes_the_row_groups_that_it_has_alone(workers):
    """Together the partitions have every place; a shared row group is none of a partition's."""
    tasks = publish._partition_tasks(SHARDING, None, workers)
    assert [part for task in tasks for part in task.partitions] == [
        Partition(0, 10, ("train",)),
        Partition(10, 20, ("train",)),
        Partition(20, END, ("train", "de/test")),
    ]


def test_shards_get_the_hash_of_all_data_in_their_names(tmp_path):
    """Every shard has its row groups in their order; its name is that of its entry."""
    row_groups = {
        destination: [
            write_row_groups(
                tmp_path / f"{destination}-{first}.parquet",
                documents_of_table(documents_of(f"{destination} {first}")),
                SCHEMA,
            )
            for first, _ in ranges
        ]
        for destination, ranges in SHARDING.row_groups.items()
    }
    named, files = publish._write_shards(tmp_path, SHARDING, row_groups, Serial())
    before = dict(zip(named.all_files(), SHARDING.all_files(), strict=True))
    hashes = {before[name]: entry.sha256 for name, entry in files.items()}
    assert named.data_hash == data_hash(hashes)
    assert sorted(files) == sorted(named.all_files())
    for name, entry in files.items():
        assert name == before[name].replace(".parquet", f"-{named.data_hash}.parquet")
        assert entry.sha256 == storage.sha256(tmp_path / name)
        assert (entry.rows, entry.bytes) == (1, (tmp_path / name).stat().st_size)
    texts = [pq.read_table(tmp_path / name)[TEXT].to_pylist() for name in named.files("train")]
    assert texts == [["train 0"], ["train 1"], ["train 2"]]


def removed_run(*rows):
    """Return a run from which documents were removed, given as stage and reason."""
    batch = pa.record_batch({"stage": [r[0] for r in rows], "reason": [r[1] for r in rows]})
    return SimpleNamespace(removed=lambda: batch)


def test_the_causes_are_listed_if_no_document_is_left():
    """Removals of all passes are added, then come rejects, and records that are no pages."""
    runs = (
        removed_run(*[("filter", "words")] * 1200, ("clean", "empty")),
        removed_run(("filter", "lines"), ("filter", "words")),
    )
    inputs = {
        (0, "a"): InputCounts(skipped={"menu": 1, "image": 2}),
        (0, "b"): InputCounts(skipped={"menu": 1500}),
    }
    results = SimpleNamespace(
        runs=runs,
        rejected=[None] * 2000,
        first=FirstPass(inputs=inputs, read=5000),
        last=SimpleNamespace(removed=Counter({("filter", "words"): 7, ("split", "leak"): 2})),
    )
    head, *causes = publish._nothing_left(results).splitlines()
    assert head.startswith("nothing is left of 5,000 records, so nothing was built; check the ")
    assert head.endswith(" stages:")
    assert causes == [
        "  clean: empty: 1",
        "  filter: lines: 1",
        "  filter: words: 1,208",
        "  split: leak: 2",
        "  could not be read: 2,000",
        "  not a page: image: 2",
        "  not a page: menu: 1,501",
    ]
    nothing = SimpleNamespace(
        runs=(), rejected=(), first=FirstPass(), last=SimpleNamespace(removed=Counter())
    )
    assert publish._nothing_left(nothing) == (
        "nothing is left of 0 records, so nothing was built; check the sources, and the settings "
        "of the stages"
    )


def test_the_largest_clusters_of_every_stage_are_shown():
    """Their ids come sorted and once; a stage without clusters has none."""
    metrics = [
        {},
        {"clusters": {}},
        {"clusters": {"largest": [{"id": "b"}, {"id": "a"}]}},
        {"clusters": {"largest": [{"id": "b"}]}},
    ]
    assert publish._cluster_ids(metrics) == ("a", "b")


def test_equal_records_in_the_ledger_are_numbered():
    """Records without an id get a number from the second on; given ids stay as they are."""
    ids, given = ["a", "a", "a", "b", "c", "c", "d", "d"], [0, 0, 0, 0, 1, 1, 0, 0]
    ledger = pa.table({"n": range(8), ID: ids, ID_IS_GIVEN: pa.array(map(bool, given))})
    numbered = last_pass._number_equal_records(ledger)
    assert numbered.schema.names == ledger.schema.names
    assert numbered[ID].to_pylist() == ["a", "a-2", "a-3", "b", "c", "c", "d", "d-2"]


def test_removals_are_counted_by_stage_and_reason():
    """Each has its documents and the characters of their texts."""
    rows = [("a", "x", 3), ("b", "x", 1), ("a", "x", 4), ("a", "y", 0)]
    names = ("stage", "reason", "characters")
    ledger = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    assert sorted(last_pass._count_removals(ledger)) == [
        ("a", "x", 2, 7),
        ("a", "y", 1, 0),
        ("b", "x", 1, 1),
    ]


class Numbers(frozenset):
    """Statistics that are merged by joining them."""

    merge = frozenset.union


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(None, None, None), ({1}, None, {1}), (None, {2}, {2}), ({1}, {2}, {1, 2})],
)
def test_what_two_partitions_counted_is_merged(one, two, expected):
    """Statistics may be missing on either side; all else is in the order of the partitions."""
    parts = [
        Counted(None if n is None else Numbers(n), excerpts=((str(i), "x"),))
        for i, n in enumerate((one, two))
    ]
    merged = merge_counted(parts)
    assert merged.statistics == expected
    assert merged.excerpts == (("0", "x"), ("1", "x"))


def documents_of(*texts):
    """Return a table of documents with these texts."""
    ids = pa.array([f"doc-{i}" for i in range(len(texts))])
    return pa.table({ID: ids, TEXT: pa.array(texts, pa.large_string())})


SCHEMA = pa.schema([(ID, pa.string()), (TEXT, pa.string())])


def test_a_row_group_is_joined_from_the_fragments_that_exist(tmp_path):
    """A partition without a document in it has left no fragment."""
    paths = tuple(tmp_path / f"{i}.arrow" for i in range(3))
    write_fragment(paths[0], documents_of("one", "two"))
    write_fragment(paths[2], documents_of("drei"))
    task = FragmentsTask("de/test", paths, tmp_path / "joined.parquet", SCHEMA)
    written = join_fragments(task)
    assert pq.read_table(task.path)[TEXT].to_pylist() == ["one", "two", "drei"]
    assert written.row_groups[:3] == (task.path, 3, 10)
    assert written.counted.statistics.to_json()["splits"]["test"]["documents"] == 3


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([], [0]),
        ([0, 0], [2]),
        ([100], [1]),
        ([10] * 10, [10]),
        ([10] * 11, [10, 1]),
        ([50] * 6, [2, 2, 2]),
        ([1000, 1, 1], [1, 1, 1]),
    ],
)
def test_row_groups_have_about_equal_bytes_of_text(tmp_path, monkeypatch, sizes, groups):
    """With 100 bytes, a group has the documents that have 100 bytes on average."""
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 100)
    path, documents = tmp_path / "shard.parquet", documents_of(*("x" * size for size in sizes))
    written = write_row_groups(path, documents_of_table(documents), SCHEMA)
    found = pq.read_metadata(path)
    assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == groups
    assert (written.rows, written.bytes) == (len(sizes), sum(sizes))
    assert f"{written.content:032x}" == content_hash(documents.cast(SCHEMA))


@pytest.mark.parametrize(("size", "has_statistics"), [(100, True), (101, False)])
def test_only_a_large_text_has_no_statistics(tmp_path, monkeypatch, size, has_statistics):
    """The writer would copy it several times; the other columns have theirs, and all an index."""
    monkeypatch.setattr(shards, "LARGE_TEXT_BYTES", 100)
    write_row_groups(
        tmp_path / "shard.parquet", documents_of_table(documents_of("x", "y" * size)), SCHEMA
    )
    id, text = (
        pq.read_metadata(tmp_path / "shard.parquet").row_group(0).column(i) for i in range(2)
    )
    assert id.is_stats_set
    assert text.is_stats_set == has_statistics
    assert ("PLAIN_DICTIONARY" in text.encodings or "RLE_DICTIONARY" in text.encodings) == (
        has_statistics
    )
    assert id.has_offset_index
    assert text.has_offset_index


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        (pa.string(), {"dtype": "string", "_type": "Value"}),
        (pa.float64(), {"dtype": "float64", "_type": "Value"}),
        (pa.float32(), {"dtype": "float32", "_type": "Value"}),
        (pa.timestamp("us", "UTC"), {"dtype": "timestamp[us, tz=UTC]", "_type": "Value"}),
        (pa.timestamp("ns"), {"dtype": "timestamp[ns]", "_type": "Value"}),
        (
            pa.large_list(pa.struct([("a", pa.list_(pa.int64()))])),
            {
                "feature": {
                    "a": {"feature": {"dtype": "int64", "_type": "Value"}, "_type": "List"}
                },
                "_type": "List",
            },
        ),
    ],
    ids=str,
)
def test_every_type_has_a_feature(type, expected):
    """`datasets` gets a description of the type as deep as it is nested."""
    assert feature(type) == expected


def test_what_may_differ_between_equal_builds_names_nothing_of_the_machine(tmp_path, monkeypatch):
    """Time, duration, workers, engine, and the name of the config without its folder."""
    began = 1_700_000_000.0
    monkeypatch.setattr(describe, "time", SimpleNamespace(
        time=lambda: began + 12.3456, gmtime=time.gmtime, strftime=time.strftime
    ))  # fmt: skip
    for config, name in ((tmp_path / "deep" / "news.yaml", "news.yaml"), (None, None)):
        describe.write_run_json(
            tmp_path / "run.json",
            SimpleNamespace(path=config),
            SimpleNamespace(workers=3),
            began=began,
        )
        assert json.loads((tmp_path / "run.json").read_text()) == {
            "started": "2023-11-14T22:13:20Z",
            "seconds": 12.35,
            "workers": 3,
            "engine": "simplenamespace",
            "config": name,
        }


def test_columns_that_a_stage_adds_are_published_if_they_have_a_value():
    """Whatever their names are; the split is in the names of the shards instead."""
    adds = pa.schema([("aside", pa.int64()), ("split", pa.string()), ("topic", pa.large_string())])
    stages = [SimpleNamespace(adds=adds), SimpleNamespace(adds=pa.schema([("empty", pa.int8())]))]
    filled = {"title", "aside", "split", "topic"}
    schema = shard_columns(KeptColumns(filled, ()), stages, max_columns=9).schema
    assert schema.names == ["id", "text", "title", "aside", "topic"]
    assert [schema.field(name).type for name in ("text", "topic")] == [pa.string()] * 2
