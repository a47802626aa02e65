"""Atomic writes, one writer at a time, and the exchange of a new build with the old one."""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
from pathlib import Path

import numpy as np
import pytest

from corpus import storage
from corpus.errors import ConfigError, EnvironmentFault, as_corpus_error


def test_a_file_is_complete_or_absent(tmp_path):
    """A write replaces the file in one step and leaves no temporary file."""
    target = tmp_path / "deep" / "file.json"
    storage.write(target, b"old")
    storage.write(target, b"new")

    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file.json"]


def test_a_file_is_created_once(tmp_path):
    """A file that exists is not overwritten by `create`."""
    storage.create(tmp_path / "corpus.yaml", b"mine")
    with pytest.raises(FileExistsError):
        storage.create(tmp_path / "corpus.yaml", b"other")

    assert (tmp_path / "corpus.yaml").read_bytes() == b"mine"


def test_folders_are_created_with_a_file(tmp_path):
    """Each way to write a file creates the folders above it, and accepts those that are there."""
    for place in ("one", "two"):
        for name, write in (("written", storage.write), ("created", storage.create)):
            write(tmp_path / "deep" / name / place, b"x")
        with storage.new_file(tmp_path / "deep" / "new" / place) as out:
            out.write(b"x")
        with storage.new_folder(tmp_path / "deep" / "folders" / place) as made:
            (made / "file").write_bytes(b"x")
    files = [path for path in (tmp_path / "deep").rglob("*") if path.is_file()]
    assert len(files) == 8
    assert {path.read_bytes() for path in files} == {b"x"}


def test_the_fault_of_a_write_is_reported_even_if_the_folder_is_gone(tmp_path, monkeypatch):
    """Somebody who deletes the folder in the meantime does not hide the fault of the disk."""

    def lose(path, data):
        path.unlink()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(storage, "write", lose)
    with pytest.raises(OSError, match="Input/output error"):
        storage.create(tmp_path / "corpus.yaml", b"name: news")


def test_two_unfinished_folders_of_one_name_are_apart(tmp_path):
    """Neither has files of the other, also if both processes have one number, as in containers."""
    with storage.new_folder(tmp_path / "piece") as first:
        (first / "one").write_text("1")
        with storage.new_folder(tmp_path / "piece") as second:
            assert list(second.iterdir()) == []
            (second / "one").write_text("2")
        assert (first / "one").read_text() == "1"
    assert [path.name for path in tmp_path.rglob("*")] == ["piece", "one"]
    assert (tmp_path / "piece/one").read_text() == "2"


def test_only_what_is_damaged_is_discarded(tmp_path):
    """A damaged folder is deleted, a good one is kept, and a missing one is not an error."""

    def is_good(path):
        return (path / "file").read_text() == "good"

    for text in ("good", "bad"):
        folder(tmp_path / text, text)
        storage.discard(tmp_path / text, unless=is_good)
        storage.discard(tmp_path / "missing", unless=is_good)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["discard.lock", "good"]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (OSError(errno.EIO, "Input/output error"), "shard.parquet"),
        (OSError(errno.EIO, "Input/output error", "/other/file"), "/other/file"),
        (OSError("a fault of a library"), None),
    ],
)
def test_an_error_keeps_the_path_that_it_has(tmp_path, fault, name):
    """A path is added to errors of the system without one, not to those of a library."""
    with pytest.raises(OSError, match=r"fault|error"), storage.new_file(tmp_path / "shard.parquet"):
        raise fault
    expected = str(tmp_path / name) if name == "shard.parquet" else name
    assert fault.filename == expected


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failed_write_names_the_file(tmp_path, code):
    """The message of a full disk has the path of the file, which the system does not give."""
    with (
        pytest.raises(OSError, match=r"shard\.parquet") as raised,
        storage.new_file(tmp_path / "shard.parquet"),
    ):
        raise OSError(code, os.strerror(code))

    assert str(as_corpus_error(raised.value)).startswith(f"{tmp_path / 'shard.parquet'}: ")


