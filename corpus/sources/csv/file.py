"""Open a CSV file: its dialect, the names of its columns, and its rows.

The names are the file's first row, or the setting `header`. A column without a name, such as the
index that pandas writes, is named as pandas names it when it reads the file: `Unnamed: 0`.

A large file is read once to be split, so its chunks carry their rows as they are in the file. What
was detected from the start of the file is the first line of such a payload, as JSON. So every chunk
is read like the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import orjson

from corpus.documents import TEXT
from corpus.sources import lines
from corpus.sources.chunks import BATCH_BYTES, Chunk, File
from corpus.sources.columns.names import source_column, unique_names
from corpus.sources.csv import reader as csv_reader
from corpus.sources.csv.dialect import (
    DETECTION_BYTES,
    describe,
    detect_dialect,
    usual_dialect,
    without_sep_line,
)
from corpus.sources.csv.line_queue import Dialect, LineQueue
from corpus.sources.csv.reader import Row, read_rows
from corpus.sources.encodings.convert import to_utf8
from corpus.sources.files.streams import Stream
from corpus.sources.settings import Source

MAX_NAMES = 20
MAX_NAME_CHARACTERS = 40
MAX_USUAL_NAME_CHARACTERS = 60
"""A longer field of a first row is not the name of a column."""

_UNNAMED = "Unnamed: "
_VALUE = re.compile(r"[-+]?\d[\d.,:/TZ+ -]*|.*[.!?…。]|.*://.*", re.DOTALL)
"""A number, a date, a sentence or a URL: a value, not the name of a column."""


class CsvFile(NamedTuple):
    """An open CSV file, or a chunk of it."""

    dialect: Dialect
    names: list[str]
    """The names of the columns; empty if the file has no row or its header cannot be read."""

    rows: Iterator[Row]
    """The rows after the header."""

    is_empty: bool = False
    error: str = ""
    """Why there are no records to read: what is wrong with the header."""

    header_is_record: bool = False
    """Whether the first row looks like a record: the file may have no header."""


def open_csv(chunk: Chunk, source: Source, stream: Stream) -> CsvFile:
    """Return the rows of a chunk, with the dialect and the header of its file."""
    if chunk.payload is not None:
        first, _, data = chunk.payload.partition(b"\n")
        settings = orjson.loads(first)
        dialect = Dialect(*settings["dialect"])
        stream.encoding = settings["encoding"]
        rows = _rows(iter((data,) if data else ()), dialect, source, stream)
        return CsvFile(dialect, settings["names"], rows)
    head, at_end, pieces = _read_head(to_utf8(stream, source))
    head, sep = without_sep_line(head)
    start = head[:DETECTION_BYTES]
    at_end = at_end and not stream.cut and len(head) <= DETECTION_BYTES
    dialect = detect_dialect(start, chunk.file.name, source, sep=sep, at_end=at_end)
    return _with_header(dialect, _rows(chain((head,), pieces), dialect, source, stream), source)


def payload_header(table: CsvFile, stream: Stream) -> bytes:
    """Return the first line of the payload of each chunk of a file."""
    settings = {
        "dialect": list(table.dialect),
        "names": table.names,
        "encoding": stream.encoding,
    }
    return orjson.dumps(settings) + b"\n"


def describe_dialect(file: File, source: Source) -> str:
    """Return how a CSV file is read: `delimiter ';', quotes doubled, header: id, title, text`."""
    stream = Stream(file.location)
    table = open_csv(Chunk((file,)), source, stream)
    if not table.names:
        return stream.damage or table.error or "the file is empty"
    how = describe(table.dialect) if len(table.names) > 1 else "one column"
    how += f", encoding {stream.encoding}" if stream.encoding else ""
    return f"{how}, {'names by the setting header' if source.header else 'header'}: " + _listed(
        table.names
    )


def dialect_note(table: CsvFile, file_name: str, source: Source) -> str:
    """Return how the rows are written, or an empty string if it is as usual."""
    if table.dialect == usual_dialect(file_name, source) or not table.names:
        return ""
    return describe(table.dialect) if len(table.names) > 1 else "one column"


def is_unnamed(name: str) -> bool:
    """Return whether a column has no name in the file."""
    return name.startswith(_UNNAMED)


def _read_head(pieces: Iterator[bytes]) -> tuple[bytes, bool, Iterator[bytes]]:
    """Return the start of a file, whether it is the whole file, and the other pieces."""
    head: list[bytes] = []
    size = 0
    while size < DETECTION_BYTES:
        if (piece := next(pieces, None)) is None:
            return b"".join(head), True, pieces
        head.append(piece)
        size += len(piece)
    return b"".join(head), False, pieces


def _rows(
    pieces: Iterator[bytes], dialect: Dialect, source: Source, stream: Stream
) -> Iterator[Row]:
    """Yield every row of some data."""
    limit = min(source.record_limit, csv_reader.MAX_ROW_CHARACTERS)
    blocks = lines.split_into_blocks(
        pieces, stream, size=BATCH_BYTES, limit=limit, cr_ends_lines=dialect.cr_ends_rows
    )
    return read_rows(LineQueue(blocks, limit, stream, dialect))


def _with_header(dialect: Dialect, rows: Iterator[Row], source: Source) -> CsvFile:
    """Return the file with the names of its columns: the first row, or the setting `header`."""
    first = next(rows, None)
    if first is None:
        return CsvFile(dialect, [], rows, is_empty=True)
    if source.header:
        names = list(source.header)
        is_header = [field.strip() for field in first.fields] == names
        return CsvFile(dialect, names, rows if is_header else chain((first,), rows))
    if first.error:
        return CsvFile(dialect, [], rows, error=f"cannot read the header: {first.error}")
    names = _column_names(first.fields)
    if source_column(source, TEXT) in names:
        return CsvFile(dialect, names, rows)
    is_record = _looks_like_record(first.fields)
    error = _no_text_column(names, source, is_record=is_record)
    return CsvFile(dialect, names, rows, error=error, header_is_record=is_record)


def _column_names(fields: Sequence[str]) -> list[str]:
    """Return the names of the columns: unique, and not empty."""
    names = [field.strip().removeprefix("\ufeff") for field in fields]
    return unique_names(name or f"{_UNNAMED}{i}" for i, name in enumerate(names))


def _looks_like_record(fields: Sequence[str]) -> bool:
    """Return whether a first row has values, not names of columns."""
    return any(
        len(field) > MAX_USUAL_NAME_CHARACTERS or _VALUE.fullmatch(field.strip())
        for field in fields
    )


def _no_text_column(names: Sequence[str], source: Source, *, is_record: bool) -> str:
    """Return the message that the text column is not in the first row, and the way out."""
    column = source_column(source, TEXT)
    listed = ", ".join(repr(name[:MAX_NAME_CHARACTERS]) for name in names[:8])
    if is_record:
        return (
            f"no column {column!r}; the first row looks like a record, not like a header "
            f"({listed}); if the file has no header, name its columns in order: "
            "header: [..., text, ...]"
        )
    hint = "; is `delimiter` set correctly?" if len(names) == 1 else ""
    return f"no column {column!r}; the header has {listed}{hint}"


def _listed(names: Sequence[str]) -> str:
    """Return the names of the columns in one line."""
    listed = ", ".join(name[:MAX_NAME_CHARACTERS] for name in names[:MAX_NAMES])
    more = len(names) - MAX_NAMES
    return f"{listed} and {more:,} more" if more > 0 else listed
