"""The inputs of a build: found in every source, hashed by content, stamped to notice a change."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.progress import silent
from corpus.sources import File, Source
from corpus.sources.files.inputs import file_stamp, find_inputs, hash_inputs


@pytest.fixture
def sources(put) -> list[Source]:
    """Return two sources, relative to the test's folder: one of two files, one of a single one."""
    for name in ("a/1.txt", "a/2.txt", "b.jsonl"):
        put(name, name)
    return [Source(path="a"), Source(path="b.jsonl")]


def test_inputs_are_found_in_every_source(sources, tmp_path):
    """Inputs are ordered by source and by name; a source without files is an error."""
    inputs = find_inputs(sources, tmp_path).inputs

    assert [(item.source, item.file.name) for item in inputs] == [
        (0, "1.txt"),
        (0, "2.txt"),
        (1, "b.jsonl"),
    ]
    with pytest.raises(InputError, match="no such file or folder"):
        find_inputs([*sources, Source(path="missing")], tmp_path)


def test_an_input_is_hashed_by_its_content(sources, tmp_path):
    """The hash is the SHA-256 of the bytes, in the order of the inputs."""
    inputs = hash_inputs(find_inputs(sources, tmp_path).inputs, silent())

    assert [item.sha256 for item in inputs] == [
        hashlib.sha256(name).hexdigest() for name in (b"a/1.txt", b"a/2.txt", b"b.jsonl")
    ]


def test_an_unreadable_input_has_the_hash_of_its_error(sources, tmp_path):
    """A file that disappears is hashed by its error, without a stamp; reading makes it a reject."""
    inputs = find_inputs(sources, tmp_path).inputs
    (tmp_path / "b.jsonl").unlink()
    *_, last = hash_inputs(inputs, silent())

    assert last.stamp is None
    assert last.sha256 == hashlib.sha256(b"unreadable: 2").hexdigest()


def test_a_changed_file_has_another_stamp(put):
    """Size, time and inode are the stamp of a local file; a remote or missing file has none."""
    path = put("a.txt", "one")
    before = file_stamp(File("a.txt", str(path), 3, "text"))
    os.utime(path, ns=(1, 1))
    after = file_stamp(File("a.txt", str(path), 3, "text"))

    assert before is not None
    assert after is not None
    assert (before.size, before.inode) == (after.size, after.inode)
    assert (before.mtime_ns != 1, after.mtime_ns) == (True, 1)
    assert file_stamp(File("a.txt", "s3://bucket/a.txt", 3, "text")) is None
    assert file_stamp(File("b.txt", str(Path(path).with_name("b.txt")), 3, "text")) is None
