"""Text files: a file is a document.

A scraped page dumped to text (`content: page`) may begin with a header line from the scraper,

     date 2023-05-22 The headline of the page

which is moved into the columns `date` and `title`. A line with an impossible date stays in the
text. A chunk has many small files; how files are grouped does not change the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from corpus.sources.batches import ReadBatch
from corpus.sources.chunks import Chunk, File, Reject
from corpus.sources.columns.from_rows import RowBuffer
from corpus.sources.encodings.decode import UndecodableError, decode_to_utf8
from corpus.sources.files.streams import Stream
from corpus.sources.settings import Content, Format, Source, content_of

EXTENSIONS = (".txt", ".text", ".md")
ONE_DOCUMENT_PER_FILE = True

MAX_HEADER_BYTES = 1 << 14
"""Bytes at the start of a page that may have a header line: a title of 2,000 characters."""

_HEADER = re.compile(
    r"\A\s{0,8}date (\d{4})-(\d\d)-(\d\d)"
    r"(?:[ \t]++((?:[^ \t\r\n](?:[^\r\n]{0,1998}[^ \t\r\n])?)?))?[ \t]*+(?:\r?\n|\Z)"
)


def parse_header(text: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the date and title in a page's header line, and the text without that line.

    Texts are valid UTF-8. A header line longer than `MAX_HEADER_BYTES` is none.
    """
    start = text[:MAX_HEADER_BYTES].decode(errors="ignore")  # may end within a character
    match = _HEADER.match(start)
    if not match or (match.end() == len(start) and len(text) > MAX_HEADER_BYTES):
        return {}, text
    year, month, day, title = match.groups()
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return {}, text
    return {"date": date, "title": title}, text[len(match.group().encode()) :]


def split_file(file: File, source: Source) -> Iterator[Chunk]:  # noqa: ARG001
    """Yield the file as its only chunk."""
    yield Chunk((file,))


def count_records(chunk: Chunk, source: Source) -> int:  # noqa: ARG001
    """Return the number of files in a chunk: each is a document or a reject."""
    return len(chunk.files)


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of the files in batches, with the files that could not be read."""
    yield from read_whole_files(chunk, source, "text", _parse_text)


def _parse_text(data: bytes, source: Source) -> dict[str, Any]:
    """Return the columns of a text file; raises UndecodableError."""
    text = decode_to_utf8(data, encoding=source.encoding)
    if content_of(source, "text") != "page":
        return {"text": text}
    columns, text = parse_header(text)
    return columns | {"text": text}


def read_whole_files(
    chunk: Chunk, source: Source, format: Format, parse: Callable[[bytes, Source], dict[str, Any]]
) -> Iterator[ReadBatch]:
    """Yield the documents of files that are one document each.

    `parse` turns a file's bytes into columns under our names, so the source's `columns`, which
    rename the columns of records, do not apply.
    """
    content, buffer = content_of(source, format), RowBuffer(source.without_columns())
    for i, file in enumerate(chunk.files):
        if not chunk.includes(i):
            continue
        _add_file(buffer, file, source, content, parse)
        if buffer.full:
            yield buffer.to_batch()
    yield buffer.to_batch()


def _add_file(
    buffer: RowBuffer,
    file: File,
    source: Source,
    content: Content,
    parse: Callable[[bytes, Source], dict[str, Any]],
) -> None:
    """Add the document of a file, or the reason why it cannot be read."""
    try:
        raw = load_file(file, source)
        buffer.add(parse(raw, source), file_name=file.name, number=1, raw=raw, content=content)
    except UndecodableError as error:
        buffer.rejects.append(Reject(file.name, None, str(error), file.bytes))


def load_file(file: File, source: Source) -> bytes:
    """Return the decompressed bytes of a file; raises UndecodableError if it is incomplete."""
    stream, loaded = Stream(file.location), BytesIO()
    for data in stream:
        loaded.write(data)
        if stream.position > source.record_limit:
            raise UndecodableError(
                f"the file is larger than record_limit ({source.record_limit:,} bytes)"
            )
    if stream.damage:
        raise UndecodableError(stream.damage)
    if not loaded.tell():
        raise UndecodableError("the file is empty")
    return loaded.getvalue()
