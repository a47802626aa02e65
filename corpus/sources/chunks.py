"""What reading passes around: a file, a piece of work, a record that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.sources.settings import Format

PIECE = 32 << 20
"""Bytes in a piece, roughly: what one worker reads at a time."""

BATCH_ROWS = 1000
BATCH_BYTES = 8 << 20
"""A batch of documents ends at whichever of these it reaches first."""


@dataclass(frozen=True, order=True)
class File:
    """One file to read; `name` is its path below the fixed part of the configured one."""

    name: str
    path: str = field(compare=False)
    """Where it is: an absolute path of this machine, or a URI."""
    bytes: int = field(compare=False)
    format: Format = field(compare=False)


@dataclass(frozen=True)
class Piece:
    """What one worker reads at a time: many small files, one file, or a part of a file.

    `start` and `stop` count what the format is cut by: bytes of (decompressed) lines, row groups or
    record batches; `stop` is None for the whole file.
    """

    files: tuple[File, ...]
    start: int = 0
    stop: int | None = None
    first: int = 1
    """The number, in its file, of the piece's first record."""
    payload: bytes | None = field(default=None, repr=False)
    """The bytes themselves, where they came out of a stream that only one reader can cut."""
    damage: str | None = None
    """What is wrong with the stream behind this piece, found by the reader that cut it."""
    records: tuple[int, int] | None = None
    """Read only records `a <= i < b`, counted from 0 in the piece: to corner a poison record."""

    @property
    def file(self) -> File:
        """The file, where the piece is of one; of many, that of the first record to read."""
        first = self.records[0] if self.records and len(self.files) > 1 else 0
        return self.files[min(first, len(self.files) - 1)]

    @property
    def bytes(self) -> int:
        """How much there is to read, for a progress bar."""
        if self.payload is not None:
            return len(self.payload)
        return sum(file.bytes for file in self.files)

    def identity(self) -> tuple[tuple[str, int, int | None], ...]:
        """Return what names this piece in a cache, beside its files' content and the settings."""
        return tuple((file.name, self.start, self.stop) for file in self.files)

    def inside(self, ordinal: int, count: int) -> tuple[int, int]:
        """Return which of `count` records are to be read, the first of which is `ordinal`."""
        start, stop = self.records or (ordinal, ordinal + count)
        return max(0, start - ordinal), min(count, stop - ordinal)

    def takes(self, ordinal: int) -> bool:
        """Whether record `ordinal`, counted from 0 within the piece, is to be read."""
        return self.records is None or self.records[0] <= ordinal < self.records[1]


class Reject(NamedTuple):
    """A record that could not be read, or a whole file."""

    source: str
    """The file's name."""

    record: int | None
    """The record's number in the file, from 1; None for a whole file or the tail of a damaged one."""

    reason: str

    bytes: int = 0
    """Bytes that could not be read; 0 for a truncated tail, whose size is unknown."""
