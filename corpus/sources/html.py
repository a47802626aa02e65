"""HTML files: a file is a page. The stage `clean` extracts its article.

The page is decoded as a browser would decode it: by its declared encoding, with U+FFFD for bad
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.sources.batches import ReadBatch
from corpus.sources.chunks import Chunk
from corpus.sources.encodings.decode import declared_encoding, decode_to_utf8
from corpus.sources.settings import Content, Source
from corpus.sources.text import count_records, read_whole_files, split_file

__all__ = ["CONTENT", "EXTENSIONS", "ONE_DOCUMENT_PER_FILE", "count_records", "read", "split_file"]

EXTENSIONS = (".html", ".htm", ".xhtml")
CONTENT: Content = "html"
ONE_DOCUMENT_PER_FILE = True


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of the files in batches, with the files that could not be read."""
    yield from read_whole_files(chunk, source, "html", _parse_page)


def _parse_page(data: bytes, source: Source) -> dict[str, Any]:
    """Return the columns of a page; raises UndecodableError."""
    declared = declared_encoding(data)
    text = decode_to_utf8(data, encoding=source.encoding, declared=declared, repair=True)
    return {"text": text}
