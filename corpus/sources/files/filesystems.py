"""List folders and open files, on this machine or on any file system of `pyarrow.fs`.

Local folders are listed with the operating system's functions. They show what pyarrow hides:
dangling links, names that are not valid UTF-8, folders that contain themselves.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

from corpus.sources.files.input_file import HashedPath, InputFile
from corpus.sources.files.passing_faults import repeat_on_fault
from corpus.sources.files.remote import RemoteFile, call_remote, open_filesystem

FOLDER = "folder"
FILE = "file"
OTHER = "other"  # a pipe or a device: reading one may never end


Location: TypeAlias = str | bytes | HashedPath
"""What to open: a path or a URI, the content itself, or a path with hashes to compare."""

_QUESTION_MARK = "\0"
"""Stands for a question mark in the name of a file in a URI, where it begins the query."""


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
    if is_uri(folder):
        name = name.replace("?", _QUESTION_MARK)
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
    path = path.replace(_QUESTION_MARK, "?")
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
        status = repeat_on_fault(Path(path).stat, path)
    except (OSError, ValueError):  # nothing is there
        return None
    return _local_entry(path.rstrip("/").rpartition("/")[2], status)


def composed(name: str) -> str:
    """Return a name in Unicode's composed form (NFC): `é` as one character, not two."""
    return unicodedata.normalize("NFC", name)


def equivalent_path(path: str) -> str:
    """Return the existing path that differs only in the composition of characters, or the path.

    macOS, archives and mounted drives may write `é` as two characters, where people type one.
    """
    if path.isascii() or entry_at(path):
        return path
    base, mark, query = path.partition("?") if is_uri(path) else (path, "", "")
    parent, _, name = base.rstrip("/").rpartition("/")
    if not parent or parent.endswith(":/"):
        return path
    folder = equivalent_path(parent + mark + query)
    try:
        names = [entry.name for entry in list_folder(folder)]
    except (OSError, ValueError):
        return path
    same = next((each for each in names if composed(each) == composed(name)), None)
    return path if same is None else join_path(folder, same)


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
    for name in sorted(repeat_on_fault(partial(os.listdir, folder), folder)):  # also not UTF-8
        path = os.path.join(folder, name)  # noqa: PTH118  a `Path` would change the name
        try:
            yield _local_entry(name, repeat_on_fault(partial(os.stat, path), path))
        except OSError:  # nothing is there
            yield Entry(name, FILE)


def open_file(location: Location) -> Any:
    """Return a file, opened to read bytes at any position.

    Raises OSError if nothing is at the path, and `EnvironmentFault` if the machine fails.
    """
    if isinstance(location, bytes):
        return BytesIO(location)
    hashed = location if isinstance(location, HashedPath) else None
    path = location.path if isinstance(location, HashedPath) else location
    return InputFile(partial(_open_raw, path), path, hashed)


def _open_raw(path: str) -> Any:
    """Return a file, opened to read bytes at any position; its faults are not waited out."""
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
