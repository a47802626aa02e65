"""Read a stream of pieces like a file: some bytes at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator

from corpus.sources.files.compression import READ_BYTES


class _PiecesFile(io.RawIOBase):
    """A file whose content is given in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as the current piece goes; return how many bytes that are."""
        if not self._piece:
            self._piece = memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


def open_pieces(pieces: Iterator[bytes]) -> io.BufferedReader:
    """Return a file with the content of the pieces."""
    return io.BufferedReader(_PiecesFile(pieces), READ_BYTES)


def skip_bytes(file: io.BufferedReader, size: int) -> int:
    """Skip `size` bytes; return how many there were."""
    left = size
    while left and (data := file.read(min(left, READ_BYTES))):
        left -= len(data)
    return size - left
