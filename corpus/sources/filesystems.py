"""List folders and open files, on this machine or on any file system of `pyarrow.fs`.

Local folders are listed with the operating system's functions. They show what pyarrow hides:
dangling links, names that are not valid UTF-8, folders that contain themselves.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from corpus.sources.remote import RemoteFile, call_remote, open_filesystem

FOLDER = "folder"
FILE = "file"
OTHER = "other"  # a pipe or a device: reading one may never end


@dataclass(frozen=True)
class Entry:
    """A named entry of a folder."""

    name: str

    kind: str
    """FILE, FOLDER or OTHER."""

    bytes: int = 0

    folder_id: object = None
    """Identifies a local folder, to detect one that contains itself."""


def is_uri(path: str) -> bool:
    """Return whether the path begins with a scheme, such as `s3://bucket`."""
    scheme, separator, _ = path.partition("://")
    return bool(separator) and scheme.replace("+", "").replace("-", "").isalnum()


def join_path(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`; a URI's query stays at the end."""
    base, mark, query = folder.partition("?") if is_uri(folder) else (folder, "", "")
    return f"{base.rstrip('/')}/{name}{mark}{query}"


@cache
def _open_filesystem(root: str) -> tuple[Any, str]:
    """Return the file system of a URI, and the path in it; opened once per process."""
    return call_remote(lambda: open_filesystem(root), root)


def _filesystem_and_path(uri: str) -> tuple[Any, str]:
    """Return the file system of a URI and the path in it.

    The path may contain characters that a URI must escape, such as spaces.
    """
    base, mark, query = uri.partition("?")
    scheme, _, rest = base.partition("://")
    host, _, path = rest.partition("/")
    if not host:  # file:///folder
        return _open_filesystem(f"{scheme}:///{mark}{query}")[0], f"/{path}"
    filesystem, root = _open_filesystem(f"{scheme}://{host}{mark}{query}")
    return filesystem, f"{root.rstrip('/')}/{path}".rstrip("/")


def entry_at(path: str) -> Entry | None:
    """Return the file or folder at a path, or None if there is none."""
    if is_uri(path):
        from pyarrow import fs

        filesystem, path_there = _filesystem_and_path(path)
        info = call_remote(lambda: filesystem.get_file_info(path_there), path)
        return _arrow_entry(info, fs)
    try:
        return _local_entry(path.rstrip("/").rpartition("/")[2], Path(path).stat())
    except (OSError, ValueError):
        return None


def list_folder(folder: str) -> Iterator[Entry]:
    """Yield the entries of a folder, ordered by name; raises OSError if it cannot be listed.

    A dangling link is a file of zero bytes: opening it reports what is wrong.
    """
    if is_uri(folder):
        from pyarrow import fs

        filesystem, path_there = _filesystem_and_path(folder)
        selector = fs.FileSelector(path_there)
        infos = call_remote(lambda: filesystem.get_file_info(selector), folder)
        entries = [_arrow_entry(info, fs) for info in infos]
        yield from sorted((entry for entry in entries if entry), key=lambda entry: entry.name)
        return
    for name in sorted(os.listdir(folder)):  # noqa: PTH208, keeps names that are not UTF-8
        try:
            yield _local_entry(name, os.stat(os.path.join(folder, name)))  # noqa: PTH116, PTH118
        except OSError:
            yield Entry(name, FILE)


def open_file(path: str) -> Any:
    """Return a file, opened to read bytes at any position; raises OSError."""
    if is_uri(path):
        filesystem, path_there = _filesystem_and_path(path)
        return RemoteFile(lambda: filesystem.open_input_file(path_there), path)
    return Path(path).open("rb", buffering=0)


def _arrow_entry(info: Any, fs: Any) -> Entry | None:
    """Return an entry for pyarrow's file information."""
    if info.type == fs.FileType.NotFound:
        return None
    kinds = {fs.FileType.File: FILE, fs.FileType.Directory: FOLDER}
    return Entry(info.base_name, kinds.get(info.type, OTHER), info.size or 0, info.path)


def _local_entry(name: str, status: os.stat_result) -> Entry:
    """Return an entry for the operating system's file status."""
    if stat.S_ISDIR(status.st_mode):
        return Entry(name, FOLDER, folder_id=(status.st_dev, status.st_ino))
    return Entry(name, FILE if stat.S_ISREG(status.st_mode) else OTHER, status.st_size)
