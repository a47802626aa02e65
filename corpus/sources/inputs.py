"""What a build reads: the files of its sources, and their hashes.

A file is known by its bytes: neither its time nor its size says that it is the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.storage import READ_BYTES

if TYPE_CHECKING:
    from corpus.progress import Progress
    from corpus.sources import File, Source


@dataclass(frozen=True)
class Input:
    """One file of one source of the config."""

    source: int
    """The number of its source in the config, from 0."""

    file: File
    sha256: str = ""
    stamp: tuple[int, int, int] | None = None
    """Size, time and inode when it was hashed, to notice a change while it is read; local files."""


def find_inputs(sources: Sequence[Source], base: Path) -> list[Input]:
    """Return every file that the sources name; relative paths are relative to `base`.

    Raises `InputError` where a source names no file.
    """
    from corpus.sources import find

    return [
        Input(index, file) for index, source in enumerate(sources) for file in find(source, base)
    ]


def hash_inputs(inputs: Sequence[Input], progress: Progress) -> list[Input]:
    """Return the inputs with their SHA-256; threads, for hashing lets go of Python's lock."""
    done: list[Input] = []
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        for item, found in zip(inputs, threads.map(_hash, inputs), strict=True):
            done.append(found)
            progress.advance(documents=0, bytes=item.file.bytes)
    return done


def stamp(file: File) -> tuple[int, int, int] | None:
    """Return size, time and inode of a local file; None for another, or where it is not there."""
    try:
        found = os.stat(file.path)  # noqa: PTH116  a path may be an address
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _hash(item: Input) -> Input:
    """Return the input with the hash of its bytes; of one that cannot be read, of the reason."""
    from corpus.sources.filesystems import open_file

    before = stamp(item.file)
    digest = hashlib.sha256()
    try:
        with open_file(item.file.path) as stream:
            while chunk := stream.read(READ_BYTES):
                digest.update(chunk)
    except OSError as error:  # the reader says so again, in the ledger of rejects
        digest.update(f"unreadable: {error.errno}".encode())
    return replace(item, sha256=digest.hexdigest(), stamp=before)
