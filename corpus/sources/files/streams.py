"""Read the bytes of a file as a stream, decompressed. Damage is reported at the end.

Memory is bounded by the size of one read, whatever a file expands to. What can be read of a
damaged file is read: if a decoder fails within a piece of data, the file is read again up to the
failure in ever smaller steps.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from corpus.sources.files.compression import (
    DECOMPRESSION_ERRORS,
    HEAD_BYTES,
    READ_BYTES,
    StopReadingError,
    decompress,
    detect_compression,
)
from corpus.sources.files.filesystems import Location, open_file

MIN_STEP_BYTES = 1
"""The last step size when a failed decoder's data is read again."""

MAX_EXPANSION = 1000
"""Maximum expansion of a compressed file: gzip reaches at most this, text not even 100."""

EXPANSION_ALLOWANCE_BYTES = 64 << 20
"""Decompressed bytes that are read whatever the expansion."""


@dataclass
class Stream:
    """The data of a file, or of an uncompressed file between two offsets.

    After the last piece of data, `damage` says what is wrong with the file, and `cut` whether its
    end is missing, so that a last line without a line end is incomplete. `position` counts the
    bytes yielded so far.
    """

    location: Location
    """Where the file is, or its content."""

    start: int = 0
    stop: int | None = None
    damage: str | None = None
    cut: bool = False
    position: int = 0
    lost: int | None = 0
    """Bytes of the file that the damage makes unreadable; None if nobody knows how many they were,
    because the end of the file is missing."""

    encoding: str | None = None
    """The encoding that was detected in the data, if it is not UTF-8 and has no mark."""

    _file_position: int | None = None
    """How many bytes of a compressed file were read."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the data in non-empty pieces."""
        try:
            yield from self._read(lambda: READ_BYTES)
        except StopReadingError as error:
            self.damage = str(error)
        except DECOMPRESSION_ERRORS as error:
            yield from self._salvage(self.position)
            self.cut = True
            after = f", after {self.position:,} bytes" if self.position else ""
            self.damage = describe_error(error) + after

    def _salvage(self, n_done: int) -> Iterator[bytes]:
        """Yield the data from byte `n_done` up to the failure, in ever smaller steps."""
        step = READ_BYTES
        while step > MIN_STEP_BYTES:
            step //= 16
            self.position = 0
            with suppress(StopReadingError, *DECOMPRESSION_ERRORS):
                for data in self._read(partial(self._next_size, n_done, step)):
                    if self.position > n_done:
                        yield data
            self.position = n_done = max(self.position, n_done)

    def _next_size(self, n_done: int, step: int) -> int:
        """Return how many bytes to read next: everything up to byte `n_done`, then one step."""
        return min(READ_BYTES, n_done - self.position) if self.position < n_done else step

    def _read(self, next_size: Callable[[], int]) -> Iterator[bytes]:
        """Yield the data; if it is compressed, at most `next_size()` bytes at a time."""
        with open_file(self.location) as raw:
            is_whole_file = self.start == 0 and self.stop is None
            compression = detect_compression(raw.read(HEAD_BYTES)) if is_whole_file else None
            raw.seek(self.start)
            if compression is None:
                pieces = _read_between(raw, self.start, self.stop)
            else:
                pieces = self._decompressed(raw, decompress(raw, compression, next_size))
            for data in pieces:
                self.position += len(data)
                self._file_position = raw.tell() if compression else None
                yield data

    def _decompressed(self, raw: Any, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces of decompressed data; if that fails, note how many bytes are lost."""
        try:
            for data in pieces:
                yield data
                self._check_expansion(raw.tell())
        except StopReadingError as error:
            self.lost = _bytes_left(raw, error.n_unread)
            raise
        except DECOMPRESSION_ERRORS as error:
            is_truncated = "truncated" in str(error).lower()
            self.lost = None if is_truncated else _bytes_left(raw, READ_BYTES)
            raise

    def lost_bytes(self, file_bytes: int) -> int:
        """Return how many of the bytes of a file count as lost: all if nobody knows how many."""
        return file_bytes if self.lost is None else min(self.lost, file_bytes)

    def bytes_after(self, position: int, file_bytes: int) -> int:
        """Return about how many bytes of a file follow a position in the decompressed data."""
        if self._file_position is None:
            return max(1, file_bytes - position)
        return max(1, min(file_bytes, file_bytes - self._file_position + READ_BYTES))

    def _check_expansion(self, compressed_bytes: int) -> None:
        """Raise StopReadingError if the data has expanded too much."""
        if self.position > MAX_EXPANSION * compressed_bytes + EXPANSION_ALLOWANCE_BYTES:
            self.cut = True
            raise StopReadingError(
                f"expands more than {MAX_EXPANSION:,}-fold; reading stopped after "
                f"{self.position:,} bytes",
                n_unread=READ_BYTES,
            )


def _bytes_left(raw: Any, n_unread: int) -> int:
    """Return the bytes of an open file from its position on, and `n_unread` before it."""
    position = raw.tell()
    return min(position, n_unread) + int(raw.seek(0, io.SEEK_END)) - position


def _read_between(raw: Any, start: int, stop: int | None) -> Iterator[bytes]:
    """Yield the bytes between two offsets."""
    while data := raw.read(READ_BYTES if stop is None else min(READ_BYTES, stop - start)):
        start += len(data)
        yield data


def describe_error(error: Exception) -> str:
    """Return an error's message in one line, without the path, which is private to the machine."""
    if isinstance(error, FileNotFoundError):
        return "the file does not exist"
    if isinstance(error, PermissionError):
        return "permission denied"
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(message).split())[:200]
