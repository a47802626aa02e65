"""The inputs of a build: found in every source, hashed by content, stamped to notice a change."""

from __future__ import annotations

import hashlib
import os
import time

import pytest

from corpus.errors import InputError
from corpus.progress import silent
from corpus.sources import Source
from corpus.sources.files.inputs import find_inputs, hash_inputs, is_as_hashed
from corpus.sources.files.stamps import file_stamp


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


def test_a_link_to_nothing_has_the_hash_of_its_error(sources, tmp_path):
    """A dangling link is hashed by its error, without a stamp; reading makes it a reject."""
    (tmp_path / "b.jsonl").unlink()
    (tmp_path / "b.jsonl").symlink_to("nothing")
    sources[1] = Source(path="*.jsonl")
    *_, last = hash_inputs(find_inputs(sources, tmp_path).inputs, silent())

    assert last.stamp is None
    assert last.file.hashed is None
    assert last.sha256 == hashlib.sha256(b"unreadable: 2").hexdigest()


def test_a_file_that_disappears_before_it_is_hashed_is_an_error(sources, tmp_path):
    """A file that was listed and is gone is not silently left out."""
    inputs = find_inputs(sources, tmp_path).inputs
    (tmp_path / "b.jsonl").unlink()
    with pytest.raises(InputError, match=r"b\.jsonl: disappeared before it was read"):
        hash_inputs(inputs, silent())


def test_an_input_is_as_hashed_whatever_its_times(sources, tmp_path):
    """Only the bytes of an input count: not its times, nor its permissions."""
    *_, last = hash_inputs(find_inputs(sources, tmp_path).inputs, silent())
    path = tmp_path / "b.jsonl"
    path.chmod(0o600)
    os.utime(path, ns=(1, 1))
    assert file_stamp(str(path)) != last.stamp
    assert is_as_hashed(last)
    path.write_text("c.jsonl")
    assert not is_as_hashed(last)
    path.unlink()
    assert not is_as_hashed(last)


def test_a_changed_file_has_another_stamp(put):
    """A file whose time of writing was set back has another stamp; a remote one has none."""
    path = put("a.txt", "one")
    time.sleep(0.02)  # the clock of file times is coarse
    before = file_stamp(str(path))
    assert before is not None
    path.write_text("two")
    os.utime(path, ns=(1, before.mtime_ns))
    after = file_stamp(str(path))

    assert after is not None
    assert (after.size, after.mtime_ns, after.inode) == before._replace(ctime_ns=0)[:2] + before[3:]
    assert after.ctime_ns > before.ctime_ns
    assert file_stamp("s3://bucket/a.txt") is None
    assert file_stamp(str(path.with_name("b.txt"))) is None
