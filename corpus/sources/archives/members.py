"""Archives: `.zip` and `.tar`, compressed or not. Their members are read like files.

A member's name is the archive's, a slash, and its path in the archive: `pages.tar.gz/2019/a.html`.
Paths, links and devices in an archive are data: nothing is unpacked, and no link is followed. An
archive in an archive is not opened. Hidden members, and others that cannot be read, are skipped and
counted as in a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from corpus.sources.archives.entries import (
    FILE_ENTRY,
    FOLDER_ENTRY,
    LINK_ENTRY,
    ArchiveEntry,
    Damage,
    UnreadableEntryError,
)
from corpus.sources.archives.tar import tar_entries
from corpus.sources.archives.zip import zip_entries
from corpus.sources.chunks import Member
from corpus.sources.files.compression import without_compression_extension
from corpus.sources.files.filesystems import Location, composed
from corpus.sources.files.folders import hidden_kind
from corpus.sources.files.formats import format_of_file
from corpus.sources.files.page_detection import read_head
from corpus.sources.files.sidecar import split_sidecar_files
from corpus.sources.files.skipped import (
    ARCHIVE_IN_ARCHIVE,
    DATASET_METADATA,
    HIDDEN,
    LINK,
    PIPE_OR_DEVICE,
    SkippedFile,
    kind_of_name,
)
from corpus.sources.files.streams import Stream, describe_error
from corpus.sources.settings import Source

_TAR_EXTENSIONS = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
_ZIP_EXTENSION = ".zip"
_MACOS_METADATA = "__MACOSX"


class ArchiveContent(NamedTuple):
    """What an archive has."""

    members: tuple[Member, ...]
    """The members to read, in the order of the archive."""

    skipped: list[SkippedFile]
    is_damaged: bool


def is_archive_name(name: str) -> bool:
    """Return whether a file is an archive, by its extension."""
    name = name.lower()
    return name.endswith(_ZIP_EXTENSION) or without_compression_extension(name).endswith(
        _TAR_EXTENSIONS
    )


def archive_entries(location: Location, name: str, damage: Damage) -> Iterator[ArchiveEntry]:
    """Yield the entries of an archive, called `name`; then `damage` says what is wrong with it."""
    if name.lower().endswith(_ZIP_EXTENSION):
        try:
            yield from zip_entries(location, damage)
        except OSError as error:
            damage.reason = describe_error(error)
    else:
        yield from tar_entries(Stream(location), damage)


def list_members(path: str, name: str, source: Source) -> ArchiveContent:
    """Return the members of an archive that a source reads, and what it skips."""
    damage, names = Damage(), _UniqueNames(name)
    members: list[Member] = []
    skipped: list[SkippedFile] = []
    for index, entry in enumerate(archive_entries(path, name, damage)):
        if entry.kind == FOLDER_ENTRY:
            continue
        inner_path = _clean_path(entry.name)
        classified = _classify(entry, inner_path, names.add(inner_path), index, source)
        if isinstance(classified, Member):
            members.append(classified)
        else:
            skipped.append(classified)
    data, sidecars = split_sidecar_files(members)
    skipped += [SkippedFile(name, DATASET_METADATA) for name in sidecars]
    return ArchiveContent(tuple(data), skipped, damage.reason is not None)


def _classify(
    entry: ArchiveEntry, path: str, name: str, position: int, source: Source
) -> Member | SkippedFile:
    """Return an entry as a member to read, or as a file that is skipped."""
    parts = path.split("/")
    kinds = [hidden_kind(part) for part in parts]
    if _MACOS_METADATA in parts:
        return SkippedFile(name, HIDDEN)
    if kind := next((kind for kind in kinds if kind), None):
        return SkippedFile(name, kind)
    if entry.kind != FILE_ENTRY:
        return SkippedFile(name, LINK if entry.kind == LINK_ENTRY else PIPE_OR_DEVICE)
    if is_archive_name(path):
        return SkippedFile(name, ARCHIVE_IN_ARCHIVE)
    format = format_of_file(path, cache(lambda: _head(entry)), source, in_folder=True)
    if format is None:
        return SkippedFile(name, kind_of_name(path))
    return Member(position, name, format)


def _head(entry: ArchiveEntry) -> bytes:
    """Return the first bytes of an entry, as many as there are at once."""
    with suppress(UnreadableEntryError):
        return read_head(next(entry.read(), b""))
    return b""


def _clean_path(path: str) -> str:
    """Return a path as text below the archive: without `..`, composed, and valid UTF-8."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    text = "/".join(parts).encode("utf-8", "backslashreplace").decode()
    return composed(text)


class _UniqueNames:
    """Gives each member of an archive a name of its own."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._known: set[str] = set()

    def add(self, path: str) -> str:
        """Return the name of the next member; a second one of the same path gets a number."""
        name = candidate = f"{self._archive}/{path}"
        number = 1
        while candidate in self._known:
            number += 1
            candidate = f"{name}#{number}"
        self._known.add(candidate)
        return candidate