def test_a_full_disk_leaves_no_file(tmp_path, monkeypatch):
    """A file that could not be written leaves neither a part of it nor an empty one."""

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    for write in (storage.write, storage.create):
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path / "corpus.yaml", b"name: news")

    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_the_system_refuses_names_the_file(tmp_path, monkeypatch):
    """On a file system without locks, the message has the path and what to do."""

    def refuse(file, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(storage.fcntl, "flock", refuse)
    with pytest.raises(OSError, match="lock") as raised, storage.lock(tmp_path / "lock", "out"):
        pass

    message = str(as_corpus_error(raised.value))
    assert message.startswith(f"{tmp_path / 'lock'}: No locks available; the file system cannot")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_noticed(tmp_path):
    """Where nothing can be written, the folder and the remedy are named; nothing is left."""
    storage.require_writable(tmp_path / "kernels", "set CORPUS_CACHE")
    assert list((tmp_path / "kernels").iterdir()) == []

    with pytest.raises(EnvironmentFault, match=r"^/proc/kernels: cannot be .*; set CORPUS_CACHE"):
        storage.require_writable(Path("/proc/kernels"), "set CORPUS_CACHE")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(OSError(errno.EROFS, "Read-only file system"), "Read-only file system"), (OSError("x"), "x")],
)
def test_the_reason_why_a_folder_cannot_be_written_is_given(tmp_path, monkeypatch, fault, reason):
    """The message has the words of the system, or of a library that raises without a code."""

    def refuse(path, data):
        raise fault

    monkeypatch.setattr(storage, "write", refuse)
    with pytest.raises(EnvironmentFault) as raised:
        storage.require_writable(tmp_path, "set CORPUS_CACHE")
    assert str(raised.value) == f"{tmp_path}: cannot be written ({reason}); set CORPUS_CACHE"


def test_a_file_of_temporary_files_is_deleted_when_it_is_closed():
    """It has a name for libraries that open files by name."""
    with storage.temporary_file() as file:
        path = Path(file.name)
        assert path.name.startswith("corpus-")
        file.write(b"x")
        file.flush()
        assert path.read_bytes() == b"x"
    assert not path.exists()


