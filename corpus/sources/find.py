"""Find the files that a configured path matches.

A file's name is its path below the fixed part of the configured one: below the folder, or below the
part before the first wildcard. So no name is absolute, and a corpus built on another machine has
the same names.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from corpus.errors import InputError
from corpus.sources import huggingface
from corpus.sources.archives import is_archive_name, list_members
from corpus.sources.chunks import File
from corpus.sources.filesystems import FOLDER, OTHER, Entry, composed, entry_at, is_uri, list_folder
from corpus.sources.folders import files_below, without_build_metadata
from corpus.sources.formats import EXTENSIONS, format_of_file, format_of_name
from corpus.sources.globs import Match, list_or_raise, match_pattern, split_pattern
from corpus.sources.page_detection import read_head
from corpus.sources.partitions import partitions_of
from corpus.sources.settings import Format, Source
from corpus.sources.sidecar_files import is_sidecar_name, split_sidecar_files
from corpus.sources.skipped_files import (
    DATASET_METADATA,
    EMPTY_ARCHIVE,
    SkippedFile,
    describe_skipped_files,
    kind_of_name,
)
from corpus.sources.streams import describe_error

_FORMAT_ADVICE = f"set `format` to one of {', '.join(sorted(set(EXTENSIONS.values())))}"

MAX_LISTED_NAMES = 5
"""Maximum number of names of a folder's content in an error message."""


class FoundFiles(NamedTuple):
    """What a configured path matches."""

    files: list[File]
    """The files to read, ordered by name."""

    skipped: tuple[SkippedFile, ...] = ()
    """The files that are not read, ordered by name."""


def find_files(source: Source, folder: Path) -> FoundFiles:
    """Return the files of a source, and those beside them that are not read.

    A relative path is relative to `folder`. Raises InputError if there is no file to read.
    """
    if source.path.startswith(huggingface.HUB_SCHEME):
        return FoundFiles(huggingface.find_cached_dataset(source.path))
    path = source.path if is_uri(source.path) else str(folder / Path(source.path).expanduser())
    try:
        found = _find(path, source)
    except (OSError, ValueError) as error:  # errors of a URI's file system
        raise InputError(f"{source.path}: {describe_error(error)}") from None
    if found is None:
        return FoundFiles(huggingface.find_cached_dataset(source.path))
    return found


def _find(path: str, source: Source) -> FoundFiles | None:
    """Return what a path matches; None if it can only be the name of a cached dataset."""
    base, pattern = split_pattern(path)
    entry = entry_at(base)
    if entry is None and source.format == "huggingface":
        return None
    if entry is None:
        raise InputError(_missing_message(source.path, base))
    if not pattern and entry.kind != FOLDER:
        return _single_file(Match(composed(entry.name), base, entry), source)
    if pattern:
        matches, skipped = _match_glob(base, pattern, entry)
    else:
        matches, skipped = _list_folder(base, entry)
    matches, metadata = without_build_metadata(matches)
    files, unknown = _to_files(_with_composed_names(matches), source, is_folder=not pattern)
    files, sidecars = split_sidecar_files(files)
    skipped += [*metadata, *unknown, *(SkippedFile(n, DATASET_METADATA) for n in sidecars)]
    if not files:
        raise InputError(_no_match_message(source.path, base, pattern, skipped))
    return FoundFiles(_with_partitions(sorted(files), source), tuple(sorted(skipped)))


def _with_partitions(files: list[File], source: Source) -> list[File]:
    """Return the files, and the members of archives, with the columns in their folders' names."""
    names = [file.name for file in files] + [m.name for file in files for m in file.members]
    if not (partitions := partitions_of(names, source.columns)):
        return files
    return [
        replace(
            file,
            partition=partitions.get(file.name, ()),
            members=tuple(m._replace(partition=partitions.get(m.name, ())) for m in file.members),
        )
        for file in files
    ]


def _match_glob(
    base: str, pattern: list[str], entry: Entry
) -> tuple[list[Match], list[SkippedFile]]:
    """Return the files that a glob matches; a pipe or a device among them is an error."""
    matched = match_pattern(base, pattern, "", (entry.folder_id,))
    matches = list({m.path: m for m in matched if m.entry.kind != FOLDER}.values())
    for match in matches:
        _check_kind(match)
    return matches, []


