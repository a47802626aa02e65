"""The types of Arrow files (Parquet, Hugging Face), and the types that a corpus has for them."""

from __future__ import annotations

import pyarrow as pa

from corpus.sources.columns.types import JSON_TEXT, TIME_TYPES, list_of, struct_of

_JSON_SCALARS = (pa.null(), pa.bool_(), pa.string())


def corpus_type(type: pa.DataType) -> pa.DataType:
    """Return the type in which a corpus has values of an Arrow type; JSON text if it has none."""
    if is_list(type):
        return list_of(corpus_type(type.value_type))
    if pa.types.is_struct(type):
        return struct_of((field.name, corpus_type(field.type)) for field in type)
    for known, matches in (
        (pa.null(), pa.types.is_null),
        (pa.bool_(), pa.types.is_boolean),
        (pa.int64(), pa.types.is_integer),
        (pa.float64(), pa.types.is_floating),
        (pa.string(), lambda t: pa.types.is_string(t) or pa.types.is_large_string(t)),
        (pa.date32(), pa.types.is_date),
        (TIME_TYPES[1], pa.types.is_timestamp),
    ):
        if matches(type):
            return known
    return JSON_TEXT


def is_list(type: pa.DataType) -> bool:
    """Return whether a type is one of Arrow's types of lists."""
    return bool(
        pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_fixed_size_list(type)
    )


def without_maps(type: pa.DataType) -> pa.DataType:
    """Return a type with a list of structs (`key`, `value`) in place of each map."""
    if pa.types.is_map(type):
        pair = [("key", without_maps(type.key_type)), ("value", without_maps(type.item_type))]
        return pa.list_(pa.struct(pair))
    if is_list(type):
        return pa.list_(without_maps(type.value_type))
    if pa.types.is_struct(type):
        return pa.struct([field.with_type(without_maps(field.type)) for field in type])
    return type


def has_json_values(type: pa.DataType) -> bool:
    """Return whether the values of a type are values of JSON, numbers of 64 bits among them."""
    if is_list(type):
        return has_json_values(type.value_type)
    if pa.types.is_struct(type):
        return all(has_json_values(field.type) for field in type)
    if pa.types.is_integer(type):
        return not pa.types.is_uint64(type)
    return pa.types.is_floating(type) or corpus_type(type) in _JSON_SCALARS
