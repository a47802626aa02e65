"""Sources: files become batches of documents, each row with its place of origin.

    files = find(source, folder)              what the configured path means
    for piece in pieces(files, source):       what one worker reads at a time, about 32 MB
        for documents, rejects in read(piece, source):
            ...

What is read does not depend on how the files were cut into pieces. Nothing that is in a file stops
the reading: a record that cannot be read is a reject, with its file, its number and the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

from corpus.sources import find as finding
from corpus.sources.batches import Read
from corpus.sources.chunks import PIECE, File, Piece, Reject
from corpus.sources.formats import EXTENSIONS, FORMATS
from corpus.sources.settings import Content, Format, Source

__all__ = [
    "Content",
    "File",
    "Format",
    "Piece",
    "Read",
    "Reject",
    "Source",
    "count",
    "find",
    "pieces",
    "read",
]

MOST_FILES = 4096
"""Files in one piece, at most."""


def find(source: Source, folder: Path) -> list[File]:
    """Return the files that a source's path means, in the order of their names.

    A relative path is relative to `folder`. Raises InputError where there is nothing to read.
    """
    return finding.find(source, folder, EXTENSIONS)


def pieces(files: Iterable[File], source: Source) -> Iterator[Piece]:
    """Yield what to read, a piece at a time; some carry bytes that only one reader could cut."""
    group: list[File] = []
    size = 0
    for file in files:
        if not FORMATS[file.format].GROUPED:
            yield from FORMATS[file.format].cut(file, source)
            continue
        if group and group[0].format != file.format:
            yield Piece(tuple(group))
            group, size = [], 0
        group.append(file)
        size += file.bytes
        if size >= PIECE or len(group) >= MOST_FILES or _ends(file):
            yield Piece(tuple(group))
            group, size = [], 0
    if group:
        yield Piece(tuple(group))


def _ends(file: File) -> bool:
    """Whether a group of small files ends with this one: about one name in a thousand says so.

    So a new file changes the group that it falls into, and not all those after it, which a cache
    remembers.
    """
    return blake2b(file.name.encode(), digest_size=2).digest() < b"\x00\x40"


def count(piece: Piece, source: Source) -> int:
    """Return how many records a piece has: what `Piece.records` may range over."""
    return FORMATS[piece.file.format].count(piece, source)


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, each with the records that could not be read."""
    return FORMATS[piece.file.format].read(piece, source)
