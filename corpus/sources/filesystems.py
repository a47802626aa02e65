"""Where files are: one small view of this machine's folders and of everything `pyarrow.fs` reaches.

Folders of this machine are listed by the operating system itself, which sees what pyarrow does not
show: links that lead nowhere, names that are no UTF-8, folders that contain themselves.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = "folder"
FILE = "file"
OTHER = "other"  # a pipe, a device: reading one may never end


@dataclass(frozen=True)
class Entry:
    """What stands in a folder under a name: a file of so many bytes, a folder or another."""

    name: str
    kind: str
    bytes: int = 0
    mark: object = None
    """What a folder is known by, so that one that contains itself is noticed."""


def is_uri(path: str) -> bool:
    """Whether the path names a scheme, as `s3://bucket` does."""
    scheme, found, _ = path.partition("://")
    return bool(found) and scheme.replace("+", "").replace("-", "").isalnum()


def join(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`; a URI keeps what stands behind its question mark."""
    base, mark, query = folder.partition("?") if is_uri(folder) else (folder, "", "")
    return f"{base.rstrip('/')}/{name}{mark}{query}"


@cache
def _system(root: str) -> tuple[Any, str]:
    """Return the file system behind a URI, and its path there; opened once in a process."""
    from pyarrow import fs

    return fs.FileSystem.from_uri(root)


def _remote(uri: str) -> tuple[Any, str]:
    """Return the file system and the path in it; the path may hold what a URI must escape."""
    base, mark, query = uri.partition("?")
    scheme, _, rest = base.partition("://")
    host, _, path = rest.partition("/")
    if not host:  # file:///folder
        return _system(f"{scheme}:///{mark}{query}")[0], f"/{path}"
    system, root = _system(f"{scheme}://{host}{mark}{query}")
    return system, f"{root.rstrip('/')}/{path}".rstrip("/")


def look(path: str) -> Entry | None:
    """Return what stands at the path, or None."""
    if is_uri(path):
        from pyarrow import fs

        system, inner = _remote(path)
        return _entry(system.get_file_info(inner), fs)
    try:
        return _local(path.rstrip("/").rpartition("/")[2], Path(path).stat())
    except (OSError, ValueError):
        return None


def _entry(info: Any, fs: Any) -> Entry | None:
    """Return pyarrow's description of a file as ours."""
    if info.type == fs.FileType.NotFound:
        return None
    kinds = {fs.FileType.File: FILE, fs.FileType.Directory: FOLDER}
    return Entry(info.base_name, kinds.get(info.type, OTHER), info.size or 0, info.path)


def _local(name: str, found: os.stat_result) -> Entry:
    """Return the operating system's description of a file as ours."""
    if stat.S_ISDIR(found.st_mode):
        return Entry(name, FOLDER, mark=(found.st_dev, found.st_ino))
    return Entry(name, FILE if stat.S_ISREG(found.st_mode) else OTHER, found.st_size)


def entries(folder: str) -> Iterator[Entry]:
    """Yield what is in a folder, in the order of the names.

    A link that leads nowhere is a file of no bytes: opening it will say what is wrong with it.
    Raises OSError where the folder cannot be listed.
    """
    if is_uri(folder):
        from pyarrow import fs

        system, inner = _remote(folder)
        found = [_entry(info, fs) for info in system.get_file_info(fs.FileSelector(inner))]
        yield from sorted((entry for entry in found if entry), key=lambda entry: entry.name)
        return
    for name in sorted(os.listdir(folder)):  # noqa: PTH208, bytes that are no UTF-8 stay readable
        try:
            yield _local(name, os.stat(os.path.join(folder, name)))  # noqa: PTH116, PTH118
        except OSError:
            yield Entry(name, FILE)


def open_file(path: str) -> Any:
    """Return the file, open to read bytes at any place; raises OSError."""
    if is_uri(path):
        system, inner = _remote(path)
        return system.open_input_file(inner)
    return Path(path).open("rb", buffering=0)
