"""The inputs of a build: the files of its sources, and their hashes.

A file is identified by its bytes: equal size and time do not mean equal content.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.left_behind import LEFT_BEHIND
from corpus.storage import READ_BYTES

if TYPE_CHECKING:
    from corpus.progress import Progress
    from corpus.sources import File, SkippedFile, Source


class FileStamp(NamedTuple):
    """Size, time and inode of a local file: they change when the file changes."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True)
class Input:
    """A file of a source."""

    source: int
    """The index of its source in the config, from 0."""

    file: File
    sha256: str = ""

    stamp: FileStamp | None = None
    """The file's stamp when it was hashed, to notice a change during the build; None if remote."""


class FoundInputs(NamedTuple):
    """What the sources of a config match."""

    inputs: list[Input]

    skipped: list[tuple[SkippedFile, ...]]
    """The files of each source that are not read, in the order of the config."""


def find_inputs(sources: Sequence[Source], base: Path) -> FoundInputs:
    """Return every file of the sources; relative paths are relative to `base`.

    Raises `InputError` if a source has no file.
    """
    from corpus.sources import find_files

    found = [find_files(source, base) for source in sources]
    inputs = [Input(index, file) for index, (files, _) in enumerate(found) for file in files]
    return FoundInputs(inputs, [skipped for _, skipped in found])


def hash_inputs(inputs: Sequence[Input], progress: Progress) -> list[Input]:
    """Return the inputs with their SHA-256, computed in threads: hashing releases the GIL."""
    hashed: list[Input] = []
    threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), LEFT_BEHIND)
    try:
        for item in threads.map(_hash_input, inputs):
            hashed.append(item)
            progress.advance(documents=0, bytes=item.file.bytes)
    finally:  # after an interruption, a call to a remote file system may go on for a while
        threads.shutdown(wait=len(hashed) == len(inputs), cancel_futures=True)
    return hashed


def file_stamp(file: File) -> FileStamp | None:
    """Return the stamp of a local file, or None if the file is remote or missing."""
    try:
        status = os.stat(file.path)  # noqa: PTH116  a path may be a URI
    except (OSError, ValueError):
        return None
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ino)


def _hash_input(item: Input) -> Input:
    """Return the input with the hash of its bytes, or of the error if it cannot be read."""
    from corpus.sources.files.filesystems import open_file

    stamp = file_stamp(item.file)
    digest = hashlib.sha256()
    try:
        with open_file(item.file.path) as stream:
            while data := stream.read(READ_BYTES):
                digest.update(data)
    except OSError as error:  # `read` reports it again, as a reject
        digest.update(f"unreadable: {error.errno}".encode())
    return replace(item, sha256=digest.hexdigest(), stamp=stamp)
