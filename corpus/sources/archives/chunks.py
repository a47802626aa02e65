"""Split an archive into chunks that carry the content of its members.

An archive is read once, from its first member to the last, so the time does not depend on where a
member is. Small members are carried in memory. A large file of records is written to a temporary
file, split like any other file, and deleted; the archive's own paths are never used.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corpus import storage
from corpus.sources.archives.entries import ArchiveEntry, Damage, UnreadableEntryError
from corpus.sources.archives.members import archive_entries
from corpus.sources.chunks import CHUNK_BYTES, MAX_FILES_PER_CHUNK, Chunk, File, Member
from corpus.sources.formats import FORMATS
from corpus.sources.settings import Format, Source

_NEED_ANY_POSITION: tuple[Format, ...] = ("parquet", "huggingface")
"""Formats whose files are not read from start to end: such a member must fit in memory."""


def split_archive(archive: File, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of an archive: groups of documents, and files of records in parts."""
    damage, group = Damage(), _Group()
    for file, entry in _members(archive, damage):
        try:
            if not FORMATS[file.format].ONE_DOCUMENT_PER_FILE:
                yield from _split_records(file, entry, source)
                continue
            loaded = _with_data(file, _load(entry, source.record_limit))
        except UnreadableEntryError as error:
            yield _lost_member(file, entry, archive, str(error))
            continue
        if group.files and group.files[0].format != file.format:
            yield group.take()
        group.files.append(loaded)
        group.bytes += loaded.bytes
        if group.bytes >= CHUNK_BYTES or len(group.files) >= MAX_FILES_PER_CHUNK:
            yield group.take()
    if group.files:
        yield group.take()
    if damage.reason:
        yield _lost_entries(archive, damage)


def begin_members(archive: File, source: Source, *, max_bytes: int) -> Iterator[Chunk]:
    """Yield a chunk for each member of an archive, with at most the first bytes of its content.

    Parquet and Arrow files are whole. No member is copied, however large it is.
    """
    damage = Damage()
    for file, entry in _members(archive, damage):
        try:
            if file.format in _NEED_ANY_POSITION:
                data = _load(entry, max(source.record_limit, CHUNK_BYTES))
            else:
                data = _read_beginning(entry, max_bytes)
        except UnreadableEntryError as error:
            yield _lost_member(file, entry, archive, str(error))
            continue
        yield Chunk((_with_data(file, data),))
    if damage.reason:
        yield _lost_entries(archive, damage)


def _members(archive: File, damage: Damage) -> Iterator[tuple[File, ArchiveEntry]]:
    """Yield the members to read, still without their content, and their entries."""
    members = {member.position: member for member in archive.members}
    for index, entry in enumerate(archive_entries(archive.location, archive.name, damage)):
        if member := members.get(index):
            yield _member_file(member, archive), entry


def _lost_entries(archive: File, damage: Damage) -> Chunk:
    """Return the chunk for the entries that are lost in a damaged archive."""
    is_known = archive.members and damage.lost is not None
    lost = min(damage.lost or 0, archive.bytes) if is_known else archive.bytes
    return Chunk((archive,), 0, lost, 0, damage=damage.reason)


def _lost_member(file: File, entry: ArchiveEntry, archive: File, reason: str) -> Chunk:
    """Return the chunk for a member that cannot be read: a document, or the bytes of many."""
    if FORMATS[file.format].ONE_DOCUMENT_PER_FILE:
        return Chunk((file,), first_record=0, damage=reason)
    lost = archive.bytes if entry.size is None else min(entry.size, archive.bytes)
    return Chunk((file,), 0, lost, 0, damage=reason)


def _member_file(member: Member, archive: File) -> File:
    """Return a member as a file, still without its content."""
    name, partition = member.name, member.partition
    return File(name, "", 0, member.format, archive=archive.name, partition=partition)


class _Group:
    """Documents that one worker reads together."""

    def __init__(self) -> None:
        self.files: list[File] = []
        self.bytes = 0

    def take(self) -> Chunk:
        """Return the documents added since the last chunk as a chunk."""
        files, self.files, self.bytes = tuple(self.files), [], 0
        return Chunk(files)


def _split_records(file: File, entry: ArchiveEntry, source: Source) -> Iterator[Chunk]:
    """Yield the chunks of a member with many records; raises UnreadableEntryError."""
    if file.format in _NEED_ANY_POSITION:
        yield Chunk((_with_data(file, _load(entry, max(source.record_limit, CHUNK_BYTES))),))
        return
    parts: list[bytes] = []
    size = 0
    pieces = entry.read()
    for data in pieces:
        parts.append(data)
        size += len(data)
        if size > CHUNK_BYTES:
            yield from _split_large(file, parts, pieces, source)
            return
    yield from FORMATS[file.format].split_file(_with_data(file, b"".join(parts)), source)


def _split_large(
    file: File, parts: list[bytes], pieces: Iterator[bytes], source: Source
) -> Iterator[Chunk]:
    """Yield the chunks of a member that is too large for memory; they carry their records."""
    with storage.temporary_file() as copy:
        while parts:
            copy.write(parts.pop(0))
        for data in pieces:
            copy.write(data)
        copy.flush()
        on_disk = replace(file, path=copy.name, bytes=copy.tell())
        for chunk in FORMATS[file.format].split_file(on_disk, source):
            yield chunk if chunk.payload is not None else _with_payload(chunk, on_disk, source)


def _with_payload(chunk: Chunk, file: File, source: Source) -> Chunk:
    """Return a chunk of a file that is deleted before a worker reads it, with its bytes."""
    if chunk.start == 0 and chunk.stop is None:
        limit = max(source.record_limit, CHUNK_BYTES)
        if file.bytes > limit:
            damage = f"cannot be split, and is larger than {limit:,} bytes"
            return replace(chunk, first_record=0, damage=damage)
        return replace(chunk, files=(replace(file, data=_read(file, 0, file.bytes)),))
    stop = file.bytes if chunk.stop is None else chunk.stop
    size = min(stop - chunk.start, 2 * CHUNK_BYTES + source.record_limit)
    data = _read(file, chunk.start, size)
    return replace(chunk, payload=data if chunk.start else data.removeprefix(codecs.BOM_UTF8))


def _read(file: File, start: int, size: int) -> bytes:
    with Path(file.path).open("rb") as copy:
        copy.seek(start)
        return copy.read(size)


def _with_data(file: File, data: bytes) -> File:
    return replace(file, data=data, bytes=len(data))


def _read_beginning(entry: ArchiveEntry, size: int) -> bytes:
    """Return the first bytes of an entry, and up to a piece more."""
    parts, n_bytes = [], 0
    for data in entry.read():
        parts.append(data)
        n_bytes += len(data)
        if n_bytes >= size:
            break
    return b"".join(parts)


def _load(entry: ArchiveEntry, limit: int) -> bytes:
    """Return the content of an entry; raises UnreadableEntryError if it is too large."""
    parts, size = [], 0
    for data in entry.read():
        parts.append(data)
        size += len(data)
        if size > limit:
            raise UnreadableEntryError(
                f"larger than record_limit ({limit:,} bytes), as a file in an archive must not be"
            )
    return b"".join(parts)
