"""Split the files of a source into chunks: parts of large files, groups of small ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from corpus.sources.archives.chunks import split_archive
from corpus.sources.chunks import CHUNK_BYTES, MAX_FILES_PER_CHUNK, Chunk, File
from corpus.sources.formats import FORMATS
from corpus.sources.settings import Source


def split_into_chunks(files: Iterable[File], source: Source) -> Iterator[Chunk]:
    """Yield the chunks of some files: parts of large files, groups of small ones."""
    group: list[File] = []
    size = 0
    for file in files:
        if file.is_archive:
            yield from split_archive(file, source)
            continue
        if not FORMATS[file.format].ONE_DOCUMENT_PER_FILE:
            chunks = FORMATS[file.format].split_file(file, source)
            if file.bytes > MAX_GROUPED_BYTES:
                yield from chunks
                continue
            first = next(chunks)
            if first != Chunk((file,)):  # a part of the file, or what is wrong with it
                yield first
                yield from chunks
                continue
        if group and group[0].format != file.format:
            yield Chunk(tuple(group))
            group, size = [], 0
        group.append(file)
        size += file.bytes
        if size >= CHUNK_BYTES or len(group) >= MAX_FILES_PER_CHUNK or _ends_group(file):
            yield Chunk(tuple(group))
            group, size = [], 0
    if group:
        yield Chunk(tuple(group))


MAX_GROUPED_BYTES = 1 << 18
"""Maximum size of a file of records in a group. A task of its own costs ten times as much."""

DOCUMENTS_PER_GROUP, RECORD_FILES_PER_GROUP = 1024, 64
"""About how many small files are in a group: of one document each, or of many records."""


def _ends_group(file: File) -> bool:
    """Return whether a group of small files ends with this one, which depends only on its name.

    A new file then changes only the group it falls into, so the other groups stay cached.
    """
    digest = blake2b(file.name.encode(), digest_size=8).digest()
    is_document = FORMATS[file.format].ONE_DOCUMENT_PER_FILE
    n_files = DOCUMENTS_PER_GROUP if is_document else RECORD_FILES_PER_GROUP
    return int.from_bytes(digest) < (1 << 64) // n_files
