"""Take the text out of the object that it was in: `columns: {text: _source.body}`.

The other fields of the object stay an extra column. Without the text, which `clean` has not seen
there, and which would be in the corpus twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT
from corpus.sources.columns.names import source_column
from corpus.sources.settings import Source


def nested_text_path(names: Collection[str], source: Source) -> tuple[str | None, Sequence[str]]:
    """Return the column that has the text in a field, and the names of the fields down to it.

    (None, ()) if the text is a column of its own.
    """
    name = source_column(source, TEXT)
    column, *fields = name.split(".")
    return (column, fields) if fields and name not in names and column in names else (None, ())


def without_field(value: Any, fields: Sequence[str]) -> Any:
    """Return an object without a nested field, any other value as it is.

    None for an object that had nothing else.
    """
    first, *rest = fields
    if not isinstance(value, Mapping) or first not in value:
        return value
    others = {name: nested for name, nested in value.items() if name != first}
    if rest and (nested := without_field(value[first], rest)) is not None:
        others[first] = nested
    return others or None


def struct_without_field(column: pa.Array, fields: Sequence[str]) -> pa.Array:
    """Return a struct column without a nested field, any other column as it is.

    Nulls for a struct that had nothing else.
    """
    first, *rest = fields
    if not pa.types.is_struct(column.type) or column.type.get_field_index(first) < 0:
        return column
    names, arrays = [], []
    for field in column.type:
        array = pc.struct_field(column, field.name)
        if field.name == first:
            array = struct_without_field(array, rest) if rest else None
        if array is not None and not pa.types.is_null(array.type):
            names.append(field.name)
            arrays.append(array)
    if not arrays:
        return pa.nulls(len(column))
    return pa.StructArray.from_arrays(arrays, names, mask=pc.is_null(column))
