"""Guess how the records of a table become documents: which column is the text, the title, the date.

A column is known by its name. Where no name is known, the text is the column with the longest
strings. The guess depends only on the first records of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.documents import (
    DATE,
    ID,
    ID_IS_GIVEN,
    ORIGIN,
    SOURCE,
    TEXT,
    URL,
)
from corpus.preview.columns import available_names, original_name
from corpus.preview.first_records import FirstRecords, first_records
from corpus.preview.guess_columns import (
    NoTextError,
    fits,
    our_columns,
    text_column,
    undecided_date,
)
from corpus.preview.guess_content import guess_content
from corpus.sources import Chunk, File, Source
from corpus.sources.archives.chunks import begin_members
from corpus.sources.columns.extra import original_values
from corpus.sources.columns.names import STANDARD_COLUMNS
from corpus.sources.columns.synonyms import candidates
from corpus.sources.csv.file import open_csv
from corpus.sources.encodings.convert import to_utf8
from corpus.sources.files.streams import Stream
from corpus.sources.json.shapes import LOOK_AHEAD_BYTES, lists_of_objects
from corpus.sources.json.start import parse_start
from corpus.sources.settings import Content

MAX_BYTES = 1 << 20
"""Bytes of a file that its columns are guessed from."""

MAX_TRIED_NAMES = 40
MAX_DEPTH = 3
"""Depth of nested objects whose columns are looked at."""


@dataclass(frozen=True)
class TableGuess:
    """How the records of a table become documents."""

    header: tuple[str, ...] | None = None
    """The names of the columns of a CSV file without a header, ours among them."""

    columns: Mapping[str, str] = field(default_factory=dict)
    content: Content = "text"
    records: str | None = None
    """Where the records are in a JSON file, if it has several lists of them."""

    unchanged: tuple[str, ...] = ()
    """Our columns that the source calls the same."""

    ambiguous_date: str | None = None
    """A date such as 05/04/2019, if no other date decides whether the day is first."""

    extra_columns: tuple[str, ...] = ()
    """Other columns, which are kept."""


def guess_table(file: File) -> TableGuess:
    """Return how the records of a file become documents; raises NoTextError."""
    if file.format == "csv" and (names := _names_without_header(file)):
        return _guess_header(file, names)
    records, source = _readable(file)
    values = _values(records, source)
    if not values:
        return TableGuess(columns=source.columns)
    text = text_column(values, source.columns.get(TEXT, TEXT))
    if text != source.columns.get(TEXT, TEXT):
        source = _source(file, text, source.records)
        records = first_records([file], source, max_bytes=MAX_BYTES)
        values = _values(records, source)
    texts = [value for value in values.get(text, ()) if isinstance(value, str)]
    columns, ambiguous = our_columns(values, text), None
    if DATE in columns:
        ambiguous = undecided_date(values[columns[DATE]])
        total = records.total
        if columns[DATE] == DATE and bool(total.day_first) != bool(total.month_first):
            ambiguous = None  # parsed dates are not texts any more, and the notes count them
    used = set(columns.values())
    return TableGuess(
        columns={ours: theirs for ours, theirs in columns.items() if ours != theirs},
        unchanged=tuple(ours for ours, theirs in columns.items() if ours == theirs),
        content=guess_content(texts, is_page_by_default=False),
        records=source.records,
        ambiguous_date=ambiguous,
        extra_columns=tuple(sorted(set(values) - used - set(STANDARD_COLUMNS))),
    )


def _names_without_header(file: File) -> list[str]:
    """Return names for the columns of a CSV file without a header; none if it has one."""
    source = _source(file, TEXT)
    try:
        first = _first_file(file, source)
        table = open_csv(Chunk((first,)), source, Stream(first.location))
    except (OSError, ValueError, StopIteration):
        return []
    if not table.header_is_record:
        return []
    return [f"column_{i}" for i in range(1, len(table.names) + 1)]


def _guess_header(file: File, names: Sequence[str]) -> TableGuess:
    """Return the columns of a CSV file without a header: the text, and the date if there is one."""
    source = Source(path=file.name, format="csv", header=tuple(names), columns={TEXT: names[0]})
    values = _values(first_records([file], source, max_bytes=MAX_BYTES), source)
    if not values:
        raise NoTextError(names)
    text = text_column(values, names[0])
    known = {text: TEXT}
    for column in (DATE, URL):
        fitting = (n for n in names if n not in known and n in values and fits(column, values[n]))
        if name := next(fitting, None):
            known[name] = column
    texts = [value for value in values[text] if isinstance(value, str)]
    return TableGuess(
        header=tuple(known.get(name, name) for name in names),
        content=guess_content(texts, is_page_by_default=False),
        ambiguous_date=next(
            (undecided_date(values[n]) for n, ours in known.items() if ours == DATE), None
        ),
        extra_columns=tuple(name for name in names if name not in known),
    )


def _first_file(file: File, source: Source) -> File:
    """Return a file as it is; of an archive, the beginning of its first member."""
    if not file.is_archive:
        return file
    return next(begin_members(file, source, max_bytes=MAX_BYTES)).file


def _source(file: File, text: str, records: str | None = None) -> Source:
    columns = {} if text == TEXT else {TEXT: text}
    return Source(path=file.name, format=file.format, columns=columns, records=records)


def _readable(file: File) -> tuple[FirstRecords, Source]:
    """Return the first records, and a source with a text column that they have."""
    source = _source(file, TEXT)
    records = first = first_records([file], source, max_bytes=MAX_BYTES)
    if records.total.texts:
        return records, source
    names, lists = available_names(records, source), dict[str, list[str]]()
    if file.format == "jsonl":
        json_names, lists = _names_in_json(file)
        names = [name for name in json_names if name] or names
    known = candidates(TEXT, names)
    longest = [name for name in names if name not in known]
    for name in (known + longest)[:MAX_TRIED_NAMES]:
        for path in (None, *(path for path in lists if name in lists[path])):
            source = _source(file, name, path)
            records = first_records([file], source, max_bytes=MAX_BYTES)
            if records.total.texts:
                return records, source
    if known and not first.is_all:  # the first record is larger than what is looked at
        return FirstRecords(), _source(file, known[0])
    unread = records if known else first
    if unread.rejects and not (names and unread.documents) and (known or not names):
        raise NoTextError((), unread.rejects[0].reason)
    raise NoTextError(names)


def _names_in_json(file: File) -> tuple[list[str], dict[str, list[str]]]:
    """Return the names in the first object of a JSON file, and those in each list of objects."""
    data = b""
    try:
        first = _first_file(file, Source(path=file.name))
        for piece in to_utf8(Stream(first.location), Source(path=file.name)):
            data += piece
            if len(data) >= LOOK_AHEAD_BYTES:
                break
    except (OSError, ValueError, StopIteration):
        return [], {}
    value, _ = parse_start(data[:LOOK_AHEAD_BYTES].lstrip(b" \t\r\n\x1e"))
    while isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return [], {}
    by_size = sorted(lists_of_objects(value), key=lambda entry: -len(entry[1]))
    lists = {path: list(rows[0]) for path, rows in by_size}
    if not lists:
        return list(_nested_names(value)), {}
    return list(dict.fromkeys(name for names in lists.values() for name in names)), lists


def _nested_names(value: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[str]:
    """Yield the names of an object's columns, those of nested objects behind a dot."""
    for name, nested in value.items():
        if isinstance(nested, dict) and nested and depth < MAX_DEPTH:
            yield from _nested_names(nested, f"{prefix}{name}.", depth + 1)
        else:
            yield prefix + name


