"""Read the entries of a tar archive from first to last, without a seek.

Formats: V7, ustar, GNU (long names, large sizes) and pax. A damaged header costs the entries up to
the next intact one. Archives that were concatenated are read to the end. Names and links are data:
nothing is written, and no link is followed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from corpus.sources.archives.entries import (
    DEVICE_ENTRY,
    FILE_ENTRY,
    FOLDER_ENTRY,
    LINK_ENTRY,
    ArchiveEntry,
    Damage,
    UnreadableEntryError,
)
from corpus.sources.archives.stream_files import open_pieces, skip_bytes
from corpus.sources.files.compression import READ_BYTES
from corpus.sources.files.streams import Stream

BLOCK_BYTES = 512
_ZEROS = bytes(BLOCK_BYTES)
_OCTAL = re.compile(rb"[0-7]*")
"""Digits alone: `int` also accepts a sign, and a negative size would read beyond the entry."""

_KINDS = {b"1": LINK_ENTRY, b"2": LINK_ENTRY, b"5": FOLDER_ENTRY}
_KINDS |= {b"3": DEVICE_ENTRY, b"4": DEVICE_ENTRY, b"6": DEVICE_ENTRY}
_LONG_NAME, _PAX, _SPARSE = b"L", b"x", b"S"
_NOT_AN_ENTRY = (_LONG_NAME, b"K", _PAX, b"g", b"V", b"M", b"D", b"N")
"""Types of headers that describe another entry, or a tape."""

MAX_DESCRIPTION_BYTES = 1 << 20
"""Maximum size of a long name or of a pax header that is read."""


class _Header(NamedTuple):
    """A header block."""

    name: bytes
    size: int
    type: bytes
    is_extended: bool
    """Whether a map of a sparse file continues in the next block."""


class _Description(NamedTuple):
    """What earlier headers say about the next entry."""

    name: bytes | None = None
    size: int | None = None
    is_sparse: bool = False


def tar_entries(stream: Stream, damage: Damage) -> Iterator[ArchiveEntry]:
    """Yield the entries of a tar archive; then `damage` says what is wrong with it."""
    file = open_pieces(iter(stream))
    lost = n_entries = 0
    ended = False
    described = _Description()
    while block := file.read(BLOCK_BYTES):
        if block == _ZEROS:
            ended = True
            continue
        if not (header := _parse_header(block)):
            lost += len(block)
            continue
        ended = False
        if header.type in _NOT_AN_ENTRY:
            described = _describe(file, header, described)
            continue
        n_entries += 1
        content = _Content(file, header, described)
        kind = _kind(header, content.name)
        yield ArchiveEntry(_text(content.name), kind, content.size, content.read)
        content.skip()
        described = _Description()
    damage.reason = _damage(stream, n_entries, lost, ended=ended)
    damage.lost = stream.lost if stream.damage else lost or None


class _Content:
    """The content of one entry, which must be read or skipped before the next header."""

    def __init__(self, file: io.BufferedReader, header: _Header, described: _Description) -> None:
        self._file = file
        self.name = described.name or header.name
        self.size = header.size if described.size is None else described.size
        self.size = 0 if header.type in _KINDS else self.size
        self._left = self.size
        self._is_sparse = described.is_sparse or header.type == _SPARSE
        more_map = header.is_extended and header.type == _SPARSE
        while more_map:
            block = file.read(BLOCK_BYTES)
            more_map = len(block) == BLOCK_BYTES and block[504] != 0

    def read(self) -> Iterator[bytes]:
        """Yield the content; raises UnreadableEntryError if its end is missing."""
        if self._is_sparse:
            raise UnreadableEntryError("a sparse file, which cannot be read from a tar archive")
        while self._left:
            data = self._file.read(min(self._left, READ_BYTES))
            if not data:
                present = self.size - self._left
                self._left = 0
                raise UnreadableEntryError(
                    f"truncated: only {present:,} of {self.size:,} bytes are in the archive"
                )
            self._left -= len(data)
            yield data

    def skip(self) -> None:
        """Skip what was not read, and the padding."""
        skip_bytes(self._file, self._left + -self.size % BLOCK_BYTES)


def _kind(header: _Header, name: bytes) -> str:
    """Return the kind of an entry; in old archives, the name of a folder ends with a slash."""
    return _KINDS.get(header.type, FOLDER_ENTRY if name.endswith(b"/") else FILE_ENTRY)


def _parse_header(block: bytes) -> _Header | None:
    """Return a header, or None if the block is not an intact one."""
    if len(block) < BLOCK_BYTES:
        return None
    expected, size = _number(block[148:156]), _number(block[124:136])
    if expected is None or size is None or expected != _checksum(block):
        return None
    name = _until_zero(block[:100])
    if block[257:262] == b"ustar" and block[262:264] != b" \0" and block[345]:
        name = _until_zero(block[345:500]) + b"/" + name
    return _Header(name, size, block[156:157], block[482] != 0)


def _checksum(block: bytes) -> int:
    """Return the sum of a header's bytes, with blanks in place of the checksum."""
    return sum(block) - sum(block[148:156]) + 8 * ord(" ")


def _number(field: bytes) -> int | None:
    """Return a number written in octal digits or, if the first bit is set, in binary."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x3F]) + field[1:], "big")
    digits = field.strip(b" \0").split(b"\0")[0]
    return int(digits or b"0", 8) if _OCTAL.fullmatch(digits) else None


def _describe(file: io.BufferedReader, header: _Header, described: _Description) -> _Description:
    """Read what a header says about the next entry; too large a description is skipped."""
    size = header.size
    data = b""
    if header.type in (_LONG_NAME, _PAX) and size <= MAX_DESCRIPTION_BYTES:
        data = file.read(size)
        size = 0
    skip_bytes(file, size + -header.size % BLOCK_BYTES)
    if header.type == _LONG_NAME and data:
        return described._replace(name=_until_zero(data))
    return _parse_pax(data, described) if header.type == _PAX else described


def _parse_pax(data: bytes, described: _Description) -> _Description:
    """Return a description with the records of a pax header: `LENGTH KEY=VALUE`, a line each."""
    while data:
        digits, _, _ = data.partition(b" ")
        if not digits.isdigit() or len(digits) > 7 or not len(digits) < int(digits) <= len(data):
            return described
        key, _, value = data[len(digits) + 1 : int(digits)].removesuffix(b"\n").partition(b"=")
        data = data[int(digits) :]
        if key == b"path" and value:
            described = described._replace(name=_until_zero(value))
        elif key == b"size" and value.isdigit() and len(value) < 20:
            described = described._replace(size=int(value))
        elif key.startswith(b"GNU.sparse."):
            described = described._replace(is_sparse=True)
    return described


def _until_zero(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _text(name: bytes) -> str:
    """Return a name as text; bytes that are not UTF-8 are escaped."""
    return name.decode("utf-8", "backslashreplace")


def _damage(stream: Stream, n_entries: int, lost: int, *, ended: bool) -> str | None:
    """Return what is wrong with an archive after its last entry, or None."""
    if stream.damage:
        return f"{stream.damage}; what follows {n_entries:,} entries is lost"
    if n_entries == 0 and not ended:
        return "not a tar archive" if lost else "the file is empty"
    if lost:
        return f"{lost:,} bytes are not part of any entry: entries there are lost"
    return None if ended else "truncated: the mark of the archive's end is missing"
