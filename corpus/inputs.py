"""What a build reads: the files of its sources, and their hashes.

A file is known by its bytes: neither its time nor its size says that it is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.engine import Engine, spread
from corpus.storage import CHUNK

if TYPE_CHECKING:
    from corpus.config import Config
    from corpus.progress import Progress
    from corpus.sources import File

GROUP_BYTES = 64 << 20
GROUP_FILES = 256


@dataclass(frozen=True)
class Input:
    """One file of one source of the config."""

    source: int
    """The number of its source in the config, from 0."""

    file: File
    sha256: str = ""


def find_inputs(config: Config) -> list[Input]:
    """Return every file that the sources name; raises `InputError` where one names nothing."""
    from corpus.sources import find

    return [
        Input(index, file)
        for index, source in enumerate(config.sources)
        for file in find(source, config.folder)
    ]


def hash_inputs(inputs: Sequence[Input], engine: Engine, progress: Progress) -> list[Input]:
    """Return the inputs with their SHA-256."""
    done: list[Input] = []
    groups = list(_grouped(inputs))
    for group, hashes in zip(groups, spread(engine, _hash_all, groups), strict=True):
        done += [replace(item, sha256=found) for item, found in zip(group, hashes, strict=True)]
        progress.advance(documents=0, bytes=sum(item.file.bytes for item in group))
    return done


def _grouped(inputs: Sequence[Input]) -> Iterator[list[Input]]:
    """Yield the inputs in groups that are worth a task."""
    group: list[Input] = []
    size = 0
    for item in inputs:
        group.append(item)
        size += item.file.bytes
        if size >= GROUP_BYTES or len(group) >= GROUP_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _hash_all(group: Sequence[Input]) -> list[str]:
    return [_hash(item.file) for item in group]


def _hash(file: File) -> str:
    """Return the SHA-256 of a file as it lies there; of one that cannot be read, of the reason."""
    from corpus.sources.places import open_file

    digest = hashlib.sha256()
    try:
        with open_file(file.path) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except OSError as error:  # the reader says so again, in the ledger of rejects
        digest.update(f"unreadable: {error.errno}".encode())
    return digest.hexdigest()
