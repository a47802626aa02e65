"""Turn records that are Python dicts into a batch of documents.

Formats that parse records (JSON lines, CSV, text, WARC) use this module; columnar formats use
`from_arrow.py`, which follows the same rules:

- A record whose text is not a string is a reject. A format that decodes documents itself gives
  their texts as bytes, in UTF-8 that is valid. A record without a text is a document whose
  text is null.
- A date that cannot be parsed is null; its original value is kept in an extra column.
- A list of titles, authors or the like is joined with `; `.
- Every other column is kept under its own name; a reserved name gets the suffix `_source`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from corpus.documents import DATE, ID, OTHER_COLUMNS, TEXT
from corpus.sources.batches import NO_DOCUMENTS, Origin, ReadBatch, assemble
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, Reject
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns import surplus as surplus_columns
from corpus.sources.columns.extra import ExtraColumn
from corpus.sources.columns.names import (
    STRING_COLUMNS,
    kept_columns,
    renamed_columns,
    source_column,
    unreserved_name,
)
from corpus.sources.columns.nested_text import nested_text_path, without_field
from corpus.sources.columns.surplus import (
    OTHER_FIELD,
    has_value,
    most_frequent,
    to_other_columns,
)
from corpus.sources.columns.texts import text_column
from corpus.sources.dates import parse as dates
from corpus.sources.json.text import describe_type, dumps
from corpus.sources.notes import FileNotes, add_notes, note_columns, note_dates, with_notes
from corpus.sources.notes import from_json as notes_from_json
from corpus.sources.record_keys import RawRecord, RecordHash, RecordHasher, parse_id
from corpus.sources.settings import Content, Source

Row = Mapping[str, Any]


@dataclass
class RowBuffer:
    """Collects records of a source, and rejects, until there are enough for a batch."""

    source: Source
    rows: list[Row] = field(default_factory=list)
    file_names: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    hashes: list[RecordHash] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    skipped: dict[str, dict[str, int]] = field(default_factory=dict)
    """Records that are not documents, by file and reason."""

    size: int = 0
    """Bytes of the raw records."""

    def __post_init__(self) -> None:
        self._hasher = RecordHasher(self.source)

    def add(
        self, row: Row, *, file_name: str, number: int, raw: RawRecord, content: Content
    ) -> None:
        """Add record `number` of a file: its columns, its raw bytes, and what its text is.

        Of the raw bytes only hash and size are kept: they are not in memory beside the batch.
        """
        self.rows.append(row)
        self.file_names.append(file_name)
        self.numbers.append(number)
        self.hashes.append(self._hasher.hash(raw, file_name))
        self.contents.append(content)
        self.size += self.hashes[-1].size

    def skip(self, file_name: str, reason: str) -> None:
        """Count a record of a file that is not a document, such as an image in a WARC file."""
        counts = self.skipped.setdefault(file_name, {})
        counts[reason] = counts.get(reason, 0) + 1

    @property
    def full(self) -> bool:
        """Whether there is enough for a batch."""
        return self.size >= BATCH_BYTES or len(self.rows) + len(self.rejects) >= BATCH_ROWS

    def to_batch(self) -> ReadBatch:
        """Return the documents, with the rejects in the order of their record numbers.

        The buffer is empty afterwards, so a large record is not kept while its batch is used.
        """
        origin = Origin(self.file_names, self.numbers, self.hashes, self.contents)
        documents, more_rejects, _ = documents_from_rows(self.rows, origin, self.source)
        rejects = in_record_order([*self.rejects, *more_rejects])
        batch = ReadBatch(documents, rejects, self.skipped)
        vars(self).update(vars(RowBuffer(self.source)))
        return batch


def in_record_order(rejects: Iterable[Reject]) -> list[Reject]:
    """Return the rejects in the order of their record numbers, whole files first."""
    return sorted(rejects, key=lambda reject: reject.record or 0)


def documents_from_rows(rows: Sequence[Row], origin: Origin, source: Source) -> ReadBatch:
    """Return the documents among the records of a source, and the records that are rejected."""
    if source.has_partitions:
        rows = [
            source.partition_of(name) | dict(row)
            for name, row in zip(origin.file_names, rows, strict=True)
        ]
    texts = column_values(rows, source_column(source, TEXT))
    notes = _text_notes(rows, texts, origin, source_column(source, TEXT))
    ids, errors = _check_rows(rows, texts, source)
    rejects = [origin.reject(row, reason) for row, reason in errors.items()]
    if errors:
        valid = [i for i in range(len(rows)) if i not in errors]
        rows, texts = [rows[i] for i in valid], [texts[i] for i in valid]
        origin = origin.select(valid)
    if not rows:
        return ReadBatch(with_notes(NO_DOCUMENTS, notes), rejects)
    names = set().union(*rows)
    columns = {TEXT: text_column(texts)}
    for name in STRING_COLUMNS:
        columns[name] = _string_column(rows, source_column(source, name), names)
    original_dates = column_values(rows, source_column(source, DATE))
    columns[DATE], unparsed = dates.parse_dates(original_dates, source.date_format)
    add_notes(notes, date_notes(original_dates, unparsed, origin.file_names))
    extra = _extra_columns(rows, names, source, {i: original_dates[i] for i in unparsed})
    documents = assemble(columns, extra, ids=ids, origin=origin, source=source)
    return ReadBatch(with_notes(documents, notes), rejects)


def date_notes(
    values: Sequence[Any], unparsed: Sequence[int], file_names: Sequence[str]
) -> dict[str, FileNotes]:
    """Return the notes on dates: the unparsed ones, by their rows, and the order of numbers."""
    by_file: dict[str, list[Any]] = {}
    for row in unparsed:
        by_file.setdefault(file_names[row], []).append(values[row])
    notes = {name: note_dates(dates) for name, dates in by_file.items()}
    counts = Counter(
        (name, order)
        for value, name in zip(values, file_names, strict=True)
        if type(value) is str and not value[:4].isdigit() and (order := dates.number_order(value))
    )
    for (name, order), n in counts.items():
        add_notes(notes, {name: notes_from_json({order: n})})
    return notes


def _text_notes(
    rows: Sequence[Row], texts: Sequence[Any], origin: Origin, name: str
) -> dict[str, FileNotes]:
    """Return the notes on the records without a text."""
    if set(map(type, texts)) <= {str, bytes}:
        return {}
    counts: Counter[tuple[str, str]] = Counter()
    columns: dict[str, set[str]] = {}
    for row, text, file_name in zip(rows, texts, origin.file_names, strict=True):
        if isinstance(text, str | bytes):
            continue
        if text is not None:
            counts[file_name, "wrong_texts"] += 1
        elif _has_column(row, name):
            counts[file_name, "null_texts"] += 1
        else:
            counts[file_name, "no_text_column"] += 1
            columns.setdefault(file_name, set()).update(row)
    notes = {file: FileNotes(columns=note_columns(names)) for file, names in columns.items()}
    for (file_name, kind), n in counts.items():
        add_notes(notes, {file_name: notes_from_json({kind: n})})
    return notes


def _has_column(row: Row, name: str) -> bool:
    """Return whether a record has a column, or a nested field under a dotted name."""
    *parents, last = name.split(".")
    nested: Any = _nested_value(row, ".".join(parents)) if parents else row
    return name in row or (isinstance(nested, Mapping) and last in nested)


def column_values(rows: Sequence[Row], name: str) -> list[Any]:
    """Return one value per row, None if it has none; a dotted name reads nested objects."""
    if "." not in name:
        return [row.get(name) for row in rows]
    return [_nested_value(row, name) for row in rows]


def _nested_value(row: Row, name: str) -> Any:
    """Return the value under a dotted name; a column with the dot in its own name has priority."""
    if name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _check_rows(
    rows: Sequence[Row], texts: Sequence[Any], source: Source
) -> tuple[list[str | None], dict[int, str]]:
    """Return the ids of the valid records, and for each invalid row the reason."""
    raw_ids = column_values(rows, source_column(source, ID))
    plain = {str, type(None)}
    plain_texts = plain | {bytes}
    if set(map(type, texts)) <= plain_texts and set(map(type, raw_ids)) <= plain:
        return [id or None for id in raw_ids], {}
    ids: list[str | None] = []
    errors: dict[int, str] = {}
    for i, (text, id) in enumerate(zip(texts, raw_ids, strict=True)):
        if type(text) not in plain_texts:
            errors[i] = text_error(text, source_column(source, TEXT))
            continue
        try:
            ids.append(parse_id(id))
        except TypeError as error:
            errors[i] = str(error)
    return ids, errors


def text_error(value: Any, name: str) -> str:
    """Return the reason why the value of the text column `name` is not a text."""
    return f"{name!r} is {describe_type(value)}, not a string"


def _string_column(rows: Sequence[Row], name: str, names: set[str]) -> pa.Array:
    """Return a column as strings, nulls if no row has it."""
    if name in names or "." in name:
        return as_strings(column_values(rows, name))
    return pa.nulls(len(rows), pa.string())


def as_strings(values: Sequence[Any]) -> pa.Array:
    """Return titles, authors or the like as a string column; empty values are null."""
    if set(map(type, values)) <= {str, type(None)}:
        return pa.array([value or None for value in values], pa.string())
    return pa.array([_as_string(value) or None for value in values], pa.string())


def _as_string(value: Any) -> str | None:
    """Return a value as a string; a list of strings is joined with `; `."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return dumps(value)


