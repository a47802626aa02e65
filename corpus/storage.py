"""Every write, flush, rename, lock and hash of a build goes through here.

A file appears under its name only when it is whole; a folder is published by exchanging it with the
old one, in one step where the system can (`renameat2`), else in two with recovery: absent for a
moment, never half.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import EnvironmentFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EXCHANGE = 2
_AT_FDCWD = -100
CHUNK = 1 << 22


def space(folder: Path, count: int) -> NDArray[np.uint64]:
    """Return room for so many numbers in a nameless file of a folder; it is gone with the array.

    The system may write it out and drop it from memory. Raises `OSError` if the disk is too full.
    """
    import mmap
    import tempfile

    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        # reserved at once: a page that the disk has no room for would kill the process
        os.posix_fallocate(file.fileno(), 0, 8 * max(1, count))
        return np.frombuffer(mmap.mmap(file.fileno(), 0), np.uint64)[:count]


def write(path: Path, data: bytes) -> None:
    """Write a whole file: it appears under its name when it is complete and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.half")
    try:
        with half.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Force a folder and all below it to the disk: files first, then the folders that name them."""
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            _fsync(Path(parent, name))
        _fsync(Path(parent))


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `folder` if the block ends well, and vanishes if not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    half = folder.with_name(f"{folder.name}.{os.getpid()}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    try:
        yield half
        if folder.exists():  # another try of the same task was first, with the same bytes
            return
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


@contextmanager
def lock(path: Path, what: str) -> Iterator[None]:
    """Hold a lock on `path` while the block runs; the system lets go of it however we end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as holder:
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder.seek(0)
            who = holder.read().strip() or "unknown"
            raise EnvironmentFault(
                f"{what}: another build is writing here (process {who}); wait for it, or end it"
            ) from None
        holder.truncate(0)
        holder.write(f"{os.getpid()}\n")
        holder.flush()
        yield


def publish(staged: Path, target: Path, old: Path) -> None:
    """Put the finished folder `staged` in the place of `target`; what was there ends up in `old`.

    Where the system cannot exchange two folders in one step, `recover` mends an interruption
    between the two.
    """
    sync(staged)
    shutil.rmtree(old, ignore_errors=True)
    if not target.exists():
        staged.rename(target)
    elif _exchange(staged, target):
        staged.rename(old)
    else:
        target.rename(old)
        try:
            staged.rename(target)
        except OSError:
            old.rename(target)
            raise
    _fsync(target.parent)


def recover(target: Path, old: Path) -> None:
    """Put the old build back where a publication was cut short between its two renames."""
    if old.exists() and not target.exists():
        old.rename(target)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether the system could."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    done = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def remove(folder: Path) -> None:
    """Delete a folder and all below it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
