"""HTML files: a file is a page, whose article the stage `clean` finds.

The encoding is what the page declares, as a browser would read it; bytes that are bad there become
U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.sources.batches import Read
from corpus.sources.chunks import Piece
from corpus.sources.encodings import declared, decode
from corpus.sources.settings import Content, Source
from corpus.sources.text import count, cut, whole_files

__all__ = ["CONTENT", "EXTENSIONS", "GROUPED", "count", "cut", "read"]

EXTENSIONS = (".html", ".htm", ".xhtml")
CONTENT: Content = "html"
GROUPED = True


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of the files in batches, with the files that are none."""
    yield from whole_files(piece, source, "html", _page)


def _page(data: bytes, source: Source) -> dict[str, Any]:
    """Return what a file says; raises UndecodableError."""
    says = declared(data)
    return {"text": decode(data, encoding=source.encoding, says=says, repair=True)}
