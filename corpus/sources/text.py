"""Text files: a file is a document.

A scraped page dumped to text (`content: page`) may open with a line that a scraper put there,

     date 2023-05-22 The headline of the page

which becomes the date and the title, and leaves the text. A day that does not exist stays in the
text. Many small files make one piece of work; what they become does not depend on which ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from corpus.sources.batches import Read
from corpus.sources.chunks import File, Piece, Reject
from corpus.sources.encodings import UndecodableError, decode
from corpus.sources.rows import Rows
from corpus.sources.settings import Format, Source, content_of
from corpus.sources.streams import Stream

EXTENSIONS = (".txt", ".text", ".md")
GROUPED = True

_HEADER = re.compile(
    r"\A\s{0,8}date (\d{4})-(\d\d)-(\d\d)(?:[ \t]+([^\r\n]{0,2000}?))?[ \t]*(?:\r?\n|\Z)"
)


def header(text: str) -> tuple[dict[str, Any], str]:
    """Return the date and title that a page's first line gives, and the text without that line."""
    found = _HEADER.match(text)
    if not found:
        return {}, text
    year, month, day, title = found.groups()
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return {}, text
    return {"date": date, "title": title}, text[found.end() :]


def document(data: bytes, source: Source) -> dict[str, Any]:
    """Return what a text file says; raises UndecodableError."""
    text = decode(data, encoding=source.encoding)
    if content_of(source, "text") != "page":
        return {"text": text}
    fields, text = header(text)
    return fields | {"text": text}


def cut(file: File, source: Source) -> Iterator[Piece]:  # noqa: ARG001
    """Yield the one piece of a file."""
    yield Piece((file,))


def count(piece: Piece, source: Source) -> int:  # noqa: ARG001
    """Return how many documents a piece may have: one a file."""
    return len(piece.files)


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of the files in batches, with the files that are none."""
    yield from whole_files(piece, source, "text", document)


def whole_files(
    piece: Piece, source: Source, format: Format, says: Callable[[bytes, Source], dict[str, Any]]
) -> Iterator[Read]:
    """Yield the documents of files that are one each, by what `says` makes of their bytes."""
    # A file says what is ours under our names; the config's columns are about records.
    bare = source.model_copy(update={"columns": {}})
    content, rows = content_of(source, format), Rows()
    for i, file in enumerate(piece.files):
        if not piece.takes(i):
            continue
        try:
            raw = load(file, source)
            rows.add(says(raw, source), name=file.name, number=1, raw=raw, content=content)
        except UndecodableError as error:
            rows.rejects.append(Reject(file.name, None, str(error), file.bytes))
        if rows.full:
            yield rows.batch(bare)
            rows = Rows()
    yield rows.batch(bare)


def load(file: File, source: Source) -> bytes:
    """Return all bytes of a file, decompressed; raises UndecodableError where some are missing."""
    stream, parts = Stream(file.path), []
    for chunk in stream:
        parts.append(chunk)
        if stream.position > source.record_limit:
            limit = f"record_limit ({source.record_limit:,})"
            raise UndecodableError(f"the file has {stream.position:,} bytes or more, over {limit}")
    if stream.damage:
        raise UndecodableError(stream.damage)
    if not parts:
        raise UndecodableError("the file is empty")
    return b"".join(parts)
