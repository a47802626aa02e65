"""Extra columns: the columns of a source that are not ours, each with one type in the corpus.

    null < bool < int64 < double < string      any nested value: JSON text

A batch gives a column the narrowest type of its own values. If they differ or are nested, the
batch stores the JSON text of each value, so nothing is lost, and the field's metadata (`json`)
names the type that the values join to. Once all batches are known, `join_types` joins their types
and `conform` converts each batch. The result depends on the values alone, not on how they were
split into batches.

A number in a string column is written as Python writes it (1 -> "1", 2.5 -> "2.5", true -> "true").
In a JSON column every value is JSON text, and strings have quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import RESERVED
from corpus.errors import InputError
from corpus.sources.json_text import dumps, to_json_value

MAX_EXTRA_COLUMNS = 1000
"""Maximum number of extra columns in a corpus: with more, the names are probably values."""

JSON_METADATA = b"json"
_TYPE_ORDER = ("null", "bool", "int64", "double", "string", "json")
_TIME_TYPES = {"date": pa.date32(), "timestamp": pa.timestamp("us", "UTC")}
_ARROW_TYPES = {
    "null": pa.null(),
    "bool": pa.bool_(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "json": pa.string(),
} | _TIME_TYPES
_NAMES_OF_PYTHON_TYPES = {
    type(None): "null",
    bool: "bool",
    int: "int64",
    float: "double",
    str: "string",
    date: "date",
    datetime: "timestamp",
}
_INT64 = range(-(2**63), 2**63)
_INFINITE = (float("inf"), float("-inf"))


class ExtraColumn(NamedTuple):
    """An extra column of a batch; the field's metadata says whether the values are JSON text."""

    field: pa.Field
    array: pa.Array


def infer_column(name: str, values: Sequence[Any]) -> ExtraColumn:
    """Return a column of a batch in the narrowest type that loses nothing.

    NaN and infinities, which JSON lacks, become null; integers beyond 64 bits become strings.
    """
    types = set(map(type, values))
    if float in types:
        values = [None if (v is not None and v != v) or v in _INFINITE else v for v in values]  # noqa: PLR0124
        types = set(map(type, values))
    if int in types and any(type(v) is int and v not in _INT64 for v in values):
        values = [str(v) if type(v) is int and v not in _INT64 else v for v in values]
        types = set(map(type, values))
    names = {_NAMES_OF_PYTHON_TYPES.get(type, "json") for type in types} - {"null"}
    joined = _join(names)
    if len(names) <= 1 and joined != "json":
        arrow_type = _ARROW_TYPES[joined]
        return ExtraColumn(pa.field(name, arrow_type), pa.array(values, arrow_type))
    texts = [None if value is None else dumps(value) for value in values]
    field = pa.field(name, pa.string(), metadata={JSON_METADATA: joined.encode()})
    return ExtraColumn(field, pa.array(texts, pa.string()))


def from_arrow(name: str, array: pa.Array) -> ExtraColumn:
    """Return a column that already has an Arrow type, in the type that a corpus stores.

    Integers become int64 if all fit, times UTC with microseconds, everything else strings.
    """
    array = to_microseconds(array)
    type_name = _type_name(pa.field(name, array.type))
    if pa.types.is_nested(array.type) or pa.types.is_uint64(array.type):
        return infer_column(name, array.to_pylist())
    if type_name == "json":  # a decimal, a time of day, a duration
        return infer_column(
            name, [None if v is None else to_json_value(v) for v in array.to_pylist()]
        )
    array = pc.cast(array, _ARROW_TYPES[type_name], safe=False)
    if type_name == "double" and not pc.all(pc.is_finite(array), min_count=0).as_py():
        array = pc.if_else(pc.is_finite(array), array, pa.scalar(None, pa.float64()))
    return ExtraColumn(pa.field(name, _ARROW_TYPES[type_name]), array)


def to_microseconds(array: pa.Array) -> pa.Array:
    """Return a column with nanosecond times cast to microseconds, the finest that Python has."""
    type = array.type
    if pa.types.is_timestamp(type) and type.unit == "ns":
        return pc.cast(array, pa.timestamp("us", type.tz), safe=False)
    if pa.types.is_duration(type) and type.unit == "ns":
        return pc.cast(array, pa.duration("us"), safe=False)
    if pa.types.is_time(type) and type.unit == "ns":
        return pc.cast(array, pa.time64("us"), safe=False)
    return array


def original_values(array: pa.Array, field: pa.Field) -> list[Any]:
    """Return the values of a batch's column as they were before `infer_column` typed them."""
    values: list[Any] = array.to_pylist()
    if not _has_json_text(field):
        return values
    return [None if text is None else json.loads(text) for text in values]


