"""Extra columns have one type in the corpus, however records were split into batches."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.extra import as_numbers, conform, infer_column, join_types
from corpus.sources.columns.surplus import to_other_columns
from corpus.sources.columns.types import MAX_DEPTH, MAX_FIELDS
from corpus.sources.json.text import bytes_to_text, dumps

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
RECORDS = st.fixed_dictionaries(
    {"tags": st.none() | st.lists(st.none() | st.integers(-3, 3) | st.floats(), max_size=3)},
    optional={
        "meta": st.fixed_dictionaries(
            {}, optional={"n": st.none() | st.booleans() | st.integers(), "s": st.text(max_size=3)}
        ),
        "parts": st.lists(st.dictionaries(st.sampled_from("xyz"), SCALARS, max_size=3), max_size=2),
    },
)
SCALAR_ROWS = st.lists(st.dictionaries(st.sampled_from("ab"), SCALARS, max_size=2), max_size=8)


def batch(rows: list[dict]) -> pa.RecordBatch:
    """Return rows as a batch of extra columns."""
    names = sorted(set().union(*rows))
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
@given(ROWS | SCALAR_ROWS | st.lists(RECORDS, max_size=8), st.lists(st.integers(0, 8), max_size=3))
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
    joined, rows = join([{"a": value} for value in values] + [{"a": []}, {"a": {}}])

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


NESTED_TYPES = [
    (["a", "b"], [], "list<item: string>", [["a", "b"], []]),
    ([], None, "list<item: string>", [[], None]),
    ([None], [1], "list<item: int64>", [[None], [1]]),
    ([1], [2.5, True], "list<item: double>", [[1.0], [2.5, 1.0]]),
    ([1], ["a", 2.5], "list<item: string>", [["1"], ["a", "2.5"]]),
    ([2**64], [1], "list<item: string>", [[str(2**64)], ["1"]]),
    ([[1]], [[], None], "list<item: list<item: int64>>", [[[1]], [[], None]]),
    (
        {"b": 1},
        {"a": "x"},
        "struct<a: string, b: int64>",
        [{"a": None, "b": 1}, {"a": "x", "b": None}],
    ),
    ({"a": None}, None, "struct<a: string>", [{"a": None}, None]),
    ({}, {"a": 1}, "struct<a: int64>", [{"a": None}, {"a": 1}]),
    (
        [{"a": 1}, {"b": [True]}],
        [],
        "list<item: struct<a: int64, b: list<item: bool>>>",
        [[{"a": 1, "b": None}, {"a": None, "b": [True]}], []],
    ),
    # in conflict: JSON text
    ([1], {"a": 1}, "string", ["[1]", '{"a":1}']),
    ([1], "a", "string", ["[1]", '"a"']),
    ({"a": [1]}, {"a": 1}, "string", ['{"a":[1]}', '{"a":1}']),
    ([[1]], [1], "string", ["[[1]]", "[1]"]),
    ({}, {}, "string", ["{}", "{}"]),
    ({"a": {}, "b": 1}, None, "string", ['{"a":{},"b":1}', None]),
    ([{}], [], "string", ["[{}]", "[]"]),
]


@pytest.mark.parametrize(("first", "second", "type", "expected"), NESTED_TYPES)
def test_lists_and_structs_keep_their_types(first, second, type, expected):
    """Lists join by their items, structs by their fields; values in conflict are JSON text."""
    for values, wanted in (
        ((first, second), expected),
        ((second, first), expected[::-1]),
    ):
        rows = [{"a": value} for value in values]
        for joined, conformed in (join(rows), join(*([row] for row in rows))):
            assert str(joined.field("a").type) == type
            assert [row["a"] for row in conformed] == wanted


def nested(depth: int) -> list:
    """Return that many lists within each other."""
    value: list = []
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("values", "is_text"),
    [
        ([{f"user-{i}": i} for i in range(MAX_FIELDS)], False),
        ([{f"user-{i}": i} for i in range(MAX_FIELDS + 1)], True),
        ([{"a": {f"user-{i}": i}} for i in range(MAX_FIELDS)], True),  # with `a` itself
        ([[{"x": {f"{i}": {f"{j}": 1}}}] for i in range(20) for j in range(20)], True),
        ([nested(MAX_DEPTH)], False),
        ([nested(MAX_DEPTH + 1)], True),
        ([nested(500)], True),
        ([nested(1000), nested(3)], True),
        ([{"a": nested(MAX_DEPTH)}, {"a": []}], True),
    ],
)
def test_a_column_with_many_fields_or_levels_is_json_text(values, is_text):
    """Names that are probably values do not become fields, nor deep values types."""
    rows = [{"a": value} for value in values]
    for joined, conformed in (join(rows), join(*([row] for row in rows[::-1]))):
        assert (joined.field("a").metadata == {b"json": b"1"}) == is_text
        if is_text:
            assert sorted(row["a"] for row in conformed) == sorted(map(dumps, values))


def test_nested_arrow_types_follow_the_rules_of_json():
    """Every kind of list is a list, a map a list of pairs; times and bytes within are strings."""
    pairs = pa.list_(pa.struct([("key", pa.string()), ("value", pa.int64())]))
    dictionary = pa.DictionaryArray.from_arrays([0, 1], ["x", "y"])
    cases = {
        "large": (pa.array([["a"], None], pa.large_list(pa.large_string())), [["a"], None]),
        "fixed": (pa.array([[1, 2], None], pa.list_(pa.int16(), 2)), [[1, 2], None]),
        "half": (pa.array([[0.5, float("nan")], []], pa.list_(pa.float32())), [[0.5, None], []]),
        "map": (
            pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
            [[{"key": "k", "value": 1}], None],
        ),
        "days": (
            pa.array([{"d": date(2023, 5, 22), "t": datetime(2023, 5, 22, tzinfo=UTC)}, None]),
            [{"d": "2023-05-22", "t": "2023-05-22T00:00:00+00:00"}, None],
        ),
        "bytes": (pa.array([[b"\xff"], [b"a"]]), [["base64:/w=="], ["a"]]),
        "coded": (pa.ListArray.from_arrays([0, 1, 2], dictionary), [["x"], ["y"]]),
        "unsigned": (
            pa.array([[2**64 - 1], [1]], pa.list_(pa.uint64())),
            [[str(2**64 - 1)], ["1"]],
        ),
    }
    columns = [extra_columns.from_arrow(name, array) for name, (array, _) in cases.items()]
    schema = pa.schema([column.field for column in columns])
    everything = pa.RecordBatch.from_arrays([column.array for column in columns], schema=schema)
    rows = conform(everything, join_types([schema]))

    for name, (_, expected) in cases.items():
        assert rows.column(name).to_pylist() == expected
    assert rows.schema.field("map").type == pairs


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
        "list": "string",  # in a batch: JSON text, until the types of all batches are known
    }
    assert columns["half"][1].to_pylist() == [0.5, None]
    assert columns["list"][1].to_pylist() == ["[1]", None]
    joined = join_types([pa.schema([field for field, _ in columns.values()])])
    everything = pa.RecordBatch.from_arrays(
        [array for _, array in columns.values()], schema=pa.schema([f for f, _ in columns.values()])
    )
    rows = conform(everything, joined)
    assert rows.column("money").to_pylist() == ["1.10", None]
    assert rows.column("list").type == pa.list_(pa.int64())
    assert rows.column("list").to_pylist() == [[1], None]
    assert rows.column("unsigned").to_pylist() == ["1", "18446744073709551615"]


def test_reserved_columns_are_not_changed():
    """Columns with a reserved name keep their type, and come before the extra columns."""
    mixed = pa.record_batch({"b": [1], "text": ["x"], "a": ["y"]})
    joined = join_types([mixed.schema])

    assert joined.names == ["a", "b"]
    assert conform(mixed, joined).schema.names == ["text", "a", "b"]


def test_values_that_may_be_changed_are_not_shared():
    """Only with `shared`, equal lists are one."""
    values = [["a"], None, ["a"], ["b"]]
    field, array = infer_column("tags", values)
    alone = extra_columns.original_values(array, field)
    shared = extra_columns.original_values(array, field, shared=True)

    assert alone == shared == values
    assert alone[0] is not alone[2]
    assert shared[0] is shared[2]


def test_bytes_that_are_not_utf8_become_base64():
    """Bytes become their UTF-8 text, or else base64 with a prefix."""
    assert bytes_to_text("ü".encode()) == "ü"
    assert bytes_to_text(b"\xff\x00") == "base64:/wA="


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (2**60, float(2**60)), (0.25, 0.25), (True, 1.0), (" 1e3 ", 1000.0), ("x", None),
     (None, None), ([1], None)],
)  # fmt: skip
@pytest.mark.parametrize("beside", [None, 7, "7", 0.5, {"a": 1}])
def test_the_number_of_a_row_does_not_depend_on_where_its_batch_stores_it(value, number, beside):
    """A number is found in a column of its type, in one of mixed types, and in `other_columns`."""
    column = infer_column("score", [value, beside])
    stored = pa.record_batch([column.array], pa.schema([column.field]))
    moved = pa.record_batch({"other_columns": to_other_columns([{"score": value}])})
    both = pa.record_batch(
        {"score": [None, 5], "other_columns": to_other_columns([{"score": value}, {}])}
    )

    assert as_numbers(stored, "score")[0].as_py() == number
    assert as_numbers(moved, "score").to_pylist() == [number]
    assert as_numbers(both, "score").to_pylist() == [number, 5]
    assert as_numbers(moved, "absent").to_pylist() == [None]
