"""Parquet files: columns stay columns, row groups are what a large file is cut by.

A file whose footer cannot be read is a reject by its bytes; a row group that breaks off gives the
records before the damage, and one reject for the rest of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from corpus.sources.batches import NONE, Read
from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS, PIECE, File, Piece, Reject
from corpus.sources.columns import from_columns
from corpus.sources.filesystems import is_uri, open_file
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import said

EXTENSIONS = (".parquet", ".pq")
GROUPED = False
_ERRORS = (OSError, ValueError, MemoryError)  # pyarrow's own are among them


@contextmanager
def _opened(file: File) -> Iterator[Any]:
    """Open a Parquet file; raises OSError or ValueError where it is none."""
    import pyarrow as pa
    from pyarrow import parquet

    opened = open_file(file.path) if is_uri(file.path) else pa.OSFile(file.path)
    with opened, parquet.ParquetFile(opened, page_checksum_verification=True) as table:
        yield table


def cut(file: File, source: Source) -> Iterator[Piece]:  # noqa: ARG001
    """Yield the pieces of a file: row groups of about 32 MB together."""
    try:
        with _opened(file) as opened:
            groups = [opened.metadata.row_group(i) for i in range(opened.num_row_groups)]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except _ERRORS:
        yield Piece((file,))
        return
    start = rows = before = held = 0
    for i, (count, size) in enumerate(sizes):
        if i > start and held + size > PIECE:
            yield Piece((file,), start, i, before + 1)
            start, before, held = i, rows, 0
        rows, held = rows + count, held + size
    yield Piece((file,), start, len(sizes), before + 1)


def count(piece: Piece, source: Source) -> int:  # noqa: ARG001
    """Return how many records a piece has; a file that cannot be read is one."""
    try:
        with _opened(piece.file) as opened:
            stop = opened.num_row_groups if piece.stop is None else piece.stop
            groups = range(piece.start, stop)
            return sum(opened.metadata.row_group(i).num_rows for i in groups)
    except _ERRORS:
        return 1


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the records that are none."""
    name = piece.file.name
    if piece.file.bytes == 0:
        if piece.takes(0):
            yield NONE, [Reject(name, None, "the file is empty")]
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(_opened(piece.file))
        except _ERRORS as error:
            if piece.takes(0):
                reason = f"no Parquet file that can be read: {said(error)}"
                yield NONE, [Reject(name, None, reason, piece.file.bytes)]
            return
        ordinal, stop = 0, opened.num_row_groups if piece.stop is None else piece.stop
        for group in range(piece.start, stop):
            rows = opened.metadata.row_group(group).num_rows
            first, last = piece.inside(ordinal, rows)
            if first < last:
                yield from _group(opened, group, ordinal, piece, source)
            ordinal += rows


def _group(opened: Any, group: int, ordinal: int, piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a row group whose first record has this ordinal in the piece."""
    about = opened.metadata.row_group(group)
    each = max(1, about.total_byte_size // max(1, about.num_rows))
    size = max(1, min(BATCH_ROWS, BATCH_BYTES // each))
    content = content_of(source, "parquet")
    tables = opened.iter_batches(size, row_groups=[group], use_threads=False)
    at, end = ordinal, ordinal + about.num_rows
    while at < end:
        try:
            table = next(tables)
        except (*_ERRORS, StopIteration) as error:
            if piece.takes(at):
                yield NONE, [_broken(piece, group, at, end, about, error)]
            return
        first, last = piece.inside(at, table.num_rows)
        if first < last:
            part, number = table.slice(first, last - first), piece.first + at + first
            name = piece.file.name
            yield from_columns(part, number, name=name, content=content, source=source)
        at += table.num_rows


def _broken(piece: Piece, group: int, at: int, end: int, about: Any, error: Exception) -> Reject:
    """Return the records of a row group from `at` on, which cannot be read, as one reject."""
    lost = f"records {piece.first + at:,} to {piece.first + end - 1:,} cannot be read"
    reason = f"{lost} (row group {group + 1}): {said(error)}"
    return Reject(piece.file.name, None, reason, about.total_byte_size)
