"""The entries of an archive, in the order of the archive: files, and what is not a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

FILE_ENTRY = "file"
FOLDER_ENTRY = "folder"
LINK_ENTRY = "link"
DEVICE_ENTRY = "pipe or device"


class UnreadableEntryError(Exception):
    """An entry cannot be read, or not to its end; the message says why."""


@dataclass(frozen=True)
class ArchiveEntry:
    """One entry of an archive."""

    name: str
    """Its path as the archive has it: data, never a path of this machine."""

    kind: str
    """`file`, `folder`, `link` or `pipe or device`."""

    size: int | None
    """Bytes that its content has in the archive, or None if that is not known."""

    read: Callable[[], Iterator[bytes]]
    """Yields the content once, before the next entry is taken; raises UnreadableEntryError."""


@dataclass
class Damage:
    """What is wrong with an archive, known after its last entry."""

    reason: str | None = None

    lost: int | None = None
    """Bytes of the archive whose entries are lost; None if nobody knows how many they were."""
