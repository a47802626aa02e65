"""Extra columns: the columns of a source that are not ours, each with one type in the corpus.

A batch gives a column the narrowest type of its own values. If they differ or are nested, the
batch stores the JSON text of each value, so nothing is lost, and the field's metadata (`json`)
has the type that the values join to (see types.py). Once all batches are known, `join_types`
joins their types and `conform` converts each batch. The result depends on the values alone, not on
how they were split into batches.

Lists and structs keep their Arrow types if all values of a column agree. Times, bytes and decimals
within them are strings, as in JSON. A map is a list of structs with `key` and `value`.

A number in a string column is written as Python writes it (1 -> "1", 2.5 -> "2.5", true -> "true").
In a column of JSON text every value is JSON text, and strings have quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import OTHER_COLUMNS, RESERVED
from corpus.sources.columns.arrow_types import corpus_type, has_json_values, without_maps
from corpus.sources.columns.surplus import by_name, other_values, to_other_columns
from corpus.sources.columns.types import (
    INT64,
    JSON_TEXT,
    convert,
    infer_type,
    is_json_text,
    join,
    stored_type,
)
from corpus.sources.json.text import dumps, parse, to_json_value

JSON_METADATA = b"json"
_IS_JSON_TEXT = b"1"
_INFINITE = (float("inf"), float("-inf"))
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"


class ExtraColumn(NamedTuple):
    """An extra column of a batch; the field's metadata says whether the values are JSON text."""

    field: pa.Field
    array: pa.Array


def infer_column(name: str, values: Sequence[Any]) -> ExtraColumn:
    """Return a column of a batch in the narrowest type that loses nothing.

    NaN and infinities, which JSON lacks, become null; integers beyond 64 bits become strings.
    """
    types = set(map(type, values))
    if types <= {str, type(None)} and str in types:
        return ExtraColumn(pa.field(name, pa.string()), pa.array(values, pa.string()))
    if types <= {int, type(None)} and int in types:
        with suppress(OverflowError):  # beyond 64 bits
            return ExtraColumn(pa.field(name, pa.int64()), pa.array(values, pa.int64()))
    if float in types:
        values = [None if (v is not None and v != v) or v in _INFINITE else v for v in values]  # noqa: PLR0124
        types = set(map(type, values))
    if int in types and any(type(v) is int and v not in INT64 for v in values):
        values = [str(v) if type(v) is int and v not in INT64 else v for v in values]
        types = set(map(type, values))
    joined = infer_type(values)
    if len(types - {type(None)}) <= 1 and not pa.types.is_nested(joined) and joined != JSON_TEXT:
        return ExtraColumn(pa.field(name, joined), pa.array(values, joined))
    texts = [None if value is None else dumps(value) for value in values]
    metadata = {JSON_METADATA: type_to_bytes(joined)}
    return ExtraColumn(pa.field(name, pa.string(), metadata=metadata), pa.array(texts, pa.string()))


def from_arrow(name: str, array: pa.Array) -> ExtraColumn:
    """Return a column that already has an Arrow type, in the type that a corpus stores.

    Integers become int64 if all fit, times UTC with microseconds. Lists and structs are stored as
    in `infer_column`, everything else as strings.
    """
    array = to_microseconds(array)
    if pa.types.is_nested(array.type):
        array = array.cast(without_maps(array.type))
        values = array.to_pylist()
        if not has_json_values(array.type):
            values = [_to_json(value) for value in values]
        return infer_column(name, values)
    if pa.types.is_uint64(array.type):
        return infer_column(name, array.to_pylist())
    type = corpus_type(array.type)
    if type == JSON_TEXT:  # a decimal, a time of day, a duration
        return infer_column(
            name, [None if v is None else to_json_value(v) for v in array.to_pylist()]
        )
    array = pc.cast(array, type, safe=False)
    if pa.types.is_float64(type) and not pc.all(pc.is_finite(array), min_count=0).as_py():
        array = pc.if_else(pc.is_finite(array), array, pa.scalar(None, pa.float64()))
    return ExtraColumn(pa.field(name, type), array)


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


