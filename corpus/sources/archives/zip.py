"""Read the entries of a zip archive in the order of their content.

The archive's directory, at its end, says where each entry is. If it is missing, because the archive
was truncated, the entries are read from the start of the archive by their own headers
(zip_headers.py).
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from corpus.sources.archives.entries import (
    DEVICE_ENTRY,
    FILE_ENTRY,
    FOLDER_ENTRY,
    LINK_ENTRY,
    ArchiveEntry,
    Damage,
    UnreadableEntryError,
)
from corpus.sources.archives.zip_headers import decode_name, entries_by_headers
from corpus.sources.files.compression import READ_BYTES
from corpus.sources.files.filesystems import Location, open_file
from corpus.sources.files.streams import EXPANSION_ALLOWANCE_BYTES, MAX_EXPANSION, describe_error

_ENCRYPTED, _UTF8 = 0x1, 0x800
_UNIX = 3
_END, _MAX_END_BYTES = b"PK\5\6", 22 + (1 << 16)
_LARGE = 0xFFFF
"""The number of entries at the end of an archive, if the true number is elsewhere (zip64)."""

_READ_ERRORS = (
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)


def zip_entries(location: Location, damage: Damage) -> Iterator[ArchiveEntry]:
    """Yield the entries of a zip archive; then `damage` says what is wrong with it."""
    with open_file(location) as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except _READ_ERRORS as error:
            raw.seek(0)
            reason = describe_error(error)
            yield from entries_by_headers(raw, damage, reason)
            return
        with archive:
            raw.seek(0, 2)
            size = raw.tell()
            _check_directory(damage, raw, size, len(archive.infolist()))
            budget = _Budget(MAX_EXPANSION * size + EXPANSION_ALLOWANCE_BYTES)
            for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
                read = partial(_read, archive, info, budget)
                yield ArchiveEntry(_name(info), _kind(info), info.compress_size, read)
    if budget.fault:
        damage.reason, damage.lost = budget.fault, None


def _check_directory(damage: Damage, raw: Any, size: int, n_entries: int) -> None:
    """Note whether the end of the archive counts other entries than its directory has."""
    raw.seek(max(0, size - _MAX_END_BYTES))
    end = raw.read(_MAX_END_BYTES)
    start = end.rfind(_END)
    listed = int.from_bytes(end[start + 10 : start + 12], "little")
    if start < 0 or listed in (n_entries & _LARGE, _LARGE):
        return
    damage.reason = f"its directory is damaged: {n_entries:,} of {listed:,} entries are readable"
    if n_entries < listed:
        damage.lost = size * (listed - n_entries) // listed


class _Budget:
    """The bytes that an archive may still expand to."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.fault: str | None = None

    def spend(self, size: int) -> None:
        """Count bytes; raises UnreadableEntryError if the archive has expanded too much."""
        self.left -= size
        if self.left < 0:
            self.fault = f"expands more than {MAX_EXPANSION:,}-fold; the rest was not read"
            raise UnreadableEntryError(self.fault)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> Iterator[bytes]:
    """Yield the content of an entry; raises UnreadableEntryError."""
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableEntryError("encrypted")
    try:
        with archive.open(info) as file:
            while data := file.read(READ_BYTES):
                budget.spend(len(data))
                yield data
    except NotImplementedError:
        raise UnreadableEntryError(
            f"its compression (method {info.compress_type}) is not supported"
        ) from None
    except _READ_ERRORS as error:
        raise UnreadableEntryError(f"damaged: {describe_error(error)}") from None


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of an entry: UTF-8 if it is valid UTF-8, marked as such or not.

    Some programs write the separators of Windows.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeEncodeError):
            name = decode_name(name.encode("cp437"))
    return name.replace("\\", "/")


def _kind(info: zipfile.ZipInfo) -> str:
    """Return the kind of an entry; Unix stores the type of a file in its attributes."""
    if _name(info).endswith("/"):  # `is_dir` fails on an empty name
        return FOLDER_ENTRY
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return LINK_ENTRY
    is_file = stat.S_IFMT(mode) in (0, stat.S_IFREG)
    return FILE_ENTRY if is_file else DEVICE_ENTRY
