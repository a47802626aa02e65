"""Read a file of the input, so that what is read is what was hashed.

A file is hashed before it is read: its SHA-256 identifies it, and a small hash of each block of
4 MiB stays with it. Whoever reads the file reads whole blocks and compares them. So nothing is
made of a file that was edited after it was hashed, of an answer of a server that was cut short,
or of a bit that a drive got wrong, whatever size and time the file has.
"""

from __future__ import annotations

import errno
import io
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from corpus.errors import InputError
from corpus.sources.files.passing_faults import PassingFault, repeat_on_fault
from corpus.sources.files.remote import shown

R = TypeVar("R")

BLOCK_BYTES = 4 << 20
"""Bytes of a block, which has one hash: a terabyte has hashes of one megabyte."""

HASH_BYTES = 4


class LineEnds(NamedTuple):
    """Where lines end in each block of a file: found when it is hashed, to split it into chunks."""

    counts: tuple[int, ...]
    """The number of line ends (LF) in each block."""

    firsts: tuple[int, ...]
    """The position of the first one in each block, -1 if there is none."""


class HashedPath(NamedTuple):
    """Where a file is, and what was there when it was hashed."""

    path: str
    size: int
    block_hashes: bytes
    """The hash of each block, one after the other."""

    line_ends: LineEnds | None = None
    """Where the lines of a large file of lines end."""


def block_hash(block: bytes) -> bytes:
    """Return the hash of a block (CRC-32): it notices accidents, and the SHA-256 identifies."""
    return zlib.crc32(block).to_bytes(HASH_BYTES, "little")


class _UnexpectedBytesError(PassingFault):
    """A block is not as it was hashed."""


class InputFile(io.RawIOBase):
    """A file opened to read bytes at any position; reading waits out faults that pass.

    `open_raw` opens the file; it is opened again after a fault. Raises `EnvironmentFault` if the
    fault does not pass, and `InputError` if the file is not what `hashed` says.
    """

    def __init__(
        self, open_raw: Callable[[], Any], path: str, hashed: HashedPath | None = None
    ) -> None:
        super().__init__()
        self._open_raw, self._path, self._hashed = open_raw, path, hashed
        self._raw: Any = None
        self._raw_position = self._position = 0
        self._block, self._block_number = b"", -1
        self._repeat(self._opened)

    def readable(self) -> bool:
        """Return that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return that the position can be changed."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        position = offset + (self.size() if base is None else base)
        if position < 0:  # as for any file: zipfile relies on it
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = position
        return position

    def size(self) -> int:
        """Return the size in bytes: that of the file when it was hashed, if it was."""
        return int(self._repeat(self._raw_size)) if self._hashed is None else self._hashed.size

    def read(self, size: int | None = -1) -> bytes:
        """Return that many bytes, fewer only at the end of the file; all with -1."""
        if size is None or size < 0:
            size = max(0, self.size() - self._position)
        if size > BLOCK_BYTES:  # a damaged length must not allocate memory for what is not there
            size = min(size, max(0, self.size() - self._position))
        if self._hashed is None:
            data = self._repeat(lambda: self._read_raw(self._position, size))
        else:
            data = self._read_blocks(self._hashed, size)
        self._position += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, and return the number of bytes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._close_raw()
        super().close()

    def _read_blocks(self, hashed: HashedPath, size: int) -> bytes:
        """Return the next bytes, at most `size`, out of blocks that are as they were hashed."""
        parts = []
        position, end = self._position, min(self._position + size, hashed.size)
        while position < end:
            number, start = divmod(position, BLOCK_BYTES)
            if number != self._block_number:
                self._block, self._block_number = self._read_block(hashed, number), number
            parts.append(self._block[start : start + end - position])
            position += len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _read_block(self, hashed: HashedPath, number: int) -> bytes:
        """Return a block; raises `InputError` if it is not as it was hashed."""
        first = number * BLOCK_BYTES
        size = min(BLOCK_BYTES, hashed.size - first)
        expected = hashed.block_hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES]

        def read() -> bytes:
            data = self._read_raw(first, size)
            if block_hash(data) != expected:
                raise _UnexpectedBytesError(
                    f"{shown(self._path)}: only {len(data):,} of {size:,} bytes could be read at "
                    f"byte {first:,}; check the drive or the network and build again, which "
                    "continues where the build stopped"
                )
            return data

        try:
            return self._repeat(read)
        except _UnexpectedBytesError:
            if len(self._read_raw(first, size)) < size and self._raw_size() == hashed.size:
                raise
            raise self._changed() from None

    def _repeat(self, call: Callable[[], R]) -> R:
        """Return what a call returns; after a fault, open the file again and repeat the call."""

        def attempt() -> R:
            try:
                return call()
            except (OSError, PassingFault):
                self._close_raw()
                raise

        try:
            return repeat_on_fault(attempt, shown(self._path))
        except OSError:  # nothing is at the path any more
            if self._hashed is None:
                raise
            raise self._changed() from None

    def _changed(self) -> InputError:
        """Return the error for a file that is not as it was hashed."""
        return InputError(
            f"{shown(self._path)}: changed while it was read; build again when it is complete"
        )

    def _opened(self) -> Any:
        """Return the open file."""
        if self._raw is None:
            self._raw, self._raw_position = self._open_raw(), 0
        return self._raw

    def _raw_size(self) -> int:
        """Return the size of the file as it is now."""
        self._raw_position = int(self._opened().seek(0, io.SEEK_END))
        return self._raw_position

    def _read_raw(self, position: int, size: int) -> bytes:
        """Return the bytes at a position, fewer than `size` only at the end of the file."""
        raw = self._opened()
        if position != self._raw_position:
            raw.seek(position)
            self._raw_position = position
        parts: list[bytes] = []
        while size and (data := raw.read(size)):
            parts.append(data)
            size -= len(data)
            self._raw_position += len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _close_raw(self) -> None:
        """Close the open file, if there is one; a fault while it is closed has no effect."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with suppress(OSError, PassingFault):
                raw.close()
