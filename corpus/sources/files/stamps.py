"""The stamp of a file on this machine: what changes when the file is written or replaced."""

from __future__ import annotations

import os
from typing import NamedTuple


class FileStamp(NamedTuple):
    """Size, times and inode of a local file.

    The time of the last change (`ctime`) changes also if the time of the last write is set back.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def file_stamp(path: str) -> FileStamp | None:
    """Return the stamp of a local file, or None if the file is remote or missing."""
    try:
        status = os.stat(path)  # noqa: PTH116  a path may be a URI
    except (OSError, ValueError):
        return None
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class WatchedFile(NamedTuple):
    """A file that must not change while something is made with it."""

    path: str
    stamp: FileStamp | None

    @property
    def has_changed(self) -> bool:
        """Whether the file has another stamp now."""
        return file_stamp(self.path) != self.stamp
