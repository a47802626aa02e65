"""Hugging Face data sets, as `datasets` writes them; by name, those on this machine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from corpus.errors import InputError
from corpus.sources import Source, find

from .conftest import arrow_bytes, jsonl, read_all, records


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Save a data set of two splits, the way its users do."""
    import datasets

    folder = tmp_path_factory.mktemp("saved") / "set"
    splits = {"train": records(0, 30), "test": records(30, 40)}
    made = {name: datasets.Dataset.from_list(rows) for name, rows in splits.items()}
    datasets.DatasetDict(made).save_to_disk(str(folder))
    return folder


def test_a_saved_data_set_is_read(saved):
    """All splits of a folder are read; what describes them, or was cached beside them, is not."""
    (saved / "train" / "cache-0123.arrow").write_bytes(arrow_bytes(records(50, 55)))
    found = read_all(saved)

    assert found.rejects == []
    assert sorted(found.column("id")) == sorted(row["id"] for row in records(0, 40))
    assert set(found.column("source")) == {
        "train/data-00000-of-00001.arrow",
        "test/data-00000-of-00001.arrow",
    }
    assert len(read_all(saved / "train").documents) == 30
    assert len(read_all(saved / "test", format="huggingface").documents) == 10


def test_the_other_form_of_arrow_files_is_read(put):
    """A file in Arrow's file format is read as one in its stream format is."""
    table = pa.Table.from_pylist(records(0, 9))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as out:
        out.write_table(table, max_chunksize=4)
    found = read_all(put("a.arrow", sink.getvalue().to_pybytes()))

    assert found.column("_record") == list(range(1, 10))


def test_a_name_that_is_not_here_is_told(tmp_path, monkeypatch):
    """A data set that is not in the cache is an error that says how to load it."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)

    with pytest.raises(InputError, match=r"datasets\.load_dataset\('no-one/nothing', 'de'\)"):
        find(Source(path="hf://datasets/no-one/nothing/de"), tmp_path)
    with pytest.raises(InputError, match="not in the local cache"):
        find(Source(path="no-one/nothing", format="huggingface"), tmp_path)


def test_a_name_in_the_cache_is_read(tmp_path, monkeypatch, put, capfd):
    """A data set that `datasets` once prepared is read from its cache by its name."""
    import datasets

    path = put("rows.jsonl", jsonl(records(0, 40)))
    made = datasets.load_dataset("json", data_files=str(path), cache_dir=str(tmp_path / "made"))
    (cached,) = (Path(each["filename"]) for each in made["train"].cache_files)
    there = tmp_path / "cache" / "someone___set" / "default" / "0.0.0" / ("a" * 40)
    there.mkdir(parents=True)
    shutil.copy(cached, there / "set-train.arrow")
    info = json.loads((cached.parent / "dataset_info.json").read_text())
    told = info | {"dataset_name": "set", "builder_name": "parquet"}
    (there / "dataset_info.json").write_text(json.dumps(told))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    capfd.readouterr()
    found = read_all("hf://datasets/someone/set")

    assert [row["id"] for row in found.documents] == [f"d{i}" for i in range(40)]
    assert set(found.column("source")) == {"someone/set/train/00000.arrow"}
    assert capfd.readouterr() == ("", "")


def test_a_file_that_breaks_off_gives_what_it_has(put):
    """The batches before the damage are read; the rest is one reject by its bytes."""
    data = arrow_bytes(records(0, 21))
    found = read_all(put("a.arrow", data[: len(data) * 2 // 3]))

    assert found.column("_record") in ([*range(1, 8)], [*range(1, 15)])
    ((record, reason),) = found.reasons
    assert record is None
    assert f"breaks off after record {len(found.documents)}" in reason
    assert 0 < found.rejects[0].bytes < len(data)
