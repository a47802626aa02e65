"""The units of reading: a file, a chunk of work for one worker, and a rejected record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from corpus.sources.files.input_file import HashedPath
from corpus.sources.files.stamps import FileStamp
from corpus.sources.settings import Format, Partition

CHUNK_BYTES = 32 << 20
"""Approximate bytes in a chunk: what one worker reads at a time."""

MAX_FILES_PER_CHUNK = 4096

SMALL_COMPRESSED_BYTES = 4 << 20
"""Compressed files up to this size are not split: they expand to about 16 to 40 MB."""

BATCH_ROWS = 1000
BATCH_BYTES = 8 << 20
"""A batch of documents ends when it reaches either limit."""


_Bytes: TypeAlias = bytes
"""The type, where a class has a field of that name."""


class Member(NamedTuple):
    """A file in an archive."""

    position: int
    """Its position among the entries of the archive, from 0."""

    name: str
    """The name of the archive, a slash, and the path in the archive."""

    format: Format
    partition: Partition = ()
    """The columns in the names of its folders."""


@dataclass(frozen=True, order=True)
class File:
    """One file to read, or an archive of files, or a file in an archive."""

    name: str
    """Its path below the fixed part of the configured one; never absolute."""

    path: str = field(compare=False)
    """Its location: an absolute path on this machine, or a URI."""

    bytes: int = field(compare=False)
    format: Format = field(compare=False)
    """For an archive, the format of its first member."""

    members: tuple[Member, ...] = field(default=(), compare=False, repr=False)
    """The files to read of an archive, in its order."""

    is_archive: bool = field(default=False, compare=False)

    archive: str | None = field(default=None, compare=False)
    """The name of the archive, for a file in one."""

    data: _Bytes | None = field(default=None, compare=False, repr=False)
    """The content, for a file in an archive."""

    partition: Partition = field(default=(), compare=False)
    """The columns in the names of its folders."""

    hashed: HashedPath | None = field(default=None, compare=False, repr=False)
    """What to compare while the file is read; None before it is hashed."""

    stamp: FileStamp | None = field(default=None, compare=False, repr=False)
    """The stamp of an archive on this machine when its members were listed."""

    @property
    def input_name(self) -> str:
        """The name of the input that the file is, or is a part of."""
        return self.archive or self.name

    @property
    def location(self) -> str | _Bytes | HashedPath:
        """What to open: the path of the file, with its hashes if there are any, or its content."""
        if self.data is not None:
            return self.data
        return self.hashed or self.path

    @property
    def formats(self) -> Counter[Format]:
        """How many files of each format this is: one, or an archive's members."""
        if self.is_archive:
            return Counter(member.format for member in self.members)
        return Counter([self.format])

    def has(self, name: str) -> bool:
        """Return whether this is the file of that name, or an archive with it."""
        return name == self.name or any(name == member.name for member in self.members)


@dataclass(frozen=True)
class Chunk:
    """The input of one worker: many small files, one file, or a part of a file."""

    files: tuple[File, ...]

    start: int = 0
    stop: int | None = None
    """The part of the file to read, in the format's own unit: bytes of (decompressed) lines, row
    groups or Arrow record batches. None means up to the end."""

    first_record: int = 1
    """The number of the chunk's first record in its file."""

    payload: bytes | None = field(default=None, repr=False)
    """The bytes to read, if the file can only be split by reading it from the start."""

    encoding: str | None = None
    """The detected encoding of the file, if the payload was converted from it to UTF-8."""

    damage: str | None = None
    """The reason for the reject if the chunk represents unreadable input."""

    records: tuple[int, int] | None = None
    """Read only records `a <= i < b`, counted from 0 in the chunk: isolates a poison record."""

    @property
    def file(self) -> File:
        """The file; for a chunk of many files, that of the first selected record."""
        first = self.records[0] if self.records and len(self.files) > 1 else 0
        return self.files[min(first, len(self.files) - 1)]

    @property
    def bytes(self) -> int:
        """Bytes to read, for a progress bar."""
        if self.payload is not None:
            return len(self.payload)
        return sum(file.bytes for file in self.files)

    def identity(self) -> tuple[tuple[str, int, int | None], ...]:
        """Return the part of this chunk's cache key that describes how its files were split."""
        return tuple((file.name, self.start, self.stop) for file in self.files)

    def selected(self, first: int, n_records: int) -> tuple[int, int]:
        """Return the range to read out of `n_records` records that begin with index `first`.

        The range is relative to `first`, which counts from 0 in the chunk.
        """
        start, stop = self.records or (first, first + n_records)
        return max(0, start - first), min(n_records, stop - first)

    def includes(self, index: int) -> bool:
        """Return whether to read record `index`, counted from 0 in the chunk."""
        return self.records is None or self.records[0] <= index < self.records[1]

    def damage_reject(self) -> Reject | None:
        """Return the reject that this chunk represents, or None if it has records to read."""
        if self.damage is None:
            return None
        size = (self.stop or 0) - self.start
        return Reject(self.file.name, self.first_record or None, self.damage, size)


@dataclass
class PayloadChunks:
    """Build chunks that carry their records' bytes, for a file that only one reader can split."""

    file: File
    header: bytes = b""
    """Bytes that every payload begins with."""

    start: int = 0
    first_record: int = 1
    size: int = 0
    count: int = 0
    _parts: list[bytes] = field(default_factory=list)

    def add(self, data: bytes, size: int) -> None:
        """Add a record to the next chunk; `size` is its size in the decompressed file."""
        self._parts.append(data)
        self.size += size
        self.count += 1

    def take(self) -> Chunk:
        """Return the records added since the last chunk as a chunk."""
        stop = self.start + self.size
        # a single large record is not copied
        payload = b"".join([self.header, *self._parts] if self.header else self._parts)
        chunk = Chunk((self.file,), self.start, stop, self.first_record, payload)
        self.start, self.first_record = stop, self.first_record + self.count
        self.size, self.count, self._parts = 0, 0, []
        return chunk

    def take_damaged(self, reason: str, size: int) -> Chunk:
        """Return a chunk for one unreadable record of `size` bytes; call it after `take`."""
        start, number = self.start, self.first_record
        self.start, self.first_record = start + size, number + 1
        return Chunk((self.file,), start, start + size, number, b"", damage=reason)


def damaged_end(file: File, position: int, damage: str, lost: int) -> Chunk:
    """Return a chunk for the unreadable end of a file, after `position` decompressed bytes.

    `lost` are the bytes of the file that count as lost.
    """
    return Chunk((file,), position, position + lost, 0, b"", damage=damage)


class Reject(NamedTuple):
    """A record that could not be read, or a whole file."""

    source: str
    """The file's name."""

    record: int | None
    """The record's number in the file, from 1; None for a file, or the end of a damaged one."""

    reason: str

    bytes: int = 0
    """Bytes of the file that could not be read: all of it if its end is missing, because nobody
    knows how much that was."""


def over_limit(record_limit: int) -> str:
    """Return why a record is rejected that is larger than `record_limit`."""
    return f"the record is larger than record_limit ({record_limit:,} bytes)"
