"""Redact a column of any type, in place of its values.

A batch stores a column in the type of its own values (`corpus.sources.columns.extra`), so the same
value may be a string in one batch, JSON text in another, and in `other_columns` in a third. What is
found does not depend on that.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus import arrow_buffers
from corpus.documents import OTHER_COLUMNS, RESERVED
from corpus.privacy.redact import Redacted
from corpus.privacy.values import Found, FoundInRows, RedactTexts, redact_values
from corpus.sources.columns.arrow_types import without_maps
from corpus.sources.columns.extra import (
    JSON_METADATA,
    ExtraColumn,
    infer_column,
    original_values,
    type_to_bytes,
)
from corpus.sources.columns.surplus import other_values, to_other_columns
from corpus.sources.columns.types import JSON_TEXT
from corpus.sources.json.text import dumps


def redact_column(
    documents: pa.RecordBatch, name: str, redact: RedactTexts
) -> tuple[pa.RecordBatch, FoundInRows]:
    """Return the documents with a redacted column, and what was found in each row.

    The column keeps its type and metadata, with these exceptions: if a number is replaced, the type
    is that of the new values; if the name of a field is, the column becomes JSON text. Dictionaries
    are decoded, and maps become lists of structs. Documents without the column are returned as they
    are.
    """
    found: FoundInRows = {}
    if (index := documents.schema.get_field_index(name)) >= 0:
        field, array = documents.schema.field(index), documents.column(index)
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        array = array.cast(without_maps(array.type))
        (field, array), found = _redact_array(field.with_type(array.type), array, redact)
        documents = documents.set_column(index, field, array)
    if OTHER_COLUMNS in documents.schema.names and name not in RESERVED:
        documents, more = _redact_other_columns(documents, name, redact)
        found |= {row: [*found.get(row, ()), *places] for row, places in more.items()}
    return documents, found


def _redact_array(
    field: pa.Field, array: pa.Array, redact: RedactTexts
) -> tuple[ExtraColumn, FoundInRows]:
    """Return a column after redaction, and what was found in it."""
    is_json = bool(field.metadata and JSON_METADATA in field.metadata)
    if not is_json and (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        redacted = redact(array.cast(pa.large_string()))
        found = {row: [Found(field.name, each.matches)] for row, each in redacted.items()}
        return ExtraColumn(field, replaced_texts(array, redacted)), found
    values = original_values(array, field)
    result = redact_values(field.name, values, redact)
    if not result.found:
        return ExtraColumn(field, array), {}
    if result.has_new_names:  # such names are values
        metadata = {JSON_METADATA: type_to_bytes(JSON_TEXT)}
        field, is_json = pa.field(field.name, pa.string(), metadata=metadata), True
    elif result.has_new_types:
        return infer_column(field.name, values), result.found
    if is_json:
        values = [None if value is None else dumps(value) for value in values]
    return ExtraColumn(field, pa.array(values, field.type)), result.found


def _redact_other_columns(
    documents: pa.RecordBatch, name: str, redact: RedactTexts
) -> tuple[pa.RecordBatch, FoundInRows]:
    """Redact a column whose values are, at least in some rows, in `other_columns`."""
    rows = other_values(documents)
    values = [row.get(name) for row in rows]
    result = redact_values(name, values, redact)
    if not result.found:
        return documents, {}
    for row, value in zip(rows, values, strict=True):
        if value is not None:
            row[name] = value
    index = documents.schema.get_field_index(OTHER_COLUMNS)
    field = documents.schema.field(index)
    return documents.set_column(index, field, to_other_columns(rows)), result.found


def replaced_texts(values: pa.Array, redacted: dict[int, Redacted]) -> pa.Array:
    """Return a column of texts with those of some rows, in their order, replaced."""
    if not redacted:
        return values
    data, offsets = arrow_buffers.texts(values)
    old, sizes = data.data, np.diff(offsets)
    parts, copied_to = [], int(offsets[0])
    for row, each in redacted.items():
        parts += [old[copied_to : offsets[row]], each.data]
        copied_to, sizes[row] = int(offsets[row + 1]), len(each.data)
    parts.append(old[copied_to : offsets[-1]])
    joined = np.frombuffer(b"".join(parts), np.uint8)
    texts = arrow_buffers.strings(joined, np.concatenate([[0], np.cumsum(sizes)]))
    if values.null_count:
        texts = pc.if_else(values.is_valid(), texts, pa.scalar(None, texts.type))
    return texts.cast(values.type)
