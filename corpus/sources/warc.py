"""WARC files, as web crawlers write them, and WET files, their extracted text.

A page is a document: a response with status 2xx, a resource or a conversion, in HTML or plain text.
Its text is the decoded payload, its url and date are the record's. All other records (requests,
images, error pages) are skipped: they are neither documents nor rejects. A record's number counts
all records of the file.

Records are split here, by their lengths, to notice truncated and invalid ones. fastwarc parses each
record. A large file is split by one reader into chunks that carry their records.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

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
from corpus.sources.compression import has_compression_extension
from corpus.sources.encodings import UndecodableError, declared_encoding, decode
from corpus.sources.rows import RowBuffer
from corpus.sources.settings import Content, Source
from corpus.sources.streams import Stream
from corpus.sources.warc_records import WarcRecord, split_records

EXTENSIONS = (".warc", ".wet")
ONE_DOCUMENT_PER_FILE = False

_PAGE_WARC_TYPE = re.compile(
    rb"^WARC-Type:[ \t]*(response|resource|conversion)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_SNIFFED_BYTES = 1024
"""Bytes of a payload without a content type that are searched for `<html`."""


class Page(NamedTuple):
    """A record that is a document."""

    row: dict[str, Any]
    raw: bytes
    content: Content


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file: a small file whole, else about 32 MB of records each."""
    is_compressed = has_compression_extension(file.name)
    if file.bytes <= (SMALL_COMPRESSED_BYTES if is_compressed else CHUNK_BYTES):
        yield Chunk((file,))
        return
    stream, chunks = Stream(file.path), PayloadChunks(file)
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
        yield damaged_end(file, chunks.start, stream.damage)


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of records in a chunk, pages or not, plus one if its end is damaged."""
    if chunk.damage:
        return 1
    stream = Stream(chunk.file.path)
    total = sum(1 for _ in _records(chunk, source, stream))
    return total + bool(_end_damage(chunk, stream, total))


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    if reject := chunk.damage_reject():
        if chunk.includes(0):
            yield only_rejects(reject)
        return
    name, stream = chunk.file.name, Stream(chunk.file.path)
    source_without_columns = source.model_copy(update={"columns": {}})
    buffer, index = RowBuffer(), 0
    for record in _records(chunk, source, stream):
        if chunk.includes(index):
            _add_record(buffer, record, chunk.first_record + index, name, source)
        index += 1
        if buffer.full:
            yield buffer.to_batch(source_without_columns)
            buffer = RowBuffer()
    yield buffer.to_batch(source_without_columns)
    if (damage := _end_damage(chunk, stream, index)) and chunk.includes(index):
        lost = chunk.file.bytes if index == 0 and stream.damage else 0
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
    """Add a record to the buffer, as a document or as a reject; skip one that is not a page."""
    error, page = record.error, None
    try:
        page = None if error else _parse_page(record.data, source)
    except (OSError, ValueError) as exception:
        error = " ".join(str(exception).split())[:200]
    if error:
        size = len(record.data) or record.bytes
        buffer.rejects.append(Reject(file_name, number, error, size))
    elif page is not None:
        row, raw, content = page
        buffer.add(row, file_name=file_name, number=number, raw=raw, content=content)


def _parse_page(data: bytes, source: Source) -> Page | None:
    """Return the page in a record, or None if it is not a page; raises OSError or ValueError."""
    if not _PAGE_WARC_TYPE.search(data[: data.find(b"\r\n\r\n")]):
        return None
    from fastwarc.warc import ArchiveIterator

    records = iter(ArchiveIterator(io.BytesIO(data), auto_decode="all", stream_detect=False))
    record = next(records, None)
    return None if record is None else _to_page(record, source)


def _to_page(record: Any, source: Source) -> Page | None:
    """Return a fastwarc record as a page, or None if its status or type is not that of a page."""
    status = record.http_headers.status_code if record.http_headers else 200
    media_type = _media_type(record)
    is_page_type = media_type in (*_HTML_TYPES, "text/plain", "")
    if not status or not 200 <= status < 300 or not is_page_type:
        return None
    payload = record.reader.read(source.record_limit + 1)
    if len(payload) > source.record_limit:
        limit = f"record_limit ({source.record_limit:,} bytes)"
        raise UndecodableError(f"decompresses to more than {limit}")
    is_html = media_type in _HTML_TYPES or (
        not media_type and b"<html" in payload[:_SNIFFED_BYTES].lower()
    )
    if not is_html and not media_type:
        return None
    declared = record.http_charset or (declared_encoding(payload) if is_html else None)
    text = decode(payload, encoding=source.encoding, declared=declared, repair=True)
    uri = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    return Page(
        row={"text": text, "url": uri, "date": record.headers.get("WARC-Date")},
        raw=uri.encode(errors="replace") + b"\0" + payload,
        content=source.content or ("html" if is_html else "page"),
    )


def _media_type(record: Any) -> str:
    """Return the media type of a record's content in lower case, or an empty string."""
    declared = record.http_content_type if record.is_http else record.headers.get("Content-Type")
    return str(declared or "").partition(";")[0].strip().lower()
