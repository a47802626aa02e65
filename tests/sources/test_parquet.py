"""Parquet: columns of any type, damaged row groups, and invalid values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from tests.sources.conftest import essay, jsonl, parquet_bytes, read_all, records

DAY = datetime(2023, 5, 22, tzinfo=UTC)


def test_parquet_and_json_lines_give_the_same_documents(put):
    """The same records in Parquet and in JSON lines become the same documents."""
    rows = [
        {**row, "n": i, "x": i / 2, "ok": i % 2 == 0, "tags": [row["section"]], "none": None}
        for i, row in enumerate(records(0, 30))
    ]
    rows[3]["title"], rows[4]["title"], rows[5]["n"] = None, "", None
    from_jsonl = read_all(put("a.jsonl", jsonl(rows)))
    from_parquet = read_all(put("b.parquet", parquet_bytes(rows)))
    differing = {"source", "_digest"}

    assert from_jsonl.schema == from_parquet.schema
    assert [
        {k: v for k, v in row.items() if k not in differing} for row in from_jsonl.documents
    ] == [{k: v for k, v in row.items() if k not in differing} for row in from_parquet.documents]


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
def test_dates_of_every_type_are_parsed(column, put):
    """A date may be a string, a date, a timestamp or a number."""
    table = pa.table({"text": ["x"], "date": column})

    assert read_all(put("a.parquet", parquet_bytes(table))).column("date") == [DAY]


def test_an_unparsable_date_is_kept_in_an_extra_column(put):
    """A value that could not be parsed as a date is kept in an extra column."""
    table = pa.table({"text": ["x", "y"], "date": ["soon", "2023-05-22"]})
    result = read_all(put("a.parquet", parquet_bytes(table)))

    assert result.column("date") == [None, DAY]
    assert result.column("date_source") == ["soon", None]


OUT_OF_RANGE = [
    (pa.timestamp("us", "UTC"), 3 * 10**17, "300000000000000000 us since 1970"),
    # Parquet keeps seconds as milliseconds
    (pa.timestamp("s", "Europe/Berlin"), 10**13, "10000000000000000 ms since 1970"),
    (pa.timestamp("ms"), -(10**15), "-1000000000000000 ms since 1970"),
    (pa.date32(), 2**31 - 1, "2147483647 days since 1970"),
]


@pytest.mark.parametrize(("type", "number", "text"), OUT_OF_RANGE, ids=str)
def test_an_out_of_range_time_becomes_a_string(type, number, text, put):
    """A time after the year 9999, which Python lacks, is kept as a string in an extra column."""
    width = pa.int32() if pa.types.is_date(type) else pa.int64()
    times = pa.array([0, number, None], width).cast(type)
    table = pa.table({"text": ["x", "y", "z"], "date": times, "when": times})
    result = read_all(put("a.parquet", parquet_bytes(table)))
    in_range = read_all(put("b.parquet", parquet_bytes(table.slice(0, 1))))

    assert result.rejects == []
    assert result.column("date") == [*in_range.column("date"), None, None]
    assert result.column("date_source")[1] == text
    assert result.column("when") == [in_range.column("when")[0].isoformat(), text, None]


def test_an_out_of_range_time_does_not_change_other_ids(put):
    """The id of a record does not depend on the other records of its batch."""
    when = pa.array([0, 3 * 10**17], pa.int64()).cast(pa.timestamp("us", "Europe/Berlin"))
    table = pa.table({"text": ["x", "y"], "when": when})
    both = read_all(put("a.parquet", parquet_bytes(table)))
    alone = read_all(put("a.parquet", parquet_bytes(table.slice(0, 1))))

    assert both.column("id")[0] == alone.column("id")[0]


def test_a_nested_out_of_range_time_is_a_reject(put):
    """A record with a struct or duration that Python cannot represent is a reject."""
    when = pa.array([0, 3 * 10**17], pa.int64()).cast(pa.timestamp("us"))
    nested = pa.StructArray.from_arrays([when], ["at"])
    durations = pa.array([2**62, 5], pa.int64()).cast(pa.duration("s"))
    for column, bad_record in ((nested, 2), (durations, 1)):
        table = pa.table({"text": ["x", "y"], "more": column})
        result = read_all(put("a.parquet", parquet_bytes(table)))
        assert [reject.record for reject in result.rejects] == [bad_record]
        assert result.rejects[0].reason.startswith("'more' contains a time outside the years")
        assert len(result.documents) == 1


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
    """A text may be a large string, a string view, dictionary-encoded or bytes."""
    assert read_all(put("a.parquet", parquet_bytes(pa.table({"text": texts})))).texts == ["a", "b"]


def test_ids_are_strings(put):
    """A number becomes a string, a missing id the record's hash; other types are a reject."""
    table = pa.table({"text": ["a", "b"], "id": pa.array([7, None], pa.int64())})
    result = read_all(put("a.parquet", parquet_bytes(table)))

    assert result.documents[0]["id"] == "7"
    assert result.column("_given") == [True, False]
    bad = read_all(put("b.parquet", parquet_bytes(pa.table({"text": ["a"], "id": [True]}))))
    assert bad.reasons == [(1, "the id is a boolean, not a string or a number")]