def test_a_temporary_folder_is_deleted_when_the_process_ends(tmp_path, monkeypatch):
    """Where no folder can be made, the answer is empty, and another place can be tried."""
    at_exit = []
    monkeypatch.setattr("atexit.register", lambda *call: at_exit.append(call))
    made = Path(storage.temporary_folder(str(tmp_path)))
    assert (made.parent, made.name[:7]) == (tmp_path, "corpus-")
    assert storage.temporary_folder(str(tmp_path / "missing")) == ""
    ((delete, *arguments),) = at_exit
    delete(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_folder_is_deleted(tmp_path):
    """If the block fails, the folder does not exist afterwards."""

    def fail(unfinished):
        (unfinished / "one").write_text("1")
        raise ValueError("halfway")

    with (
        pytest.raises(ValueError, match="halfway"),
        storage.new_folder(tmp_path / "piece") as unfinished,
    ):
        fail(unfinished)

    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_folders_is_kept(tmp_path):
    """If a task is done twice, the folder of the first try is kept."""
    for text in ("first", "second"):
        with storage.new_folder(tmp_path / "piece") as unfinished:
            (unfinished / "one").write_text(text)

    assert (tmp_path / "piece" / "one").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["piece"]


def test_a_second_writer_is_refused(tmp_path):
    """While one build has the lock, another is refused; the message names the process."""
    with (
        storage.lock(tmp_path / "lock", "build/news"),
        pytest.raises(EnvironmentFault, match=r"build/news: another build .* \(process \d+\)"),
        storage.lock(tmp_path / "lock", "build/news"),
    ):
        pass
    with storage.lock(tmp_path / "lock", "build/news"):
        pass


def test_the_message_names_the_process_that_has_the_lock(tmp_path):
    """It is the whole number, whatever the file had before, or `unknown` if it is not written."""
    path = tmp_path / "deep" / "builds" / "lock"
    path.parent.mkdir(parents=True)
    path.write_text("an older and longer content\n" * 9)
    with storage.lock(path, "news"):
        assert path.read_text() == f"{os.getpid()}\n"
        with (
            pytest.raises(EnvironmentFault, match=rf"\(process {os.getpid()}\); wait until"),
            storage.lock(path, "news"),
        ):
            pass
        assert path.read_text() == f"{os.getpid()}\n"
        path.write_text("")
        with (
            pytest.raises(EnvironmentFault, match=r"\(process unknown\)"),
            storage.lock(path, "news"),
        ):
            pass


def test_a_lock_needs_no_space_on_the_disk(tmp_path, monkeypatch):
    """On a full disk, the number of the process is missing, but there is still one writer."""

    def full(handle, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "write", full)
    with (
        storage.lock(tmp_path / "missing" / "folder" / "lock", "news"),
        pytest.raises(EnvironmentFault, match="another build is writing here"),
        storage.lock(tmp_path / "missing" / "folder" / "lock", "news"),
    ):
        pass


def test_everyone_in_the_folder_may_use_the_lock(tmp_path):
    """A new lock is readable and writable for all whom the umask allows, as every other file."""
    before = os.umask(0)
    try:
        with storage.lock(tmp_path / "lock", "news"):
            assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o666
    finally:
        os.umask(before)


def folder(path, text):
    """Return a folder with one file in it."""
    path.mkdir(parents=True)
    (path / "file").write_text(text)
    return path


def publish(tmp_path, check=lambda folder: None):
    """Publish a build `new` over a build `old`; return the folder of builds."""
    hidden = tmp_path / ".news"
    target = folder(tmp_path / "news", "old")
    storage.publish(folder(hidden / "staged", "new"), target, hidden / "old", check)
    return target


@pytest.fixture(params=["one step", "two renames"])
def exchange(request, monkeypatch):
    """Exchange two folders in each of the two ways."""
    if request.param == "two renames":
        monkeypatch.setattr(storage, "_exchange", lambda path, other: False)


@pytest.mark.usefixtures("exchange")
def test_publishing_exchanges_the_builds(tmp_path):
    """The new build takes the place of the old one."""
    assert (publish(tmp_path) / "file").read_text() == "new"


def test_folders_are_exchanged_in_one_step_where_the_system_can(tmp_path, monkeypatch):
    """After one step, the old build is where the new one was; relative paths work as well."""
    monkeypatch.chdir(tmp_path)
    publish(Path())
    assert (tmp_path / "news" / "file").read_text() == "new"
    assert (tmp_path / ".news" / "staged" / "file").read_text() == "old"
    assert not (tmp_path / ".news" / "old").exists()


@pytest.mark.usefixtures("exchange")
def test_the_first_build_is_published(tmp_path):
    """Without an old build, nothing is exchanged, and what an interruption left is deleted."""
    folder(tmp_path / ".news" / "old", "left over")
    staged, target = folder(tmp_path / ".news" / "staged", "new"), tmp_path / "news"
    storage.publish(staged, target, tmp_path / ".news" / "old", lambda folder: None)
    assert (target / "file").read_text() == "new"
    assert list((tmp_path / ".news").iterdir()) == []


def test_a_folder_that_is_missing_is_named_if_it_cannot_be_exchanged(tmp_path):
    """The error of the system is reported with its code and with the path of the build."""
    with pytest.raises(FileNotFoundError, match=r"No such file.*missing'") as raised:
        storage._exchange(folder(tmp_path / "news", "old"), tmp_path / "missing")
    assert raised.value.errno == errno.ENOENT


@pytest.mark.usefixtures("exchange")
@pytest.mark.parametrize("fault", [KeyboardInterrupt, ConfigError])
def test_an_interrupted_check_restores_the_old_build(tmp_path, fault):
    """Ctrl-C in the check after the exchange is no reason to keep the new build."""
    calls = []

    def check(_):
        calls.append(1)
        if len(calls) == 2:
            raise fault("now")

    with pytest.raises(fault):
        publish(tmp_path, check)
    assert (tmp_path / "news" / "file").read_text() == "old"
    assert (tmp_path / ".news" / "staged" / "file").read_text() == "new"


@pytest.mark.usefixtures("exchange")
@pytest.mark.parametrize("call", [1, 2])
def test_a_failed_check_publishes_nothing(tmp_path, call):
    """If the check of the old build fails before or after it is replaced, it is still there."""
    checked = []

    def check(old):
        checked.append((old / "file").read_text())
        if len(checked) == call:
            raise ConfigError("notes.txt: not part of the build")

    with pytest.raises(ConfigError, match=r"notes\.txt"):
        publish(tmp_path, check)

    assert checked == ["old"] * call
    assert (tmp_path / "news" / "file").read_text() == "old"


def test_a_fault_after_the_exchange_says_that_the_build_is_there(tmp_path, monkeypatch):
    """If the disk fails after the exchange, the message does not say that nothing was built."""
    real = storage._fsync

    def fsync(path):
        if path == tmp_path:
            raise OSError(errno.EIO, "Input/output error")
        real(path)

    monkeypatch.setattr(storage, "_fsync", fsync)
    with pytest.raises(EnvironmentFault, match="the new build is in place"):
        publish(tmp_path)

    assert (tmp_path / "news" / "file").read_text() == "new"


def test_an_interrupted_publication_is_recovered(tmp_path):
    """If a publication is killed between its two renames, the old build can be restored."""
    old = folder(tmp_path / ".news" / "old", "old")
    storage.recover(tmp_path / "news", old)

    assert (tmp_path / "news" / "file").read_text() == "old"
    assert not old.exists()


def test_nothing_is_recovered_if_the_build_is_there(tmp_path):
    """A published build is not replaced by the one before, and a missing one is no error."""
    old, target = tmp_path / ".news" / "old", tmp_path / "news"
    storage.recover(target, old)
    assert not target.exists()
    folder(target, "new")
    storage.recover(target, old)
    folder(old, "old")
    storage.recover(target, old)
    assert (target / "file").read_text() == "new"
    assert (old / "file").read_text() == "old"


def test_a_file_is_hashed_with_sha256(tmp_path):
    """The hash of a file equals the SHA-256 of its bytes."""
    (tmp_path / "file").write_bytes(b"corpus" * 1000)

    assert storage.sha256(tmp_path / "file") == hashlib.sha256(b"corpus" * 1000).hexdigest()


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe"])
def test_a_lock_changes_no_other_file(tmp_path, kind):
    """A link in place of the lock is refused, and what it leads to keeps its content."""
    own = tmp_path / "authorized_keys"
    own.write_text("ssh-ed25519 AAAA")
    lock = tmp_path / ".news" / "lock"
    lock.parent.mkdir()
    if kind == "link":
        lock.symlink_to(own)
    elif kind == "hard link":
        lock.hardlink_to(own)
    else:
        os.mkfifo(lock)
    with (
        pytest.raises(EnvironmentFault, match=r"lock: is (a link|not a file of its own)"),
        storage.lock(lock, "news"),
    ):
        pass
    assert own.read_text() == "ssh-ed25519 AAAA"


def test_a_link_under_a_temporary_name_is_not_followed(tmp_path):
    """A file that is written is new, even if somebody has put a link under its temporary name."""
    own = tmp_path / "own"
    own.write_text("kept")
    (tmp_path / f".README.md.{os.getpid()}.half").symlink_to(own)
    storage.write(tmp_path / "README.md", b"card")
    assert own.read_text() == "kept"
    assert (tmp_path / "README.md").read_bytes() == b"card"
    assert not (tmp_path / "README.md").is_symlink()


def test_an_array_in_a_file_keeps_its_values_when_its_memory_is_released(tmp_path):
    """What was written is read again from the file; an array in memory is left as it is."""
    in_file = storage.disk_array(tmp_path, 5000).reshape(5, 1000)
    in_file[:] = np.arange(1000, dtype=np.uint64)
    in_memory = in_file.copy()
    for array in (in_file, in_memory):
        storage.release_memory(array)
        assert (array == np.arange(1000)).all()


def test_memory_of_an_array_in_a_file_is_really_released():
    """The pages leave the process; those of a private mapping are in no file, so they are zeros."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    array = np.frombuffer(mmap.mmap(-1, 8000, flags=flags), np.uint64)
    array[:] = 7
    storage.release_memory(array.reshape(10, 100)[2:, 3:])
    assert (array == 0).all()


@pytest.mark.parametrize("count", [0, 1, 9, 1000])
def test_an_array_on_disk_has_its_space_in_advance(tmp_path, monkeypatch, count):
    """A page without disk space would kill the process later, so every byte is reserved first."""
    reserved, real = [], os.posix_fallocate

    def reserve(handle, start, size):
        reserved.append((start, size))
        real(handle, start, size)

    monkeypatch.setattr(storage.os, "posix_fallocate", reserve)
    array = storage.disk_array(tmp_path / "folder", count)
    assert array.tolist() == [0] * count
    assert array.dtype == np.uint64
    array[:] = 2**64 - 1
    assert reserved == [(0, max(8, array.nbytes))]
    assert list((tmp_path / "folder").iterdir()) == []  # it is deleted with the array


def test_an_array_that_does_not_fit_on_the_disk_is_an_error(tmp_path, monkeypatch):
    """A full disk is noticed when the array is made."""

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        storage.disk_array(tmp_path, 1)


def test_a_link_is_deleted_and_what_it_leads_to_is_kept(tmp_path):
    """A file, a folder with all in it, and a link are deleted; a link leads to another's files."""
    other = folder(tmp_path / "other", "kept")
    folder(tmp_path / "in" / "deep", "deleted")
    for name, target in (("link", other), ("dangling", tmp_path / "nowhere")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "plain").write_text("deleted")
    for name in ("in", "link", "dangling", "plain", "missing"):
        storage.remove(tmp_path / name)

    assert list(tmp_path.iterdir()) == [other]
    assert (other / "file").read_text() == "kept"


class Library:
    """A C library whose exchange of two names fails with this error, or is missing if None."""

    def __init__(self, code: int | None) -> None:
        if code is not None:
            self.renameat2 = lambda *_: -1


@pytest.mark.parametrize("code", [None, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_system_that_cannot_exchange_folders_renames_them(tmp_path, monkeypatch, code):
    """Network file systems and old systems know no exchange; two renames publish there."""
    monkeypatch.setattr(storage.ctypes, "CDLL", lambda *_, **__: Library(code))
    monkeypatch.setattr(storage.ctypes, "get_errno", lambda: code)
    assert (publish(tmp_path) / "file").read_text() == "new"
    assert (tmp_path / ".news" / "old" / "file").read_text() == "old"


def test_an_exchange_that_is_refused_changes_nothing(tmp_path, monkeypatch):
    """If the system refuses the exchange, the error names the build, which is as before."""
    monkeypatch.setattr(storage.ctypes, "CDLL", lambda *_, **__: Library(errno.EACCES))
    monkeypatch.setattr(storage.ctypes, "get_errno", lambda: errno.EACCES)
    with pytest.raises(PermissionError, match=r"'.*/news'"):
        publish(tmp_path)
    assert (tmp_path / "news" / "file").read_text() == "old"


def test_a_folder_in_place_of_a_lock_is_an_error_of_the_system(tmp_path):
    """Only a link gets the advice to delete it."""
    (tmp_path / "lock").mkdir()
    with pytest.raises(IsADirectoryError), storage.lock(tmp_path / "lock", "news"):
        pass


def test_files_are_synced_before_the_folders_with_their_names(tmp_path, monkeypatch):
    """A folder on disk never has the name of a file whose content is not on disk."""
    folder(tmp_path / "build" / "data", "shard")
    synced = []
    monkeypatch.setattr(storage, "_fsync", synced.append)
    storage.sync(tmp_path / "build")
    build = tmp_path / "build"
    assert synced == [build / "data" / "file", build / "data", build]


def test_only_the_process_that_made_a_temporary_folder_deletes_it(tmp_path):
    """A forked process that ends leaves the folder to its parent."""
    made = folder(tmp_path / "made", "in use")
    for other in (os.getpid() + 1, os.getpid() - 1):
        storage._remove_in_process(other, made)
        assert made.is_dir()
    storage._remove_in_process(os.getpid(), made)
    assert not made.exists()


def test_a_sealed_file_is_refused_after_any_change(tmp_path):
    """Each changed or missing byte is noticed, and so is the seal of another file."""
    data = b"rows: 3\nbytes: 9"
    sealed = storage.seal("summary.json", data)
    assert storage.unseal("summary.json", sealed) == data
    assert storage.unseal("other.json", sealed) is None
    for k in range(len(sealed) - 1):
        changed = sealed[:k] + bytes([sealed[k] ^ 1]) + sealed[k + 1 :]
        assert storage.unseal("summary.json", changed) is None, k
        assert storage.unseal("summary.json", sealed[:k]) is None, k
