"""Turn records that are Arrow columns (Parquet, Hugging Face) into a batch of documents.

The rules are those of `from_rows.py`. Data stays columnar; only keys, ids and dates are processed
row by row. A string that is not valid UTF-8, which neither format forbids and most readers crash
on, makes its record a reject.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import DATE, ID, OTHER_COLUMNS, TEXT
from corpus.sources.batches import NO_DOCUMENTS, Origin, ReadBatch, assemble
from corpus.sources.chunks import Reject, over_limit
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns import surplus as surplus_columns
from corpus.sources.columns.extra import ExtraColumn
from corpus.sources.columns.from_rows import as_strings, date_notes, text_error
from corpus.sources.columns.names import (
    STRING_COLUMNS,
    kept_columns,
    renamed_columns,
    source_column,
    unique_names,
    unreserved_name,
)
from corpus.sources.columns.nested_text import nested_text_path, struct_without_field
from corpus.sources.columns.raw_records import raw_records, rows_larger_than
from corpus.sources.columns.surplus import OTHER_FIELD, most_frequent, to_other_columns
from corpus.sources.columns.types import TIME_TYPES
from corpus.sources.dates import parse as dates
from corpus.sources.dates.out_of_range import (
    OUT_OF_RANGE,
    find_out_of_range,
    times_to_text,
    unrepresentable_rows,
)
from corpus.sources.json.text import bytes_to_text
from corpus.sources.notes import FileNotes, add_notes, note_columns, with_notes
from corpus.sources.record_keys import RecordHasher, parse_id
from corpus.sources.settings import Content, Source


def documents_from_columns(
    table: pa.RecordBatch, first_record: int, *, file_name: str, content: Content, source: Source
) -> ReadBatch:
    """Return the documents of a record batch, and the records that are rejected.

    `first_record` is the number, in the file, of the batch's first record.
    """
    file_table, errors = _null_damaged_values(table, source.record_limit)
    table = _with_partition(file_table, source.partition_of(file_name))
    texts = _select(table, source_column(source, TEXT))
    notes = _text_notes(table, texts, source)
    ids = _check_rows(table, texts, source, errors)
    rejects = [Reject(file_name, first_record + i, why) for i, why in sorted(errors.items())]
    valid = [i for i in range(table.num_rows) if i not in errors]
    if not valid:
        return ReadBatch(with_notes(NO_DOCUMENTS, {file_name: notes} if notes else {}), rejects)
    if errors:
        ids, table, texts = [ids[i] for i in valid], table.take(valid), texts.take(valid)
        file_table = file_table.take(valid)
    hasher = RecordHasher(source)
    raws = raw_records(_replace_out_of_range_times(file_table, utc=False))
    hashes = [hasher.hash(raw, file_name) for raw in raws]
    numbers = [first_record + i for i in valid]
    origin = Origin([file_name] * len(valid), numbers, hashes, [content] * len(valid))
    table = _replace_out_of_range_times(table, utc=True)
    return ReadBatch(_documents(table, texts, ids, origin, source, notes), rejects)


def _with_partition(
    table: pa.RecordBatch, partition: Mapping[str, str | int | None]
) -> pa.RecordBatch:
    """Return the records with the columns in the names of the file's folders."""
    for name, value in partition.items():
        if name not in table.schema.names:
            table = table.append_column(name, pa.array([value] * table.num_rows))
    return table


def _text_notes(table: pa.RecordBatch, texts: pa.Array, source: Source) -> FileNotes | None:
    """Return the notes on the records without a text, if there are any."""
    name = source_column(source, TEXT)
    if texts.null_count == 0 and _is_string(texts.type):
        return None
    if not _has_column(table.schema, name):
        columns = note_columns(table.schema.names)
        return FileNotes(no_text_column=len(texts), columns=columns)
    wrong = 0 if _is_string(texts.type) else len(texts) - texts.null_count
    return FileNotes(null_texts=texts.null_count, wrong_texts=wrong)


