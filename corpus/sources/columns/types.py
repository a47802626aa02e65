"""The type that the values of an extra column have in common.

    null < bool < int64 < double < string      lists by their items, structs by their fields

Lists join by the types of their items. Structs join field by field: a value without a field has
null there. Everything else that is nested becomes JSON text (`JSON_TEXT`), which loses nothing:

    a list in one record, a struct or a string in another
    a struct without fields, `{}`: Parquet cannot store it
    more than MAX_FIELDS fields in a column: the names are probably values
    more than MAX_DEPTH lists and structs within each other

`join` is associative and commutative, and `JSON_TEXT` joined with any type is `JSON_TEXT`. So the
type of a column depends on its values alone, not on how they are split into batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

import pyarrow as pa

from corpus.sources.json.text import dumps

MAX_FIELDS = 200
"""Maximum number of fields in the structs of one column, at every depth."""

MAX_DEPTH = 8
"""Maximum number of lists and structs within each other, in one column."""

JSON_TEXT = pa.json_()
"""The type of nested values that have no Arrow type in common. They are stored as strings."""

TIME_TYPES = (pa.date32(), pa.timestamp("us", "UTC"))
_SCALAR_ORDER = (pa.null(), pa.bool_(), pa.int64(), pa.float64(), pa.string())
_SCALARS = {
    type(None): pa.null(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    date: TIME_TYPES[0],
    datetime: TIME_TYPES[1],
}
INT64 = range(-(2**63), 2**63)


def infer_type(values: Sequence[Any]) -> pa.DataType:
    """Return the narrowest type of some values; an integer beyond 64 bits is a string."""
    types = set(map(type, values)) - {type(None)}
    is_nested = types in ({list}, {dict})
    if is_nested and _has_many_names(values):
        return JSON_TEXT
    if is_nested and (inferred := _infer_with_arrow(values)) is not None:
        return inferred
    return within_limits(_infer(values, MAX_DEPTH))


def _has_many_names(values: Sequence[Any]) -> bool:
    """Return whether dicts, or lists of dicts, have too many different names for a struct."""
    names: set[str] = set()
    for value in values:
        items = value if type(value) is list else (value,)
        if items and type(items[0]) is dict:
            names.update(*(item for item in items if type(item) is dict))
            if len(names) > MAX_FIELDS:
                return True
    return False


def _infer_with_arrow(values: Sequence[Any]) -> pa.DataType | None:
    """Return the type of lists or dicts that agree, as Arrow infers it; None if Arrow refuses.

    It is the type that `_infer` returns, several times faster. Arrow guesses a type from the first
    values and refuses others when it converts them.
    """
    try:
        guess = pa.infer_type(values)
        if within_limits(guess) == JSON_TEXT:
            return JSON_TEXT
        pa.array(values, guess)
    except (pa.ArrowException, TypeError, OverflowError, ValueError):
        return None
    return _with_sorted_fields(guess)


def _with_sorted_fields(type: pa.DataType) -> pa.DataType:
    if pa.types.is_list(type):
        return pa.list_(_with_sorted_fields(type.value_type))
    if pa.types.is_struct(type):
        return struct_of((field.name, _with_sorted_fields(field.type)) for field in type)
    return type


def join(first: pa.DataType, second: pa.DataType) -> pa.DataType:
    """Return the narrowest type that can represent the values of both types."""
    return within_limits(_join(first, second))


def list_of(item: pa.DataType) -> pa.DataType:
    """Return the type of a list of such items; JSON text if they are."""
    return JSON_TEXT if item == JSON_TEXT else pa.list_(item)


def struct_of(fields: Iterable[tuple[str, pa.DataType]]) -> pa.DataType:
    """Return the type of a struct with these fields, by name; JSON text if one of them is."""
    by_name = sorted(fields, key=lambda field: field[0])
    if any(type == JSON_TEXT for _, type in by_name):
        return JSON_TEXT
    return pa.struct(by_name)


def within_limits(type: pa.DataType) -> pa.DataType:
    """Return a type, or JSON text if it has too many fields or is nested too deeply."""
    return JSON_TEXT if _count_fields(type, MAX_DEPTH) > MAX_FIELDS else type


def stored_type(type: pa.DataType) -> pa.DataType:
    """Return the type in which a build stores a column of this joined type.

    Items and fields that are always null become strings. JSON text, and a type with a struct
    without fields, become a string.
    """
    return pa.string() if is_json_text(type) else _without_nulls(type)


def convert(value: Any, type: pa.DataType) -> Any:
    """Return a value in the joined type of its column; null stays null."""
    if value is None:
        return None
    if type == JSON_TEXT:
        return dumps(value)
    if pa.types.is_list(type):
        return [convert(item, type.value_type) for item in value]
    if pa.types.is_struct(type):
        return {field.name: convert(value.get(field.name), field.type) for field in type}
    if pa.types.is_string(type):
        return value if isinstance(value, str) else _scalar_as_string(value)
    if pa.types.is_float64(type):
        number = float(value)
        return number if abs(number) < float("inf") else None
    return int(value) if pa.types.is_int64(type) else value


def _scalar_as_string(value: Any) -> str:
    """Return a scalar as Python writes it; booleans as JSON does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime | date) else repr(value)


