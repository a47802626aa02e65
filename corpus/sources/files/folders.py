"""List the files below a folder, and separate the data from what is beside it.

Hidden files, and files whose names begin with `_`, are not data. Nor are those that `datasets` and
our own builds write beside their tables: metadata, caches, ledgers, audits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from corpus.sources.files.filesystems import FOLDER, OTHER, Entry, is_uri, join_path, open_file
from corpus.sources.files.globs import Match, list_or_raise
from corpus.sources.files.skipped import (
    BUILD_METADATA,
    DATASET_CACHE,
    DATASET_METADATA,
    HIDDEN,
    PIPE_OR_DEVICE,
    UNDERSCORE,
    SkippedFile,
)

_SAVED_STATE = "state.json"
_DATASET_METADATA = {"dataset_info.json", "dataset_dict.json", _SAVED_STATE}
"""Files without records that `datasets` writes next to its Arrow files."""

_BUILD_FOLDERS = {"ledger", "audit"}
_BUILD_FILES = {"README.md", "croissant.json", "manifest.json", "run.json"}
"""What a build of ours has beside its shards."""

_MANIFEST_HEAD_BYTES = 4096


def files_below(
    folder: str, prefix: str, ancestors: tuple[object, ...]
) -> Iterator[Match | SkippedFile]:
    """Yield every file below a folder; a hidden folder is one skipped file."""
    waiting = [(folder, prefix, ancestors)]
    while waiting:  # folders may be nested more deeply than calls may be
        folder, prefix, ancestors = waiting.pop()
        entries = list_or_raise(folder)
        saved_files = _saved_dataset_files(folder, entries)
        for entry in entries:
            name, path = f"{prefix}{entry.name}", join_path(folder, entry.name)
            if kind := _skipped_kind(entry, saved_files):
                yield SkippedFile(name, kind)
            elif entry.kind != FOLDER:
                yield Match(name, path, entry)
            elif entry.folder_id not in ancestors:
                waiting.append((path, f"{name}/", (*ancestors, entry.folder_id)))


def _skipped_kind(entry: Entry, saved_files: set[str] | None) -> str | None:
    """Return why an entry of a folder is not data, or None."""
    if kind := hidden_kind(entry.name):
        return kind
    if entry.kind == OTHER:
        return PIPE_OR_DEVICE
    if entry.name in _DATASET_METADATA and entry.kind != FOLDER:
        return DATASET_METADATA
    is_cache = saved_files is not None and entry.name not in saved_files
    return DATASET_CACHE if is_cache else None


def hidden_kind(name: str) -> str | None:
    """Return whether a name in a folder is hidden or begins with `_`, as its kind, or None."""
    if name.startswith("."):
        return HIDDEN
    return UNDERSCORE if name.startswith("_") else None


def _saved_dataset_files(folder: str, entries: list[Entry]) -> set[str] | None:
    """Return the data files of a folder written by `save_to_disk`, or None for other folders.

    Such a folder may have other Arrow files: intermediate results that `datasets` cached.
    """
    if not any(entry.name == _SAVED_STATE for entry in entries):
        return None
    try:
        with open_file(join_path(folder, _SAVED_STATE)) as file:
            data_files = json.loads(file.read())["_data_files"]
            return {str(each["filename"]) for each in data_files}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def without_build_metadata(
    matches: Iterable[Match],
) -> tuple[list[Match], list[SkippedFile]]:
    """Return the files, except those that a build of ours has beside its shards, and the latter."""
    known: dict[str, bool] = {}
    data, skipped = [], []
    for match in matches:
        if any(_is_build(folder, known) for folder in _build_folders(match)):
            skipped.append(SkippedFile(match.name, BUILD_METADATA))
        else:
            data.append(match)
    return data, skipped


def _build_folders(match: Match) -> Iterator[str]:
    """Yield the folders that may be a build in which a file is not a shard."""
    path, mark, query = match.path.partition("?") if is_uri(match.path) else (match.path, "", "")
    parts = PurePosixPath(match.name).parts
    for i, part in enumerate(parts):
        is_last = i == len(parts) - 1
        if part in (_BUILD_FILES if is_last else _BUILD_FOLDERS):
            yield "/".join(path.split("/")[: i - len(parts)]) + mark + query


def _is_build(folder: str, known: dict[str, bool]) -> bool:
    """Return whether a folder has the manifest of a build; `known` is updated."""
    if folder not in known:
        try:
            with open_file(join_path(folder, "manifest.json")) as file:
                head = file.read(_MANIFEST_HEAD_BYTES)
        except (OSError, ValueError):
            head = b""
        known[folder] = all(key in head for key in (b'"corpus"', b'"identity"', b'"format"'))
    return known[folder]
