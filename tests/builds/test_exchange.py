"""A build that is replaced while it is read is read again: no result is of two builds."""

from __future__ import annotations

import json
import shutil

import pytest

import corpus
from corpus.builds import exchange, verify
from corpus.builds.exchange import MAX_READS, read_unreplaced
from corpus.errors import EnvironmentFault, InputError


@pytest.fixture
def build(tmp_path):
    """Return a folder with a file."""
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "file").write_text("x")
    return tmp_path / "build"


def replace(folder):
    """Put an equal copy in the place of a folder, and delete the old one."""
    shutil.copytree(folder, folder.with_name("new"))
    folder.rename(folder.with_name("old"))
    folder.with_name("new").rename(folder)
    shutil.rmtree(folder.with_name("old"))


@pytest.mark.parametrize("error", [None, InputError("a shard is missing"), OSError(2, "missing")])
def test_what_is_replaced_while_it_is_read_is_read_again(build, error):
    """A result, or an error, of a read during an exchange is not used."""
    reads = []

    def read():
        reads.append(1)
        if len(reads) == 1:
            replace(build)
            if error:
                raise error
        return len(reads)

    assert read_unreplaced([build], read) == 2


def test_an_error_without_an_exchange_is_raised_at_once(build):
    """A damaged build is not read again."""
    reads = []

    def read():
        reads.append(1)
        raise InputError("damaged")

    with pytest.raises(InputError, match="damaged"):
        read_unreplaced([build, build.with_name("missing")], read)
    assert len(reads) == 1


def test_a_build_that_is_replaced_again_and_again_is_named(build):
    """After a few tries the error says what happens; the build is not called damaged."""
    with pytest.raises(EnvironmentFault, match=f"^{build}: replaced by another build while") as e:
        read_unreplaced([build], lambda: replace(build))

    assert f"{MAX_READS} times in a row" in str(e.value)


@pytest.mark.parametrize("command", ["verify", "audit", "diff", "explain"])
def test_every_command_that_reads_a_build_notices_an_exchange(build, monkeypatch, command):
    """`verify`, `audit`, `diff` and `explain` do not report what they read during an exchange."""
    monkeypatch.setattr(exchange, "MAX_READS", 1)
    monkeypatch.setattr(exchange, "_is_replaced", lambda folder, handle: True)
    arguments = {"diff": (build, build), "explain": (build, "0")}.get(command, (build,))
    with pytest.raises(EnvironmentFault, match="replaced by another build"):
        getattr(corpus, command)(*arguments)


def test_verify_reports_no_difference_because_of_an_exchange(tiny_build, monkeypatch):
    """Files that are gone because another build took the place are no difference."""
    build, manifest, _ = tiny_build
    (build / "manifest.json").write_text(json.dumps(manifest))
    (build / "README.md").write_text("card")
    real, calls = verify.load_manifest, []

    def late(folder):
        manifest = real(folder)
        calls.append(1)
        if len(calls) == 1:
            replace(folder)
            (folder / "README.md").rename(folder / "aside")
        elif len(calls) == 2:
            (folder / "aside").rename(folder / "README.md")
        return manifest

    before = verify.verify(build).differences
    monkeypatch.setattr(verify, "load_manifest", late)
    assert verify.verify(build).differences == before
    assert len(calls) == 2
