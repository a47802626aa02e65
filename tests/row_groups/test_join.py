"""Joining row groups: the bytes of a Parquet file whose row groups are written one by one."""

from __future__ import annotations

import io
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.row_groups import join_row_groups
from corpus.row_groups.thrift import Reader, Struct, Writer

FIELDS = {
    "text": st.none() | st.text(max_size=40),
    "number": st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
    "share": st.none() | st.floats(allow_nan=False),
    "is_new": st.none() | st.booleans(),
    "list": st.none() | st.lists(st.fixed_dictionaries({"a": st.none() | st.integers(0, 9)})),
    "nothing": st.none(),
}
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("number", pa.int64()),
        ("share", pa.float64()),
        ("is_new", pa.bool_()),
        ("list", pa.list_(pa.struct([("a", pa.int32())]))),
        ("nothing", pa.string()),
    ],
    metadata={"huggingface": "{}"},
)
tables = st.lists(
    st.lists(st.fixed_dictionaries(FIELDS), min_size=1, max_size=20), min_size=1, max_size=5
)


def written(tables, path, **options):
    """Write tables into one Parquet file, each as a row group."""
    with pq.ParquetWriter(path, SCHEMA, compression="zstd", **options) as out:
        for table in tables:
            out.write_table(table, row_group_size=max(1, table.num_rows))


def joined(tables, folder, **options):
    """Return the bytes of the joined files of the tables."""
    paths = [folder / f"{number}.parquet" for number in range(len(tables))]
    for table, path in zip(tables, paths, strict=True):
        written([table], path, **options)
    out = io.BytesIO()
    join_row_groups(paths, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder that every example writes into anew."""
    return tmp_path_factory.mktemp("row-groups")


@given(rows=tables, index=st.booleans(), dictionary=st.booleans())
def test_the_bytes_are_those_of_one_file(folder, rows, index, dictionary):
    """Pyarrow writes the same bytes if it writes all row groups into one file."""
    groups = [pa.Table.from_pylist(each, SCHEMA) for each in rows]
    options = {"write_page_index": index, "use_dictionary": dictionary}
    expected = io.BytesIO()
    written(groups, expected, **options)
    assert joined(groups, folder, **options) == expected.getvalue()


def words(n):
    """Return a table of n texts, some of them long."""
    draw = random.Random(n)
    texts = [f"word{draw.randrange(999)} " * draw.randrange(1, 300) for _ in range(n)]
    return pa.table({"text": texts}).cast(pa.schema([("text", pa.string())]))


def test_pages_are_found_by_their_index(tmp_path):
    """Pages cut by content, several row groups in a file: rows and indexes are right."""
    groups = [words(n) for n in (3000, 1, 900, 17)]
    options = {"use_content_defined_chunking": True, "write_page_index": True}
    paths = []
    for number, several in enumerate((groups[:2], groups[2:])):
        paths.append(tmp_path / f"{number}.parquet")
        with pq.ParquetWriter(paths[-1], groups[0].schema, compression="zstd", **options) as out:
            for group in several:
                out.write_table(group)
    path = tmp_path / "joined.parquet"
    with path.open("wb") as out:
        join_row_groups(paths, out)
    file = pq.ParquetFile(path)
    assert [file.read_row_group(i).num_rows for i in range(4)] == [3000, 1, 900, 17]
    assert file.read().equals(pa.concat_tables(groups))
    chunks = [file.metadata.row_group(i).column(0) for i in range(4)]
    assert all(chunk.has_offset_index and chunk.has_column_index for chunk in chunks)
    longest = max(groups[0]["text"].to_pylist())
    found = pq.read_table(path, filters=[("text", "==", longest)])
    assert found.num_rows == pa.concat_tables(groups)["text"].to_pylist().count(longest)


def test_a_single_file_is_copied(tmp_path):
    """Its bytes are those of the file."""
    written([pa.Table.from_pylist([{"text": "a"}], SCHEMA)], tmp_path / "0", write_page_index=True)
    out = io.BytesIO()
    join_row_groups([tmp_path / "0"], out)
    assert out.getvalue() == (tmp_path / "0").read_bytes()


@pytest.mark.parametrize("cut", [1, 4, 9])
def test_a_file_that_is_cut_off_is_refused(tmp_path, cut):
    """Whatever is missing at its end."""
    path = tmp_path / "0"
    written([pa.Table.from_pylist([{"text": "a"}], SCHEMA)], path, write_page_index=True)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises((ValueError, IndexError)):
        join_row_groups([path], io.BytesIO())


def test_fields_that_nobody_knows_are_written_as_they_were_read():
    """Numbers of fields far apart, long lists, booleans, doubles, negative and large numbers."""
    data = bytes(
        [
            *(0x15, 0x01),  # field 1: i32, -1
            0x11,  # field 2: true
            *(0x02, 0xC8, 0x01),  # field 100: false
            *(0x17, *range(8)),  # field 101: a double
            *(0x19, 0xF5, 0x10, *range(0, 32, 2)),  # field 102: a list of 16 i32
            *(0x19, 0x21, 0x01, 0x02),  # field 103: a list of two booleans
            *(0x13, 0x07),  # field 104: a byte
            *(0x1C, 0x18, 0x02, 0x61, 0x62, 0x00),  # field 105: a struct with a string
            *(0x16, *[0xFF] * 9, 0x01),  # field 106: the lowest i64
            0x00,
        ]
    )
    reader, writer = Reader(data), Writer()
    read = reader.struct()
    assert (read[1], read[2], read[100], read[106]) == (-1, True, False, -(1 << 63))
    assert list(read[102].values) == list(range(16))
    assert read[105][1] == b"ab"
    writer.struct(read)
    assert bytes(writer.data) == data
    with pytest.raises(KeyError):
        read[3] = 1
    with pytest.raises(ValueError, match="unknown type"):
        Reader(bytes([0x1B, 0x00, 0x00])).struct()
    assert Struct().values == {}
