"""Find the files that a configured path matches.

A file's name is its path below the fixed part of the configured one: below the folder, or below the
part before the first wildcard. So no name is absolute, and a corpus built on another machine has
the same names.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.errors import InputError
from corpus.sources import huggingface
from corpus.sources.chunks import File
from corpus.sources.compression import without_compression_extension
from corpus.sources.filesystems import (
    FOLDER,
    OTHER,
    Entry,
    entry_at,
    is_uri,
    join_path,
    list_folder,
    open_file,
)
from corpus.sources.formats import EXTENSIONS
from corpus.sources.globs import Match, list_or_raise, match_pattern, split_pattern
from corpus.sources.remote import with_options
from corpus.sources.settings import Format, Source
from corpus.sources.streams import describe_error

_SAVED_STATE = "state.json"
_DATASET_METADATA = {"dataset_info.json", "dataset_dict.json", _SAVED_STATE}
"""Files without records that `datasets` writes next to its Arrow files."""

MAX_LISTED_NAMES = 5
"""Maximum number of names of a folder's content in an error message."""


def find_files(source: Source, folder: Path) -> list[File]:
    """Return the files of a source, ordered by name; a relative path is relative to `folder`.

    Raises InputError if there are none.
    """
    if source.path.startswith(huggingface.HUB_SCHEME):
        return huggingface.find_dataset(source.path, source.remote)
    if is_uri(source.path):
        path = with_options(source.path, source.remote)
    else:
        path = str(folder / Path(source.path).expanduser())
    try:
        matches = _find_matches(path, source)
    except (OSError, ValueError) as error:  # errors of a URI's file system
        raise InputError(f"{source.path}: {describe_error(error)}") from None
    if matches is None:
        return huggingface.find_dataset(source.path, source.remote)
    return sorted(_to_file(match, source) for match in matches)


def _find_matches(path: str, source: Source) -> list[Match] | None:
    """Return what a path matches; None if it can only be the name of a cached dataset."""
    base, pattern = split_pattern(path)
    entry = entry_at(base)
    if entry is None and source.format == "huggingface":
        return None
    if entry is None:
        raise InputError(_missing_message(source.path, base))
    if pattern:
        matched = match_pattern(base, pattern, "", (entry.folder_id,))
        matches = list({m.path: m for m in matched if m.entry.kind != FOLDER}.values())
    elif entry.kind == FOLDER:
        below = _files_below(base, "", (entry.folder_id,))
        matches = [match for match in below if _is_input(match, source)]
    else:
        matches = [Match(entry.name, base, entry)]
    if not matches:
        raise InputError(_no_match_message(source.path, base, pattern))
    return matches


def format_of_name(name: str) -> Format | None:
    """Return the format of a file by its extension, or None if it has no known one."""
    name = without_compression_extension(name)
    return next((f for extension, f in EXTENSIONS.items() if name.endswith(extension)), None)


def _files_below(folder: str, prefix: str, ancestors: tuple[object, ...]) -> Iterator[Match]:
    """Yield every file below a folder, except hidden ones and those whose name starts with `_`."""
    entries = list_or_raise(folder)
    saved_files = _saved_dataset_files(folder, entries)
    for entry in entries:
        is_skipped = saved_files is not None and entry.name not in saved_files
        if is_skipped or entry.name.startswith((".", "_")):
            continue
        path = join_path(folder, entry.name)
        if entry.kind != FOLDER:
            yield Match(f"{prefix}{entry.name}", path, entry)
        elif entry.folder_id not in ancestors:
            deeper = (*ancestors, entry.folder_id)
            yield from _files_below(path, f"{prefix}{entry.name}/", deeper)


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


def _is_input(match: Match, source: Source) -> bool:
    """Return whether a file in a folder is read: by its extension, or any if `format` is set."""
    if match.entry.kind == OTHER or match.entry.name in _DATASET_METADATA:
        return False
    format = format_of_name(match.name)
    return format is not None if source.format is None else format in (None, source.format)


def _to_file(match: Match, source: Source) -> File:
    """Return a match as a file to read; raises InputError if it cannot be read."""
    name, path, entry = match
    if entry.kind == OTHER:
        raise InputError(f"{path}: neither a file nor a folder, so it cannot be read")
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise InputError(f"{shown}: the file name is not valid UTF-8; rename the file") from None
    format = source.format or format_of_name(name)
    if format is None:
        raise InputError(
            f"{path}: unknown file extension; set `format` to one of "
            f"{', '.join(sorted(set(EXTENSIONS.values())))}"
        )
    return File(name, path, entry.bytes, format)


def _missing_message(configured: str, path: str) -> str:
    """Return that nothing exists at a path, with the closest name or what the folder contains."""
    base = path.rstrip("/")
    while True:
        parent, _, name = base.rpartition("/")
        if not parent or parent.endswith(":/"):
            return f"{configured}: no such file or folder"
        if (entry := entry_at(parent)) and entry.kind == FOLDER:
            break
        base = parent
    try:
        names = [entry.name for entry in list_folder(parent)]
    except OSError:
        names = []
    similar = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {similar[0]!r}?" if similar else f"it {_describe_content(names)}"
    return f"{configured}: no such file or folder in {parent}; {hint}"


def _no_match_message(configured: str, base: str, pattern: list[str]) -> str:
    """Return that no file matches, with what the folder contains."""
    if (entry := entry_at(base)) is None or entry.kind != FOLDER:
        return _missing_message(configured, base)
    problem = "no file matches" if pattern else "no file with a known extension"
    content = _describe_content([entry.name for entry in list_or_raise(base)])
    return f"{configured}: {problem}; {base} {content}"


def _describe_content(names: Iterable[str]) -> str:
    """Return what a folder contains, in a few words."""
    visible = [name for name in names if not name.startswith(".")]
    if not visible:
        return "is empty"
    listed = ", ".join(repr(name) for name in visible[:MAX_LISTED_NAMES])
    n_more = len(visible) - MAX_LISTED_NAMES
    return f"contains {listed}" + (f" and {n_more:,} more" if n_more > 0 else "")
