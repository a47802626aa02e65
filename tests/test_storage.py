"""Writing whole or not at all, one writer, and the exchange of a new build with the old one."""

from __future__ import annotations

import hashlib

import pytest

from corpus import storage
from corpus.errors import EnvironmentFault


def test_a_file_is_whole_or_absent(tmp_path):
    """A write replaces the file in one step and leaves nothing beside it."""
    target = tmp_path / "deep" / "file.json"
    storage.write(target, b"old")
    storage.write(target, b"new")

    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file.json"]


def test_a_failed_folder_vanishes(tmp_path):
    """A folder whose making fails is not there afterwards."""

    def fail(half):
        (half / "one").write_text("1")
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"), storage.fresh(tmp_path / "piece") as half:
        fail(half)

    assert list(tmp_path.iterdir()) == []


def test_the_first_of_two_equal_folders_stays(tmp_path):
    """A task that is done twice leaves what the first try made."""
    for text in ("first", "second"):
        with storage.fresh(tmp_path / "piece") as half:
            (half / "one").write_text(text)

    assert (tmp_path / "piece" / "one").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["piece"]


def test_the_second_writer_is_told(tmp_path):
    """While one build holds the lock another is refused, and told which process holds it."""
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
    """The new build stands where the old one stood; the old one is set aside."""
    target = folder(tmp_path / "news", "old")
    storage.publish(
        folder(tmp_path / ".news" / "staged", "new"), target, tmp_path / ".news" / "old"
    )

    assert (target / "file").read_text() == "new"
    assert (tmp_path / ".news" / "old" / "file").read_text() == "old"


def test_publishing_without_the_systems_exchange(tmp_path, monkeypatch):
    """Where two folders cannot be exchanged in one step, two renames do the same."""
    monkeypatch.setattr(storage, "_exchange", lambda one, other: False)
    target = folder(tmp_path / "news", "old")
    storage.publish(
        folder(tmp_path / ".news" / "staged", "new"), target, tmp_path / ".news" / "old"
    )

    assert (target / "file").read_text() == "new"


def test_a_publication_cut_short_is_mended(tmp_path):
    """Killed between its two renames, a publication leaves the old build to be put back."""
    old = folder(tmp_path / ".news" / "old", "old")
    storage.recover(tmp_path / "news", old)

    assert (tmp_path / "news" / "file").read_text() == "old"
    assert not old.exists()


def test_a_hash_is_the_files_sha256(tmp_path):
    """The hash of a file is what `sha256sum` says."""
    (tmp_path / "file").write_bytes(b"corpus" * 1000)

    assert storage.sha256(tmp_path / "file") == hashlib.sha256(b"corpus" * 1000).hexdigest()
