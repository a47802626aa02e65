"""The files of a benchmark, as they were when they were hashed.

What an index was made from has a name of its own, the hash of these files. Whoever reads a file
compares each block with its hash (`corpus.sources.files.input_file`). So an index never has the
items of another content than its name says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.contamination.benchmark import Benchmark
from corpus.sources import File, FoundFiles, Source, find_files
from corpus.sources.files.inputs import Input, hash_input
from corpus.sources.files.skipped import count_kinds
from corpus.sources.files.stamps import file_stamp


@dataclass(frozen=True)
class BenchmarkFiles:
    """A benchmark and the content of its files."""

    benchmark: Benchmark

    files: tuple[File, ...]
    """Its files by name, with the hashes of their blocks."""

    sha256: tuple[str, ...]
    """The hash of each file."""

    skipped: tuple[tuple[str, int], ...]
    """How many files beside them are not read, by kind: `dataset metadata`, `.pdf`, ..."""

    @property
    def version(self) -> str:
        """The version as configured, or 12 hex digits of the hash of all files."""
        if self.benchmark.version is not None:
            return self.benchmark.version
        return hashlib.sha256("".join(self.sha256).encode()).hexdigest()[:12]


def benchmark_paths(benchmark: Benchmark, folder: Path) -> Iterator[Path]:
    """Yield the files of a benchmark; raises `InputError` if there are none."""
    yield from (Path(file.path) for file in _found(benchmark, folder).files)


def hashed_files(benchmark: Benchmark, folder: Path) -> BenchmarkFiles:
    """Return the files of a benchmark with their hashes; raises `InputError` if there are none.

    A file is hashed again only if it changes.
    """
    found = _found(benchmark, folder)
    files = sorted(found.files, key=lambda file: file.name)
    inputs = [_hashed(file, file.members, file.path, file_stamp(file.path)) for file in files]
    return BenchmarkFiles(
        benchmark,
        tuple(each.file for each in inputs),
        tuple(each.sha256 for each in inputs),
        tuple(count_kinds(found.skipped).items()),
    )


def _found(benchmark: Benchmark, folder: Path) -> FoundFiles:
    return find_files(Source(path=benchmark.path, content="text"), folder)


@lru_cache(maxsize=4096)
def _hashed(file: File, *_: object) -> Input:
    """Return a file with its hashes; the other arguments are those that a change changes."""
    return hash_input(Input(0, file))
