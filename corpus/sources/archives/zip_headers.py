r"""Read the entries of a zip archive without its directory, by the header before each entry.

    PK\3\4  version  flags  method  time  date  CRC-32  sizes  name  extra  |  content

So a truncated archive still gives every entry that is complete.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from corpus.sources.archives.entries import (
    FILE_ENTRY,
    FOLDER_ENTRY,
    ArchiveEntry,
    Damage,
    UnreadableEntryError,
)
from corpus.sources.archives.stream_files import open_pieces
from corpus.sources.files.compression import READ_BYTES
from corpus.sources.files.streams import EXPANSION_ALLOWANCE_BYTES, MAX_EXPANSION

_HEADER = struct.Struct("<4sHHHHHIIIHH")
_ENTRY, _DIRECTORY = b"PK\3\4", (b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7")
_DESCRIPTOR = b"PK\7\x08"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_IN_EXTRA = 0xFFFFFFFF
_INPUT_BYTES = 1 << 16


class _Header(NamedTuple):
    name: str
    flags: int
    method: int
    checksum: int
    size: int
    """Bytes of the compressed content; unknown if the sizes follow it."""


def decode_name(name: bytes) -> str:
    """Return the name of an entry: UTF-8 if it is valid UTF-8, otherwise code page 437."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("cp437")


def entries_by_headers(raw: Any, damage: Damage, fault: str) -> Iterator[ArchiveEntry]:
    """Yield the complete entries of a zip archive whose directory cannot be read.

    `fault` says what is wrong with the directory.
    """
    file = open_pieces(iter(lambda: raw.read(READ_BYTES), b""))
    n_entries = 0
    while header := _read_header(file):
        content = _Content(file, header)
        kind = FOLDER_ENTRY if header.name.endswith("/") else FILE_ENTRY
        yield ArchiveEntry(header.name, kind, header.size or None, content.read)
        n_entries += 1
        if not content.skip():
            break
    damage.reason = (
        f"truncated or damaged ({fault}); what follows {n_entries:,} entries is lost"
        if n_entries
        else f"not a zip archive: {fault}"
    )


def _read_header(file: io.BufferedReader) -> _Header | None:
    """Return the next entry's header, or None if there is none."""
    block = file.read(_HEADER.size)
    if len(block) < _HEADER.size or not block.startswith(_ENTRY):
        return None
    _, _, flags, method, _, _, checksum, size, full_size, n_name, n_extra = _HEADER.unpack(block)
    name, extra = file.read(n_name), file.read(n_extra)
    if size == _IN_EXTRA:
        size = _large_size(extra, has_full_size=full_size == _IN_EXTRA)
    text = name.decode("utf-8", "backslashreplace") if flags & _UTF8 else decode_name(name)
    return _Header(text.replace("\\", "/"), flags, method, checksum, size)


def _large_size(extra: bytes, *, has_full_size: bool) -> int:
    """Return the compressed size in the extra field of a large entry (zip64)."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        values = extra[4 : 4 + length]
        start = 8 if has_full_size else 0
        if tag == 1 and len(values) >= start + 8:
            return int.from_bytes(values[start : start + 8], "little")
        extra = extra[4 + length :]
    return _IN_EXTRA


class _Content:
    """The content of one entry, which must be read or skipped before the next header."""

    def __init__(self, file: io.BufferedReader, header: _Header) -> None:
        self._file, self._header = file, header
        self._left = header.size
        self._unknown_size = bool(header.flags & _SIZES_FOLLOW) and not header.size
        self._started = False
        self._complete = False

    def read(self) -> Iterator[bytes]:
        """Yield the content; raises UnreadableEntryError if it is not complete."""
        header = self._header
        if header.flags & _ENCRYPTED:
            raise UnreadableEntryError("encrypted")
        if header.method not in (_STORED, _DEFLATED):
            raise UnreadableEntryError(
                f"its compression (method {header.method}) cannot be read without the directory"
            )
        if self._unknown_size and header.method == _STORED:
            raise UnreadableEntryError("its size is only in the archive's missing directory")
        self._started = True
        checksum = 0
        for data in self._inflate() if header.method == _DEFLATED else self._compressed():
            checksum = zlib.crc32(data, checksum)
            yield data
        expected = self._read_descriptor() if self._unknown_size else header.checksum
        self._complete = self._left == 0 or self._unknown_size
        if not self._complete:
            raise UnreadableEntryError(f"truncated: the last {self._left:,} bytes are missing")
        if expected not in (None, checksum):
            raise UnreadableEntryError("damaged: wrong checksum")

    def skip(self) -> bool:
        """Skip what was not read; return whether the next header can be found."""
        if not self._started and self._unknown_size:
            if self._header.flags & _ENCRYPTED or self._header.method != _DEFLATED:
                return False
            try:
                for _ in self.read():
                    pass
            except UnreadableEntryError:
                return self._complete
            return True
        for _ in () if self._unknown_size else self._compressed():
            pass
        return self._left == 0 if not self._unknown_size else self._complete

    def _compressed(self) -> Iterator[bytes]:
        """Yield the compressed content, as far as it is there."""
        while self._unknown_size or self._left:
            wanted = _INPUT_BYTES if self._unknown_size else min(self._left, READ_BYTES)
            data = self._file.peek(1)[:wanted] if self._unknown_size else self._file.read(wanted)
            if not data:
                return
            if not self._unknown_size:
                self._left -= len(data)
            yield data

    def _inflate(self) -> Iterator[bytes]:
        """Yield the decompressed content."""
        decoder, n_read, n_written = zlib.decompressobj(-15), 0, 0
        try:
            for data in self._compressed():
                pending = data
                while pending and not decoder.eof:
                    output = decoder.decompress(pending, READ_BYTES)
                    pending = decoder.unconsumed_tail
                    n_written += len(output)
                    if n_written > MAX_EXPANSION * (n_read + len(data)) + EXPANSION_ALLOWANCE_BYTES:
                        raise UnreadableEntryError(f"expands more than {MAX_EXPANSION:,}-fold")
                    yield output
                used = len(data) - len(decoder.unused_data)
                n_read += used
                if self._unknown_size:
                    self._file.read(used)
                if decoder.eof:
                    break
        except zlib.error as error:
            raise UnreadableEntryError(f"damaged: {error}") from None
        if not decoder.eof:
            raise UnreadableEntryError(
                f"truncated: the data ends after {n_written:,} decompressed bytes"
            )

    def _read_descriptor(self) -> int | None:
        """Return the checksum after the content, or None if it is not there."""
        block = self._file.read(16 if self._file.peek(4)[:4] == _DESCRIPTOR else 12)
        start = 4 if block.startswith(_DESCRIPTOR) else 0
        rest = self._file.peek(8)[:8]  # sizes of 8 bytes each, in large entries
        if rest and rest[:4] != _ENTRY and rest[:4] not in _DIRECTORY and rest[4:8] != b"":
            self._file.read(8)
        return int.from_bytes(block[start : start + 4], "little") if len(block) >= 12 else None
