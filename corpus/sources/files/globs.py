"""Match glob patterns (`*`, `?`, `[...]`, `**`) on any file system.

An existing path is taken literally: in the name of an existing folder, `[` is not a wildcard.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import NamedTuple

from corpus.errors import InputError
from corpus.sources.files.filesystems import (
    FOLDER,
    Entry,
    composed,
    entry_at,
    equivalent_path,
    is_uri,
    join_path,
    list_folder,
)

_WILDCARD = re.compile(r"[*?\[]")


class Match(NamedTuple):
    """A file that the configured path matches."""

    name: str
    path: str
    entry: Entry


def split_pattern(path: str) -> tuple[str, list[str]]:
    """Return the fixed part of a path, and the parts of the glob pattern after it.

    "raw/2023/*/a.txt" -> "raw/2023", ["*", "a.txt"]
    """
    if not _WILDCARD.search(path) or (not is_uri(path) and entry_at(equivalent_path(path))):
        return equivalent_path(path), []
    scheme, separator, rest = path.partition("://") if is_uri(path) else ("", "", path)
    rest, mark, query = rest.partition("?") if is_uri(path) and "=" in path else (rest, "", "")
    parts = rest.split("/")
    base = parts.pop(0)
    while parts and parts[0] != "**":
        next_base = f"{base}/{parts[0]}"
        is_wildcard = _WILDCARD.search(parts[0])
        if is_wildcard and not entry_at(f"{scheme}{separator}{next_base}{mark}{query}"):
            break
        base = next_base
        parts.pop(0)
    return equivalent_path(f"{scheme}{separator}{base}{mark}{query}"), parts


def list_or_raise(folder: str) -> list[Entry]:
    """Return the entries of a folder; raises InputError if it cannot be listed."""
    try:
        return list(list_folder(folder))
    except OSError as error:
        raise InputError(f"{folder}: cannot list this folder: {error.strerror or error}") from None


def match_pattern(
    folder: str, pattern: list[str], prefix: str, ancestors: tuple[object, ...]
) -> Iterator[Match]:
    """Yield what the parts of a glob pattern match below a folder.

    `prefix` is the part of the matches' names up to the folder, `ancestors` the ids of the folders
    above, so that a folder that contains itself is entered only once.
    """
    part, rest = pattern[0], pattern[1:]
    if part == "**":
        for path, prefix_there, deeper in _folders_below(folder, prefix, ancestors):
            yield from match_pattern(path, rest or ["*"], prefix_there, deeper)
        return
    matches = re.compile(fnmatch.translate(composed(part))).match
    for entry in list_or_raise(folder):
        is_hidden = entry.name.startswith(".") and not part.startswith(".")
        if is_hidden or not matches(composed(entry.name)):
            continue
        path = join_path(folder, entry.name)
        if not rest:
            yield Match(f"{prefix}{entry.name}", path, entry)
        elif entry.kind == FOLDER:
            yield from match_pattern(path, rest, f"{prefix}{entry.name}/", ancestors)


def _folders_below(
    folder: str, prefix: str, ancestors: tuple[object, ...]
) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield a folder and every folder below it, each with the arguments of `match_pattern`."""
    waiting = [(folder, prefix, ancestors)]
    while waiting:  # folders may be nested more deeply than calls may be
        folder, prefix, ancestors = waiting.pop()
        yield folder, prefix, ancestors
        for entry in list_or_raise(folder):
            if _is_searched(entry, ancestors):
                path, deeper = join_path(folder, entry.name), (*ancestors, entry.folder_id)
                waiting.append((path, f"{prefix}{entry.name}/", deeper))


def _is_searched(entry: Entry, ancestors: tuple[object, ...]) -> bool:
    """Return whether `**` enters a folder: not a hidden one, and not one that contains itself."""
    is_hidden = entry.name.startswith(".")
    return entry.kind == FOLDER and not is_hidden and entry.folder_id not in ancestors
