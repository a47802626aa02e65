"""Write, sync, publish, lock and hash the files of a build.

A file appears under its name only when it is complete. A folder is published by exchanging it with
the old one. This is one atomic step if the system supports it (`renameat2`). Otherwise it takes two
renames, and `recover` repairs an interruption between them: the build may be absent, but never
incomplete.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from corpus.errors import EnvironmentFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_EXCHANGE = 2
_AT_FDCWD = -100
READ_BYTES = 1 << 22
"""Number of bytes to read at a time from a large file."""


def disk_array(folder: Path, count: int) -> NDArray[np.uint64]:
    """Return an array (uint64[count], zeros) in a temporary file, which is deleted with the array.

    The system may write it to disk and free its memory. Raises `OSError` if the disk is too full.
    """
    import mmap
    import tempfile

    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        # reserved in advance: writing to a page without disk space would kill the process
        os.posix_fallocate(file.fileno(), 0, 8 * max(1, count))
        return np.frombuffer(mmap.mmap(file.fileno(), 0), np.uint64)[:count]


def release_memory(array: NDArray[np.uint64]) -> None:
    """Take an array of `disk_array` out of the memory of this process; other arrays stay there.

    Its values are in the file, and are mapped again when they are used.
    """
    import mmap

    base: object = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    if base is not None:
        base.madvise(mmap.MADV_DONTNEED)


def temporary_folder(base: str) -> str:
    """Return a new folder below `base` for the files of this process, or "" if it cannot be made.

    It is deleted when the process ends.
    """
    import atexit
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="corpus-", dir=base)
    except OSError:
        return ""
    atexit.register(_remove_in_process, os.getpid(), Path(folder))
    return folder


def _remove_in_process(process: int, path: Path) -> None:
    if os.getpid() == process:  # not in a process that was forked from it
        remove(path)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder for temporary files, which is deleted afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        yield Path(folder)


def require_writable(folder: Path, remedy: str) -> None:
    """Raise `EnvironmentFault` unless files can be written in a folder; make it if missing."""
    try:
        write(folder / f".{os.getpid()}.writable", b"can be written")
    except OSError as error:
        reason = error.strerror or str(error)
        raise EnvironmentFault(f"{folder}: cannot be written ({reason}); {remedy}") from None
    remove(folder / f".{os.getpid()}.writable")


def temporary_file() -> IO[bytes]:
    """Return a new file with a name in the folder of the system's temporary files.

    It is deleted when it is closed.
    """
    import tempfile

    return tempfile.NamedTemporaryFile(prefix="corpus-")


def write(path: Path, data: bytes) -> None:
    """Write a file, which appears under its name once it is complete and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.half")
    try:
        unfinished.unlink(missing_ok=True)
        with _naming(unfinished), unfinished.open("xb") as out:  # "x" follows no link
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def create(path: Path, data: bytes) -> None:
    """Write a file that does not exist yet; raises `FileExistsError` if it does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(exist_ok=False)
    try:
        write(path, data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file, open for writing; the folders above it are created.

    The file may be incomplete under its name: it belongs in a folder that is published or deleted
    as a whole. An `OSError` in the block has the path of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _naming(path), path.open("wb") as out:
        yield out


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add the path to an `OSError` in the block: a failed write or lock does not know it."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def sync(folder: Path) -> None:
    """Sync a folder and everything below it to disk: files first, then the folders with them."""
    for parent, _, files in os.walk(folder, topdown=False):
        for name in files:
            _fsync(Path(parent, name))
        _fsync(Path(parent))


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        with _naming(path):
            os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def seal(name: str, data: bytes) -> bytes:
    """Return data with a last line that is the hash of the name of its file and of itself."""
    return data + b"\n" + _seal_of(name, data) + b"\n"


def unseal(name: str, sealed: bytes) -> bytes | None:
    """Return the data that `seal` got, or None if a byte of it was changed since."""
    data, _, last = sealed.removesuffix(b"\n").rpartition(b"\n")
    return data if last == _seal_of(name, data) else None


def _seal_of(name: str, data: bytes) -> bytes:
    digest = hashlib.sha256(name.encode() + b"\0")
    digest.update(data)
    return digest.hexdigest().encode()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `folder` if the block succeeds, and is deleted if not.

    If another build makes `folder` meanwhile, that one is kept: it has the same bytes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _unused_name(folder)
    unfinished.mkdir()
    try:
        yield unfinished
        if folder.exists():  # an earlier try of the same task made it, with the same bytes
            return
        try:
            unfinished.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise  # another build made it just now
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def discard(folder: Path, unless: Callable[[Path], bool]) -> None:
    """Delete a folder or file that several builds share, unless it is as it must be.

    `unless` returns whether it is. It is asked while nobody else discards anything beside it. So
    what another build has put in place of a damaged folder just now is not deleted.
    """
    if not folder.exists():
        return
    with open(folder.with_name("discard.lock"), "a+", opener=_open_own_file) as file:
        with _naming(folder):
            fcntl.flock(file, fcntl.LOCK_EX)
        if folder.exists() and not unless(folder):
            discarded = _unused_name(folder)  # deleting takes time, and a half must not be seen
            folder.rename(discarded)
            remove(discarded)


def _unused_name(folder: Path) -> Path:
    """Return a name beside a folder that no process has used.

    A process number does not suffice: containers that share a cache have processes of equal number.
    """
    return folder.with_name(f"{folder.name}.{int.from_bytes(os.urandom(8))}.half")


@contextmanager
def lock(path: Path, what: str) -> Iterator[None]:
    """Lock `path` while the block runs; the system releases the lock however the process ends.

    Raises `EnvironmentFault` if another process has the lock. The message names `what` is locked.
    It also raises it if the lock is a link, or a file with a second name: the lock is written, and
    that must not change a file of somebody else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", opener=_open_own_file) as file:
        try:
            with _naming(path):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            process = file.read().strip() or "unknown"
            raise EnvironmentFault(
                f"{what}: another build is writing here (process {process}); wait until it ends"
            ) from None
        file.truncate(0)
        with suppress(OSError):  # the lock holds without the number, also on a full disk
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        yield