def _check_rows(
    table: pa.RecordBatch, texts: pa.Array, source: Source, errors: dict[int, str]
) -> list[str | None]:
    """Return the ids of all rows, and add the reason for each invalid row to `errors`."""
    name = source_column(source, TEXT)
    for i in _undecodable_rows(_original(table, name)):
        errors.setdefault(i, f"{name!r} contains invalid UTF-8")
    id_column = _select(table, source_column(source, ID)).to_pylist()
    if not _is_string(texts.type):
        for i, value in enumerate(texts.to_pylist()):
            if value is not None:
                errors.setdefault(i, text_error(value, name))
    ids: list[str | None] = []
    for i, id in enumerate(id_column):
        try:
            ids.append(parse_id(id))
        except TypeError as error:
            errors.setdefault(i, str(error))
            ids.append(None)
    return ids


def _documents(
    table: pa.RecordBatch,
    texts: pa.Array,
    ids: Sequence[str | None],
    origin: Origin,
    source: Source,
    text_notes: FileNotes | None,
) -> pa.RecordBatch:
    """Return the batch of records that are all valid documents, with its notes."""
    notes = {} if text_notes is None else {origin.file_names[0]: text_notes}
    columns = {TEXT: pc.cast(texts, pa.large_string())}
    for name in STRING_COLUMNS:
        columns[name] = _string_column(_select(table, source_column(source, name)))
    original_dates = _select(table, source_column(source, DATE))
    extra: dict[str, ExtraColumn] = {}
    parent, fields = nested_text_path(table.schema.names, source)
    for old, new in (kept_columns(table.schema.names, source) | renamed_columns(source)).items():
        column = _select(table, old)
        if old == parent:
            column = struct_without_field(column, fields)
        extra[new] = extra_columns.from_arrow(new, column)
    columns[DATE], unparsed = _date_column(original_dates, source.date_format)
    if unparsed or _is_string(original_dates.type):
        add_notes(notes, date_notes(original_dates.to_pylist(), unparsed, origin.file_names))
    if unparsed:
        rows = set(unparsed)
        values = [v if i in rows else None for i, v in enumerate(original_dates.to_pylist())]
        name = unreserved_name(source_column(source, DATE), source)
        extra.setdefault(name, extra_columns.infer_column(name, values))
    _move_surplus(extra, table.num_rows, always=renamed_columns(source).values())
    documents = assemble(columns, extra, ids=ids, origin=origin, source=source)
    return with_notes(documents, notes)


def _move_surplus(extra: dict[str, ExtraColumn], n_rows: int, *, always: Collection[str]) -> None:
    """Move the columns with the fewest values to `other_columns`, if there are too many.

    Times stay: as JSON they would be strings.
    """
    if len(extra) <= surplus_columns.MAX_BATCH_COLUMNS:
        return
    counts = {
        name: n_rows - column.array.null_count
        for name, column in extra.items()
        if name not in always and column.field.type not in TIME_TYPES
    }
    kept = most_frequent(counts, surplus_columns.MAX_BATCH_COLUMNS)
    rows: list[dict[str, Any]] = [{} for _ in range(n_rows)]
    for name in counts.keys() - kept:
        column = extra.pop(name)
        for row, value in zip(
            rows, extra_columns.original_values(column.array, column.field), strict=True
        ):
            if value is not None:
                row[name] = value
    extra[OTHER_COLUMNS] = ExtraColumn(OTHER_FIELD, to_other_columns(rows))


def _replace_out_of_range_times(table: pa.RecordBatch, *, utc: bool) -> pa.RecordBatch:
    """Return the records with each time column that Python cannot represent as strings."""
    columns = [
        column
        if (out_of_range := find_out_of_range(column)) is None
        else times_to_text(column, out_of_range, utc=utc)
        for column in table.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=table.schema.names)


