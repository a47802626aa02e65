"""XML files with articles: TEI, trafilatura's XML output, and lists of records such as Scrapy's.

    <TEI>, <TEI.2>             an article; <teiCorpus> has many
    <doc>                      an article; any root with <doc> elements has many
    <items><item>...</item>    records: each child of the root whose children are its columns

The file is parsed as a stream, so only one article is in memory. External entities are not loaded:
reading a file opens no other file and no connection.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

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
from corpus.sources.json.text import canonical
from corpus.sources.settings import Source, content_of
from corpus.sources.xml.stream import Article, UnreadableXmlError, parse_articles

EXTENSIONS = (".xml", ".tei")
ONE_DOCUMENT_PER_FILE = False

NOT_AN_ARTICLE = "not_an_article"
"""The reason of an element beside the articles that is not one."""


def split_file(file: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a file: a small one whole, else about 32 MB of parsed articles each."""
    is_compressed = has_compression_extension(file.name)
    if file.bytes <= (SMALL_COMPRESSED_BYTES if is_compressed else CHUNK_BYTES):
        yield Chunk((file,))
        return
    chunks = PayloadChunks(file)
    damage, lost = "", 0
    try:
        for article in parse_articles(Stream(file.location), source, file.bytes):
            data = (b"null" if article.is_skipped else canonical(article.row)) + b"\n"
            if article.error:
                if chunks.count:
                    yield chunks.take()
                yield chunks.take_damaged(article.error, len(data))
                continue
            chunks.add(data, len(data))
            if chunks.size >= CHUNK_BYTES:
                yield chunks.take()
    except UnreadableXmlError as error:
        damage, lost = str(error), file.bytes if error.lost is None else error.lost
    if chunks.count:
        yield chunks.take()
    if damage:
        has_articles = chunks.first_record > 1
        yield damaged_end(file, chunks.start, damage, lost) if has_articles else Chunk((file,))


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of articles and other elements in a chunk, plus one for a damaged end."""
    n_articles = 0
    try:
        for _ in _articles(chunk, source):
            n_articles += 1
    except UnreadableXmlError:
        return n_articles + 1
    return n_articles


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with what could not be read."""
    buffer, index = RowBuffer(source), 0
    damage, lost = "", 0
    try:
        for article in _articles(chunk, source):
            if chunk.includes(index):
                _add_article(buffer, article, chunk.first_record + index, chunk.file.name, source)
            index += 1
            if buffer.full:
                yield buffer.to_batch()
    except UnreadableXmlError as error:
        damage = str(error)
        lost = chunk.file.bytes if error.lost is None or index == 0 else error.lost
    yield buffer.to_batch()
    if damage and chunk.includes(index):
        yield only_rejects(Reject(chunk.file.name, None, damage, lost))


def _add_article(
    buffer: RowBuffer, article: Article, number: int, file_name: str, source: Source
) -> None:
    """Add an article to the buffer, as a document or as a reject; count another element."""
    if article.is_skipped:
        buffer.skip(file_name, NOT_AN_ARTICLE)
        return
    raw = canonical(article.row)
    if article.error:
        buffer.rejects.append(Reject(file_name, number, article.error, len(raw) + 1))
        return
    content = content_of(source, "xml")
    buffer.add(article.row, file_name=file_name, number=number, raw=raw, content=content)


def _articles(chunk: Chunk, source: Source) -> Iterator[Article]:
    """Yield the articles of a chunk, from its payload or else from the file."""
    if chunk.payload is not None:
        for line in chunk.payload.splitlines():
            row = orjson.loads(line)
            yield Article(row or {}, is_skipped=row is None)
    else:
        yield from parse_articles(Stream(chunk.file.location), source, chunk.file.bytes)
