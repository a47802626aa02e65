"""Parquet: columns of any type, damage by row group, and rows that no reader should trust."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from .conftest import essay, jsonl, parquet_bytes, read_all, records

DAY = datetime(2023, 5, 22, tzinfo=UTC)


def test_it_says_what_json_lines_say(put):
    """The same records as Parquet and as JSON lines become the same documents."""
    rows = [
        {**row, "n": i, "x": i / 2, "ok": i % 2 == 0, "tags": [row["section"]], "none": None}
        for i, row in enumerate(records(0, 30))
    ]
    rows[3]["title"], rows[4]["title"], rows[5]["n"] = None, "", None
    one = read_all(put("a.jsonl", jsonl(rows)))
    two = read_all(put("b.parquet", parquet_bytes(rows)))
    ours = {"source", "_digest"}

    assert one.schema == two.schema
    assert [{k: v for k, v in row.items() if k not in ours} for row in one.documents] == [
        {k: v for k, v in row.items() if k not in ours} for row in two.documents
    ]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["2023-05-22"]),
        pa.array([date(2023, 5, 22)]),
        pa.array([DAY], pa.timestamp("ns", "UTC")),
        pa.array([DAY], pa.timestamp("s")),
        pa.array([1684713600]),
    ],
    ids=str,
)
def test_dates_of_every_type_are_read(column, put):
    """A date may be a text, a day, a time or a number."""
    table = pa.table({"text": ["x"], "date": column})

    assert read_all(put("a.parquet", parquet_bytes(table))).column("date") == [DAY]


def test_a_date_that_is_none_stays_beside(put):
    """What could not be read as a date is in an extra column."""
    table = pa.table({"text": ["x", "y"], "date": ["soon", "2023-05-22"]})
    found = read_all(put("a.parquet", parquet_bytes(table)))

    assert found.column("date") == [None, DAY]
    assert found.column("date_source") == ["soon", None]


@pytest.mark.parametrize(
    "texts",
    [
        pa.array(["a", "b"], pa.large_string()),
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array([b"a", b"b"], pa.binary()),
        pa.array(["a", "b"], pa.string_view()),
    ],
    ids=lambda a: str(a.type),
)
def test_texts_of_every_type_are_read(texts, put):
    """A text may be large, a dictionary's, bytes or a view."""
    assert read_all(put("a.parquet", parquet_bytes(pa.table({"text": texts})))).texts == ["a", "b"]


def test_ids_are_texts(put):
    """Numbers are ids in decimals; a missing one is made; another type is a reject."""
    table = pa.table({"text": ["a", "b"], "id": pa.array([7, None], pa.int64())})
    found = read_all(put("a.parquet", parquet_bytes(table)))

    assert found.documents[0]["id"] == "7"
    assert found.column("_given") == [True, False]
    bad = read_all(put("b.parquet", parquet_bytes(pa.table({"text": ["a"], "id": [True]}))))
    assert bad.reasons == [(1, "the id is true or false, not text or a number")]


def test_rows_without_text_are_rejects(put):
    """A null text is a reject with the number of its record; a column of numbers rejects all."""
    found = read_all(put("a.parquet", parquet_bytes(pa.table({"text": ["a", None, "", "d"]}))))

    assert found.texts == ["a", "", "d"]
    assert found.column("_record") == [1, 3, 4]
    assert found.reasons == [(2, "'text' is null")]
    numbers = read_all(put("b.parquet", parquet_bytes(pa.table({"text": [1, 2]}))))
    assert numbers.reasons == [(i, "'text' is a number, not text") for i in (1, 2)]
    none = read_all(put("c.parquet", parquet_bytes(pa.table({"body": ["x"]}))))
    assert none.reasons == [(1, "no 'text'; the record has 'body'")]


def test_strings_that_are_no_utf8_are_rejects(put):
    """Invalid bytes under a string type, which Parquet does not forbid, cost their own record."""
    raw = pa.array([b"good", b"b\xff\xfed", b"fine"], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    found = read_all(put("a.parquet", parquet_bytes(pa.table({"text": texts}))))

    assert found.texts == ["good", "fine"]
    assert found.reasons == [(2, "'text' holds bytes that are no UTF-8")]


def test_dots_walk_into_structs(put):
    """A dotted name picks a field of a struct; the whole struct stays along as JSON."""
    table = pa.table({"text": ["x"], "meta": [{"title": "T", "site": {"name": "N"}}]})
    columns = {"title": "meta.title", "publisher": "meta.site.name", "author": "meta.no.such"}
    (row,) = read_all(put("a.parquet", parquet_bytes(table)), columns=columns).documents

    assert (row["title"], row["publisher"], row["author"]) == ("T", "N", None)
    assert row["meta"] == '{"title":"T","site":{"name":"N"}}'


def test_a_broken_row_group_costs_itself_alone(put):
    """Of a file with damage inside, the other row groups are read; the lost records are told."""
    rows = [{"text": essay(i) * 20} for i in range(40)]
    data = parquet_bytes(
        rows, row_group_size=10, compression="none", write_page_checksum=True, use_dictionary=False
    )
    at = data.index(essay(15).encode())
    found = read_all(put("a.parquet", data[:at] + b"DAMAGE" + data[at + 6 :]))

    assert found.column("_record") == [*range(1, 11), *range(21, 41)]
    ((record, reason),) = found.reasons
    assert record is None
    assert reason.startswith("records 11 to 20 cannot be read (row group 2): ")
    assert found.rejects[0].bytes > 0


def test_a_file_of_no_rows_is_no_damage(put):
    """An empty table is no reject: writers leave such files behind."""
    empty = pa.table({"text": pa.array([], pa.string())})
    found = read_all(put("a.parquet", parquet_bytes(empty)))

    assert (found.documents, found.rejects) == ([], [])
