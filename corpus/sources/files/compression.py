"""Decompress gzip, bzip2, xz and zstandard data, and report what is wrong with it.

The compression is detected from the first ten bytes, not from the name. So a `.gz` file that is
plain text (some web servers send those) and a compressed file without the extension are both read
correctly.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

READ_BYTES = 1 << 20
"""Bytes read from a file at a time, and maximum size of a decompressed piece of data."""

MAX_GZIP_HEADER_BYTES = READ_BYTES + (1 << 16)
COMPRESSION_EXTENSIONS = (".gz", ".zst", ".bz2", ".xz")
HEAD_BYTES = 10
"""Bytes that `detect_compression` needs."""

_MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
}

DECOMPRESSION_ERRORS = (zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)


class StopReadingError(Exception):
    """The rest of the data must not be read, although a decoder could; the message says why.

    `n_unread` are the bytes that were read from the file and are not decompressed.
    """

    def __init__(self, message: str, *, n_unread: int = 0) -> None:
        super().__init__(message)
        self.n_unread = n_unread


def detect_compression(head: bytes) -> str | None:
    """Return the compression of data that starts with these ten bytes, or None."""
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bz2"
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # a skippable zstandard frame
        return "zstd"
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def has_compression_extension(name: str) -> bool:
    """Return whether a file's name ends with the extension of a compression."""
    return name.lower().endswith(COMPRESSION_EXTENSIONS)


def without_compression_extension(name: str) -> str:
    """Return a file's name in lower case, without the extension of its compression.

    "News.JSONL.gz" -> "news.jsonl"
    """
    name = name.lower()
    for extension in COMPRESSION_EXTENSIONS:
        name = name.removesuffix(extension)
    return name


def decompress(raw: Any, compression: str, next_size: Callable[[], int]) -> Iterator[bytes]:
    """Yield the decompressed data of an open file, at most `next_size()` bytes at a time.

    Raises one of DECOMPRESSION_ERRORS, or StopReadingError.
    """
    if compression == "zstd":
        return _decompress_zstd(raw, next_size)
    return _decompress_members(raw, compression, next_size)


def _decompress_members(
    raw: Any, compression: str, next_size: Callable[[], int]
) -> Iterator[bytes]:
    """Yield the data of concatenated compressed streams, as `cat a.gz b.gz` makes them."""
    decoder, data = _DECODERS[compression](), raw.read(READ_BYTES)
    damage: str | None = None
    while True:
        if output := decoder.decompress(data, next_size()):
            yield output
        data = b""
        if decoder.eof:
            damage = damage or getattr(decoder, "damage", None)
            data = _start_of_next_member(raw, decoder.unused_data)
            if not data and damage:
                raise StopReadingError(damage)
            if not data:
                return
            if detect_compression(data[:HEAD_BYTES]) != compression:
                raise StopReadingError(
                    f"the data after the end of the {compression} stream is not {compression}",
                    n_unread=len(data),
                )
            decoder = _DECODERS[compression]()
        elif decoder.needs_input and not (data := raw.read(READ_BYTES)):
            raise EOFError(f"the {compression} data is truncated")


def _start_of_next_member(raw: Any, data: bytes) -> bytes:
    """Return the data that follows a compressed stream, at least ten bytes if there are as many.

    Zeros are skipped: they pad the last block of a tape and are not damage.
    """
    while not data.lstrip(b"\0") and (data := raw.read(READ_BYTES)):
        pass
    data = data.lstrip(b"\0")
    if data and len(data) < HEAD_BYTES:
        data += raw.read(HEAD_BYTES)
    return data


def _decompress_zstd(raw: Any, next_size: Callable[[], int]) -> Iterator[bytes]:
    """Yield the data of zstandard frames; pyarrow finds their boundaries itself."""
    import pyarrow as pa

    file = raw if isinstance(raw, pa.NativeFile) else pa.PythonFile(raw, mode="r")
    with pa.CompressedInputStream(file, "zstd") as decompressed:
        while data := decompressed.read(next_size()):
            yield data


class _GzipDecompressor:
    """Decompress one gzip member, with the interface of `bz2.BZ2Decompressor`.

    With zlib's own gzip mode, the last bytes of a member with a wrong checksum would be lost.
    """

    def __init__(self) -> None:
        self.needs_input, self.eof, self.unused_data = True, False, b""
        self.damage: str | None = None
        self._inflate: Any = None
        self._pending = b""  # an incomplete header, and later an incomplete trailer
        self._checksum = self._size = 0

    def decompress(self, data: bytes, size: int) -> bytes:
        """Return up to `size` bytes of decompressed data."""
        if self._inflate is None:
            self._pending += data
            length = _gzip_header_length(self._pending)
            if length is None:
                return b""
            data, self._pending = self._pending[length:], b""
            self._inflate = zlib.decompressobj(-15)
        output = b""
        if not self._inflate.eof:
            output = self._inflate.decompress(self._inflate.unconsumed_tail + data, size)
            self._checksum = zlib.crc32(output, self._checksum)
            self._size += len(output)
            data = self._inflate.unused_data
        if self._inflate.eof:
            self._read_trailer(data)
        self.needs_input = not self._inflate.unconsumed_tail and len(output) < size
        return output

    def _read_trailer(self, data: bytes) -> None:
        """Collect the bytes after the data, and check size and checksum once all are there."""
        self._pending += data
        if len(self._pending) >= 8:
            expected = int.from_bytes(self._pending[:8], "little")
            if expected != self._checksum | (self._size & 0xFFFFFFFF) << 32:
                self.damage = "wrong checksum: the data was changed after compression"
            self.eof, self.unused_data = True, self._pending[8:]


def _gzip_header_length(data: bytes) -> int | None:
    """Return the length of a gzip header (RFC 1952), or None if the data ends within it."""
    if len(data) > MAX_GZIP_HEADER_BYTES:
        raise ValueError("the gzip header does not end")
    if len(data) < 10:
        return None
    flags, position = data[3], 10
    if flags & 4:
        position += 2 + int.from_bytes(data[position : position + 2], "little")
    for flag in (8, 16):  # a name, a comment
        if flags & flag:
            end = data.find(b"\0", position)
            if end < 0:
                return None
            position = end + 1
    position += 2 if flags & 2 else 0
    return position if position <= len(data) else None


_DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": _GzipDecompressor,
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
