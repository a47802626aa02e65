"""WARC files, as web crawlers write them, and WET files, their extracted text.

A page is a document: a response with status 2xx, a resource or a conversion, in HTML or plain text.
`pages.py` decides which records are pages. All others (requests, images, error pages) are
counted by reason: they are neither documents nor rejects. A record's number counts all records of
the file.

Records are split here, by their lengths, to notice truncated and invalid ones. A large file is
split by one reader into chunks that carry their records.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.sources.batches import ReadBatch, only_rejects
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
from corpus.sources.files.compression import has_compression_extension
from corpus.sources.files.streams import Stream
from corpus.sources.settings import Source
from corpus.sources.warc.pages import NotAPage, parse_page
from corpus.sources.warc.records import WarcRecord, split_records

EXTENSIONS = (".warc", ".wet")
ONE_DOCUMENT_PER_FILE = False


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file: a small file whole, else about 32 MB of records each."""
    is_compressed = has_compression_extension(file.name)
    if file.bytes <= (SMALL_COMPRESSED_BYTES if is_compressed else CHUNK_BYTES):
        yield Chunk((file,))
        return
    stream, chunks = Stream(file.location), PayloadChunks(file)
    for record in split_records(iter(stream), stream, limit=source.record_limit):
        if record.error is None:
            chunks.add(record.data, record.bytes)
        if chunks.count and (record.error or chunks.size >= CHUNK_BYTES):
            yield chunks.take()
        if record.error is not None:
            yield chunks.take_damaged(record.error, record.bytes)
    if chunks.count:
        yield chunks.take()
    if stream.damage:
        yield damaged_end(file, chunks.start, stream.damage, stream.lost_bytes(file.bytes))


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of records in a chunk, pages or not, plus one if its end is damaged."""
    stream = Stream(chunk.file.location)
    total = sum(1 for _ in _records(chunk, source, stream))
    return total + bool(_end_damage(chunk, stream, total))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    name, stream = chunk.file.name, Stream(chunk.file.location)
    buffer, index = RowBuffer(source.without_columns()), 0
    for record in _records(chunk, source, stream):
        if chunk.includes(index):
            _add_record(buffer, record, chunk.first_record + index, name, source)
        del record  # a large record is not in memory twice while its batch is used
        index += 1
        if buffer.full:
            yield buffer.to_batch()
    yield buffer.to_batch()
    if (damage := _end_damage(chunk, stream, index)) and chunk.includes(index):
        lost = stream.lost_bytes(chunk.file.bytes)
        if index == 0 and stream.damage:
            lost = chunk.file.bytes
        yield only_rejects(Reject(name, None, damage, lost))


def _records(chunk: Chunk, source: Source, stream: Stream) -> Iterator[WarcRecord]:
    """Yield the records of a chunk, from its payload or else from the stream."""
    pieces = iter(stream) if chunk.payload is None else iter((chunk.payload,))
    return split_records(pieces, stream, limit=source.record_limit)


def _end_damage(chunk: Chunk, stream: Stream, n_records: int) -> str | None:
    """Return what is wrong with a chunk after its last record, or None."""
    if n_records == 0 and stream.damage is None and chunk.payload is None:
        return "the file is empty"
    return stream.damage


def _add_record(
    buffer: RowBuffer, record: WarcRecord, number: int, file_name: str, source: Source
) -> None:
    """Add a record to the buffer, as a document or as a reject; count one that is not a page."""
    error, page = record.error, None
    try:
        page = None if error else parse_page(record.data, source)
    except (OSError, ValueError) as exception:
        error = " ".join(str(exception).split())[:200]
    if error:
        size = len(record.data) or record.bytes
        buffer.rejects.append(Reject(file_name, number, error, size))
    elif isinstance(page, NotAPage):
        buffer.skip(file_name, page.reason)
    elif page is not None:
        row, raw, content = page
        buffer.add(row, file_name=file_name, number=number, raw=raw, content=content)
