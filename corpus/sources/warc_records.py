"""Records of a WARC file, told apart by the lengths they give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sources.streams import Stream

_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^WARC-Type:[ \t]*\w", re.IGNORECASE | re.MULTILINE)
_NEXT = re.compile(rb"\nWARC/\d")
_HEAD = 1 << 16  # bytes of a record's header, at most


@dataclass(frozen=True)
class Frame:
    """A record with its header: `data` is empty where something is wrong with it."""

    data: bytes
    bytes: int
    wrong: str | None = None


class _Buffer:
    """Bytes out of chunks, taken as they are wanted."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.held = b""

    def fill(self, size: int) -> bool:
        """Hold at least so many bytes; whether there were so many."""
        parts, count = [self.held], len(self.held)
        while count < size and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            count += len(chunk)
        self.held = b"".join(parts) if len(parts) > 1 else self.held
        return count >= size

    def take(self, size: int) -> bytes:
        """Return so many bytes, or what there is."""
        self.fill(size)
        taken, self.held = self.held[:size], self.held[size:]
        return taken

    def skip(self, size: int) -> int:
        """Pass over so many bytes without holding them; return how many there were."""
        passed = len(self.held)
        while passed < size and (chunk := next(self._chunks, b"")):
            passed, self.held = passed + len(chunk), chunk
        if passed < size:
            self.held = b""
            return passed
        self.held = self.held[len(self.held) - (passed - size) :]
        return size


def frames(chunks: Iterator[bytes], stream: Stream, *, limit: int) -> Iterator[Frame]:
    """Yield the records; what stands between two that is none is a frame with something wrong.

    A last one that the stream cut off is left out: the stream's damage stands for it.
    """
    buffer = _Buffer(chunks)
    while True:
        blank = _blank(buffer)
        if not buffer.fill(1):
            return
        buffer.fill(_HEAD)
        end = buffer.held.find(b"\r\n\r\n", 0, _HEAD) + 4
        length = _LENGTH.search(buffer.held, 0, end)
        if end < 4 or not length or not buffer.held.startswith(b"WARC/"):
            frame = Frame(b"", blank + _resync(buffer), "no WARC record")
        else:
            frame = _frame(buffer, end + int(length.group(1)), blank, limit)
        if stream.cut and not buffer.fill(1) and frame.wrong:
            return
        yield frame


def _frame(buffer: _Buffer, size: int, blank: int, limit: int) -> Frame:
    """Return the record of this size that comes next."""
    if size > limit:
        passed = buffer.skip(size)
        return Frame(
            b"", blank + passed, f"the record has more bytes than record_limit ({limit:,})"
        )
    data = buffer.take(size)
    if len(data) < size:
        return Frame(b"", blank + len(data), f"cut off: {len(data):,} of {size:,} bytes are there")
    if not _TYPE.search(data, 0, data.index(b"\r\n\r\n")):
        return Frame(b"", blank + size, "its header does not say what kind of record it is")
    return Frame(data + b"\r\n\r\n", blank + size)


def _blank(buffer: _Buffer) -> int:
    """Pass over line ends; return how many bytes they had."""
    passed = 0
    while buffer.fill(1):
        rest = buffer.held.lstrip(b"\r\n")
        passed += len(buffer.held) - len(rest)
        buffer.held = rest
        if rest:
            break
    return passed


def _resync(buffer: _Buffer) -> int:
    """Pass over what is no record, up to the next; return how many bytes it had."""
    passed = 0
    while True:
        found = _NEXT.search(buffer.held, 1)
        if found:
            return passed + buffer.skip(found.start() + 1)
        passed += buffer.skip(max(1, len(buffer.held) - 8))
        if not buffer.fill(len(buffer.held) + 1):
            return passed + buffer.skip(len(buffer.held))
