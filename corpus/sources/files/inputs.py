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

from corpus.errors import InputError
from corpus.left_behind import LEFT_BEHIND
from corpus.sources.files.input_file import BLOCK_BYTES, HashedPath, block_hash
from corpus.sources.files.stamps import FileStamp, file_stamp

if TYPE_CHECKING:
    from corpus.progress import Progress
    from corpus.sources import File, SkippedFile, Source


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
        for item in threads.map(hash_input, inputs):
            hashed.append(item)
            progress.advance(documents=0, bytes=item.file.bytes)
    finally:  # after an interruption, a call to a remote file system may go on for a while
        threads.shutdown(wait=len(hashed) == len(inputs), cancel_futures=True)
    return hashed


def is_as_hashed(item: Input) -> bool:
    """Return whether an input still has the content that was hashed, whatever its times are."""
    try:
        return hash_input(item).sha256 == item.sha256
    except InputError:
        return False


def hash_input(item: Input) -> Input:
    """Return the input with the hash of its bytes, and of each block.

    A link to nothing has the hash of its error: `read` reports it, as a reject. Raises
    `InputError` if the file has disappeared, or is an archive that changed after it was listed.
    """
    from corpus.sources.chunks import CHUNK_BYTES
    from corpus.sources.files.filesystems import open_file
    from corpus.sources.files.line_ends import LineEndCounter

    file, stamp = item.file, file_stamp(item.file.path)
    digest, block_hashes, size = hashlib.sha256(), bytearray(), 0
    counter = LineEndCounter() if file.format == "jsonl" and file.bytes > CHUNK_BYTES else None
    try:
        with open_file(file.path) as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                block_hashes += block_hash(block)
                size += len(block)
                if counter is not None:
                    counter.add(block)
    except OSError as error:
        if not Path(file.path).is_symlink():
            raise InputError(
                f"{file.name}: disappeared before it was read; build again when the input is "
                "complete"
            ) from None
        digest.update(f"unreadable: {error.errno}".encode())
        return replace(item, sha256=digest.hexdigest(), stamp=stamp)
    if file.stamp not in (None, stamp):
        raise InputError(f"{file.name}: changed while it was read; build again when it is complete")
    line_ends = counter.line_ends() if counter is not None else None
    hashed = HashedPath(file.path, size, bytes(block_hashes), line_ends)
    file = replace(file, bytes=size, hashed=hashed)
    return replace(item, file=file, sha256=digest.hexdigest(), stamp=stamp)