def _select(table: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column in a basic type, or a struct's field; nulls if there is none."""
    return _to_basic_type(_original(table, name))


def _original(table: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column, or a struct's field under a dotted name; nulls if there is none."""
    if (index := table.schema.get_field_index(name)) >= 0:
        return table.column(index)
    first, *rest = name.split(".")
    if (index := table.schema.get_field_index(first)) < 0:
        return pa.nulls(table.num_rows)
    column = table.column(index)
    for part in rest:
        if not pa.types.is_struct(column.type) or column.type.get_field_index(part) < 0:
            return pa.nulls(table.num_rows)
        column = pc.struct_field(column, part)
    return column


def _has_column(schema: pa.Schema, name: str) -> bool:
    """Return whether there is a column, or a struct's field under a dotted name."""
    if name in schema.names:
        return True
    first, *rest = name.split(".")
    type = schema.field(first).type if first in schema.names else pa.null()
    for part in rest:
        if not pa.types.is_struct(type) or type.get_field_index(part) < 0:
            return False
        type = type.field(part).type
    return first in schema.names


def _to_basic_type(column: pa.Array) -> pa.Array:
    """Return the column without dictionary and view encoding, and bytes as strings."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type):
        return pc.cast(column, pa.large_string())
    if _is_bytes(column.type):
        texts = [None if value is None else bytes_to_text(value) for value in column.to_pylist()]
        return pa.array(texts, pa.large_string())
    return column


def _is_bytes(type: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(type)
        or pa.types.is_large_binary(type)
        or pa.types.is_fixed_size_binary(type)
    )


def _undecodable_rows(column: pa.Array) -> list[int]:
    """Return the rows of a column of bytes whose value is not UTF-8; none for other types."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not _is_bytes(column.type):
        return []
    values = enumerate(column.to_pylist())
    return [i for i, value in values if value and bytes_to_text(value).encode() != value]


def _is_string(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))


def _string_column(column: pa.Array) -> pa.Array:
    """Return a column of titles, authors or the like as strings; empty values are null."""
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.string())
    if _is_string(column.type):
        texts = pc.cast(column, pa.string())
        return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return as_strings(column.to_pylist())


def _date_column(column: pa.Array, format: str | None) -> tuple[pa.Array, list[int]]:
    """Return a column as times, and the rows with a value that could not be parsed."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return pc.cast(column, dates.DATE_TYPE, safe=False), []
    return dates.parse_dates(column.to_pylist(), format)


def _null_damaged_values(
    table: pa.RecordBatch, record_limit: int
) -> tuple[pa.RecordBatch, dict[int, str]]:
    """Return the records with damaged values set to null, and for each damaged row the reason.

    All values of a record above `record_limit` are set to null. Rows keep their positions. Each
    column is validated before anything else reads it: an offset in it may point anywhere.
    """
    errors: dict[int, str] = {}
    arrays = []
    for field, original in zip(table.schema, table.columns, strict=True):
        column = original
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            column, rows = _null_invalid_values(column)
            errors |= dict.fromkeys(rows, f"{field.name!r} contains invalid UTF-8")
        if rows := unrepresentable_rows(column):
            errors |= dict.fromkeys(rows, OUT_OF_RANGE.format(field.name))
            indices = pa.array(range(len(column)))
            column = column.take(pc.if_else(pc.is_in(indices, pa.array(rows)), None, indices))
        arrays.append(column)
    table = pa.RecordBatch.from_arrays(arrays, names=unique_names(table.schema.names))
    if too_large := rows_larger_than(table, record_limit):
        errors |= dict.fromkeys(too_large, over_limit(record_limit))
        kept_rows = [None if i in errors else i for i in range(table.num_rows)]
        table = table.take(pa.array(kept_rows, pa.int64()))
    return table, errors


def _null_invalid_values(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return a column with its invalid values set to null, and their rows."""
    invalid = []
    values: list[Any] = []
    for i in range(len(column)):
        value = column.slice(i, 1)
        try:
            value.validate(full=True)
            values.append(value)
        except pa.ArrowInvalid:
            invalid.append(i)
            values.append(pa.nulls(1, column.type))
    return pa.concat_arrays(values) if values else column, invalid
