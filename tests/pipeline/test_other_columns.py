"""A build of records with too many columns keeps every value, and says where."""

from __future__ import annotations

import json

import pyarrow as pa
from pyarrow import parquet

from corpus.cli.build_summary import summary
from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial


def build_records(folder, files, limit):
    """Build files of records, and return the build and its rows by id."""
    (folder / "in").mkdir(parents=True)
    for name, records in files.items():
        lines = [json.dumps(record) for record in records]
        (folder / "in" / name).write_text("\n".join(lines), encoding="utf-8")
    config = folder / "quay.yaml"
    config.write_text(
        "name: quay\nsources: [{path: in}]\nstages: [{stage: split, test: 0}]\n"
        f"output: {{path: out, max_columns: {limit}}}\non_error: 0\n",
        encoding="utf-8",
    )
    built = build(load_config(config), engine=Serial())
    table = pa.concat_tables(
        [parquet.read_table(path) for path in sorted((folder / "out" / "data").glob("*.parquet"))]
    )
    return built, table


TEXTS = [
    f"Quay number {i} {['opened', 'closed', 'rose', 'fell', 'sank'][i]} {i * 7919}"
    for i in range(5)
]
COMMON = [{"id": f"q{i}", "text": TEXTS[i], "port": "x"} for i in range(3)]


def test_no_record_stops_a_build_by_its_keys(tmp_path):
    """Columns beyond the limit are in one column of JSON, and the summary says so."""
    wide = {"id": "q3", "text": TEXTS[3], "port": "y"} | {f"k{i}": i for i in range(1001)}
    built, table = build_records(tmp_path / "one", {"a.jsonl": [*COMMON, wide]}, 1000)
    rows = {row["id"]: row for row in table.to_pylist()}
    words = " ".join(summary(built, load_config(tmp_path / "one" / "quay.yaml").card).split())

    assert table.schema.names == ["id", "text", "source", "port", "other_columns"]
    assert json.loads(rows["q3"]["other_columns"]) == {f"k{i}": i for i in range(1001)}
    assert [rows[f"q{i}"]["other_columns"] for i in range(3)] == [None] * 3
    assert "the sources have more than 1,000 different columns" in words


def test_files_do_not_decide_which_columns_are_kept(tmp_path):
    """The same records in one file and in three give the same columns and values."""
    records = [*COMMON, {"id": "q3", "text": TEXTS[3], "a": 1, "other_columns": "mine"}]
    records += [{"id": "q4", "text": TEXTS[4], "a": 2, "b": 3}]
    _, one = build_records(tmp_path / "one", {"a.jsonl": records}, 2)
    files = {f"{n}.jsonl": part for n, part in enumerate((records[3:], records[1:3], records[:1]))}
    _, three = build_records(tmp_path / "three", files, 2)

    assert one.schema.names == ["id", "text", "source", "a", "port", "other_columns"]
    assert one.drop(["source"]).sort_by("id").equals(three.drop(["source"]).sort_by("id"))
    assert one.sort_by("id").column("other_columns").to_pylist()[3:] == [
        '{"other_columns_source":"mine"}',
        '{"b":3}',
    ]


def test_a_column_that_only_the_stored_runs_have_as_json_is_published(tmp_path):
    """A batch keeps few columns; the corpus has as many as the setting says, with all values."""
    wide = {"id": "q3", "text": TEXTS[3], "port": "y"} | {f"k{i}": i for i in range(1500)}
    _, table = build_records(tmp_path, {"a.jsonl": [*COMMON, wide]}, 2000)
    row = next(row for row in table.to_pylist() if row["id"] == "q3")

    assert "other_columns" not in row
    assert {name: row[name] for name in wide} == wide


def test_a_column_that_is_rare_in_each_file_is_kept_if_it_is_not_rare_in_the_corpus(tmp_path):
    """Each file has a thousand columns of its own in more documents; no value is lost."""
    files = {}
    for number in range(2):
        own = {f"f{number}_{i}": 1 for i in range(1000)}
        files[f"{number}.jsonl"] = [
            {"id": f"q{number}{i}", "text": f"{TEXTS[i]} {number}"} | own | ({"zz": i} if i else {})
            for i in range(5)
        ]
    _, table = build_records(tmp_path, files, 1000)

    assert table.schema.names == ["id", "text", "source", "zz", "other_columns"]
    assert sorted(table["zz"].drop_null().to_pylist()) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert all(len(json.loads(text)) == 1000 for text in table["other_columns"].to_pylist())
