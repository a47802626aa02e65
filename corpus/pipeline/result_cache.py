"""The results of the passes, which all builds below one folder share.

    build/.corpus-cache/
        3f9a.../          what a pass made of a chunk of input, or of a run (`sorted_runs.py`)
        3f9a.../          what the last pass made of a partition (`partition_results.py`)
        3f9a....parts     how a chunk with a poison record was divided (`isolate_poison.py`)
        3f9a....pairs     similarities of compared pairs (`remembered_pairs.py`)
        builds/           for each build: its folder, and the results that it used last
        lock              shared by running builds; whoever deletes results needs it alone

The name of a result is a hash of everything that it depends on, so no build can use a wrong one.
After a build, the results that were not used for the longest time are deleted until the others
have at most `cache_size` bytes. Those of the build itself are never deleted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from corpus import storage

FOLDER = ".corpus-cache"
_RESULT = re.compile(r"\.?[0-9a-f]{32}(-\d+)*(\.parts|\.pairs)?(\.\d+\.half)?")


@dataclass(frozen=True)
class CachedResult:
    """A result on disk."""

    name: str
    bytes: int
    used: float
    """When a build used it last, in seconds since 1970."""


@dataclass(frozen=True)
class CachedBuild:
    """A build whose results are in the cache."""

    folder: Path
    """The folder of the build; it may not exist any more."""

    results: frozenset[str]
    """The names of the results that it used last."""

    @property
    def exists(self) -> bool:
        """Whether the build is still there."""
        return (self.folder / "manifest.json").is_file()


def cache_folder(target: Path) -> Path:
    """Return the cache that a build in the folder `target` uses."""
    return target.with_name(FOLDER)


@contextmanager
def in_use(cache: Path) -> Iterator[None]:
    """Keep the results in a cache from being deleted while the block runs."""
    with storage.shared_lock(cache / "lock"):
        yield


def finish(cache: Path, target: Path, used: Collection[str], max_bytes: int) -> None:
    """Record what a build used, and delete what was not used for the longest time.

    Nothing is deleted while another build runs: that one will do it.
    """
    for name in used:
        storage.mark_as_used(cache / name)
    record = {"folder": os.path.relpath(target, cache), "results": sorted(used)}
    storage.write(_record_of(cache, target), json.dumps(record, indent=1).encode() + b"\n")
    with storage.lock_alone(cache / "lock") as alone:
        if alone:
            _delete_surplus(cache, used, max_bytes)


def _delete_surplus(cache: Path, used: Collection[str], max_bytes: int) -> None:
    entries = list(results(cache))
    total = sum(entry.bytes for entry in entries)
    for entry in sorted(entries, key=lambda entry: (entry.used, entry.name)):
        unfinished = entry.name.endswith(".half")
        if unfinished or (total > max_bytes and entry.name not in used):
            storage.remove(cache / entry.name)
            total -= entry.bytes


def adopt(cache: Path, made: Path, names: Iterable[str]) -> None:
    """Move results that were made elsewhere into a cache, in place of those with their names.

    Nothing is moved while another build runs, because it may use them.
    """
    with storage.lock_alone(cache / "lock") as alone:
        for name in names if alone else ():
            storage.remove(cache / name)
            with suppress(OSError):
                storage.rename(made / name, cache / name)


def results(cache: Path) -> Iterator[CachedResult]:
    """Yield every result in a cache, unfinished ones included."""
    with suppress(FileNotFoundError):
        for path in sorted(cache.iterdir()):
            if _RESULT.fullmatch(path.name):
                with suppress(FileNotFoundError):  # deleted just now
                    files = [path, *path.rglob("*")]
                    size = sum(file.stat().st_size for file in files if file.is_file())
                    yield CachedResult(path.name, size, path.stat().st_mtime)


def builds(cache: Path) -> Iterator[CachedBuild]:
    """Yield the builds that a cache has results of, by folder."""
    found = []
    for path in (cache / "builds").glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(path.read_bytes())
            folder = Path(os.path.normpath(cache / record["folder"]))
            found.append(CachedBuild(folder, frozenset(map(str, record["results"]))))
    yield from sorted(found, key=lambda build: str(build.folder))


def clear(cache: Path, *, only_unused: bool) -> int:
    """Delete all results of a cache, or those that no existing build used last; return the bytes.

    Raises `EnvironmentFault` while a build runs.
    """
    with storage.lock(cache / "lock", str(cache)):
        kept: set[str] = set()
        for build in builds(cache):
            if only_unused and build.exists:
                kept |= build.results
            else:
                storage.remove(_record_of(cache, build.folder))
        deleted = [entry for entry in results(cache) if entry.name not in kept]
        for entry in deleted:
            storage.remove(cache / entry.name)
    return sum(entry.bytes for entry in deleted)


def _record_of(cache: Path, target: Path) -> Path:
    name = os.path.relpath(target, cache)
    return cache / "builds" / f"{target.name}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"