def _extra_columns(
    rows: Sequence[Row], names: set[str], source: Source, unparsed_dates: Mapping[int, Any]
) -> dict[str, ExtraColumn]:
    """Return the extra columns, with one for the dates (by row) that could not be parsed."""
    kept = kept_columns(names, source)
    parent, fields = nested_text_path(names, source)
    surplus = _surplus_names(rows, kept, always=parent)
    other = {old: kept.pop(old) for old in surplus}
    columns = {new: [row.get(name) for row in rows] for name, new in kept.items()}
    if parent is not None and parent in kept:
        columns[kept[parent]] = [without_field(row.get(parent), fields) for row in rows]
    columns |= {new: column_values(rows, name) for name, new in renamed_columns(source).items()}
    if unparsed_dates:
        name = unreserved_name(source_column(source, DATE), source)
        if name not in columns:
            columns[name] = [unparsed_dates.get(i) for i in range(len(rows))]
    extra = {name: extra_columns.infer_column(name, values) for name, values in columns.items()}
    if other:
        values = [
            {other[old]: v for old, v in row.items() if old in other and has_value(v)}
            for row in rows
        ]
        extra[OTHER_COLUMNS] = ExtraColumn(OTHER_FIELD, to_other_columns(values))
    return extra


def _surplus_names(rows: Sequence[Row], kept: Mapping[str, str], *, always: str | None) -> set[str]:
    """Return the source's names of the columns that a batch keeps in `other_columns`."""
    if len(kept) <= surplus_columns.MAX_BATCH_COLUMNS:
        return set()
    counts = Counter(
        name for row in rows for name, value in row.items() if name in kept and has_value(value)
    )
    return kept.keys() - most_frequent(counts, surplus_columns.MAX_BATCH_COLUMNS) - {always}
