"""Split a WARC file into records by their Content-Length, and resynchronise after damage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sources.chunks import over_limit
from corpus.sources.files.streams import Stream

HEADER_END = b"\r\n\r\n"
_LINE_ENDS = re.compile(rb"[\r\n]+")
_HEADER_STOP = re.compile(rb"\n(?:(?P<blank>\r?\n)|WARC/\d)", re.IGNORECASE)
_CONTENT_LENGTH = re.compile(
    rb"^Content-Length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_WARC_TYPE = re.compile(rb"^WARC-Type[ \t]*:[ \t]*\w", re.IGNORECASE | re.MULTILINE)
_VERSION = re.compile(rb"WARC/", re.IGNORECASE)
_RECORD_START = re.compile(rb"\nWARC/\d", re.IGNORECASE)
_NEXT_RECORD = re.compile(
    rb"\n\r?\n(?=WARC/\d\.\d+\r?\n(?:[^\r\n]{1,4096}\r?\n){0,50}?WARC-Type[ \t]*:)", re.IGNORECASE
)
_RECORD_START_BYTES = len(b"\nWARC/1")

MAX_HEADER_BYTES = 1 << 16
_PEEKED_BYTES = 32
"""Bytes after a record that say whether it ends there."""


@dataclass(frozen=True)
class WarcRecord:
    """A record with its header, or a stretch of bytes that is not a valid record."""

    data: bytes
    """The header and the content; empty if there is an error."""

    bytes: int
    """Size in the decompressed file, including the blank lines before it."""

    error: str | None = None


class _ByteBuffer:
    """Reads a requested number of bytes from pieces of data.

    The unread bytes are `data[position:]`. They are only copied when a new piece is added, so
    reading many records of a large piece takes linear time.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.data = b""
        self.position = 0

    @property
    def n_unread(self) -> int:
        """Return the number of bytes that are in memory and not yet taken."""
        return len(self.data) - self.position

    def fill(self, size: int) -> bool:
        """Read until `size` bytes are unread; return whether there were enough."""
        if self.n_unread >= size:
            return True
        parts: list[bytes] = []
        total = self.n_unread
        while total < size and (piece := next(self._pieces, b"")):
            parts.append(piece)
            total += len(piece)
        if parts:
            rest = [self.data[self.position :]] if self.n_unread else []
            self.data, self.position = b"".join(rest + parts), 0  # a single piece is not copied
        return total >= size

    def take(self, size: int, end: bytes = b"") -> bytes:
        """Remove and return the next `size` bytes, or as many as there are, followed by `end`.

        They are copied once, and what was at least half of the buffer is not kept in it. If they
        and the end are the whole buffer, as in a chunk of one record, nothing is copied.
        """
        self.fill(size)
        is_all = self.position == 0 and len(self.data) == size + len(end)
        if end and is_all and self.data.endswith(end):
            taken, self.data = self.data, end
            return taken
        size = min(size, self.n_unread)
        start, self.position = self.position, self.position + size
        taken = b"".join([memoryview(self.data)[start : self.position], end])
        if 2 * size > len(self.data):
            self.data, self.position = self.data[self.position :], 0
        return taken

    def skip(self, size: int) -> int:
        """Skip `size` bytes without keeping them in memory; return how many there were."""
        skipped = 0
        while (missing := size - skipped) > self.n_unread:
            skipped += self.n_unread
            self.data, self.position = next(self._pieces, b""), 0
            if not self.data:
                return skipped
        self.position += missing
        return size


def find_header_end(data: bytes, limit: int, start: int = 0) -> int:
    """Return where the content after a WARC header begins; `start` if none ends within `limit`.

    The header begins at byte `start`. It does not reach beyond the first line of another one, so
    the time to split a file does not depend on `limit`, however many headers have no end.
    """
    stop = _HEADER_STOP.search(data, start, start + limit)
    return stop.end() if stop and stop["blank"] else start


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
        start = buffer.position
        header_end = find_header_end(buffer.data, MAX_HEADER_BYTES, start)
        length = _CONTENT_LENGTH.search(buffer.data, start, header_end)
        if length and _VERSION.match(buffer.data, start):
            size = header_end - start + int(length.group(1))
            record = _take_record(buffer, size, n_blank, limit)
        else:
            skipped = _skip_to_record_start(buffer)
            record = WarcRecord(b"", n_blank + skipped, "not a WARC record")
        if stream.cut and not buffer.fill(1) and record.error:
            return
        found = [record]
        del record  # a large record is not kept here while it is used
        yield found.pop()


def _take_record(buffer: _ByteBuffer, size: int, n_blank: int, limit: int) -> WarcRecord:
    """Return the next record, which has `size` bytes after `n_blank` bytes of blank lines."""
    if size > limit:
        return WarcRecord(b"", n_blank + buffer.skip(size), over_limit(limit))
    is_whole = buffer.fill(size) and _is_record_end(buffer, size)
    if not is_whole and (n_bytes := _bytes_before_next_record(buffer, size)):
        error = "Content-Length is wrong: the next record begins before the end of this one"
        return WarcRecord(b"", n_blank + buffer.skip(n_bytes), error)
    if not buffer.fill(size):
        n_present = buffer.skip(buffer.n_unread)
        error = f"truncated: only {n_present:,} of {size:,} bytes are present"
        return WarcRecord(b"", n_blank + n_present, error)
    data = buffer.take(size, HEADER_END)
    if not _WARC_TYPE.search(data, 0, find_header_end(data, MAX_HEADER_BYTES)):
        return WarcRecord(b"", n_blank + size, "the record's header has no WARC-Type")
    return WarcRecord(data, n_blank + size)


def _bytes_before_next_record(buffer: _ByteBuffer, size: int) -> int:
    """Return how many bytes of a record of `size` bytes are before another record in it, or 0.

    Nothing is copied: the next record may claim to be as large, and the one after it.
    """
    buffer.fill(size + MAX_HEADER_BYTES)
    start = buffer.position
    header_end = find_header_end(buffer.data, MAX_HEADER_BYTES, start)
    end = min(start + size, len(buffer.data))
    match = _NEXT_RECORD.search(buffer.data, max(start, header_end - 2), end + MAX_HEADER_BYTES)
    return match.end() - start if match and match.end() < end else 0


def _is_record_end(buffer: _ByteBuffer, size: int) -> bool:
    """Return whether only line ends, or the next record, follow after `size` bytes."""
    buffer.fill(size + _PEEKED_BYTES)
    end = buffer.position + size
    following = buffer.data[end : end + _PEEKED_BYTES].lstrip(b"\r\n")
    return not following or _VERSION.match(following) is not None


def _skip_line_ends(buffer: _ByteBuffer) -> int:
    """Skip line ends; return how many bytes they had."""
    skipped = 0
    while buffer.fill(1):
        line_ends = _LINE_ENDS.match(buffer.data, buffer.position)
        n_bytes = line_ends.end() - buffer.position if line_ends else 0
        skipped += buffer.skip(n_bytes)
        if buffer.n_unread:
            break
    return skipped


def _skip_to_record_start(buffer: _ByteBuffer) -> int:
    """Skip up to the next record or the end of the file; return the number of bytes skipped."""
    skipped = 0
    while not (start := _RECORD_START.search(buffer.data, buffer.position)):
        n_searched = buffer.n_unread - (_RECORD_START_BYTES - 1)  # the rest may begin a record
        skipped += buffer.skip(max(0, n_searched))
        if not buffer.fill(buffer.n_unread + 1):
            return skipped + buffer.skip(buffer.n_unread)
    return skipped + buffer.skip(start.start() + 1 - buffer.position)
