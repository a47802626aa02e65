"""Find the files that a configured path matches.

A file's name is its path below the fixed part of the configured one: below the folder, or below the
part before the first wildcard. So no name is absolute, and a corpus built on another machine has
the same names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from corpus.errors import InputError
from corpus.sources import huggingface
from corpus.sources.archives.members import is_archive_name, list_members
from corpus.sources.chunks import File
from corpus.sources.columns.partitions import partitions_of
from corpus.sources.files.filesystems import FOLDER, OTHER, Entry, composed, entry_at, is_uri
from corpus.sources.files.folders import files_below, without_build_metadata
from corpus.sources.files.formats import format_of_file
from corpus.sources.files.globs import Match, match_pattern, split_pattern
from corpus.sources.files.missing import FORMAT_ADVICE, missing_message, no_match_message
from corpus.sources.files.page_detection import read_head
from corpus.sources.files.remote import with_options
from corpus.sources.files.sidecar import is_sidecar_name, split_sidecar_files
from corpus.sources.files.skipped import (
    DATASET_METADATA,
    EMPTY_ARCHIVE,
    NAME_NOT_UTF8,
    PIPE_OR_DEVICE,
    SkippedFile,
    describe_skipped_files,
    kind_of_name,
)
from corpus.sources.files.stamps import file_stamp
from corpus.sources.files.streams import describe_error
from corpus.sources.formats import format_of_name
from corpus.sources.settings import Format, Source


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
        return FoundFiles(huggingface.find_dataset(source.path, source.remote))
    if is_uri(source.path):
        path = with_options(source.path, source.remote)
    else:
        path = str(folder / Path(source.path).expanduser())
    try:
        matched = _find(path, source)
    except (OSError, ValueError) as error:  # errors of a URI's file system
        raise InputError(f"{source.path}: {describe_error(error)}") from None
    if matched is None:
        return FoundFiles(huggingface.find_dataset(source.path, source.remote))
    return matched


def _find(path: str, source: Source) -> FoundFiles | None:
    """Return what a path matches; None if it can only be the name of a cached dataset."""
    base, pattern = split_pattern(path)
    entry = entry_at(base)
    if entry is None and source.format == "huggingface":
        return None
    if entry is None:
        raise InputError(missing_message(source.path, base))
    if not pattern and entry.kind != FOLDER:
        return _single_file(Match(composed(entry.name), base, entry), source)
    matches, skipped = _matches(base, pattern, entry)
    files, unknown = _to_files(matches, source, is_folder=not pattern)
    files, sidecars = split_sidecar_files(files)
    skipped += [*unknown, *(SkippedFile(n, DATASET_METADATA) for n in sidecars)]
    if not files:
        raise InputError(no_match_message(source.path, base, pattern, skipped))
    return FoundFiles(_with_partitions(sorted(files), source), tuple(sorted(skipped)))


def readable_paths(path: str) -> dict[str, str]:
    """Return the name of each file that a local path matches and that can be read, by its path.

    Archives are not opened. The result is empty if nothing is there.
    """
    base, pattern = split_pattern(path)
    if (entry := entry_at(base)) is None:
        return {}
    if not pattern and entry.kind != FOLDER:
        return {base: composed(entry.name)}
    return {
        match.path: match.name
        for match in _matches(base, pattern, entry)[0]
        if not is_sidecar_name(match.name)
        and (is_archive_name(match.name) or _format(match, Source(path=path), in_folder=True))
    }


def _matches(base: str, pattern: list[str], entry: Entry) -> tuple[list[Match], list[SkippedFile]]:
    """Return the files that a folder or a glob has, and those that are skipped by their place."""
    if pattern:
        matches, skipped = _match_glob(base, pattern, entry)
    else:
        matches, skipped = _list_folder(base, entry)
    matches, metadata = without_build_metadata(matches)
    names = [m.name for m in matches if not _can_be_stored(m.name)]
    skipped += [SkippedFile(_shown(name), NAME_NOT_UTF8) for name in names]
    matches = [match for match in matches if _can_be_stored(match.name)]
    return _with_composed_names(matches), [*skipped, *metadata]


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
    """Return the files that a glob matches, and the pipes and devices, which are skipped."""
    matched = match_pattern(base, pattern, "", (entry.folder_id,))
    matches = list({m.path: m for m in matched if m.entry.kind != FOLDER}.values())
    skipped = [SkippedFile(_shown(m.name), PIPE_OR_DEVICE) for m in matches if _is_special(m)]
    return [match for match in matches if not _is_special(match)], skipped


def _can_be_stored(name: str) -> bool:
    """Return whether a file name is text: a shard and a manifest cannot have any other."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


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
    """Return the files to read, and those without a known format."""
    files, skipped = [], []
    for match in matches:
        if is_archive_name(match.name):
            file, more = _archive(match, source)
            skipped += more
            files += [file] if file else []
            continue
        format = _format(match, source, in_folder=is_folder)
        if format is None:
            kind = DATASET_METADATA if is_sidecar_name(match.name) else kind_of_name(match.name)
            skipped.append(SkippedFile(_shown(match.name), kind))
        else:
            files.append(_to_file(match, format))
    return files, skipped


def _archive(match: Match, source: Source) -> tuple[File | None, list[SkippedFile]]:
    """Return an archive with its members to read, if there are any, and what it skips.

    A damaged archive is read, too: reading reports the damage.
    """
    stamp = file_stamp(match.path)
    members, skipped, is_damaged = list_members(match.path, match.name, source)
    if not members and not is_damaged:
        return None, skipped or [SkippedFile(_shown(match.name), EMPTY_ARCHIVE)]
    format = members[0].format if members else source.format or "text"
    file = replace(_to_file(match, format), members=members, is_archive=True, stamp=stamp)
    return file, skipped


def _format(match: Match, source: Source, *, in_folder: bool) -> Format | None:
    """Return the format of a file, or None."""
    return format_of_file(match.name, partial(read_head, match.path), source, in_folder=in_folder)


def _single_file(match: Match, source: Source) -> FoundFiles:
    """Return the only file that a path names; raises InputError if it cannot be read."""
    _check_kind(match)
    if is_archive_name(match.name):
        file, skipped = _archive(match, source)
        if file is None:
            kinds = describe_skipped_files(skipped)
            raise InputError(f"{match.path}: no file in it can be read; skipped: {kinds}")
        return FoundFiles(_with_partitions([file], source), tuple(sorted(skipped)))
    by_content = _format(match, source, in_folder=False)
    format = by_content or format_of_name(match.name)  # XML without articles: reading says so
    if format is None:
        raise InputError(f"{match.path}: unknown file extension; {FORMAT_ADVICE}")
    return FoundFiles([_to_file(match, format)])


def _is_special(match: Match) -> bool:
    """Return whether a match is a pipe or a device."""
    return match.entry.kind == OTHER


def _check_kind(match: Match) -> None:
    """Raise InputError for a pipe or a device."""
    if _is_special(match):
        raise InputError(f"{match.path}: neither a file nor a folder, so it cannot be read")


def _to_file(match: Match, format: Format) -> File:
    """Return a match as a file to read."""
    return File(match.name, match.path, match.entry.bytes, format)


def _shown(name: str) -> str:
    """Return a name that any encoder accepts: bytes that are not UTF-8 are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
