"""List the cache of a folder of builds, or delete what is in it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.errors import ConfigError
from corpus.markup import count_of
from corpus.pipeline.result_cache import (
    FOLDER,
    CachedResult,
    builds,
    cache_folder,
    clear,
    results,
)
from corpus.terminal import format_bytes, safe

DAY = 86_400


def cache_of(path: Path) -> Path:
    """Return the cache that a path means: of a config, of a build, or of a folder with builds.

    Raises `ConfigError` if there is none.
    """
    if path.is_file():
        from corpus.config.load import load_config

        return cache_folder(load_config(path).destination)
    if not path.exists():
        raise ConfigError(
            f"{path}: no such file or folder; name a config, a build, or the folder of builds"
        )
    for cache in (path, path / FOLDER, cache_folder(path.absolute())):
        if cache.name == FOLDER and cache.is_dir():
            return cache
    raise ConfigError(f"{path}: no cache here; name a config, a build, or the folder of builds")


def listing(cache: Path, *, now: float | None = None) -> str:
    """Return how large a cache is, and which builds use it."""
    found = {result.name: result for result in results(cache)}
    lines = [f"{cache}: {count_of(len(found), 'result')}, {_size(found.values())}"]
    used: set[str] = set()
    for build in builds(cache):
        own = [found[name] for name in build.results if name in found]
        used |= build.results if build.exists else set()
        state = "" if build.exists else ", which does not exist any more"
        lines.append(f"  {safe(str(build.folder))}{state}: {_described(own, now or time.time())}")
    unused = [result for name, result in found.items() if name not in used]
    if unused:
        lines.append(f"  used by no build: {_described(unused, now or time.time())}")
        lines.append(f"delete these: corpus cache {safe(str(cache.parent))} --clear-unused")
    return "\n".join(lines)


def cleared(cache: Path, *, only_unused: bool) -> str:
    """Delete the results of a cache, and return a message that says so."""
    before = len(list(results(cache)))
    size = clear(cache, only_unused=only_unused)
    left = len(list(results(cache)))
    return (
        f"{cache}: {count_of(before - left, 'result')} deleted, {format_bytes(size)}; {left} left"
    )


def _described(found: Sequence[CachedResult], now: float) -> str:
    if not found:
        return "no results"
    days = int((now - max(result.used for result in found)) // DAY)
    when = "today" if days < 1 else f"{count_of(days, 'day')} ago"
    return f"{count_of(len(found), 'result')}, {_size(found)}, last used {when}"


def _size(found: Iterable[CachedResult]) -> str:
    return format_bytes(sum(result.bytes for result in found))
