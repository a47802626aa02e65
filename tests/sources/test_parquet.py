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


FAR = [
    (pa.timestamp("us", "UTC"), 3 * 10**17, "300000000000000000 us since 1970"),
    # Parquet keeps seconds as milliseconds
    (pa.timestamp("s", "Europe/Berlin"), 10**13, "10000000000000000 ms since 1970"),
    (pa.timestamp("ms"), -(10**15), "-1000000000000000 ms since 1970"),
    (pa.date32(), 2**31 - 1, "2147483647 days since 1970"),
]


@pytest.mark.parametrize(("type", "number", "text"), FAR, ids=str)
def test_a_time_beyond_the_calendar_costs_nothing(type, number, text, put):
    """Arrow counts beyond the year 9999, Python does not: such a time stays beside, as a text."""
    width = pa.int32() if pa.types.is_date(type) else pa.int64()
    found = pa.array([0, number, None], width).cast(type)
    table = pa.table({"text": ["x", "y", "z"], "date": found, "when": found})
    read = read_all(put("a.parquet", parquet_bytes(table)))
    near = read_all(put("b.parquet", parquet_bytes(table.slice(0, 1))))

    assert read.rejects == []
    assert read.column("date") == [*near.column("date"), None, None]
    assert read.column("date_source")[1] == text
    assert read.column("when") == [near.column("when")[0].isoformat(), text, None]


def test_the_neighbours_of_a_far_time_are_known_as_before(put):
    """The id of a record does not depend on what else its batch holds."""
    when = pa.array([0, 3 * 10**17], pa.int64()).cast(pa.timestamp("us", "Europe/Berlin"))
    table = pa.table({"text": ["x", "y"], "when": when})
    both = read_all(put("a.parquet", parquet_bytes(table)))
    alone = read_all(put("a.parquet", parquet_bytes(table.slice(0, 1))))

    assert both.column("id")[0] == alone.column("id")[0]


def test_a_far_time_within_a_value_costs_its_record_alone(put):
    """A record whose struct or duration Python cannot hold is a reject that says why."""
    when = pa.array([0, 3 * 10**17], pa.int64()).cast(pa.timestamp("us"))
    nested = pa.StructArray.from_arrays([when], ["at"])
    lasts = pa.array([2**62, 5], pa.int64()).cast(pa.duration("s"))
    for column, wrong in ((nested, 2), (lasts, 1)):
        table = pa.table({"text": ["x", "y"], "more": column})
        read = read_all(put("a.parquet", parquet_bytes(table)))
        assert [reject.record for reject in read.rejects] == [wrong]
        assert read.rejects[0].reason.startswith("'more' holds a time that no calendar has")
        assert len(read.documents) == 1


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
