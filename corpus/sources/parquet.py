"""Parquet files: data stays columnar, and a large file is split by row groups.

A file whose footer cannot be read is one reject with the size of the file. A damaged row group
yields the records before the damage, and one reject for the rest of the row group.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pyarrow as pa

from corpus.sources.batches import ReadBatch, only_rejects
from corpus.sources.chunks import (
    BATCH_BYTES,
    BATCH_ROWS,
    CHUNK_BYTES,
    Chunk,
    File,
    Reject,
    over_limit,
)
from corpus.sources.columns.from_arrow import documents_from_columns
from corpus.sources.files.filesystems import open_file
from corpus.sources.files.streams import describe_error
from corpus.sources.settings import Source, content_of

EXTENSIONS = (".parquet", ".pq")
ONE_DOCUMENT_PER_FILE = False
MAX_HEADER_BYTES = 1 << 16
"""Bytes of a row group's size, per column, that may be headers and not values."""
_READ_ERRORS = (
    *(OSError, ValueError, NotImplementedError, TypeError, LookupError),
    MemoryError,  # a damaged length
)


@contextmanager
def _open_parquet(file: File) -> Iterator[Any]:
    """Open a Parquet file; raises OSError or ValueError if it cannot be read."""
    from pyarrow import parquet

    raw: Any = open_file(file.location) if file.data is None else pa.BufferReader(file.data)
    with raw, parquet.ParquetFile(raw, page_checksum_verification=True) as parquet_file:
        yield parquet_file


def split_file(file: File, source: Source) -> Iterator[Chunk]:  # noqa: ARG001
    """Yield the chunks of a file: consecutive row groups of about 32 MB in total."""
    try:
        with _open_parquet(file) as parquet_file:
            groups = [
                parquet_file.metadata.row_group(i) for i in range(parquet_file.num_row_groups)
            ]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except _READ_ERRORS:
        yield Chunk((file,))
        return
    start = rows = rows_before_chunk = chunk_bytes = 0
    for i, (group_rows, group_bytes) in enumerate(sizes):
        if i > start and chunk_bytes + group_bytes > CHUNK_BYTES:
            yield Chunk((file,), start, i, rows_before_chunk + 1)
            start, rows_before_chunk, chunk_bytes = i, rows, 0
        rows, chunk_bytes = rows + group_rows, chunk_bytes + group_bytes
    yield Chunk((file,), start, len(sizes), rows_before_chunk + 1)


def count_records(chunk: Chunk, source: Source) -> int:  # noqa: ARG001
    """Return the number of records in a chunk, or 1 if the file cannot be read."""
    try:
        with _open_parquet(chunk.file) as parquet_file:
            groups = _row_groups(chunk, parquet_file)
            return sum(parquet_file.metadata.row_group(i).num_rows for i in groups)
    except _READ_ERRORS:
        return 1


def read(chunk: Chunk, source: Source) -> Iterator[ReadBatch]:
    """Yield the documents of a chunk in batches, with the records that could not be read."""
    file = chunk.file
    if file.bytes == 0:
        if chunk.includes(0):
            yield only_rejects(Reject(file.name, None, "the file is empty"))
        return
    with ExitStack() as stack:
        try:
            parquet_file = stack.enter_context(_open_parquet(file))
        except _READ_ERRORS as error:
            if chunk.includes(0):
                reason = f"not a readable Parquet file: {describe_error(error)}"
                yield only_rejects(Reject(file.name, None, reason, file.bytes))
            return
        metadata = parquet_file.metadata
        if metadata.num_rows and not metadata.num_columns:
            if chunk.includes(0):
                reason = f"its {metadata.num_rows:,} records have no columns"
                yield only_rejects(Reject(file.name, None, reason, file.bytes))
            return
        index = 0
        for group in _row_groups(chunk, parquet_file):
            n_rows = parquet_file.metadata.row_group(group).num_rows
            first, last = chunk.selected(index, n_rows)
            if first < last:
                yield from _read_row_group(parquet_file, group, index, chunk, source)
            index += n_rows


def _row_groups(chunk: Chunk, parquet_file: Any) -> range:
    """Return the row groups of a chunk."""
    return range(chunk.start, parquet_file.num_row_groups if chunk.stop is None else chunk.stop)


def _read_row_group(
    parquet_file: Any, group: int, first_index: int, chunk: Chunk, source: Source
) -> Iterator[ReadBatch]:
    """Yield the documents of a row group; `first_index` is its first record's in the chunk."""
    metadata = parquet_file.metadata.row_group(group)
    row_bytes = max(1, metadata.total_byte_size // max(1, metadata.num_rows))
    batch_rows = max(1, min(BATCH_ROWS, BATCH_BYTES // row_bytes))
    content, name = content_of(source, "parquet"), chunk.file.name
    if _is_over_limit(metadata, source.record_limit):
        number, reason = chunk.first_record + first_index, over_limit(source.record_limit)
        yield only_rejects(Reject(name, number, reason, metadata.total_byte_size))
        return
    tables = parquet_file.iter_batches(batch_rows, row_groups=[group], use_threads=False)
    index, end = first_index, first_index + metadata.num_rows
    while index < end:
        try:
            table = next(tables)
        except (*_READ_ERRORS, StopIteration) as error:
            if chunk.includes(index):
                numbers = chunk.first_record + index, chunk.first_record + end - 1
                reason = _damage_reason(numbers, group, error)
                yield only_rejects(Reject(name, None, reason, metadata.total_byte_size))
            return
        if index + table.num_rows >= end:
            tables.close()  # pages of a large value need not be there while its batch is used
            pa.default_memory_pool().release_unused()  # Arrow would keep their memory
        first, last = chunk.selected(index, table.num_rows)
        if first < last:
            part, number = table.slice(first, last - first), chunk.first_record + index + first
            yield documents_from_columns(
                part, number, file_name=name, content=content, source=source
            )
        index += table.num_rows


def _is_over_limit(metadata: Any, record_limit: int) -> bool:
    """Return whether a row group is one record above the limit, so that nothing need be loaded.

    The size of a row group includes the headers of its pages. If it has more records, nobody knows
    how large each is before they are loaded.
    """
    headers = metadata.num_columns * MAX_HEADER_BYTES
    return bool(metadata.num_rows == 1 and metadata.total_byte_size > record_limit + headers)


def _damage_reason(numbers: tuple[int, int], group: int, error: Exception) -> str:
    """Return why the records with these first and last numbers cannot be read."""
    first, last = numbers
    return (
        f"records {first:,} to {last:,} cannot be read (row group {group + 1}): "
        f"{describe_error(error)}"
    )