@contextmanager
def shared_lock(path: Path) -> Iterator[None]:
    """Share a lock with others while the block runs; wait while somebody has it alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", opener=_open_own_file) as file:
        with _naming(path):
            fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def lock_alone(path: Path) -> Iterator[bool]:
    """Lock `path` alone while the block runs, if nobody else uses it; yield whether it is locked.

    A shared lock of the same process counts as somebody else's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", opener=_open_own_file) as file:
        try:
            with _naming(path):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _open_own_file(path: str, flags: int) -> int:
    """Open a file; refuse a link, a pipe, and a file that has a second name."""
    try:
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise EnvironmentFault(
                f"{path}: is a link, and writing would change the file that it leads to; delete "
                "the link"
            ) from None
        raise
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(handle)
        raise EnvironmentFault(f"{path}: is not a file of its own; move it away")
    return handle


def publish(staged: Path, target: Path, old: Path, check: Callable[[Path], None]) -> None:
    """Move the finished folder `staged` to `target`; what was there is then at `staged` or `old`.

    `check` is called with the folder to replace, just before and just after it is replaced. If it
    raises, `target` is what it was. If the system cannot exchange two folders in one step, use
    `recover` after an interruption. Raises `EnvironmentFault` if the folder was published, but the
    disk did not confirm it.
    """
    sync(staged)
    check(target)
    shutil.rmtree(old, ignore_errors=True)
    if not target.exists():
        staged.rename(target)
    elif _exchange(staged, target):
        try:
            check(staged)
        except BaseException:
            _exchange(staged, target)
            raise
    else:
        target.rename(old)
        try:
            check(old)
            staged.rename(target)
        except BaseException:
            old.rename(target)
            raise
    try:
        _fsync(target.parent)
    except OSError as error:
        raise EnvironmentFault(
            f"{target}: the new build is in place, but the disk did not confirm it "
            f"({error.strerror}); check the disk, then run `corpus verify {target}`"
        ) from None


def recover(target: Path, old: Path) -> None:
    """Restore the old build if a publication was interrupted between its two renames."""
    if old.exists() and not target.exists():
        old.rename(target)


def _exchange(path: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False if the system does not support it."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    done = call(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def rename(path: Path, new: Path) -> None:
    """Give a file another name in the same file system; a file of that name is replaced."""
    path.replace(new)


def mark_as_used(path: Path) -> None:
    """Set the time of the last change of a file or folder to now, if it exists and we may."""
    with suppress(OSError):
        os.utime(path)


def remove(path: Path) -> None:
    """Delete a file, or a folder and everything in it, if it exists and may be deleted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
