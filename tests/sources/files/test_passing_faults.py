"""Faults of the machine while a file is read: they are waited out, or stop the build."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import EnvironmentFault, InputError
from corpus.progress import silent
from corpus.sources import Source, find_files, split_into_chunks
from corpus.sources.files import filesystems, input_file, passing_faults, remote
from corpus.sources.files.inputs import Input, hash_inputs
from corpus.sources.files.remote import Remote, RemoteFile
from tests.sources.archives.test_archives import ARCHIVES
from tests.sources.conftest import COMPRESSORS, Result, jsonl, read_chunks, records, zstd
from tests.sources.test_contract import FORMATS, WARC

ROWS = records(0, 400)
FILES = {
    **dict(FORMATS.values()),
    **{f"a.jsonl{suffix}": compress(jsonl(ROWS)) for suffix, compress in COMPRESSORS.items()},
    "a.warc.zst": zstd(WARC),
    "a.zip": ARCHIVES["a.zip"]({"1.txt": b"a text", "2.jsonl": jsonl(ROWS)}),
    "a.tar": ARCHIVES["a.tar"]({"1.txt": b"a text", "2.jsonl": jsonl(ROWS)}),
}


class FailingFile(io.FileIO):
    """A file whose reads fail with an error, as often as a list has entries."""

    def __init__(self, path: str, errors: list[OSError]) -> None:
        super().__init__(path)
        self._errors = errors

    def read(self, size: int | None = -1) -> bytes:
        """Raise the next error, or return the data."""
        if self._errors:
            raise self._errors.pop()
        return super().read(size)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    """Repeat calls that fail without a pause."""
    monkeypatch.setattr(passing_faults, "PAUSES_SECONDS", (0, 0, 0))


@pytest.fixture
def fail_reads(monkeypatch) -> Callable[..., list[OSError]]:
    """Return a function that lets the next reads of files fail with an error."""

    def fail(number: int, times: int) -> list[OSError]:
        errors = [OSError(number, os.strerror(number)) for _ in range(times)]
        monkeypatch.setattr(filesystems, "_open_raw", lambda path: FailingFile(path, errors))
        return errors

    return fail


def hashed_inputs(path: Path) -> list[Input]:
    """Return the files at a path as inputs, with their hashes."""
    files = find_files(Source(path=str(path)), Path("/")).files
    return hash_inputs([Input(0, file) for file in files], silent())


def read_inputs(inputs: list[Input]) -> Result:
    """Read all inputs."""
    source = Source(path="in")
    return read_chunks(list(split_into_chunks([item.file for item in inputs], source)), source)


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("name", FILES)
def test_a_fault_that_passes_loses_nothing(name, number, put, fail_reads):
    """After a burst of errors, a file is read as if there had been none."""
    inputs = hashed_inputs(put(name, FILES[name]))
    expected = read_inputs(inputs)
    errors = fail_reads(number, times=2)
    result = read_inputs(inputs)

    assert errors == []
    assert result.texts == expected.texts
    assert result.rejects == expected.rejects == []


@pytest.mark.parametrize("name", FILES)
def test_a_fault_that_stays_is_no_reject(name, put, fail_reads):
    """A drive that fails stops reading with the path; no record of the file is a reject."""
    path = put(name, FILES[name])
    inputs = hashed_inputs(path)
    fail_reads(errno.EIO, times=1000)
    with pytest.raises(EnvironmentFault, match=rf"{path}: cannot be read: .* check the drive"):
        read_inputs(inputs)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_edited_after_it_was_hashed_is_not_read(name, put):
    """Other bytes than those that were hashed stop reading, whatever size and time say."""
    path = put(name, FILES[name])
    inputs = hashed_inputs(path)
    status = path.stat()
    data = bytearray(FILES[name])
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(InputError, match=rf"{path}: changed while it was read"):
        read_inputs(inputs)


@pytest.mark.parametrize("name", FILES)
def test_an_answer_that_is_cut_short_is_no_reject(name, put, monkeypatch):
    """If fewer bytes come than the file has, that is a fault of the drive or the network."""

    class Short(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            end = os.fstat(self.fileno()).st_size // 2
            return super().read(max(0, min(size or 0, end - self.tell())))

    inputs = hashed_inputs(put(name, FILES[name]))
    monkeypatch.setattr(filesystems, "_open_raw", Short)
    with pytest.raises(EnvironmentFault, match="bytes could be read at byte 0; check the drive"):
        read_inputs(inputs)


def test_a_file_is_read_in_blocks_at_any_position(put, monkeypatch):
    """Any part of a hashed file is read as it is in the file, also across blocks."""
    monkeypatch.setattr(input_file, "BLOCK_BYTES", 7)
    monkeypatch.setattr("corpus.sources.files.inputs.BLOCK_BYTES", 7)
    data = bytes(range(50))
    (item,) = hashed_inputs(put("a.txt", data))
    with filesystems.open_file(item.file.location) as file:
        for start in (0, 6, 7, 20, 49, 50, 60):
            for size in (0, 1, 7, 8, 30, -1):
                assert file.seek(start) == start
                assert file.read(size) == data[start:][: size if size >= 0 else None]
        assert file.seek(-3, os.SEEK_END) == 47
        assert file.read() == data[47:]
        assert file.seek(-1, os.SEEK_CUR) == 49


def test_a_file_that_disappears_is_not_a_reject(put):
    """A file that was hashed and is gone stops reading: it is part of the input."""
    path = put("a.jsonl", jsonl(ROWS))
    inputs = hashed_inputs(path)
    path.unlink()
    with pytest.raises(InputError, match="changed while it was read"):
        read_inputs(inputs)


def test_a_fault_while_a_file_is_hashed_stops_the_build(put, fail_reads):
    """A file that cannot be hashed has no identity."""
    path = put("a.jsonl", jsonl(ROWS))
    fail_reads(errno.EIO, times=1000)
    with pytest.raises(EnvironmentFault, match=rf"{path}: cannot be read"):
        hashed_inputs(path)


def test_a_file_without_permission_stops_the_build(put, fail_reads):
    """A missing permission says nothing about a file; the message says what to do."""
    path = put("a.jsonl", jsonl(ROWS))
    errors = fail_reads(errno.EACCES, times=2)
    with pytest.raises(EnvironmentFault, match="Permission denied; allow your user to read it"):
        hashed_inputs(path)
    assert len(errors) == 1, "a missing permission does not pass"


def test_a_fault_while_a_folder_is_listed_is_waited_out(put, monkeypatch):
    """A file whose size cannot be asked for at first is not taken for an empty one."""
    path = put("in/a.parquet", FILES["a.parquet"])
    errors, ask = [OSError(errno.EIO, "EIO")] * 2, os.stat

    def stat(path: Any, **options: Any) -> os.stat_result:
        if str(path).endswith(".parquet") and errors:
            raise errors.pop()
        return ask(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    (file,) = find_files(Source(path=str(path.parent)), Path("/")).files

    assert file.bytes == len(FILES["a.parquet"])
    assert errors == []


def test_an_archive_that_changed_after_it_was_listed_is_not_read(put):
    """The members that were listed are those that are read."""
    path = put("a.tar", FILES["a.tar"])
    files = find_files(Source(path=str(path)), Path("/")).files
    path.write_bytes(ARCHIVES["a.tar"]({"1.txt": b"a text", "2.txt": b"more", "3.txt": b"most"}))
    with pytest.raises(InputError, match=r"a\.tar: changed while it was read"):
        hash_inputs([Input(0, file) for file in files], silent())


class PayloadError(Exception):
    """What a client raises if an answer is cut short: not an `OSError`."""


@pytest.mark.parametrize("error", [PayloadError("cut"), ValueError("no JSON"), TimeoutError()])
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.parquet", "a.arrow", "a.jsonl", "a.zip"])
def test_whatever_a_client_raises_is_a_fault_of_the_network(name, error, put, monkeypatch):
    """An object store may raise anything; no record becomes a reject, and a burst passes."""
    path = put(name, FILES[name])
    errors: list[Exception] = []

    class Client(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            if errors:
                raise errors.pop()
            return super().read(size)

        def size(self) -> int:
            return os.fstat(self.fileno()).st_size

    (item,) = hashed_inputs(path)
    expected = read_inputs([item])
    monkeypatch.setattr(
        filesystems, "_open_raw", lambda path: RemoteFile(lambda: Client(path), "s3://bucket/a")
    )
    errors += [error] * 2
    assert read_inputs([item]).texts == expected.texts
    errors += [error] * 1000
    with pytest.raises(EnvironmentFault, match="s3://bucket/a: the server cannot be reached"):
        read_inputs([replace(item)])


def test_a_timeout_of_a_server_is_not_waited_for_again(monkeypatch):
    """A server that does not answer is asked once: each try takes the whole time limit."""
    calls = []
    monkeypatch.setattr(Remote, "seconds", property(lambda _: 0.05))

    def wait() -> None:
        calls.append(1)
        remote.threading.Event().wait(0.2)

    with pytest.raises(EnvironmentFault, match="no answer within"):
        passing_faults.repeat_on_fault(
            lambda: remote.call_remote(wait, "s3://bucket/a"), "s3://bucket/a"
        )
    assert len(calls) == 1
