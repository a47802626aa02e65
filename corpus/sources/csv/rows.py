"""CSV and TSV files: a header with the column names, then one record per row.

    id,text,published_at
    a1,"A text may have commas, ""quotes"" and line ends.",2023-05-22

Delimiter, quotes and line ends are detected from the first rows (dialect.py).

A quote that is not closed, or that is followed by more text, makes its first line a reject, and
reading continues with the next line. So a stray quote costs one record, not every record up to the
next quote. A row with fewer fields than the header is filled with nulls, and counted. A row with
more fields is a reject, unless the others are empty, and so is a row that lacks more than
MAX_MISSING_FIELDS. Values are strings: `007` stays `007`. A record's number is that of its row,
without the header.

Where a record ends is only known after reading everything before it. So one reader splits a large
file, into chunks that carry their rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from corpus.sources.batches import ReadBatch, note_only, only_rejects
from corpus.sources.chunks import (
    CHUNK_BYTES,
    SMALL_COMPRESSED_BYTES,
    Chunk,
    File,
    PayloadChunks,
    Reject,
    damaged_end,
)
from corpus.sources.columns.from_rows import RowBuffer
from corpus.sources.csv.dialect import without_empty_end
from corpus.sources.csv.file import CsvFile, dialect_note, is_unnamed, open_csv, payload_header
from corpus.sources.csv.reader import Row
from corpus.sources.files.compression import has_compression_extension
from corpus.sources.files.streams import Stream
from corpus.sources.json.text import canonical
from corpus.sources.notes import FileNotes, add_to_batch, note_columns
from corpus.sources.settings import Source, content_of

MAX_MISSING_FIELDS = 1000
"""Maximum number of fields that are filled in a row: the work for a row is bounded by its bytes."""

EXTENSIONS = (".csv", ".tsv", ".tab")
ONE_DOCUMENT_PER_FILE = False


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file: a small file whole, else about 32 MB of rows each."""
    is_compressed = has_compression_extension(file.name)
    if file.bytes <= (SMALL_COMPRESSED_BYTES if is_compressed else CHUNK_BYTES):
        yield Chunk((file,))
        return
    stream = Stream(file.location)
    table = open_csv(Chunk((file,)), source, stream)
    if table.is_empty or table.error:
        yield Chunk((file,))  # `read` reports the error
        return
    chunks = PayloadChunks(file, header=payload_header(table, stream))
    for row in table.rows:
        data = _line_bytes(row)
        chunks.add(data, len(data))
        if chunks.size >= CHUNK_BYTES:
            yield chunks.take()
    yield chunks.take()
    if stream.damage:
        yield damaged_end(file, chunks.start, stream.damage, stream.lost_bytes(file.bytes))


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of rows in a chunk, plus one if its end is damaged."""
    stream = Stream(chunk.file.location)
    n_rows = sum(1 for _ in open_csv(chunk, source, stream).rows)
    return max(1, n_rows + bool(stream.damage))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the rows that could not be read."""
    file, stream = chunk.file, Stream(chunk.file.location)
    table = open_csv(chunk, source, stream)
    if table.is_empty or table.error:
        if chunk.includes(0):
            yield _unreadable_file(table, file, stream)
        return
    if stream.encoding:
        yield note_only(file.name, FileNotes(encodings=(stream.encoding,)))
    batch, index = _Batch(table, file.name, source), 0
    for row in table.rows:
        if chunk.includes(index):
            batch.add(row, chunk.first_record + index)
        index += 1
        if batch.buffer.full:
            yield batch.finish()
            batch = _Batch(table, file.name, source)
    yield batch.finish()
    if stream.damage and chunk.includes(index):
        lost = stream.lost_bytes(file.bytes)
        yield only_rejects(Reject(file.name, None, stream.damage, lost))


def _line_bytes(row: Row) -> bytes:
    """Return the lines of a row as they are in the file."""
    return "".join(row.lines).encode(errors="surrogateescape")


def _unreadable_file(table: CsvFile, file: File, stream: Stream) -> ReadBatch:
    """Return the reject of a file without a usable header, with a note of its columns."""
    reason = stream.damage or table.error or "the file is empty"
    lost = file.bytes if table.error or stream.damage else 0
    unread = only_rejects(Reject(file.name, None, reason, lost))
    if not table.names:
        return unread
    note = FileNotes(
        no_text_column=1,
        no_header=int(table.header_is_record),
        columns=note_columns(table.names),
    )
    return unread._replace(documents=add_to_batch(unread.documents, {file.name: note}))


class _Batch:
    """Collects the records of a batch, and counts the rows that were filled."""

    def __init__(self, table: CsvFile, file_name: str, source: Source) -> None:
        self.buffer = RowBuffer(source)
        self._table, self._file_name, self._source = table, file_name, source
        self._content = content_of(source, "csv")
        self._unnamed = [name for name in table.names if is_unnamed(name)]
        self._short_rows = 0

    def add(self, row: Row, number: int) -> None:
        """Add a row, as a record or as a reject."""
        names = self._table.names
        error, fields = row.error, without_empty_end(row.fields, len(names))
        n_missing = len(names) - len(fields)
        if error is None and (n_missing < 0 or n_missing > MAX_MISSING_FIELDS):
            counted = "the setting header" if self._source.header else "the header"
            error = f"the row has {len(fields)} fields, {counted} {len(names)}"
        if error:
            self.buffer.rejects.append(Reject(self._file_name, number, error, row.size))
            return
        self._short_rows += len(fields) < len(names)
        record: dict[str, str | None] = dict(zip_longest(names, fields))
        for name in self._unnamed:
            record[name] = record[name] or None
        if "\\N" in fields:  # the null of MySQL, PostgreSQL and Hive
            record = {name: None if value == "\\N" else value for name, value in record.items()}
        self.buffer.add(
            record,
            file_name=self._file_name,
            number=number,
            raw=canonical(record),
            content=self._content,
        )

    def finish(self) -> ReadBatch:
        """Return the batch, with a note of how the file is written and of filled rows."""
        batch = self.buffer.to_batch()
        how = dialect_note(self._table, self._file_name, self._source)
        if not how and not self._short_rows:
            return batch
        note = FileNotes(short_rows=self._short_rows, dialects=(how,) if how else ())
        documents = add_to_batch(batch.documents, {self._file_name: note})
        return batch._replace(documents=documents)
