"""Split a WARC file into records by their Content-Length, and resynchronise after damage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sources.streams import Stream

_HEADER_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(
    rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_WARC_TYPE = re.compile(rb"^WARC-Type:[ \t]*\w", re.IGNORECASE | re.MULTILINE)
_RECORD_START = re.compile(rb"\nWARC/\d")
_RECORD_START_BYTES = len(b"\nWARC/1")

MAX_HEADER_BYTES = 1 << 16


@dataclass(frozen=True)
class WarcRecord:
    """A record with its header, or a stretch of bytes that is not a valid record."""

    data: bytes
    """The header and the content; empty if there is an error."""

    bytes: int
    """Size in the decompressed file, including the blank lines before it."""

    error: str | None = None


class _ByteBuffer:
    """Reads a requested number of bytes from pieces of data."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.data = b""

    def fill(self, size: int) -> bool:
        """Read until `data` has at least `size` bytes; return whether there were enough."""
        parts, total = [self.data], len(self.data)
        while total < size and (piece := next(self._pieces, b"")):
            parts.append(piece)
            total += len(piece)
        self.data = b"".join(parts) if len(parts) > 1 else self.data
        return total >= size

    def take(self, size: int) -> bytes:
        """Remove and return the next `size` bytes, or as many as there are."""
        self.fill(size)
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def skip(self, size: int) -> int:
        """Skip `size` bytes without keeping them in memory; return how many there were."""
        skipped = len(self.data)
        while skipped < size and (piece := next(self._pieces, b"")):
            skipped, self.data = skipped + len(piece), piece
        if skipped < size:
            self.data = b""
            return skipped
        self.data = self.data[len(self.data) - (skipped - size) :]
        return size


def split_records(pieces: Iterator[bytes], stream: Stream, *, limit: int) -> Iterator[WarcRecord]:
    """Yield the records; a stretch of bytes that is not a valid record has an error.

    If the end of the stream is missing, an incomplete last record is left out: the stream reports
    the damage.
    """
    buffer = _ByteBuffer(pieces)
    while True:
        n_blank = _skip_line_ends(buffer)
        if not buffer.fill(1):
            return
        buffer.fill(MAX_HEADER_BYTES)
        header_end = buffer.data.find(_HEADER_END, 0, MAX_HEADER_BYTES) + len(_HEADER_END)
        length = _CONTENT_LENGTH.search(buffer.data, 0, header_end)
        has_header = header_end >= len(_HEADER_END) and buffer.data.startswith(b"WARC/")
        if length and has_header:
            record = _take_record(buffer, header_end + int(length.group(1)), n_blank, limit)
        else:
            skipped = _skip_to_record_start(buffer)
            record = WarcRecord(b"", n_blank + skipped, "not a WARC record")
        if stream.cut and not buffer.fill(1) and record.error:
            return
        yield record


def _take_record(buffer: _ByteBuffer, size: int, n_blank: int, limit: int) -> WarcRecord:
    """Return the next record, which has `size` bytes after `n_blank` bytes of blank lines."""
    if size > limit:
        error = f"the record is larger than record_limit ({limit:,} bytes)"
        return WarcRecord(b"", n_blank + buffer.skip(size), error)
    data = buffer.take(size)
    if len(data) < size:
        error = f"truncated: only {len(data):,} of {size:,} bytes are present"
        return WarcRecord(b"", n_blank + len(data), error)
    if not _WARC_TYPE.search(data, 0, data.index(_HEADER_END)):
        return WarcRecord(b"", n_blank + size, "the record's header has no WARC-Type")
    return WarcRecord(data + _HEADER_END, n_blank + size)


def _skip_line_ends(buffer: _ByteBuffer) -> int:
    """Skip line ends; return how many bytes they had."""
    skipped = 0
    while buffer.fill(1):
        rest = buffer.data.lstrip(b"\r\n")
        skipped += len(buffer.data) - len(rest)
        buffer.data = rest
        if rest:
            break
    return skipped


def _skip_to_record_start(buffer: _ByteBuffer) -> int:
    """Skip up to the next record or the end of the file; return the number of bytes skipped."""
    skipped = 0
    while not (start := _RECORD_START.search(buffer.data)):
        n_searched = len(buffer.data) - (_RECORD_START_BYTES - 1)  # the rest may begin a record
        skipped += buffer.skip(max(0, n_searched))
        if not buffer.fill(len(buffer.data) + 1):
            return skipped + buffer.skip(len(buffer.data))
    return skipped + buffer.skip(start.start() + 1)
