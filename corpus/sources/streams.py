"""The bytes of a file as chunks, decompressed, with what is wrong with them said at the end.

Which compression it is the bytes themselves tell, by their first ten: a web server's `.gz` that is
plain text, or a compressed file without the ending, is read for what it is.

Memory is bounded by the chunk, whatever a file expands to. What can be read of a damaged file is
read: when a decoder gives up inside a chunk, the file is read again up to there in small steps.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from corpus.sources.filesystems import open_file

CHUNK = 1 << 20
STEP = 1  # byte at a time, in the end, where a decoder failed
EXPANSION = 1000  # times its own size: gzip cannot do more, text does not do 100
ALLOWANCE = 64 << 20

SUFFIXES = (".gz", ".zst", ".bz2", ".xz")
MAGIC = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
}
_ERRORS = (zlib.error, lzma.LZMAError, EOFError, ValueError, OSError)


def compression(head: bytes) -> str | None:
    """Return the compression that a file starting with these ten bytes is in, or None."""
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bz2"
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # a frame to skip, before the first
        return "zstd"
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


class _Enough(Exception):
    """Nothing more is to be read, though the decoder would go on."""


@dataclass
class Stream:
    """The chunks of a file, or of an uncompressed one between two offsets.

    After the last chunk, `damage` says what is wrong, if anything is, and `cut` whether the end is
    missing, so that a last line without its end is not whole. `position` counts the bytes given so
    far.
    """

    path: str
    start: int = 0
    stop: int | None = None
    damage: str | None = None
    cut: bool = False
    position: int = 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks, none of them empty."""
        try:
            yield from self._decoded(lambda: CHUNK)
        except _Enough as enough:
            self.damage = str(enough)
        except _ERRORS as error:
            yield from self._salvaged(self.position)
            self.cut = True
            after = f", after {self.position:,} bytes" if self.position else ""
            self.damage = said(error) + after

    def _salvaged(self, done: int) -> Iterator[bytes]:
        """Yield what follows the first `done` bytes, in ever smaller steps up to the failure."""
        step = CHUNK
        while step > STEP:
            step //= 16
            self.position = 0
            with suppress(_Enough, *_ERRORS):
                for chunk in self._decoded(partial(self._size, done, step)):
                    if self.position > done:
                        yield chunk
            self.position = done = max(self.position, done)

    def _size(self, done: int, step: int) -> int:
        """Return how much to ask for: all up to byte `done`, then a step."""
        return min(CHUNK, done - self.position) if self.position < done else step

    def _decoded(self, size: Callable[[], int]) -> Iterator[bytes]:
        """Yield the chunks, of `size()` bytes at most where they are decompressed."""
        with open_file(self.path) as raw:
            whole = self.start == 0 and self.stop is None
            kind = compression(raw.read(10)) if whole else None
            raw.seek(self.start)
            if kind == "zstd":
                chunks = _zstd(raw, size)
            elif kind:
                chunks = _members(raw, kind, size)
            else:
                chunks = _plain(raw, self.start, self.stop)
            for chunk in chunks:
                self.position += len(chunk)
                yield chunk
                if kind and self.position > EXPANSION * raw.tell() + ALLOWANCE:
                    self.cut = True
                    raise _Enough(
                        f"expands more than {EXPANSION:,}-fold; read no further than "
                        f"{self.position:,} bytes"
                    )


def _plain(raw: Any, start: int, stop: int | None) -> Iterator[bytes]:
    """Yield the bytes between two offsets."""
    while chunk := raw.read(CHUNK if stop is None else min(CHUNK, stop - start)):
        start += len(chunk)
        yield chunk


def _members(raw: Any, kind: str, size: Callable[[], int]) -> Iterator[bytes]:
    """Yield the chunks of one compressed stream after another, as `cat a.gz b.gz` makes them."""
    decoder, data = _DECODERS[kind](), raw.read(CHUNK)
    damage: str | None = None
    while True:
        if chunk := decoder.decompress(data, size()):
            yield chunk
        data = b""
        if decoder.eof:
            data, damage = decoder.unused_data, damage or getattr(decoder, "damage", None)
            while not data.lstrip(b"\0") and (data := raw.read(CHUNK)):
                pass  # zeros fill the last block of a tape, and are no damage
            data = data.lstrip(b"\0")
            if not data and damage:
                raise _Enough(damage)
            if not data:
                return
            data += raw.read(10) if len(data) < 10 else b""
            if compression(data[:10]) != kind:
                raise _Enough(f"what follows the end of the {kind} data is no {kind}")
            decoder = _DECODERS[kind]()
        elif decoder.needs_input and not (data := raw.read(CHUNK)):
            raise EOFError(f"the {kind} data is cut off")


def _zstd(raw: Any, size: Callable[[], int]) -> Iterator[bytes]:
    """Yield the chunks of zstandard frames, by pyarrow, which finds their ends itself."""
    import pyarrow as pa

    source = raw if isinstance(raw, pa.NativeFile) else pa.PythonFile(raw, mode="r")
    with pa.CompressedInputStream(source, "zstd") as unpacked:
        while chunk := unpacked.read(size()):
            yield chunk


class _Gzip:
    """One gzip member, with the manners of the other decoders.

    zlib itself would keep back the last bytes of a member whose checksum is wrong.
    """

    def __init__(self) -> None:
        self.needs_input, self.eof, self.unused_data = True, False, b""
        self.damage: str | None = None
        self._inflate: Any = None
        self._held = b""  # of the header, and later of the trailer
        self._sum = self._size = 0

    def decompress(self, data: bytes, size: int) -> bytes:
        """Return up to `size` bytes."""
        if self._inflate is None:
            self._held += data
            length = _header(self._held)
            if length is None:
                return b""
            data, self._held = self._held[length:], b""
            self._inflate = zlib.decompressobj(-15)
        chunk = b""
        if not self._inflate.eof:
            chunk = self._inflate.decompress(self._inflate.unconsumed_tail + data, size)
            self._sum, self._size = zlib.crc32(chunk, self._sum), self._size + len(chunk)
            data = self._inflate.unused_data
        if self._inflate.eof:
            self._trailer(data)
        self.needs_input = not self._inflate.unconsumed_tail and len(chunk) < size
        return chunk

    def _trailer(self, data: bytes) -> None:
        """Take what follows the data, and compare its checksum when it is all there."""
        self._held += data
        if len(self._held) >= 8:
            expected = int.from_bytes(self._held[:8], "little")
            if expected != self._sum | (self._size & 0xFFFFFFFF) << 32:
                self.damage = "the checksum is wrong: the data was changed after it was packed"
            self.eof, self.unused_data = True, self._held[8:]


def _header(data: bytes) -> int | None:
    """Return the length of a gzip header (RFC 1952), or None where more of it is to come."""
    if len(data) > CHUNK + (1 << 16):
        raise ValueError("the gzip header has no end")
    if len(data) < 10:
        return None
    flags, at = data[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (8, 16):  # a name, a comment
        if flags & flag:
            end = data.find(b"\0", at)
            if end < 0:
                return None
            at = end + 1
    at += 2 if flags & 2 else 0
    return at if at <= len(data) else None


_DECODERS: dict[str, Callable[[], Any]] = {
    "gzip": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}


def said(error: Exception) -> str:
    """Return what an error says, without the path: it is known, and the machine's own business."""
    if isinstance(error, FileNotFoundError):
        return "the file is not there"
    if isinstance(error, PermissionError):
        return "the file may not be read"
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(said).split())[:200]
