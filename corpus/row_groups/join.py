"""Join Parquet files: copy the data of their row groups, and write their metadata anew.

A Parquet file has, one after the other: the mark, the pages of each row group, the index of the
values of each column of each row group, the index of its pages, the metadata (`FileMetaData`), the
size of the metadata, and the mark again. Everything in the metadata and in the indexes of pages
that is a place in the file moves by the same distance as the pages.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from corpus.row_groups.thrift import List, Reader, Struct, Writer

MARK = b"PAR1"

# numbers of fields
FILE_ROWS, FILE_ROW_GROUPS = 3, 4
GROUP_COLUMNS, GROUP_ROWS, GROUP_FILE_OFFSET, GROUP_ORDINAL = 1, 3, 5, 7
CHUNK_FILE_OFFSET, CHUNK_METADATA = 2, 3
CHUNK_PAGE_INDEX, CHUNK_PAGE_INDEX_SIZE, CHUNK_VALUE_INDEX, CHUNK_VALUE_INDEX_SIZE = 4, 5, 6, 7
OFFSETS_IN_CHUNK_METADATA = (9, 10, 11, 14)
"""Of the first data page, the index page, the dictionary, the Bloom filter."""
INDEX_PAGES, PAGE_OFFSET = 1, 1

COPIED_BYTES = 1 << 22
MAX_ORDINAL = 32767
"""A row group with a larger number has none in the metadata: the field is too small for it."""


class _Part(NamedTuple):
    """A file to join."""

    path: Path
    metadata: Struct
    end_of_pages: int
    """Where the pages end and the indexes begin."""

    value_indexes: list[bytes]
    page_indexes: list[Struct]
    """One for each column chunk that has one, in their order."""

    @property
    def chunks(self) -> list[Struct]:
        """The metadata of the columns of all row groups."""
        return _chunks(self.metadata)


def join_row_groups(files: Sequence[Path], out: BinaryIO) -> None:
    """Write one Parquet file with the row groups of these files, in this order.

    All files must have the same columns. Raises `ValueError` or `IndexError`
    if a file is not a Parquet file.
    """
    first = _read_part(files[0])
    metadata = first.metadata
    groups: list[Struct] = []
    value_indexes: list[tuple[Struct, bytes]] = []
    page_indexes: list[tuple[Struct, Struct]] = []
    rows, place = 0, len(MARK)
    out.write(MARK)
    for number, path in enumerate(files):
        part = _read_part(path) if number else first
        rows += part.metadata[FILE_ROWS]
        distance = place - len(MARK)
        for group in part.metadata[FILE_ROW_GROUPS].values:
            _move(group, len(groups), distance)
            groups.append(group)
        _move_pages(part.page_indexes, distance)
        chunks = part.chunks
        with_values = [chunk for chunk in chunks if CHUNK_VALUE_INDEX in chunk]
        with_pages = [chunk for chunk in chunks if CHUNK_PAGE_INDEX in chunk]
        value_indexes += zip(with_values, part.value_indexes, strict=True)
        page_indexes += zip(with_pages, part.page_indexes, strict=True)
        for data in _pages(part):
            out.write(data)
            place += len(data)
    for chunk, index in value_indexes:
        chunk[CHUNK_VALUE_INDEX] = place
        place += out.write(index)
    for chunk, page_index in page_indexes:
        encoded = _encoded(page_index)
        chunk[CHUNK_PAGE_INDEX], chunk[CHUNK_PAGE_INDEX_SIZE] = place, len(encoded)
        place += out.write(encoded)
    metadata[FILE_ROWS] = rows
    metadata[FILE_ROW_GROUPS] = List(metadata[FILE_ROW_GROUPS].type, groups)
    encoded = _encoded(metadata)
    out.write(encoded + struct.pack("<I", len(encoded)) + MARK)


def _read_part(path: Path) -> _Part:
    with path.open("rb") as file:
        file.seek(-8, 2)
        size, mark = struct.unpack("<I4s", file.read(8))
        if mark != MARK:
            raise ValueError(f"{path.name} is not a complete Parquet file")
        end = file.seek(-8 - size, 2)
        metadata = Reader(file.read(size)).struct()
        chunks = _chunks(metadata)
        values = [
            _read(file, chunk[CHUNK_VALUE_INDEX], chunk[CHUNK_VALUE_INDEX_SIZE])
            for chunk in chunks
            if CHUNK_VALUE_INDEX in chunk
        ]
        pages = [
            Reader(_read(file, chunk[CHUNK_PAGE_INDEX], chunk[CHUNK_PAGE_INDEX_SIZE])).struct()
            for chunk in chunks
            if CHUNK_PAGE_INDEX in chunk
        ]
        starts = [
            chunk[number]
            for number in (CHUNK_VALUE_INDEX, CHUNK_PAGE_INDEX)
            for chunk in chunks
            if number in chunk
        ]
    return _Part(path, metadata, min([*starts, end]), values, pages)


def _chunks(metadata: Struct) -> list[Struct]:
    groups: list[Struct] = metadata[FILE_ROW_GROUPS].values
    return [chunk for group in groups for chunk in group[GROUP_COLUMNS].values]


def _read(file: BinaryIO, place: int, size: int) -> bytes:
    file.seek(place)
    return file.read(size)


def _move(group: Struct, number: int, distance: int) -> None:
    """Let the metadata of a row group say where its pages are, and that it has this number."""
    group.shift(GROUP_FILE_OFFSET, distance)
    if GROUP_ORDINAL in group:
        if number <= MAX_ORDINAL:
            group[GROUP_ORDINAL] = number
        else:
            del group.types[GROUP_ORDINAL], group.values[GROUP_ORDINAL]
    for chunk in group[GROUP_COLUMNS].values:
        if chunk[CHUNK_FILE_OFFSET]:  # current writers leave it at 0
            chunk.shift(CHUNK_FILE_OFFSET, distance)
        for offset in OFFSETS_IN_CHUNK_METADATA:
            chunk[CHUNK_METADATA].shift(offset, distance)


def _move_pages(page_indexes: Sequence[Struct], distance: int) -> None:
    """Let the indexes of pages say where these are now."""
    for index in page_indexes:
        for page in index[INDEX_PAGES].values:
            page.shift(PAGE_OFFSET, distance)


def _pages(part: _Part) -> Iterator[bytes]:
    """Yield the data of the row group, without the mark before it."""
    with part.path.open("rb") as file:
        left = part.end_of_pages - file.seek(len(MARK))
        while left > 0:
            data = file.read(min(left, COPIED_BYTES))
            if not data:
                raise ValueError(f"{part.path.name} is cut off")
            left -= len(data)
            yield data


def _encoded(value: Struct) -> bytes:
    writer = Writer()
    writer.struct(value)
    return bytes(writer.data)
