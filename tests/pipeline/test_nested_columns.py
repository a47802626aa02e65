"""Lists and structs of the sources keep their types in a build, its card and its Croissant file."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

import corpus
from corpus.pipeline.engine import Serial

TEXT = "The harbour of the old town opened again on Monday, and {} ships arrived in the evening."


def record(i: int, **columns: Any) -> dict[str, Any]:
    """Return a record with an id, a text and some more columns."""
    return {"id": f"d{i}", "text": TEXT.format(i)} | columns


def nested_columns(i: int) -> dict[str, Any]:
    """Return columns whose types agree, although no record has all of them."""
    meta = {"page": i} if i % 2 else {"page": i + 0.5, "@type": "News", "seen": {"by.whom": ["x"]}}
    return {
        "tags": ["harbour", "ships"][: i % 3],
        "links": [{"href": f"/{i}", "rank": i}, {"href": None}][: i % 3],
        "meta": meta,
        "grid": [[i, None], []],
        "mixed": [i] if i % 2 else {"i": i},
        "nothing": {"a": {}},
    }


@pytest.fixture(scope="module")
def nested_build(tmp_path_factory):
    """Return a build of JSON lines and Parquet with lists and structs."""
    folder = tmp_path_factory.mktemp("nested")
    lines = [json.dumps(record(i, **nested_columns(i))) for i in range(20)]
    (folder / "a.jsonl").write_text("\n".join(lines))
    rows = [record(i, tags=["wire"], meta={"page": i, "place": "Bergen"}) for i in range(20, 30)]
    parquet.write_table(pa.Table.from_pylist(rows), folder / "b.parquet")
    config = {
        "name": "nested",
        "sources": [{"path": str(folder / "*.*")}],
        "stages": [{"stage": "split", "test": 0.2, "leakage_threshold": None}],
        "output": {"path": str(folder / "build")},
    }
    return corpus.build(config, engine=Serial())


LINK = {"href": "string", "rank": "int64"}
META = {"@type": "string", "page": "float64", "place": "string", "seen": {"by.whom": ["string"]}}
FEATURES = {
    "tags": ["string"],
    "links": [LINK],
    "meta": META,
    "grid": [["int64"]],
    "mixed": "string",
    "nothing": "string",
}


def outline(feature: Any) -> Any:
    """Return a feature of `datasets` as a value with the names of the types."""
    if hasattr(feature, "feature"):
        return [outline(feature.feature)]
    if isinstance(feature, dict):
        return {name: outline(each) for name, each in sorted(feature.items())}
    return feature.dtype


@pytest.mark.parametrize("streaming", [False, True])
def test_load_dataset_has_the_types_of_lists_and_structs(nested_build, tmp_path, streaming):
    """`load_dataset` gives lists and dicts with their features; conflicting values are JSON."""
    from datasets import load_dataset

    where = str(nested_build.path)
    loaded = load_dataset(where, cache_dir=str(tmp_path), streaming=streaming)
    rows = {row["id"]: row for split in loaded.values() for row in split}

    assert {name: outline(loaded["train"].features[name]) for name in FEATURES} == FEATURES
    assert len(rows) == 30
    assert rows["d2"]["links"] == [{"href": "/2", "rank": 2}, {"href": None, "rank": None}]
    assert rows["d2"]["grid"] == [[2, None], []]
    assert rows["d2"]["meta"] == {
        "@type": "News",
        "page": 2.5,
        "place": None,
        "seen": {"by.whom": ["x"]},
    }
    assert [rows[f"d{i}"]["tags"] for i in (3, 1, 20)] == [[], ["harbour"], ["wire"]]
    assert [rows[f"d{i}"]["mixed"] for i in (1, 2)] == ["[1]", '{"i":2}']
    assert rows["d1"]["nothing"] == '{"a":{}}'
    assert rows["d20"]["links"] is None


def test_card_and_croissant_describe_lists_and_structs(nested_build):
    """The card has the features that `datasets` infers; Croissant is valid and reads them."""
    import yaml
    from datasets import Features, load_dataset

    card = (nested_build.path / "README.md").read_text()
    described = yaml.safe_load(card.split("---")[1])["dataset_info"][0]["features"]
    loaded = load_dataset(str(nested_build.path), split="train", streaming=True)
    assert Features._from_yaml_list(described) == loaded.features
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlcroissant = pytest.importorskip("mlcroissant")
        logging.disable(logging.WARNING)
        dataset = mlcroissant.Dataset(jsonld=nested_build.path / "croissant.json")
        rows = list(dataset.records("train"))
        logging.disable(logging.NOTSET)
    assert not dataset.metadata.ctx.issues.errors
    (row,) = [row for row in rows if row["train/id"] == b"d1"]
    assert row["train/tags"] == [b"harbour"]
    assert row["train/links"] == [{"train/links/href": b"/1", "train/links/rank": 1}]


def test_verify_audit_and_a_second_build_read_nested_columns(nested_build, tmp_path):
    """A build with lists and structs verifies, is audited, and is a source with the same types."""
    assert not corpus.verify(nested_build.path).differences
    audit = corpus.audit(nested_build.path)
    columns = {row["name"]: row["missing"] for row in audit.statistics["columns"]}
    assert (columns["links"], columns["tags"]) == (10, 0)
    again = corpus.build(
        {
            "name": "again",
            "sources": [{"path": str(nested_build.path / "data" / "*.parquet")}],
            "stages": [{"stage": "split", "test": 0}],
            "output": {"path": str(tmp_path / "again")},
        },
        engine=Serial(),
    )
    (shard,) = Path(again.path).glob("data/*.parquet")
    first = parquet.read_schema(
        nested_build.path / nested_build.manifest["splits"]["train"]["shards"][0]
    )
    schema = parquet.read_schema(shard)
    assert {name: schema.field(name).type for name in FEATURES} == {
        name: first.field(name).type for name in FEATURES
    }


STAGES = [
    {"stage": "filter", "columns": {"tags": ['["harbour"]', '["wire"]']}},
    {"stage": "filter", "without": {"mixed": ['{"i":2}']}},
    {"stage": "split", "test": 0.3, "stratify": ["tags"], "leakage_threshold": None},
    {"stage": "split", "test": 0.3, "by": {"group": "meta"}, "leakage_threshold": None},
    {"stage": "deduplicate", "keep": {"prefer": {"tags": ['["wire"]']}}, "threshold": 0.99},
]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: "-".join(map(str, stage))[:40])
def test_stages_use_lists_and_structs_as_json_text(tmp_path, stage):
    """A stage that filters, groups or prefers by a nested column compares its JSON text."""
    lines = [json.dumps(record(i, **nested_columns(i))) for i in range(12)]
    lines += [json.dumps(record(i, tags=["wire"])) for i in range(12, 15)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    built = corpus.build(
        {
            "name": "nested",
            "sources": [{"path": str(tmp_path / "a.jsonl")}],
            "stages": [stage],
            "output": {"path": str(tmp_path / "out")},
        },
        engine=Serial(),
    )
    kept = {row["id"] for path in built.path.glob("data/*") for row in rows_of(path)}
    if "columns" in stage:
        assert kept == {"d1", "d4", "d7", "d10", "d12", "d13", "d14"}
    elif "without" in stage:
        assert kept == {f"d{i}" for i in range(15)} - {"d2"}
    else:
        assert len(kept) + built.manifest["counts"]["removed"] == 15


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a shard."""
    return parquet.read_table(path).to_pylist()


def test_conflicting_sources_give_json_text_whatever_their_order(tmp_path):
    """A list in one source and a struct in another are JSON text in both."""
    (tmp_path / "a.jsonl").write_text(json.dumps(record(1, x=["a"])))
    (tmp_path / "b.jsonl").write_text(json.dumps(record(2, x={"a": 1})))
    shards = []
    for names in ("ab", "ba"):
        built = corpus.build(
            {
                "name": "c",
                "sources": [{"path": str(tmp_path / f"{name}.jsonl")} for name in names],
                "stages": [{"stage": "filter"}],
                "output": {"path": str(tmp_path / names)},
            },
            engine=Serial(),
        )
        (path,) = built.path.glob("data/*")
        assert {row["x"] for row in rows_of(path)} == {'["a"]', '{"a":1}'}
        shards.append(path.read_bytes())
    assert shards[0] == shards[1]
