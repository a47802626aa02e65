"""The other columns of a source, kept under their own names, in one type over the whole corpus.

    null < bool < int64 < double < string      then JSON text, where any value is nested

Each batch gives a column the narrowest type of its own values. Where these differ, or are nested,
it holds the JSON text of each value, so that nothing is lost, and its field says (`json`) what type
the values join to. When all batches are known, `join_types` joins their types, and `conform` brings
each batch to the joined one. The outcome is a function of the values alone: however they were cut
into batches, the same values give the same column.

A number among texts is written as Python writes it (1 -> "1", 2.5 -> "2.5", true -> "true"); in a
JSON column every value is JSON text, and texts have quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import RESERVED
from corpus.errors import InputError
from corpus.sources.json_text import dumps, plain

MOST = 1000
"""Other columns that a corpus may have: more names than that are values in disguise."""

FLAG = b"json"
_ORDER = ("null", "bool", "int64", "double", "string", "json")
_TIMES = {"date": pa.date32(), "timestamp": pa.timestamp("us", "UTC")}
_TYPES = {
    "null": pa.null(),
    "bool": pa.bool_(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "json": pa.string(),
} | _TIMES
_KINDS = {
    type(None): "null",
    bool: "bool",
    int: "int64",
    float: "double",
    str: "string",
    date: "date",
    datetime: "timestamp",
}
Extra = tuple[pa.Field, pa.Array]
_INT64 = range(-(2**63), 2**63)


def _join(kinds: Iterable[str]) -> str:
    """Return the narrowest kind that holds all of these."""
    found = set(kinds) - {"null"}
    if len(found) > 1 and found & set(_TIMES):
        found = (found - set(_TIMES)) | {"string"}
    if len(found) == 1:
        return found.pop()
    return max(found, key=_ORDER.index, default="null")


def _written(value: Any, kind: str) -> Any:
    """Return a value as the kind wants it; None stays None."""
    if value is None:
        return None
    if kind == "json":
        return dumps(value)
    if kind == "string" and not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        return value.isoformat() if isinstance(value, datetime | date) else repr(value)
    if kind == "double":
        return float(value)
    return int(value) if kind == "int64" else value


def column(name: str, values: Sequence[Any]) -> Extra:
    """Return a column of a batch, in the narrowest type that loses nothing, and its field.

    Numbers that JSON has no word for (NaN, Infinity) are null; integers beyond 64 bits are texts.
    """
    types = set(map(type, values))
    if float in types:
        values = [None if (v is not None and v != v) or v in _INFINITE else v for v in values]  # noqa: PLR0124
        types = set(map(type, values))
    if int in types and any(type(v) is int and v not in _INT64 for v in values):
        values = [str(v) if type(v) is int and v not in _INT64 else v for v in values]
        types = set(map(type, values))
    kinds = {_KINDS.get(found, "json") for found in types} - {"null"}
    kind = _join(kinds)
    if len(kinds) <= 1 and kind != "json":
        return pa.field(name, _TYPES[kind]), pa.array(values, _TYPES[kind])
    texts = [None if value is None else dumps(value) for value in values]
    return pa.field(name, pa.string(), metadata={FLAG: kind.encode()}), pa.array(texts, pa.string())


def values(array: pa.Array, field: pa.Field) -> list[Any]:
    """Return the values of a batch's column as they were before the batch gave them a type."""
    found: list[Any] = array.to_pylist()
    if not (field.metadata and FLAG in field.metadata):
        return found
    return [None if text is None else json.loads(text) for text in found]


