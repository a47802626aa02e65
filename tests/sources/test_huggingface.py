"""Hugging Face datasets: saved folders, and cached datasets by name."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.sources import Source, find_files
from tests.sources.conftest import arrow_bytes, jsonl, read_all, records


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a folder with a saved dataset of two splits."""
    import datasets

    folder = tmp_path_factory.mktemp("saved") / "set"
    splits = {"train": records(0, 30), "test": records(30, 40)}
    made = {name: datasets.Dataset.from_list(rows) for name, rows in splits.items()}
    datasets.DatasetDict(made).save_to_disk(str(folder))
    return folder


def test_a_saved_dataset_is_read(saved):
    """All splits of a saved folder are read, without metadata and cache files."""
    (saved / "train" / "cache-0123.arrow").write_bytes(arrow_bytes(records(50, 55)))
    result = read_all(saved)

    assert result.rejects == []
    assert sorted(result.column("id")) == sorted(row["id"] for row in records(0, 40))
    assert set(result.column("source")) == {
        "train/data-00000-of-00001.arrow",
        "test/data-00000-of-00001.arrow",
    }
    assert len(read_all(saved / "train").documents) == 30
    assert len(read_all(saved / "test", format="huggingface").documents) == 10


def test_the_arrow_file_format_is_read(put):
    """Arrow's file format is read, like its stream format."""
    table = pa.Table.from_pylist(records(0, 9))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as out:
        out.write_table(table, max_chunksize=4)
    result = read_all(put("a.arrow", sink.getvalue().to_pybytes()))

    assert result.column("_record") == list(range(1, 10))


def test_a_message_that_claims_more_than_the_file_has_is_a_reject(put):
    """A length that a file does not have is damage of the file, and not a lack of memory."""
    data = arrow_bytes(records(0, 9))
    messages = list(pa.ipc.MessageReader.open_stream(data))
    size = messages[1].body.size.to_bytes(8, "little")
    damaged = data.replace(size, (6 << 40).to_bytes(8, "little"), 1)
    result = read_all(put("a.arrow", damaged))

    assert len(result.documents) == 0
    assert "cannot be read after record 0" in result.rejects[0].reason