def _infer(values: Sequence[Any], depth: int) -> pa.DataType:
    """Return the type of values that may have `depth` more lists and structs within each other."""
    types = set(map(type, values)) - {type(None)}
    if not types & {list, dict}:
        return _infer_scalar(values, types)
    if len(types) > 1 or depth == 0:
        return JSON_TEXT
    nested = [value for value in values if value is not None]
    if list in types:
        return list_of(_infer(list(chain.from_iterable(nested)), depth - 1))
    columns: dict[str, list[Any]] = {}
    for value in nested:
        for name, field_value in value.items():
            columns.setdefault(name, []).append(field_value)
        if len(columns) > MAX_FIELDS:
            return JSON_TEXT
    return struct_of((name, _infer(column, depth - 1)) for name, column in columns.items())


def _infer_scalar(values: Sequence[Any], types: set[type]) -> pa.DataType:
    """Return the type of values that are neither lists nor dicts."""
    if not types <= _SCALARS.keys():
        return JSON_TEXT
    if int in types and any(type(v) is int and v not in INT64 for v in values):
        types = types | {str}
    joined = pa.null()
    for each in types:
        joined = _join(joined, _SCALARS[each])
    return joined


def _join(first: pa.DataType, second: pa.DataType) -> pa.DataType:
    if first == second or pa.types.is_null(second):
        return first
    if pa.types.is_null(first):
        return second
    if pa.types.is_list(first) and pa.types.is_list(second):
        return list_of(_join(first.value_type, second.value_type))
    if pa.types.is_struct(first) and pa.types.is_struct(second):
        fields = {field.name: field.type for field in first}
        for field in second:
            fields[field.name] = _join(fields.get(field.name, pa.null()), field.type)
        return struct_of(fields.items())
    if JSON_TEXT in (first, second) or pa.types.is_nested(first) or pa.types.is_nested(second):
        return JSON_TEXT
    if first in TIME_TYPES or second in TIME_TYPES:
        return pa.string()
    return max(first, second, key=_SCALAR_ORDER.index)


def _count_fields(type: pa.DataType, depth: int) -> int:
    """Return the number of fields in a type; more than MAX_FIELDS if it is deeper than `depth`."""
    is_list = pa.types.is_list(type)
    if not is_list and not pa.types.is_struct(type):
        return 0
    if depth == 0 or type.num_fields > MAX_FIELDS:
        return MAX_FIELDS + 1
    fields = 0 if is_list else type.num_fields
    for i in range(type.num_fields):
        fields += _count_fields(type.field(i).type, depth - 1)
        if fields > MAX_FIELDS:
            break
    return fields


def is_json_text(type: pa.DataType) -> bool:
    """Return whether a column of this joined type is stored as JSON text."""
    if pa.types.is_list(type):
        return is_json_text(type.value_type)
    if pa.types.is_struct(type):
        return type.num_fields == 0 or any(is_json_text(field.type) for field in type)
    return bool(type == JSON_TEXT)


def _without_nulls(type: pa.DataType) -> pa.DataType:
    """Return a nested type with strings in place of nulls, which few readers of Parquet accept."""
    if pa.types.is_list(type):
        item = type.value_type
        return pa.list_(pa.string() if pa.types.is_null(item) else _without_nulls(item))
    if pa.types.is_struct(type):
        return pa.struct(
            (
                field.name,
                pa.string() if pa.types.is_null(field.type) else _without_nulls(field.type),
            )
            for field in type
        )
    return type
