"""Extra columns have one type in the corpus, however records were split into batches."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.sources import extra_columns
from corpus.sources.extra_columns import check_column_count, conform, infer_column, join_types
from corpus.sources.json_text import bytes_to_text

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3), max_size=8)
SCALAR_ROWS = st.lists(st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2), max_size=8)


def batch(rows: list[dict]) -> pa.RecordBatch:
    """Return rows as a batch of extra columns."""
    names = check_column_count(set().union(*rows))
    columns = [infer_column(name, [row.get(name) for row in rows]) for name in names]
    fields = [*(column.field for column in columns), pa.field("_record", pa.int64())]
    arrays = [*(column.array for column in columns), pa.array([0] * len(rows))]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def join(*parts: list[dict]) -> tuple[pa.Schema, list[dict]]:
    """Return the joined schema of some batches of rows, and the conformed rows."""
    batches = [batch(part) for part in parts if part]
    joined = join_types([each.schema for each in batches])
    conformed = [row for each in batches for row in conform(each, joined).to_pylist()]
    return joined, [{name: row.get(name) for name in joined.names} for row in conformed]


@settings(max_examples=200, deadline=None)
@given(ROWS | SCALAR_ROWS, st.lists(st.integers(0, 8), max_size=3))
def test_the_batch_size_does_not_matter(rows, cuts):
    """Joined types and values are the same, however rows are split into batches."""
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[a:b] for a, b in pairwise(edges)]

    assert join(*parts) == join(rows)
    assert join(*parts)[0].equals(join(rows)[0], check_metadata=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_json_columns_lose_nothing(values):
    """The values of a JSON column can be read back, except NaN and infinities."""
    joined, rows = join([{"a": value} for value in values] + [{"a": []}])

    assert joined.field("a").metadata == {b"json": b"1"}
    for value, row in zip(values, rows, strict=False):
        if "Infinity" not in (text := json.dumps(value)) and "NaN" not in text:
            parsed = json.loads(row["a"]) if row["a"] is not None else None
            is_big = type(value) is int and not -(2**63) <= value < 2**63
            assert parsed == (str(value) if is_big else value)


@pytest.mark.parametrize(
    ("values", "type", "expected"),
    [
        ([None, None], None, None),
        ([True, None], "bool", [True, None]),
        ([True, 2], "int64", [1, 2]),
        ([True, 2, 2.5], "double", [1.0, 2.0, 2.5]),
        ([1, "a"], "string", ["1", "a"]),
        ([True, 1e16, -0.0, "a"], "string", ["true", "1e+16", "-0.0", "a"]),
        ([1, [2]], "string", ["1", "[2]"]),
        (["a", {"b": None}], "string", ['"a"', '{"b":null}']),
        ([2**63, 1], "string", ["9223372036854775808", "1"]),
        ([float("nan"), 1.5], "double", [None, 1.5]),
        ([date(2023, 5, 22), "x"], "string", ["2023-05-22", "x"]),
        (
            [datetime(2023, 5, 22, tzinfo=UTC), 1],
            "string",
            ["2023-05-22T00:00:00+00:00", "1"],
        ),
    ],
)
def test_mixed_values_get_a_joined_type(values, type, expected):
    """Each mix of values has one type, in one batch or in several."""
    rows = [{"a": value} for value in values]
    for joined, conformed in (join(rows), join(*([row] for row in rows))):
        assert (str(joined.field("a").type) if joined.names else None) == type
        assert [row.get("a") for row in conformed] == (expected or [None] * len(values))


def test_arrow_types_are_kept_or_converted():
    """Integers, floats and times have one type each; every other Arrow type becomes a string."""
    arrays = {
        "small": pa.array([1, 2], pa.int8()),
        "unsigned": pa.array([1, 2**64 - 1], pa.uint64()),
        "half": pa.array([0.5, float("inf")], pa.float32()),
        "nano": pa.array([1, 2], pa.timestamp("ns")),
        "day": pa.array([1, 2], pa.date32()),
        "money": pa.array(["1.10", None]).cast(pa.decimal128(9, 2)),
        "list": pa.array([[1], None], pa.list_(pa.int32())),
    }
    columns = {name: extra_columns.from_arrow(name, array) for name, array in arrays.items()}

    assert {name: str(field.type) for name, (field, _) in columns.items()} == {
        "small": "int64",
        "unsigned": "string",
        "half": "double",
        "nano": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "money": "string",
        "list": "string",
    }
    assert columns["half"][1].to_pylist() == [0.5, None]
    assert columns["list"][1].to_pylist() == ["[1]", None]
    joined = join_types([pa.schema([field for field, _ in columns.values()])])
    everything = pa.RecordBatch.from_arrays(
        [array for _, array in columns.values()], schema=pa.schema([f for f, _ in columns.values()])
    )
    rows = conform(everything, joined)
    assert rows.column("money").to_pylist() == ["1.10", None]
    assert rows.column("unsigned").to_pylist() == ["1", "18446744073709551615"]


def test_too_many_columns_are_an_error():
    """Records that use values as column names are an error."""
    rows = [{f"user-{i}": i} for i in range(extra_columns.MAX_EXTRA_COLUMNS + 1)]

    with pytest.raises(InputError, match=r"more than 1,000 different columns.*'user-0'"):
        batch(rows)
    with pytest.raises(InputError, match="extra_columns"):
        join_types([pa.schema([(name, pa.int64())]) for row in rows for name in row])


def test_reserved_columns_are_not_changed():
    """Columns with a reserved name keep their type, and come before the extra columns."""
    mixed = pa.record_batch({"b": [1], "text": ["x"], "a": ["y"]})
    joined = join_types([mixed.schema])

    assert joined.names == ["a", "b"]
    assert conform(mixed, joined).schema.names == ["text", "a", "b"]


def test_bytes_that_are_not_utf8_become_base64():
    """Bytes become their UTF-8 text, or else base64 with a prefix."""
    assert bytes_to_text("ü".encode()) == "ü"
    assert bytes_to_text(b"\xff\x00") == "base64:/wA="
