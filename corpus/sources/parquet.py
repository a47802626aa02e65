"""Parquet files: columns stay columns, row groups are what a large file is cut by.

A file whose footer cannot be read is a reject by its bytes; a row group that breaks off gives the records before
the damage, and one reject for the rest of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.sources.batches import NONE, Read
from corpus.sources.columns import from_columns
from corpus.sources.pieces import BATCH_BYTES, BATCH_ROWS, PIECE, File, Piece, Reject
from corpus.sources.places import open_file
from corpus.sources.settings import Source, content_of
from corpus.sources.streams import said

EXTENSIONS = (".parquet", ".pq")
GROUPED = False
_ERRORS = (OSError, ValueError, MemoryError)  # pyarrow's own are among them


def _open(file: File) -> Any:
    """Return the file, open; raises OSError or ValueError where it is no Parquet file."""
    from pyarrow import parquet

    return parquet.ParquetFile(open_file(file.path), page_checksum_verification=True)


def cut(file: File, source: Source) -> Iterator[Piece]:  # noqa: ARG001
    """Yield the pieces of a file: row groups of about 32 MB together."""
    try:
        with _open(file) as opened:
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
    """Return how many records a piece has; 0 where the file cannot be read."""
    try:
        with _open(piece.file) as opened:
            stop = opened.num_row_groups if piece.stop is None else piece.stop
            groups = range(piece.start, stop)
            return sum(opened.metadata.row_group(i).num_rows for i in groups)
    except _ERRORS:
        return 0


def read(piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a piece in batches, with the records that are none."""
    name = piece.file.name
    if piece.file.bytes == 0:
        yield NONE, [Reject(None, "the file is empty", 0, name)]
        return
    try:
        opened = _open(piece.file)
    except _ERRORS as error:
        reason = f"no Parquet file that can be read: {said(error)}"
        yield NONE, [Reject(None, reason, piece.file.bytes, name)]
        return
    with opened:
        ordinal = 0
        for group in range(
            piece.start, opened.num_row_groups if piece.stop is None else piece.stop
        ):
            rows = opened.metadata.row_group(group).num_rows
            start, stop = piece.records or (0, ordinal + rows)
            if start < ordinal + rows and ordinal < stop:
                yield from _group(opened, group, ordinal, piece, source)
            ordinal += rows


def _group(opened: Any, group: int, ordinal: int, piece: Piece, source: Source) -> Iterator[Read]:
    """Yield the documents of a row group whose first record has this ordinal in the piece."""
    about = opened.metadata.row_group(group)
    each = max(1, about.total_byte_size // max(1, about.num_rows))
    size = max(1, min(BATCH_ROWS, BATCH_BYTES // each))
    content = content_of(source, "parquet")
    at, end = ordinal, ordinal + about.num_rows
    try:
        for table in opened.iter_batches(size, row_groups=[group], use_threads=False):
            start, stop = piece.records or (0, end)
            first, last = max(at, start), min(at + table.num_rows, stop)
            if first < last:
                part = table.slice(first - at, last - first)
                yield from_columns(
                    part, piece.first + first, name=piece.file.name, content=content, source=source
                )
            at += table.num_rows
    except _ERRORS as error:
        lost = f"records {piece.first + at:,} to {piece.first + end - 1:,} cannot be read"
        reason = f"{lost} (row group {group}): {said(error)}"
        yield NONE, [Reject(None, reason, about.total_byte_size, piece.file.name)]