def original_values(array: pa.Array, field: pa.Field, *, shared: bool = False) -> list[Any]:
    """Return the values of a batch's column as they were before `infer_column` typed them.

    With `shared`, equal lists and objects are parsed once and are one: they must not be changed.
    """
    values: list[Any] = array.to_pylist()
    if not _has_json_text(field):
        return values
    if not shared:
        return [None if text is None else parse(text.encode()) for text in values]
    parsed: dict[str | None, Any] = {None: None}
    for text in values:
        if text not in parsed:
            parsed[text] = parse(text.encode())
    return [parsed[text] for text in values]


def as_texts(documents: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as strings, nulls if there is none.

    A string is returned as it is, any other value as its JSON text. The result for a row does not
    depend on the other rows of the batch.
    """
    if OTHER_COLUMNS in documents.schema.names and name not in RESERVED:
        column, field = _with_other_values(documents, other_values(documents), name)
    elif (index := documents.schema.get_field_index(name)) >= 0:
        column, field = documents.column(index), documents.schema.field(index)
    else:
        return pa.nulls(documents.num_rows, pa.string())
    if corpus_type(field.type) == pa.string() and not _has_json_text(field):
        return pc.cast(column, pa.string())
    texts = [
        convert(value, JSON_TEXT if isinstance(value, dict | list) else pa.string())
        for value in original_values(column, field)
    ]
    return pa.array(texts, pa.string())


def as_numbers(documents: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column as float64: numbers, and strings that contain one; null for anything else.

    True and false are 1 and 0, nulls if there is no such column. An integer beyond 2^53 is rounded;
    a number of 32 bits becomes the shortest decimal number that is stored as these bits.
    The result for a row does not depend on the other rows of the batch.
    """
    index = documents.schema.get_field_index(name)
    is_whole = name in RESERVED or OTHER_COLUMNS not in documents.schema.names
    if index >= 0 and is_whole and _is_number(documents.schema.field(index).type):
        column = documents.column(index)
        if pa.types.is_float32(column.type):  # 0.7 is stored as 0.699999988
            column = column.cast(pa.string())
        numbers = column.cast(pa.float64(), safe=False)
        return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    texts = pc.utf8_trim_whitespace(as_texts(documents, name))
    for word, number in (("true", "1"), ("false", "0")):
        texts = pc.if_else(pc.equal(texts, word), number, texts)
    is_number = pc.match_substring_regex(texts, _NUMBER)
    return pc.if_else(is_number, texts, pa.scalar(None, pa.string())).cast(pa.float64())


def _is_number(type: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_boolean(type)
    )


def join_types(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """Return the schema of the extra columns of all batches, ordered by name.

    Columns without any value are left out. The field of a JSON column has the metadata `json: 1`.
    """
    joined: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            if field.name not in RESERVED:
                joined[field.name] = join(joined.get(field.name, pa.null()), joined_type(field))
    return schema_of(joined)


def schema_of(joined: Mapping[str, pa.DataType]) -> pa.Schema:
    """Return the schema of columns with these joined types, ordered by name, without nulls."""
    names = sorted(name for name, type in joined.items() if not pa.types.is_null(type))
    return pa.schema([_joined_field(name, joined[name]) for name in names])


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with our columns first, then the extra ones as in the joined schema.

    If that has `other_columns`, this column gets the values of all columns that it does not have.
    """
    reserved = [f for f in batch.schema if f.name in RESERVED and f.name != OTHER_COLUMNS]
    arrays = [batch.column(field.name) for field in reserved]
    other = other_values(batch) if OTHER_COLUMNS in batch.schema.names else []
    stored_as_json = by_name(other).keys()
    for field in schema:
        index = batch.schema.get_field_index(field.name)
        if field.name == OTHER_COLUMNS:
            arrays.append(_other_columns(batch, other, schema))
        elif field.name in stored_as_json:
            arrays.append(_conform_column(*_with_other_values(batch, other, field.name), field))
        elif index < 0:
            arrays.append(pa.nulls(batch.num_rows, field.type))
        else:
            arrays.append(_conform_column(batch.column(index), batch.schema.field(index), field))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([*reserved, *schema]))


def _with_other_values(
    batch: pa.RecordBatch, other: Sequence[Mapping[str, Any]], name: str
) -> tuple[pa.Array, pa.Field]:
    """Return a column whose values are, at least in some rows, in `other_columns`."""
    values = [row.get(name) for row in other]
    if (index := batch.schema.get_field_index(name)) >= 0:
        own = original_values(batch.column(index), batch.schema.field(index))
        values = [o if v is None else v for v, o in zip(values, own, strict=True)]
    column = infer_column(name, values)
    return column.array, column.field


def _other_columns(
    batch: pa.RecordBatch, other: Sequence[Mapping[str, Any]], schema: pa.Schema
) -> pa.Array:
    """Return the values of each row that no column of the schema has, as JSON."""
    own = set(schema.names) | RESERVED
    rows = [{n: v for n, v in row.items() if n not in own} for row in other]
    rows = rows or [{} for _ in range(batch.num_rows)]
    for field, array in zip(batch.schema, batch.columns, strict=True):
        if field.name not in own and array.null_count < len(array):
            for row, value in zip(rows, original_values(array, field), strict=True):
                if value is not None:
                    row[field.name] = value
    return to_other_columns(rows)


def _conform_column(array: pa.Array, field: pa.Field, target: pa.Field) -> pa.Array:
    """Return a batch's column in the joined type, by a cast where that is enough."""
    is_json, becomes_json = _has_json_text(field), _has_json_text(target)
    if not is_json and not becomes_json and _can_cast(array.type, target.type):
        return pc.cast(array, target.type, safe=False)
    if is_json and becomes_json:
        return array
    values = original_values(array, field, shared=True)
    if not becomes_json and pa.types.is_nested(target.type):
        try:
            return pa.array(values, target.type)
        except (pa.ArrowException, TypeError, OverflowError):
            pass  # an item of another type, or beyond 64 bits
    joined = JSON_TEXT if becomes_json else target.type
    return pa.array([convert(value, joined) for value in values], target.type)


def _can_cast(type: pa.DataType, target: pa.DataType) -> bool:
    """Return whether Arrow casts the values as `convert` converts them."""
    if pa.types.is_nested(type):
        return bool(type == target)
    type = corpus_type(type)
    return type == target != JSON_TEXT or (pa.types.is_int64(type) and pa.types.is_float64(target))


def _has_json_text(field: pa.Field) -> bool:
    """Return whether the values of a column are JSON text."""
    return bool(field.metadata and JSON_METADATA in field.metadata)


def joined_type(field: pa.Field) -> pa.DataType:
    """Return the type that the values of a batch's column join to."""
    if not _has_json_text(field):
        return corpus_type(field.type)
    return type_from_bytes(field.metadata[JSON_METADATA])


def type_to_bytes(type: pa.DataType) -> bytes:
    """Return a type as metadata of a field."""
    if type == JSON_TEXT:
        return _IS_JSON_TEXT
    return bytes(pa.schema([pa.field("", type)]).serialize())


def type_from_bytes(metadata: bytes) -> pa.DataType:
    """Return a type from the metadata of a field."""
    if metadata == _IS_JSON_TEXT:
        return JSON_TEXT
    return pa.ipc.read_schema(pa.py_buffer(metadata)).field(0).type


def _to_json(value: Any) -> Any:
    """Return a nested value of Arrow as the value of JSON that stands for it."""
    return None if value is None else parse(dumps(value).encode())


def _joined_field(name: str, type: pa.DataType) -> pa.Field:
    metadata = {JSON_METADATA: _IS_JSON_TEXT} if is_json_text(type) else None
    return pa.field(name, stored_type(type), metadata=metadata)
