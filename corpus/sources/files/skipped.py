"""Count the files that are not read, by kind: `3 .pdf, 2 .docx, 1 without extension`.

Every file of a folder is either read or counted here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from corpus.sources.files.compression import COMPRESSION_EXTENSIONS, without_compression_extension

HIDDEN = "hidden"
UNDERSCORE = "with a name that begins with _"
WITHOUT_EXTENSION = "without extension"
OTHER_EXTENSION = "with another extension"
PIPE_OR_DEVICE = "pipe or device"
NAME_NOT_UTF8 = "with a name that is not UTF-8"
LINK = "link in an archive"
ARCHIVE_IN_ARCHIVE = "archive in an archive"
EMPTY_ARCHIVE = "empty archive"
DATASET_METADATA = "dataset metadata"
DATASET_CACHE = "cached by datasets"
BUILD_METADATA = "of a build beside its shards"

MAX_KINDS = 12
"""Kinds that a description lists; the others are counted together."""

MAX_NAMES = 20
MAX_NAME_CHARACTERS = 200
"""Names of each kind that a manifest lists, and their length."""

_EXTENSION = re.compile(r"[^./](\.[a-z0-9_+-]{1,12}\??)$")


class SkippedFile(NamedTuple):
    """A file that is not read; for a hidden folder, the whole folder."""

    name: str
    """Its path below the fixed part of the configured one."""

    kind: str
    """`.pdf`, `without extension`, `hidden`, `dataset metadata`, ..."""


def kind_of_name(name: str) -> str:
    """Return the kind of a file that no format can read, by its extension.

    "a/News.PDF" -> ".pdf", "notes.doc.gz" -> ".doc.gz", "README" -> "without extension"
    """
    last = name.rpartition("/")[2].lower()
    path, mark, _ = last.partition("?")
    compressed = next((e for e in COMPRESSION_EXTENSIONS if path.endswith(e)), "")
    match = _EXTENSION.search(without_compression_extension(path))
    if match:
        return match.group(1) + compressed + mark
    if compressed:
        return compressed
    return OTHER_EXTENSION if "." in path.strip(".") else WITHOUT_EXTENSION


def count_kinds(skipped: Iterable[SkippedFile]) -> dict[str, int]:
    """Return the number of skipped files of each kind, the most frequent first."""
    counts = Counter(file.kind for file in skipped)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def describe_skipped_files(skipped: Iterable[SkippedFile]) -> str:
    """Return the skipped files in one line: `3 .pdf, 2 .docx, 1 without extension`."""
    return describe_kinds(count_kinds(skipped))


def describe_kinds(counts: Mapping[str, int]) -> str:
    """Return the numbers of skipped files in one line, given by kind."""
    shown = [f"{n:,} {kind}" for kind, n in list(counts.items())[:MAX_KINDS]]
    if more := sum(list(counts.values())[MAX_KINDS:]):
        shown.append(f"{more:,} of other kinds")
    return ", ".join(shown)


class SkippedKind(NamedTuple):
    """The files of one kind that are not read."""

    kind: str
    files: int
    names: list[str]
    """The names of the first ones; none of hidden files."""


def group_by_kind(skipped: Iterable[SkippedFile]) -> list[SkippedKind]:
    """Return the skipped files by kind, the most frequent kind first."""
    files = sorted(skipped)
    names: dict[str, list[str]] = {}
    for file in files:
        listed = names.setdefault(file.kind, [])
        if file.kind != HIDDEN and len(listed) < MAX_NAMES:
            listed.append(file.name[:MAX_NAME_CHARACTERS])
    return [SkippedKind(kind, n, names[kind]) for kind, n in count_kinds(files).items()]