def test_rows_without_text_are_documents_without_text(put):
    """A null text or a missing column is a null, which the build removes; a number is a reject."""
    result = read_all(put("a.parquet", parquet_bytes(pa.table({"text": ["a", None, "", "d"]}))))

    assert result.texts == ["a", None, "", "d"]
    assert result.reasons == []
    numbers = pa.table({"text": [1, None, 2]})
    mixed = read_all(put("b.parquet", parquet_bytes(numbers)))
    assert mixed.reasons == [(i, "'text' is a number, not a string") for i in (1, 3)]
    assert mixed.texts == [None]
    none = read_all(put("c.parquet", parquet_bytes(pa.table({"body": ["x"]}))))
    assert (none.texts, none.reasons) == ([None], [])


def test_invalid_utf8_is_a_reject(put):
    """A string with invalid UTF-8, which Parquet allows, costs only its own record."""
    raw = pa.array([b"good", b"b\xff\xfed", b"fine"], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    result = read_all(put("a.parquet", parquet_bytes(pa.table({"text": texts}))))

    assert result.texts == ["good", "fine"]
    assert result.reasons == [(2, "'text' contains invalid UTF-8")]


@pytest.mark.parametrize("is_dictionary", [False, True])
@pytest.mark.parametrize("type", [pa.binary(), pa.large_binary()])
def test_a_text_of_bytes_that_are_not_utf8_is_a_reject(type, is_dictionary, put):
    """A text in a column of bytes is UTF-8, or its record is a reject; it is never base64."""
    texts = pa.array([b"good", b"b\xff\xfed", "größer".encode(), None], type)
    texts = texts.dictionary_encode() if is_dictionary else texts
    result = read_all(put("a.parquet", parquet_bytes(pa.table({"text": texts}))))

    assert result.texts == ["good", "größer", None]
    assert result.reasons == [(2, "'text' contains invalid UTF-8")]


def test_dotted_names_select_struct_fields(put):
    """A dotted name selects a field of a struct; the whole struct is also kept."""
    table = pa.table({"text": ["x"], "meta": [{"title": "T", "site": {"name": "N"}}]})
    columns = {"title": "meta.title", "publisher": "meta.site.name", "author": "meta.no.such"}
    (row,) = read_all(put("a.parquet", parquet_bytes(table)), columns=columns).documents

    assert (row["title"], row["publisher"], row["author"]) == ("T", "N", None)
    assert row["meta"] == {"title": "T", "site": {"name": "N"}}


def test_a_damaged_row_group_costs_only_itself(put):
    """The other row groups are read, and the lost records are one reject."""
    rows = [{"text": essay(i) * 20} for i in range(40)]
    data = parquet_bytes(
        rows, row_group_size=10, compression="none", write_page_checksum=True, use_dictionary=False
    )
    at = data.index(essay(15).encode())
    result = read_all(put("a.parquet", data[:at] + b"DAMAGE" + data[at + 6 :]))

    assert result.column("_record") == [*range(1, 11), *range(21, 41)]
    ((record, reason),) = result.reasons
    assert record is None
    assert reason.startswith("records 11 to 20 cannot be read (row group 2): ")
    assert result.rejects[0].bytes > 0


def test_records_without_columns_are_a_reject(put):
    """A footer may count records and have no columns: they are not lost unsaid."""
    number_in_footer = b"\x16%c"  # a 64-bit integer in Thrift's compact protocol, zigzag
    empty = parquet_bytes(pa.table({"text": ["a"]}).select([]), store_schema=False)
    result = read_all(put("a.parquet", empty.replace(number_in_footer % 0, number_in_footer % 18)))

    assert len(result.documents) == 0
    assert [reject.reason for reject in result.rejects] == ["its 9 records have no columns"]


def test_a_file_without_rows_is_not_damaged(put):
    """An empty table is valid: some writers leave such files behind."""
    empty = pa.table({"text": pa.array([], pa.string())})
    result = read_all(put("a.parquet", parquet_bytes(empty)))

    assert (result.documents, result.rejects) == ([], [])
