"""CSV and TSV files: a header with the column names, then one record per row.

    id,text,published_at
    a1,"A text may have commas, ""quotes"" and line ends.",2023-05-22

A quote that is not closed, or that is followed by more text, makes its first line a reject, and
reading continues with the next line. So a stray quote costs one record, not every record up to the
next quote. A row with more or fewer fields than the header is a reject. Values are strings: `007`
stays `007`. A record's number is that of its row, without the header.

Where a record ends is only known after reading everything before it. So one reader splits a large
file, into chunks that carry their rows, each with a copy of the header.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.documents import TEXT
from corpus.sources import csv_reader, lines
from corpus.sources.batches import ReadBatch, only_rejects
from corpus.sources.chunks import (
    BATCH_BYTES,
    CHUNK_BYTES,
    SMALL_COMPRESSED_BYTES,
    Chunk,
    File,
    PayloadChunks,
    Reject,
    damaged_end,
)
from corpus.sources.column_names import source_column, unique_names
from corpus.sources.compression import has_compression_extension
from corpus.sources.csv_reader import LineQueue, Row, read_rows
from corpus.sources.json_text import canonical
from corpus.sources.notes import FileNotes, note_columns, with_notes
from corpus.sources.rows import RowBuffer
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import Stream

EXTENSIONS = (".csv", ".tsv", ".tab")
ONE_DOCUMENT_PER_FILE = False


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file: a small file whole, else about 32 MB of rows each."""
    is_compressed = has_compression_extension(file.name)
    if file.bytes <= (SMALL_COMPRESSED_BYTES if is_compressed else CHUNK_BYTES):
        yield Chunk((file,))
        return
    stream = Stream(file.path_or_data)
    rows = _rows(Chunk((file,)), source, stream)
    header = next(rows, None)
    if header is None or _header_error(header, source):
        yield Chunk((file,))  # `read` reports the error
        return
    chunks = PayloadChunks(file, header=_line_bytes(header))
    for row in rows:
        data = _line_bytes(row)
        chunks.add(data, len(data))
        if chunks.size >= CHUNK_BYTES:
            yield chunks.take()
    yield chunks.take()
    if stream.damage:
        yield damaged_end(file, chunks.start, stream.damage)


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of rows in a chunk, plus one if its end is damaged."""
    if chunk.damage:
        return 1
    stream = Stream(chunk.file.path_or_data)
    n_rows = sum(1 for _ in _rows(chunk, source, stream))
    return max(1, n_rows - 1 + bool(stream.damage))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the rows that could not be read."""
    if reject := chunk.damage_reject():
        if chunk.includes(0):
            yield only_rejects(reject)
        return
    file, stream = chunk.file, Stream(chunk.file.path_or_data)
    rows = _rows(chunk, source, stream)
    header = next(rows, None)
    if header is None or (error := _header_error(header, source)):
        if chunk.includes(0):
            lost = file.bytes if header or stream.damage else 0
            reason = stream.damage or ("the file is empty" if header is None else error)
            unread = only_rejects(Reject(file.name, None, reason, lost))
            yield unread if header is None else _with_header_note(unread, header, file.name)
        return
    names = _column_names(header)
    buffer, index = RowBuffer(), 0
    for row in rows:
        if chunk.includes(index):
            _add_row(buffer, row, names, chunk.first_record + index, file.name, source)
        index += 1
        if buffer.full:
            yield buffer.to_batch(source)
            buffer = RowBuffer()
    yield buffer.to_batch(source)
    if stream.damage and chunk.includes(index):
        yield only_rejects(Reject(file.name, None, stream.damage))


def _rows(chunk: Chunk, source: Source, stream: Stream) -> Iterator[Row]:
    """Yield the rows of a chunk, the header first."""
    limit = min(source.record_limit, csv_reader.MAX_ROW_CHARACTERS)
    blocks = lines.chunk_blocks(chunk, source, stream, size=BATCH_BYTES, limit=limit)
    return read_rows(LineQueue(blocks, limit, stream), chunk.file.name, source)


def _line_bytes(row: Row) -> bytes:
    """Return the lines of a row as they are in the file."""
    return "".join(row.lines).encode(errors="surrogateescape")


def _column_names(header: Row) -> list[str]:
    return unique_names(map(str.strip, header.fields))


def _with_header_note(unread: ReadBatch, header: Row, file_name: str) -> ReadBatch:
    """Return the reject of a file with a note of its columns."""
    if header.error:
        return unread
    note = FileNotes(no_text_column=1, columns=note_columns(_column_names(header)))
    return unread._replace(documents=with_notes(unread.documents, {file_name: note}))


def _header_error(header: Row, source: Source) -> str:
    """Return what is wrong with a header, or an empty string."""
    if header.error:
        return f"cannot read the header: {header.error}"
    text_column, names = source_column(source, TEXT), _column_names(header)
    if text_column in names:
        return ""
    first_names = ", ".join(repr(name[:40]) for name in names[:8])
    hint = "; is `delimiter` set correctly?" if len(names) == 1 else ""
    return f"no column {text_column!r}; the header has {first_names}{hint}"


def _add_row(
    buffer: RowBuffer, row: Row, names: list[str], number: int, file_name: str, source: Source
) -> None:
    """Add a row to the buffer, as a record or as a reject."""
    error = row.error
    if error is None and len(row.fields) != len(names):
        error = f"the row has {len(row.fields)} fields, the header {len(names)}"
    if error:
        buffer.rejects.append(Reject(file_name, number, error, sum(map(len, row.lines))))
        return
    record = dict(zip(names, row.fields, strict=True))
    raw, content = canonical(record), content_of(source, "csv")
    buffer.add(record, file_name=file_name, number=number, raw=raw, content=content)