def test_a_dataset_that_is_not_cached_is_an_error(tmp_path, monkeypatch):
    """Without a network, the error for a dataset that is not in the cache says how to load it."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)

    with pytest.raises(InputError, match=r"not in the local cache .*hf://datasets/no-one/nothing"):
        find_files(Source(path="no-one/nothing", format="huggingface"), tmp_path)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    with pytest.raises(
        InputError, match=r"HF_HUB_OFFLINE .*load_dataset\('no-one/nothing', 'de'\)"
    ):
        find_files(Source(path="hf://datasets/no-one/nothing/de"), tmp_path)


def test_a_cached_dataset_is_read_by_name(tmp_path, monkeypatch, put, capfd):
    """A dataset in the cache of `datasets` is read by its name."""
    import datasets

    path = put("rows.jsonl", jsonl(records(0, 40)))
    made = datasets.load_dataset("json", data_files=str(path), cache_dir=str(tmp_path / "made"))
    (cached,) = (Path(each["filename"]) for each in made["train"].cache_files)
    cache_folder = tmp_path / "cache" / "someone___set" / "default" / "0.0.0" / ("a" * 40)
    cache_folder.mkdir(parents=True)
    shutil.copy(cached, cache_folder / "set-train.arrow")
    info = json.loads((cached.parent / "dataset_info.json").read_text())
    info |= {"dataset_name": "set", "builder_name": "parquet"}
    (cache_folder / "dataset_info.json").write_text(json.dumps(info))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    capfd.readouterr()
    result = read_all("hf://datasets/someone/set")

    assert [row["id"] for row in result.documents] == [f"d{i}" for i in range(40)]
    assert set(result.column("source")) == {"someone/set/train/00000.arrow"}
    assert capfd.readouterr() == ("", "")


def test_a_truncated_file_is_read_up_to_its_end(put):
    """The batches before the damage are read; the rest is one reject with its size."""
    data = arrow_bytes(records(0, 21))
    result = read_all(put("a.arrow", data[: len(data) * 2 // 3]))

    assert result.column("_record") in ([*range(1, 8)], [*range(1, 15)])
    ((record, reason),) = result.reasons
    assert record is None
    assert f"cannot be read after record {len(result.documents)}" in reason
    assert 0 < result.rejects[0].bytes < len(data)


def test_bytes_after_the_end_of_a_stream_are_damage(put):
    """Where zeros replace a message the stream seems to end; the records after it are named."""
    data = arrow_bytes(records(0, 21))
    second = data.rindex(b"\xff\xff\xff\xff", 0, len(data) - 8)
    for rest in (bytes(len(data) - second), b"\0\0\0\0\0\0\0\0" + b"noise", b"\0" * 9):
        result = read_all(put("a.arrow", data[:second] + rest))

        ((record, reason),) = result.reasons
        assert record is None
        assert f"cannot be read after record {len(result.documents)}" in reason
        assert result.column("_record") == list(range(1, len(result.documents) + 1))


def test_streams_one_after_another_are_read(put):
    """A file of several streams has the records of all."""
    result = read_all(put("a.arrow", arrow_bytes(records(0, 9)) + arrow_bytes(records(9, 20))))

    assert result.rejects == []
    assert result.column("_record") == list(range(1, 21))


@pytest.mark.parametrize("name", ["publisher", "inner"])
@pytest.mark.parametrize("is_file", [False, True])
def test_a_column_name_that_is_not_utf_8_is_a_reject(put, name, is_file):
    """The damage is named, whether the column stands by itself or inside another."""
    rows = {"text": ["The council met."], "publisher": ["a"], "more": [[{"inner": 1}]]}
    table = pa.table(rows)
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_file if is_file else pa.ipc.new_stream)(sink, table.schema) as out:
        out.write_table(table)
    bad = sink.getvalue().to_pybytes().replace(name.encode(), b"\xb1" * len(name))
    result = read_all(put("a.arrow", bad))

    assert len(result.documents) == 0
    assert "the name of a column is not valid UTF-8" in result.rejects[0].reason


@pytest.mark.parametrize("limit", [16_000_000, 1000])
@pytest.mark.parametrize("offset", [1 << 30, -5, (1 << 31) - 1, 700_000])
def test_an_offset_outside_of_the_data_costs_the_records_that_it_concerns(put, offset, limit):
    """No byte outside of the data is read, also when records above the limit are taken out."""
    data = arrow_bytes(records(0, 6), size=6)
    lengths = [len(row["text"].encode()) for row in records(0, 6)]
    offsets = np.cumsum([0, *lengths], dtype=np.int32)
    damaged = offsets.copy()
    damaged[3] = offset
    assert data.count(offsets.tobytes()) == 1
    path = put("a.arrow", data.replace(offsets.tobytes(), damaged.tobytes()))
    result = read_all(path, record_limit=limit)

    assert set(result.column("_record")) <= {1, 2, 5, 6}
    assert len(result.documents) + len(result.rejects) == 6


@pytest.mark.parametrize("width", [1, 4, 128])
def test_a_type_that_pyarrow_does_not_know_is_a_reject(put, width):
    """A damaged width of a number is a type that does not exist, and no bug of ours."""
    data = arrow_bytes(pa.table({"text": ["a", "b"], "n": pa.array([1, 2], pa.int64())}))
    place = data.index((64).to_bytes(4, "little"), data.index(b"n\0\0\0"))
    result = read_all(put("a.arrow", data[:place] + bytes([width]) + data[place + 1 :]))

    assert len(result.documents) == 0
    assert "cannot be read" in result.rejects[0].reason


@pytest.mark.parametrize("is_file", [False, True])
def test_records_without_columns_are_a_reject(put, is_file):
    """A damaged schema may have no columns, and any number of records: they are not lost unsaid."""
    batch = pa.record_batch([pa.array(["The council met."] * 9)], names=["text"]).select([])
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_file if is_file else pa.ipc.new_stream)(sink, batch.schema) as out:
        out.write_batch(batch)
    length = (9).to_bytes(8, "little")
    data = sink.getvalue().to_pybytes()
    assert data.count(length) == 1
    for damaged in (data, data.replace(length, (1 << 50).to_bytes(8, "little"))):
        result = read_all(put("a.arrow", damaged))

        assert len(result.documents) == 0
        assert "a record batch has no columns" in result.rejects[0].reason


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_byte_never_ends_the_process(data):
    """Any few bytes of an Arrow file may be damaged: records are read or rejected."""
    good = arrow_bytes(records(0, 9), size=4)
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.arrow").write_bytes(damaged)
        result = read_all(Path(folder) / "a.arrow", record_limit=1000)

    assert len(result.documents) + len(result.rejects) > 0
