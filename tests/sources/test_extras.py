"""A source's other columns have one type over the corpus, however they were cut into batches."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.sources import extras
from corpus.sources.extras import conform, from_rows, join_types
from corpus.sources.json_text import as_text

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
ALIKE = st.lists(st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2), max_size=8)


def batch(rows: list[dict]) -> pa.RecordBatch:
    """Return rows as a batch of the other columns alone."""
    fields, arrays = from_rows(rows)
    fields, arrays = (
        [*fields, pa.field("_record", pa.int64())],
        [*arrays, pa.array([0] * len(rows))],
    )
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def together(*parts: list[dict]) -> tuple[pa.Schema, list[dict]]:
    """Return the joined schema of rows cut so, and what each row became."""
    batches = [batch(part) for part in parts if part]
    joined = join_types([each.schema for each in batches])
    found = [row for each in batches for row in conform(each, joined).to_pylist()]
    return joined, [{name: row.get(name) for name in joined.names} for row in found]


@settings(max_examples=200, deadline=None)
@given(ROWS | ALIKE, st.lists(st.integers(0, 8), max_size=3))
def test_any_cut_gives_the_same_columns(rows, cuts):
    """However rows are cut into batches, the joined types and all values are the same."""
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[a:b] for a, b in pairwise(edges)]

    assert together(*parts) == together(rows)
    assert together(*parts)[0].equals(together(rows)[0], check_metadata=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_nothing_is_lost(values):
    """What a JSON column says can be read back, but for numbers that JSON has no word for."""
    joined, rows = together([{"a": value} for value in values] + [{"a": []}])

    assert joined.field("a").metadata == {b"json": b"1"}
    for value, row in zip(values, rows, strict=False):
        if "Infinity" not in (said := json.dumps(value)) and "NaN" not in said:
            back = json.loads(row["a"]) if row["a"] is not None else None
            big = type(value) is int and not -(2**63) <= value < 2**63
            assert back == (str(value) if big else value)


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
def test_types_are_joined(values, type, expected):
    """Each mix of values has one type, whether the values share a batch or not."""
    rows = [{"a": value} for value in values]
    for joined, found in (together(rows), together(*([row] for row in rows))):
        assert (str(joined.field("a").type) if joined.names else None) == type
        assert [row.get("a") for row in found] == (expected or [None] * len(values))


def test_arrows_own_types_are_kept_or_written():
    """Small integers, times and the like have one type each; what has none is text."""
    column = {
        "small": pa.array([1, 2], pa.int8()),
        "unsigned": pa.array([1, 2**64 - 1], pa.uint64()),
        "half": pa.array([0.5, float("inf")], pa.float32()),
        "nano": pa.array([1, 2], pa.timestamp("ns")),
        "day": pa.array([1, 2], pa.date32()),
        "money": pa.array(["1.10", None]).cast(pa.decimal128(9, 2)),
        "list": pa.array([[1], None], pa.list_(pa.int32())),
    }
    made = {name: extras.native(name, array) for name, array in column.items()}

    assert {name: str(field.type) for name, (field, _) in made.items()} == {
        "small": "int64",
        "unsigned": "string",
        "half": "double",
        "nano": "timestamp[us, tz=UTC]",
        "day": "date32[day]",
        "money": "string",
        "list": "string",
    }
    assert made["half"][1].to_pylist() == [0.5, None]
    assert made["list"][1].to_pylist() == ["[1]", None]
    joined = join_types([pa.schema([field for field, _ in made.values()])])
    everything = pa.RecordBatch.from_arrays(
        [array for _, array in made.values()], schema=pa.schema([f for f, _ in made.values()])
    )
    rows = conform(everything, joined)
    assert rows.column("money").to_pylist() == ["1.10", None]
    assert rows.column("unsigned").to_pylist() == ["1", "18446744073709551615"]


def test_too_many_columns_are_an_error():
    """Records that use values as names are told so, instead of making a column of each."""
    rows = [{f"user-{i}": i} for i in range(extras.MOST + 1)]

    with pytest.raises(InputError, match=r"more than 1,000 different columns.*'user-0'"):
        from_rows(rows)
    with pytest.raises(InputError, match="extra_columns"):
        join_types([pa.schema([(name, pa.int64())]) for row in rows for name in row])


def test_columns_of_ours_pass_as_they_are():
    """Columns with a reserved name keep their type and their place before the others."""
    mixed = pa.record_batch({"b": [1], "text": ["x"], "a": ["y"]})
    joined = join_types([mixed.schema])

    assert joined.names == ["a", "b"]
    assert conform(mixed, joined).schema.names == ["text", "a", "b"]


def test_bytes_that_are_no_text_are_in_base64():
    """Bytes become the text that they are, or base64 that says so."""
    assert as_text("ü".encode()) == "ü"
    assert as_text(b"\xff\x00") == "base64:/wA="
