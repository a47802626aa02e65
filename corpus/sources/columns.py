"""Records that are Arrow columns already (Parquet, Hugging Face) become a batch of documents.

The rules are those of `rows.py`. Columns stay columns: only keys, ids and dates are looked at row
by row. Strings that are no UTF-8, which neither format forbids and most readers crash on, make
their record a reject.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import DATE, ID, TEXT
from corpus.sources import dates, extras
from corpus.sources.batches import NONE, Origin, Read, assemble
from corpus.sources.chunks import Reject
from corpus.sources.column_names import OURS, distinct, identifier, others, renamed, spare, theirs
from corpus.sources.extras import Extra
from corpus.sources.far_dates import REASON, far, unreadable, written
from corpus.sources.json_text import as_text, canonical
from corpus.sources.rows import no_text, plain
from corpus.sources.settings import Content, Source


def from_columns(
    table: pa.RecordBatch, first: int, *, name: str, content: Content, source: Source
) -> Read:
    """Return the documents of a record batch that begins with record `first` of file `name`."""
    table, bad = _sound(table)
    texts = _picked(table, theirs(source, TEXT))
    given = _picked(table, theirs(source, ID))
    ids: list[str | None] = []
    for i, (missing, id) in enumerate(zip(_no_texts(texts), given.to_pylist(), strict=True)):
        if missing and i not in bad:
            row = dict.fromkeys(table.schema.names)
            value = texts[i].as_py() if i < len(texts) else None
            bad[i] = no_text(row, value, theirs(source, TEXT))
        try:
            ids.append(identifier(id))
        except TypeError as error:
            bad.setdefault(i, str(error))
            ids.append(None)
    rejects = [Reject(name, first + i, reason) for i, reason in sorted(bad.items())]
    keep = [i for i in range(table.num_rows) if i not in bad]
    if not keep:
        return NONE, rejects
    if bad:
        ids, table, texts = [ids[i] for i in keep], table.take(keep), texts.take(keep)
    numbers = [first + i for i in keep]
    raws = _raws(_written(table, utc=False))
    origin = Origin([name] * len(keep), numbers, raws, [content] * len(keep))
    return _documents(_written(table, utc=True), texts, ids, origin, source), rejects


def _documents(
    table: pa.RecordBatch,
    texts: pa.Array,
    ids: Sequence[str | None],
    origin: Origin,
    source: Source,
) -> pa.RecordBatch:
    """Return the batch of records that are all documents."""
    columns = {TEXT: pc.cast(texts, pa.large_string())}
    for ours in OURS[2:-1]:
        found = _picked(table, theirs(source, ours))
        columns[ours] = _titles(found)
    said = _picked(table, theirs(source, DATE))
    extra: dict[str, Extra] = {}
    for own, ours in (others(table.schema.names, source) | renamed(source)).items():
        extra[ours] = extras.native(ours, _picked(table, own))
    columns[DATE], unread = _dates(said)
    if unread:
        where = set(unread)
        values = [v if i in where else None for i, v in enumerate(said.to_pylist())]
        name = spare(theirs(source, DATE), source)
        extra.setdefault(name, extras.column(name, values))
    extras.check(extra)
    return assemble(columns, extra, ids=ids, origin=origin, source=source)


def _written(table: pa.RecordBatch, *, utc: bool) -> pa.RecordBatch:
    """Return the records with columns of times as texts where some are beyond Python's."""
    columns = [
        column if (where := far(column)) is None else written(column, where, utc=utc)
        for column in table.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=table.schema.names)


def _picked(table: pa.RecordBatch, name: str) -> pa.Array:
    """Return a column, a field of a struct under a dotted name, or nulls where there is none."""
    if name in table.schema.names:
        return _flat(table.column(table.schema.get_field_index(name)))
    head, *rest = name.split(".")
    if head not in table.schema.names:
        return pa.nulls(table.num_rows)
    found = table.column(table.schema.get_field_index(head))
    for part in rest:
        if not pa.types.is_struct(found.type) or found.type.get_field_index(part) < 0:
            return pa.nulls(table.num_rows)
        found = pc.struct_field(found, part)
    return _flat(found)


def _flat(column: pa.Array) -> pa.Array:
    """Return the column without dictionaries and views; bytes become the text that they are."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string_view(column.type):
        return pc.cast(column, pa.large_string())
    if _is_bytes(column.type):
        texts = [None if v is None else as_text(v) for v in column.to_pylist()]
        return pa.array(texts, pa.large_string())
    return column


def _is_bytes(type: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(type)
        or pa.types.is_large_binary(type)
        or pa.types.is_fixed_size_binary(type)
    )


def _is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))


def _no_texts(texts: pa.Array) -> Sequence[bool]:
    """Return which rows have no text."""
    if not _is_text(texts.type):
        return [True] * len(texts)
    return texts.is_null().to_pylist() if texts.null_count else [False] * len(texts)


def _titles(column: pa.Array) -> pa.Array:
    """Return a column of titles, authors or the like as strings; an empty one is null."""
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.string())
    if _is_text(column.type):
        texts = pc.cast(column, pa.string())
        return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return plain(column.to_pylist())


def _dates(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return the times of a column, and the places of those that could not be read."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return pc.cast(column, dates.DATE_TYPE, safe=False), []
    return dates.parse(column.to_pylist())


def _raws(table: pa.RecordBatch) -> list[bytes]:
    """Return each record as canonical JSON, names in order: the bytes that it is known by."""
    columns = [extras.coarse(column) for column in table.columns]
    rows = pa.RecordBatch.from_arrays(columns, names=table.schema.names).to_pylist()
    return [canonical(row) for row in rows]


def _sound(table: pa.RecordBatch) -> tuple[pa.RecordBatch, dict[int, str]]:
    """Return the records with sound values alone, and what is wrong with others, by their places.

    Damaged rows become null, so that the places of the others stay.
    """
    bad: dict[int, str] = {}
    arrays = []
    for field, column in zip(table.schema, table.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            column, wrong = _mended(column)  # noqa: PLW2901
            bad |= dict.fromkeys(wrong, f"{field.name!r} holds bytes that are no UTF-8")
        if wrong := unreadable(column):
            bad |= dict.fromkeys(wrong, REASON.format(field.name))
            places = pa.array(range(len(column)))
            column = column.take(pc.if_else(pc.is_in(places, pa.array(wrong)), None, places))  # noqa: PLW2901
        arrays.append(column)
    return pa.RecordBatch.from_arrays(arrays, names=distinct(table.schema.names)), bad


def _mended(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return a column with its damaged values null, and their places."""
    wrong = []
    values: list[Any] = []
    for i in range(len(column)):
        one = column.slice(i, 1)
        try:
            one.validate(full=True)
            values.append(one)
        except pa.ArrowInvalid:
            wrong.append(i)
            values.append(pa.nulls(1, column.type))
    return pa.concat_arrays(values) if values else column, wrong
