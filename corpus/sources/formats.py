"""The formats that can be read. Each is a module that implements the protocol `FormatModule`.

To add one: write the module, add it to `FORMATS` here and to `Format` in `settings.py`, and list an
example file in `tests/sources/test_contract.py`, whose suite it must pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Protocol

from corpus.sources import (
    csv_rows,
    html,
    huggingface,
    json_lines,
    parquet,
    text,
    warc,
    xml_articles,
)
from corpus.sources.batches import ReadBatch
from corpus.sources.chunks import CHUNK_BYTES, Chunk, File
from corpus.sources.settings import Format, Source

MAX_FILES_PER_CHUNK = 4096


class FormatModule(Protocol):
    """The protocol of a module that reads a format."""

    @property
    def EXTENSIONS(self) -> tuple[str, ...]:  # noqa: N802, a constant of the module
        """Extensions of the format's files, in lower case."""

    @property
    def ONE_DOCUMENT_PER_FILE(self) -> bool:  # noqa: N802, a constant of the module
        """Whether a file is one document, so that a chunk may have many files."""

    def split_file(self, file: File, source: Source) -> Iterator[Chunk]:
        """Yield the chunks of a file; every way to split it must give the same records."""

    def count_records(self, chunk: Chunk, source: Source) -> int:
        """Return the number of records in a chunk, without parsing them where possible."""

    def read(self, chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
        """Yield the documents of a chunk in batches, with the records that could not be read."""


FORMATS: dict[Format, FormatModule] = {
    "text": text,
    "jsonl": json_lines,
    "csv": csv_rows,
    "parquet": parquet,
    "html": html,
    "warc": warc,
    "xml": xml_articles,
    "huggingface": huggingface,
}

EXTENSIONS: dict[str, Format] = {
    extension: name for name, module in FORMATS.items() for extension in module.EXTENSIONS
}
"""The format of each extension."""


def split_into_chunks(files: Iterable[File], source: Source) -> Iterator[Chunk]:
    """Yield the chunks of some files: parts of large files, groups of small ones."""
    group: list[File] = []
    size = 0
    for file in files:
        if not FORMATS[file.format].ONE_DOCUMENT_PER_FILE:
            yield from FORMATS[file.format].split_file(file, source)
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


def _ends_group(file: File) -> bool:
    """Return whether a group of small files ends with this one; true for one name in a thousand.

    A new file then changes only the group it falls into, so the other groups stay cached.
    """
    return blake2b(file.name.encode(), digest_size=2).digest() < b"\x00\x40"


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of records in a chunk: the upper bound of `Chunk.records`."""
    return FORMATS[chunk.file.format].count_records(chunk, source)


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    return FORMATS[chunk.file.format].read(chunk, source)
