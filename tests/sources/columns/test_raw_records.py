"""The raw records of Arrow columns: their bytes, and which of them are too large."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from corpus.sources import Source, find_files, read, split_into_chunks
from corpus.sources.chunks import over_limit
from corpus.sources.columns import raw_records
from corpus.sources.columns.raw_records import rows_larger_than
from corpus.sources.json.text import canonical


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "b": st.text(alphabet='aé漢🙂"\\\n\x01', max_size=9),
                "a": st.none() | st.integers(-5, 2**63 - 1),
                "c": st.none() | st.lists(st.text(max_size=2)),
            }
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(4, 7),
)
def test_a_record_in_parts_has_the_bytes_of_the_whole_record(rows, size):
    """A large record gets the hash that it would have if it were small."""
    schema = pa.schema([("b", pa.string()), ("a", pa.int64()), ("c", pa.list_(pa.string()))])
    batch = pa.RecordBatch.from_pylist(rows, schema)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw_records, "LARGE_BATCH", 0)
        patch.setattr(raw_records, "LARGE_TEXT", size)
        raws = raw_records.raw_records(batch)
        joined = [raw if isinstance(raw, bytes) else b"".join(raw) for raw in raws]
    assert joined == [canonical(row) for row in rows]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["short", "x" * 50, None]),
        pa.array(["short", "x" * 50, "short"]).dictionary_encode(),
        pa.array(["short", "x" * 50, None], pa.string_view()),
        pa.array([b"short", b"x" * 50, None]),
        pa.array([["short"], ["x" * 20, "x" * 30], None]),
    ],
)
def test_only_the_record_with_a_large_value_is_too_large(column):
    """A record is as large as its own values, whatever the others of its batch have."""
    batch = pa.record_batch({"a": pa.array([1, 2, 3]), "b": column})
    assert rows_larger_than(batch, 55) == [1]
    assert rows_larger_than(batch, 500) == []


def write_parquet(path, table):
    """Write a Parquet file of one row group."""
    parquet.write_table(table, path)


def write_parquet_by_record(path, table):
    """Write a Parquet file with a row group for each record."""
    parquet.write_table(table, path, row_group_size=1)


def write_arrow(path, table):
    """Write an Arrow file."""
    with ipc.new_file(path, table.schema) as out:
        out.write_table(table)


@pytest.mark.parametrize("write", [write_parquet, write_parquet_by_record, write_arrow])
@pytest.mark.parametrize("type", [pa.string(), pa.large_binary()])
def test_a_record_above_the_limit_is_rejected_and_its_neighbours_are_read(tmp_path, write, type):
    """The reject names the record and the setting, as in every other format."""
    path = tmp_path / ("one.arrow" if write is write_arrow else "one.parquet")
    texts = [b"the first", b"large " * 50_000, b"the last"]
    write(path, pa.table({"id": ["a", "b", "c"], "text": pa.array(texts, type)}))
    source = Source(path=str(path), record_limit=200_000)
    documents, rejects = [], []
    for chunk in split_into_chunks(find_files(source, tmp_path).files, source):
        for batch, more, _ in read(chunk, source):
            documents += batch.column("text").to_pylist()
            rejects += more
    assert documents == ["the first", "the last"]
    assert [(reject.record, reject.reason) for reject in rejects] == [(2, over_limit(200_000))]


def test_a_row_group_of_one_record_above_the_limit_is_not_loaded(tmp_path, monkeypatch):
    """Its size in the file's footer is enough to reject it."""
    path = tmp_path / "one.parquet"
    write_parquet_by_record(path, pa.table({"text": ["large " * 50_000]}))
    message = "a record above the limit was loaded"
    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail(message))
    source = Source(path=str(path), record_limit=200_000)
    (chunk,) = split_into_chunks(find_files(source, tmp_path).files, source)
    ((batch, (reject,), _),) = read(chunk, source)
    assert (batch.num_rows, reject.record) == (0, 1)
