"""Groups of small files: a chunk with many files of many records each."""

from __future__ import annotations

import json

import pytest

import corpus
from corpus.pipeline.engine import Serial
from corpus.sources import Source, find_files, read, split_into_chunks, splitting
from corpus.sources.formats import is_group, without_group
from tests.sources.conftest import records


def write_files(folder, n, suffix="jsonl", size=0):
    """Write n files with three records each; the last one is longer by some bytes."""
    for k in range(n):
        rows = [{**row, "id": f"{k}-{row['id']}"} for row in records(0, 3)]
        if k == n - 1:
            rows[0]["text"] += "x" * size
        if suffix == "csv":
            text = "id,text\n" + "".join(f"{row['id']},{row['text']}\n" for row in rows)
        else:
            text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{k:03d}.{suffix}").write_text(text, encoding="utf-8")


def chunks_of(folder, pattern):
    """Return the chunks of the files."""
    source = Source(path=pattern)
    return list(split_into_chunks(find_files(source, folder).files, source)), source


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_small_files_are_one_chunk_with_the_same_records(tmp_path, suffix):
    """Read together or each alone, they give the same documents in the same order."""
    write_files(tmp_path, 5, suffix)
    (chunk,), source = chunks_of(tmp_path, f"*.{suffix}")
    assert is_group(chunk)
    alone = without_group(chunk)
    assert [len(each.files) for each in alone] == [1] * 5
    together = [row for batch, *_ in read(chunk, source) for row in batch.to_pylist()]
    assert together == [
        row for each in alone for batch, *_ in read(each, source) for row in batch.to_pylist()
    ]
    assert len(together) == 15


def test_a_larger_file_is_a_chunk_of_its_own(tmp_path, monkeypatch):
    """The others are together, also if it stands between them."""
    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", 5000)
    write_files(tmp_path, 3, size=6000)
    (tmp_path / "004.jsonl").write_text('{"id": "z", "text": "last"}\n')
    chunks, _ = chunks_of(tmp_path, "*.jsonl")
    assert sorted(len(chunk.files) for chunk in chunks) == [1, 3]
    assert not any(is_group(chunk) for chunk in chunks if len(chunk.files) == 1)


def build(folder, *, limit=None, **files):
    """Return the build of these files."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "in" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    config = {"name": "g", "sources": [{"path": "in"}], "stages": [{"stage": "split"}]}
    path = folder / "c.yaml"
    path.write_text(json.dumps(config | {"output": {"path": "out"}}), encoding="utf-8")
    return corpus.build(corpus.load_config(path), engine=Serial(), limit=limit)


def rows(name, n, **columns):
    """Return n records."""
    return [{"id": f"{name}{i}", "text": f"Text {i} of {name}."} | columns for i in range(n)]


FILES = {
    "a": rows("a", 2, x=1),
    "b": rows("b", 3),
    "c": rows("c", 1, x="one"),
    "e": rows("e", 2, x=2, date="2023-05-01"),
}


def test_a_group_gives_the_build_that_single_files_give(tmp_path, monkeypatch):
    """Also with other columns and types in each file."""
    grouped = build(tmp_path / "one", **FILES)
    monkeypatch.setattr(splitting, "MAX_GROUPED_BYTES", 0)
    single = build(tmp_path / "two", **FILES)
    assert grouped.manifest["files"] == single.manifest["files"]
    assert grouped.manifest["inputs"] == single.manifest["inputs"]
    assert grouped.manifest["counts"]["read"] == 8


def test_a_limit_is_kept_within_a_group(tmp_path):
    """A trial reads no record more than it was asked to."""
    assert build(tmp_path, limit=4, **FILES).manifest["counts"]["read"] == 4


def test_a_new_file_changes_only_its_group(tmp_path):
    """Where a group ends depends on the names of its own files."""
    write_files(tmp_path, 400)
    before, _ = chunks_of(tmp_path, "*.jsonl")
    assert len(before) > 3
    (tmp_path / "0205x.jsonl").write_text('{"id": "z", "text": "new"}\n')
    after, _ = chunks_of(tmp_path, "*.jsonl")
    names = [
        {tuple(file.name for file in chunk.files) for chunk in each} for each in (before, after)
    ]
    assert len(names[0] - names[1]) == 1
