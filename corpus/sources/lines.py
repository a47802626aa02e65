"""Split a stream into blocks of whole lines.

A block ends at a line end, so it can be parsed on its own. A line larger than the limit is counted
but never kept in memory. Lines are collected in a growing buffer that becomes the block without
being copied: a block of one large line has the memory of that line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from corpus.sources.chunks import Chunk
from corpus.sources.encodings.convert import without_mark
from corpus.sources.files.streams import Stream
from corpus.sources.settings import Source


@dataclass(frozen=True)
class Block:
    """Whole lines of a file."""

    start: int
    """The position of the block in the decompressed file."""

    data: bytes | None
    """The lines; None for a single line that is larger than the limit."""

    bytes: int

    end: int = 0
    """Bytes of the line end of a line without `data`: 0 if the file ends without one."""


def split_into_blocks(
    pieces: Iterator[bytes],
    stream: Stream,
    *,
    size: int,
    limit: int,
    cr_ends_lines: bool = False,
) -> Iterator[Block]:
    """Yield blocks of at least `size` bytes, except the last one.

    A line larger than `limit` bytes is a block of its own. If the end of the stream is missing, its
    last line is left out, because it is incomplete. Lines end in LF or CR LF, and on request in a
    lone CR.
    """
    past_last_end = _past_last_lf_or_cr if cr_ends_lines else _past_last_lf
    past_first_end = _past_first_lf_or_cr if cr_ends_lines else _past_first_lf
    start = n_pending = n_whole = 0  # n_whole: pending bytes up to the last line end
    pending = BytesIO()
    over_limit = False  # in a line over the limit; n_pending of its bytes were skipped
    for piece in _limit_size(pieces, size):
        data = piece
        end = past_last_end(data)
        if over_limit:
            stop = past_first_end(data)
            n_pending += stop or len(data)
            if not stop:
                continue
            yield Block(start, None, n_pending, end=1)
            start, n_pending, over_limit = start + n_pending, 0, False
            data, end = data[stop:], end - stop
        n_whole = n_pending + end if end else n_whole
        pending.write(data)
        n_pending += len(data)
        if n_pending >= size and n_whole:
            rest = _cut_off(pending, n_whole)
            yield Block(start, _taken(pending), n_whole)
            pending.write(rest)
            start, n_pending, n_whole = start + n_whole, n_pending - n_whole, 0
        if n_pending > limit and not n_whole:
            over_limit = True
            _taken(pending)
    if stream.cut:
        n_pending, over_limit = n_whole, False
        _cut_off(pending, n_whole)
    if over_limit or n_pending:
        yield Block(start, None if over_limit else _taken(pending), n_pending)


def _cut_off(buffer: BytesIO, size: int) -> bytes:
    """Return what is in a buffer after `size` bytes, and remove it there."""
    buffer.seek(size)
    rest = buffer.read()
    buffer.seek(size)
    buffer.truncate()
    return rest


def _taken(buffer: BytesIO) -> bytes:
    """Return what is in a buffer, without copying it, and empty the buffer."""
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return data


def _past_first_lf(data: bytes) -> int:
    return data.find(b"\n") + 1


def _past_last_lf(data: bytes) -> int:
    return data.rfind(b"\n") + 1


def _past_first_lf_or_cr(data: bytes) -> int:
    """Return the position after the first line end, 0 if there is none.

    A CR at the end of the data does not count: a LF may follow.
    """
    cr = data.find(b"\r", 0, len(data) - 1) + 1
    if cr and data[cr] == ord("\n"):
        cr += 1
    lf = data.find(b"\n", 0, cr or len(data)) + 1
    return lf or cr


def _past_last_lf_or_cr(data: bytes) -> int:
    """Return the position after the last line end, 0 if there is none."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1


def _limit_size(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the data in pieces of at most `size` bytes."""
    for data in pieces:
        if len(data) <= size:
            yield data
        else:
            yield from (data[at : at + size] for at in range(0, len(data), size))


def open_chunk(chunk: Chunk) -> Stream:
    """Return the stream of a chunk's part of its file."""
    return Stream(chunk.file.location, start=chunk.start, stop=chunk.stop)


def chunk_blocks(chunk: Chunk, source: Source, stream: Stream, *, size: int) -> Iterator[Block]:
    """Yield the blocks of a part of a file, from its payload or else from the stream.

    Either is UTF-8: a file that must be converted is split into chunks with payloads.
    """
    if chunk.payload is not None:
        pieces = iter((chunk.payload,)) if chunk.payload else iter(())
    else:
        pieces = without_mark(iter(stream)) if chunk.start == 0 else iter(stream)
    return split_into_blocks(pieces, stream, size=size, limit=source.record_limit)
