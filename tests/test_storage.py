"""Atomic writes, one writer at a time, and the exchange of a new build with the old one."""

from __future__ import annotations

import hashlib
import os

import pytest

from corpus import storage
from corpus.errors import EnvironmentFault


def test_a_file_is_complete_or_absent(tmp_path):
    """A write replaces the file in one step and leaves no temporary file."""
    target = tmp_path / "deep" / "file.json"
    storage.write(target, b"old")
    storage.write(target, b"new")

    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file.json"]


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


def folder(path, text):
    """Return a folder with one file in it."""
    path.mkdir(parents=True)
    (path / "file").write_text(text)
    return path


def test_publishing_exchanges_the_builds(tmp_path):
    """The new build takes the place of the old one, which is set aside."""
    target = folder(tmp_path / "news", "old")
    storage.publish(
        folder(tmp_path / ".news" / "staged", "new"), target, tmp_path / ".news" / "old"
    )

    assert (target / "file").read_text() == "new"
    assert (tmp_path / ".news" / "old" / "file").read_text() == "old"


def test_publishing_without_an_atomic_exchange(tmp_path, monkeypatch):
    """If two folders cannot be exchanged in one step, two renames do the same."""
    monkeypatch.setattr(storage, "_exchange", lambda path, other: False)
    target = folder(tmp_path / "news", "old")
    storage.publish(
        folder(tmp_path / ".news" / "staged", "new"), target, tmp_path / ".news" / "old"
    )

    assert (target / "file").read_text() == "new"


def test_an_interrupted_publication_is_recovered(tmp_path):
    """If a publication is killed between its two renames, the old build can be restored."""
    old = folder(tmp_path / ".news" / "old", "old")
    storage.recover(tmp_path / "news", old)

    assert (tmp_path / "news" / "file").read_text() == "old"
    assert not old.exists()


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