def _list_folder(base: str, entry: Entry) -> tuple[list[Match], list[SkippedFile]]:
    """Return the files below a folder, and those that are skipped by their name."""
    matches, skipped = [], []
    for match in files_below(base, "", (entry.folder_id,)):
        if isinstance(match, SkippedFile):
            skipped.append(SkippedFile(_shown(match.name), match.kind))
        else:
            matches.append(match)
    return matches, skipped


def _with_composed_names(matches: Sequence[Match]) -> list[Match]:
    """Return the matches with names in one Unicode form, so that no machine gives other names.

    Files whose names differ only in this form keep their own.
    """
    names = Counter(composed(match.name) for match in matches)
    return [
        match._replace(name=composed(match.name)) if names[composed(match.name)] == 1 else match
        for match in matches
    ]


def _to_files(
    matches: Iterable[Match], source: Source, *, is_folder: bool
) -> tuple[list[File], list[SkippedFile]]:
    """Return the files to read, and those without a known format.

    With the setting `format`, a glob's files all have this format, and a folder's files have it
    unless their extension says otherwise.
    """
    files, skipped = [], []
    for match in matches:
        if is_archive_name(match.name):
            file, more = _archive(match, source)
            skipped += more
            files += [file] if file else []
            continue
        known = format_of_name(match.name)
        format = source.format or format_of_file(match.name, partial(read_head, match.path))
        if format is None or (is_folder and source.format and known not in (None, source.format)):
            kind = DATASET_METADATA if is_sidecar_name(match.name) else kind_of_name(match.name)
            skipped.append(SkippedFile(_shown(match.name), kind))
        else:
            files.append(_to_file(match, format))
    return files, skipped


def _archive(match: Match, source: Source) -> tuple[File | None, list[SkippedFile]]:
    """Return an archive with its members to read, if there are any, and what it skips.

    A damaged archive is read, too: reading reports the damage.
    """
    members, skipped, is_damaged = list_members(match.path, match.name, source)
    if not members and not is_damaged:
        return None, skipped or [SkippedFile(_shown(match.name), EMPTY_ARCHIVE)]
    format = members[0].format if members else source.format or "text"
    file = replace(_to_file(match, format), members=members, is_archive=True)
    return file, skipped


def _single_file(match: Match, source: Source) -> FoundFiles:
    """Return the only file that a path names; raises InputError if it cannot be read."""
    _check_kind(match)
    if is_archive_name(match.name):
        file, skipped = _archive(match, source)
        if file is None:
            kinds = describe_skipped_files(skipped)
            raise InputError(f"{match.path}: no file in it can be read; skipped: {kinds}")
        return FoundFiles(_with_partitions([file], source), tuple(sorted(skipped)))
    format = (
        source.format
        or format_of_file(match.name, partial(read_head, match.path))
        or format_of_name(match.name)  # XML without articles: reading says so
    )
    if format is None:
        raise InputError(f"{match.path}: unknown file extension; {_FORMAT_ADVICE}")
    return FoundFiles([_to_file(match, format)])


def _check_kind(match: Match) -> None:
    """Raise InputError for a pipe or a device."""
    if match.entry.kind == OTHER:
        raise InputError(f"{match.path}: neither a file nor a folder, so it cannot be read")


def _to_file(match: Match, format: Format) -> File:
    """Return a match as a file to read; raises InputError if its name cannot be stored."""
    try:
        match.name.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"{_shown(match.name)}: the file name is not valid UTF-8; rename the file"
        ) from None
    return File(match.name, match.path, match.entry.bytes, format)


def _shown(name: str) -> str:
    """Return a name that any encoder accepts: bytes that are not UTF-8 are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


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


def _no_match_message(
    configured: str, base: str, pattern: list[str], skipped: Sequence[SkippedFile]
) -> str:
    """Return that no file can be read, with what was skipped or what the folder contains."""
    if (entry := entry_at(base)) is None or entry.kind != FOLDER:
        return _missing_message(configured, base)
    if skipped:
        unknown = any(file.kind.startswith(".") for file in skipped)
        return (
            f"{configured}: no file that can be read; skipped: {describe_skipped_files(skipped)}"
            + (f"; {_FORMAT_ADVICE}" if unknown else "")
        )
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