def _values(records: FirstRecords, source: Source) -> dict[str, list[Any]]:
    """Return the values of each column that has any, by its name in the source."""
    values: dict[str, list[Any]] = {}
    for batch in records.batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            is_hash = name == ID and not any(batch.column(ID_IS_GIVEN).to_pylist())
            is_ours = name == SOURCE or name in ORIGIN.names
            if is_ours or is_hash or column.null_count == len(column):
                continue
            if name in STANDARD_COLUMNS:
                original = source.columns.get(name, name)
            else:
                original = original_name(name, source)
            field = batch.schema.field(name)
            for inner, nested in _flattened(original, original_values(column, field)).items():
                values.setdefault(inner, []).extend(nested)
    return values


def _flattened(name: str, values: Sequence[Any], depth: int = 1) -> dict[str, Sequence[Any]]:
    """Return a column, or the columns of the objects in it under dotted names."""
    objects = [value for value in values if isinstance(value, dict)]
    if not objects or depth > MAX_DEPTH:
        return {name: values}
    columns: dict[str, Sequence[Any]] = {}
    for inner in dict.fromkeys(key for value in objects for key in value):
        nested = [value.get(inner) for value in objects]
        columns |= _flattened(f"{name}.{inner}", nested, depth + 1)
    return columns
