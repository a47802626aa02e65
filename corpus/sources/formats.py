"""The formats that can be read. Each is a module that implements the protocol `FormatModule`.

To add one: write the module, add it to `FORMATS` here and to `Format` in `settings.py`, and list an
example file in `tests/sources/test_contract.py`, whose suite it must pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from corpus.sources import html, huggingface, parquet, text
from corpus.sources.batches import ReadBatch, only_rejects
from corpus.sources.chunks import Chunk, File
from corpus.sources.csv import rows as csv_rows
from corpus.sources.files.compression import without_compression_extension
from corpus.sources.json import lines as json_lines
from corpus.sources.settings import Format, Source
from corpus.sources.warc import reader as warc
from corpus.sources.xml import articles as xml_articles


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
        """Return the number of records in an intact chunk, if possible without parsing them."""

    def read(self, chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
        """Yield the documents of an intact chunk in batches, with the records that are rejected."""


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


def format_of_name(name: str) -> Format | None:
    """Return the format of a file by its extension, or None if it has no known one."""
    name = without_compression_extension(name)
    return next((f for extension, f in EXTENSIONS.items() if name.endswith(extension)), None)


def count_records(chunk: Chunk, source: Source) -> int:
    """Return the number of records in a chunk: the upper bound of `Chunk.records`."""
    if chunk.damage is not None:
        return 1
    if is_group(chunk):
        return sum(count_records(replace(chunk, files=(file,)), source) for file in chunk.files)
    return FORMATS[chunk.file.format].count_records(chunk, source)


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    if reject := chunk.damage_reject():
        return iter([only_rejects(reject)] if chunk.includes(0) else [])
    if is_group(chunk):
        return _read_group(chunk, source)
    partitions = {file.name: file.partition for file in chunk.files if file.partition}
    return FORMATS[chunk.file.format].read(chunk, source.with_partitions(partitions))


def is_group(chunk: Chunk) -> bool:
    """Return whether a chunk has several files, each of which may have many records.

    All of its records are read: `Chunk.records` is None.
    """
    return len(chunk.files) > 1 and not FORMATS[chunk.file.format].ONE_DOCUMENT_PER_FILE


def without_group(chunk: Chunk) -> list[Chunk]:
    """Return a chunk for each file of a group; any other chunk alone."""
    return [replace(chunk, files=(each,)) for each in chunk.files] if is_group(chunk) else [chunk]


def _read_group(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    for file in chunk.files:
        yield from read(replace(chunk, files=(file,)), source)