def as_texts(documents: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as strings, nulls if there is none.

    A string is returned as it is, any other value as its JSON text. The result for a row does not
    depend on the other rows of the batch.
    """
    if name not in documents.schema.names:
        return pa.nulls(documents.num_rows, pa.string())
    index = documents.schema.get_field_index(name)
    column, field = documents.column(index), documents.schema.field(index)
    if _type_name(field) == "string" and not _has_json_text(field):
        return pc.cast(column, pa.string())
    texts = [
        _convert(value, "json" if isinstance(value, dict | list) else "string")
        for value in original_values(column, field)
    ]
    return pa.array(texts, pa.string())


def check_column_count(names: Iterable[str]) -> list[str]:
    """Return the names in order; raises InputError if there are more than MAX_EXTRA_COLUMNS."""
    ordered = sorted(names)
    if len(ordered) > MAX_EXTRA_COLUMNS:
        raise InputError(
            f"the records have more than {MAX_EXTRA_COLUMNS:,} different columns, such as "
            f"{ordered[0][:80]!r} and {ordered[-1][:80]!r}; list the ones to keep: "
            "extra_columns: [...]"
        )
    return ordered


def join_types(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return the schema of the extra columns of all batches, ordered by name.

    Columns without any value are left out. The field of a JSON column has the metadata `json: 1`.
    Raises InputError if there are too many columns.
    """
    joined: dict[str, str] = {}
    for schema in schemas:
        for field in schema:
            if field.name not in RESERVED:
                joined[field.name] = _join((joined.get(field.name, "null"), _type_name(field)))
    names = check_column_count(name for name, type_name in joined.items() if type_name != "null")
    return pa.schema([_joined_field(name, joined[name]) for name in names])


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with our columns first, then the extra ones as in the joined schema."""
    reserved = [field for field in batch.schema if field.name in RESERVED]
    arrays = [batch.column(field.name) for field in reserved]
    for field in schema:
        index = batch.schema.get_field_index(field.name)
        if index < 0:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            arrays.append(_conform_column(batch.column(index), batch.schema.field(index), field))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([*reserved, *schema]))


def _conform_column(array: pa.Array, field: pa.Field, target: pa.Field) -> pa.Array:
    """Return a batch's column in the joined type, by a cast where that is enough."""
    is_json = _has_json_text(field)
    have, want = _type_name(field), _type_name(target)
    if not is_json and (have == want != "json" or (have, want) == ("int64", "double")):
        return pc.cast(array, target.type, safe=False)
    if is_json and have == want == "json":
        return array
    values = original_values(array, field)
    return pa.array([_convert(value, want) for value in values], target.type)


def _join(type_names: Iterable[str]) -> str:
    """Return the narrowest type that can represent all of these."""
    names = set(type_names) - {"null"}
    if len(names) > 1 and names & set(_TIME_TYPES):
        names = (names - set(_TIME_TYPES)) | {"string"}
    if len(names) == 1:
        return names.pop()
    return max(names, key=_TYPE_ORDER.index, default="null")


def _convert(value: Any, type_name: str) -> Any:
    """Return a value in the type of its column; None stays None."""
    if value is None:
        return None
    if type_name == "json":
        return dumps(value)
    if type_name == "string" and not isinstance(value, str):
        if isinstance(value, bool):
            return "true" if value else "false"
        return value.isoformat() if isinstance(value, datetime | date) else repr(value)
    if type_name == "double":
        return float(value)
    return int(value) if type_name == "int64" else value


def _has_json_text(field: pa.Field) -> bool:
    """Return whether the values of a column are JSON text."""
    return bool(field.metadata and JSON_METADATA in field.metadata)


def _type_name(field: pa.Field) -> str:
    """Return the type that the values of a batch's column join to."""
    if _has_json_text(field):
        name = field.metadata[JSON_METADATA].decode()
        return "json" if name == "1" else str(name)
    for name, matches in (
        ("null", pa.types.is_null),
        ("bool", pa.types.is_boolean),
        ("int64", pa.types.is_integer),
        ("double", pa.types.is_floating),
        ("string", lambda t: pa.types.is_string(t) or pa.types.is_large_string(t)),
        ("date", pa.types.is_date),
        ("timestamp", pa.types.is_timestamp),
    ):
        if matches(field.type):
            return name
    return "json"


def _joined_field(name: str, type_name: str) -> pa.Field:
    metadata = {JSON_METADATA: b"1"} if type_name == "json" else None
    return pa.field(name, _ARROW_TYPES[type_name], metadata=metadata)