def as_texts(documents: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as texts (string), the same whatever else the batch holds; nulls without one.

    A text stands for itself, true and numbers for what JSON would say, what is nested for its JSON.
    """
    if name not in documents.schema.names:
        return pa.nulls(documents.num_rows, pa.string())
    place = documents.schema.get_field_index(name)
    column, field = documents.column(place), documents.schema.field(place)
    if _kind(field) == "string" and not (field.metadata and FLAG in field.metadata):
        return pc.cast(column, pa.string())
    said = [
        _written(value, "json" if isinstance(value, dict | list) else "string")
        for value in values(column, field)
    ]
    return pa.array(said, pa.string())


_INFINITE = (float("inf"), float("-inf"))


def native(name: str, array: pa.Array) -> Extra:
    """Return a column that Arrow typed already, in the type that we keep for it, and its field.

    Whole numbers become int64, where they all fit; times are UTC, to the microsecond; nested values
    and the rest become texts.
    """
    array = coarse(array)
    kind = _kind(pa.field(name, array.type))
    if pa.types.is_nested(array.type) or pa.types.is_uint64(array.type):
        return column(name, array.to_pylist())
    if kind == "json":  # a decimal, a time of day, a duration
        return column(name, [None if v is None else plain(v) for v in array.to_pylist()])
    array = pc.cast(array, _TYPES[kind], safe=False)
    if kind == "double" and not pc.all(pc.is_finite(array), min_count=0).as_py():
        array = pc.if_else(pc.is_finite(array), array, pa.scalar(None, pa.float64()))
    return pa.field(name, _TYPES[kind]), array


def coarse(array: pa.Array) -> pa.Array:
    """Return a column whose times are no finer than microseconds, the finest that Python has."""
    type = array.type
    if pa.types.is_timestamp(type) and type.unit == "ns":
        return pc.cast(array, pa.timestamp("us", type.tz), safe=False)
    if pa.types.is_duration(type) and type.unit == "ns":
        return pc.cast(array, pa.duration("us"), safe=False)
    if pa.types.is_time(type) and type.unit == "ns":
        return pc.cast(array, pa.time64("us"), safe=False)
    return array


def from_columns(columns: Mapping[str, Sequence[Any]]) -> tuple[list[pa.Field], list[pa.Array]]:
    """Return the columns of a batch in the order of their names; raises InputError for too many."""
    check(columns)
    made = [column(name, columns[name]) for name in sorted(columns)]
    return [field for field, _ in made], [array for _, array in made]


def from_rows(rows: Sequence[Mapping[str, Any]]) -> tuple[list[pa.Field], list[pa.Array]]:
    """Return the columns of a batch of records, null where a record does not have the name."""
    names = check(set().union(*rows))
    return from_columns({name: [row.get(name) for row in rows] for name in names})


def check(names: Iterable[str]) -> list[str]:
    """Return the names in order; raises InputError where they are too many to be columns."""
    found = sorted(names)
    if len(found) > MOST:
        raise InputError(
            f"the records have more than {MOST:,} different columns, such as {found[0][:80]!r} and "
            f"{found[-1][:80]!r}; name those to keep: extra_columns: [...]"
        )
    return found


def _kind(field: pa.Field) -> str:
    """Return the kind that a batch's field says its values join to."""
    if field.metadata and FLAG in field.metadata:
        flag = field.metadata[FLAG].decode()
        return "json" if flag == "1" else flag
    type = field.type
    for name, holds in (
        ("null", pa.types.is_null),
        ("bool", pa.types.is_boolean),
        ("int64", pa.types.is_integer),
        ("double", pa.types.is_floating),
        ("string", lambda t: pa.types.is_string(t) or pa.types.is_large_string(t)),
        ("date", pa.types.is_date),
        ("timestamp", pa.types.is_timestamp),
    ):
        if holds(type):
            return name
    return "json"


def join_types(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return the schema of the other columns of all batches, in the order of their names.

    Columns without any value are left out. The field of a JSON column has the metadata `json: 1`.
    Raises InputError where the columns are too many.
    """
    kinds: dict[str, str] = {}
    for schema in schemas:
        for field in schema:
            if field.name not in RESERVED:
                kinds[field.name] = _join((kinds.get(field.name, "null"), _kind(field)))
    names = check(name for name, kind in kinds.items() if kind != "null")
    return pa.schema([_field(name, kinds[name]) for name in names])


def _field(name: str, kind: str) -> pa.Field:
    """Return the field of a joined column."""
    return pa.field(name, _TYPES[kind], metadata={FLAG: b"1"} if kind == "json" else None)


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch: our own columns first, then the others as the joined schema has them."""
    own = [field for field in batch.schema if field.name in RESERVED]
    arrays = [batch.column(field.name) for field in own]
    for field in schema:
        place = batch.schema.get_field_index(field.name)
        if place < 0:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            arrays.append(_conformed(batch.column(place), batch.schema.field(place), field))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([*own, *schema]))


def _conformed(array: pa.Array, field: pa.Field, wanted: pa.Field) -> pa.Array:
    """Return a batch's column in the joined type; quickly where that is a cast."""
    texts = bool(field.metadata and FLAG in field.metadata)
    have, want = _kind(field), _kind(wanted)
    if not texts and (have == want != "json" or (have, want) == ("int64", "double")):
        return pc.cast(array, wanted.type, safe=False)
    if texts and have == want == "json":
        return array
    values = array.to_pylist()
    if texts:
        values = [None if value is None else json.loads(value) for value in values]
    return pa.array([_written(value, want) for value in values], wanted.type)
