"""Assemble columns into a batch of documents, and record where each row comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from corpus.documents import (
    AUTHOR,
    CONTENT,
    DATE,
    DOCUMENT,
    ID,
    ID_IS_GIVEN,
    KEY,
    ORIGIN,
    RECORD,
    RECORD_HASH,
    SOURCE,
)
from corpus.sources.chunks import Reject
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.author_lists import join_author_lists
from corpus.sources.columns.extra import ExtraColumn
from corpus.sources.dates import parse as dates
from corpus.sources.json.text import dumps
from corpus.sources.notes import FileNotes, with_notes
from corpus.sources.record_keys import RecordHash, document_key
from corpus.sources.settings import Content, Source

Skipped: TypeAlias = Mapping[str, Mapping[str, int]]
"""How many records of each file were not read as documents, by reason: {file: {reason: n}}."""


class ReadBatch(NamedTuple):
    """One step of reading: documents, the records that could not be read, and those skipped."""

    documents: pa.RecordBatch
    rejects: list[Reject]
    skipped: Skipped = MappingProxyType({})


_SCHEMA = pa.schema([*DOCUMENT, *ORIGIN])
NO_DOCUMENTS = pa.RecordBatch.from_arrays(
    [pa.nulls(0, field.type) for field in _SCHEMA], schema=_SCHEMA
)
"""A batch without documents."""


def only_rejects(*rejects: Reject) -> ReadBatch:
    """Return rejects with an empty batch of documents."""
    return ReadBatch(NO_DOCUMENTS, list(rejects))


def note_only(file_name: str, note: FileNotes) -> ReadBatch:
    """Return a note on a file with an empty batch of documents."""
    return ReadBatch(with_notes(NO_DOCUMENTS, {file_name: note}), [])


@dataclass(frozen=True)
class Origin:
    """Where the records of a batch come from: one value per record, in the batch's order."""

    file_names: Sequence[str]
    numbers: Sequence[int]
    """Record numbers in the file, from 1."""

    hashes: Sequence[RecordHash]
    """Hash and size of each record: a record without an id gets its key from the hash."""

    contents: Sequence[Content]

    def select(self, rows: Iterable[int]) -> Origin:
        """Return the origin of some rows."""
        rows = list(rows)
        return Origin(
            [self.file_names[i] for i in rows],
            [self.numbers[i] for i in rows],
            [self.hashes[i] for i in rows],
            [self.contents[i] for i in rows],
        )

    def reject(self, row: int, reason: str) -> Reject:
        """Return a row as a reject."""
        return Reject(self.file_names[row], self.numbers[row], reason, self.hashes[row].size)


def assemble(
    standard: Mapping[str, pa.Array],
    extra: Mapping[str, ExtraColumn],
    *,
    ids: Sequence[str | None],
    origin: Origin,
    source: Source,
) -> pa.RecordBatch:
    """Return documents made of standard and extra columns, the source's constants and the origin.

    Records without an id get the hash of the record.
    """
    hashes = [each.hash for each in origin.hashes]
    all_ids = [h.hex() if id is None else id for id, h in zip(ids, hashes, strict=True)]
    columns = dict(standard) | {
        ID: pa.array(all_ids, pa.string()),
        SOURCE: pa.array(origin.file_names, pa.string()),
        KEY: sixteen_bytes([document_key(id) for id in all_ids]),
        RECORD_HASH: sixteen_bytes(hashes),
        RECORD: pa.array(origin.numbers, pa.int64()),
        ID_IS_GIVEN: pa.array([id is not None for id in ids], pa.bool_()),
        CONTENT: pa.array(origin.contents, pa.string()),
    }
    return assemble_columns(columns, extra, source)


def sixteen_bytes(values: Sequence[bytes]) -> pa.Array:
    """Return values of 16 bytes each as a column."""
    buffers = [None, pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(pa.binary(16), len(values), buffers)


def assemble_columns(
    columns: Mapping[str, pa.Array], extra: Mapping[str, ExtraColumn], source: Source
) -> pa.RecordBatch:
    """Return documents made of our columns, extra columns and the source's constants."""
    columns = dict(columns) | {AUTHOR: join_author_lists(columns[AUTHOR])}
    n_rows, all_extra = len(columns[ID]), dict(extra)
    for name, value in source.constants.items():
        if name in DOCUMENT.names:
            columns[name] = _constant_column(name, value, n_rows, source.date_format)
        else:
            all_extra[name] = extra_columns.infer_column(name, [value] * n_rows)
    names = sorted(all_extra)
    arrays = [columns[field.name] for field in _SCHEMA] + [all_extra[name].array for name in names]
    schema = pa.schema([*_SCHEMA, *(all_extra[name].field for name in names)])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _constant_column(name: str, value: Any, n_rows: int, date_format: str | None) -> pa.Array:
    """Return a standard column with the same value in every row."""
    if name == DATE:
        return dates.parse_dates([value] * n_rows, date_format)[0]
    text = value if isinstance(value, str) else dumps(value)
    return pa.array([text] * n_rows, pa.string())
