"""Notice that a build is replaced by another one while it is read.

A new build takes the place of the old one in one step. Whoever opens several files of a build one
after the other may get some of the old build and some of the new one. Shards are safe: their names
have a hash of the data. The other files are not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from corpus.errors import EnvironmentFault

T = TypeVar("T")

MAX_READS = 3
"""How often builds are read until none of them is replaced meanwhile."""


def read_unreplaced(folders: Sequence[Path], read: Callable[[], T]) -> T:
    """Return the result of `read`, which reads these folders; read again if one was replaced.

    Raises `EnvironmentFault` if one of them is replaced each time.
    """
    for _ in range(MAX_READS):
        handles = [_open(folder) for folder in folders]
        try:
            result = read()
        except Exception:
            if not any(map(_is_replaced, folders, handles)):
                raise
        else:
            if not any(map(_is_replaced, folders, handles)):
                return result
        finally:
            for handle in filter(None, handles):
                os.close(handle)
    raise EnvironmentFault(
        f"{', '.join(map(str, folders))}: replaced by another build while it was read, "
        f"{MAX_READS} times in a row; try again when no build is writing there"
    )


def _open(folder: Path) -> int | None:
    """Return a handle of a folder, or None if there is none.

    While it is open, no other folder has its number, even if it is deleted.
    """
    try:
        return os.open(folder, os.O_PATH)
    except OSError:
        return None


def _is_replaced(folder: Path, handle: int | None) -> bool:
    """Return whether another folder is now where the one with this handle was."""
    if handle is None:
        return False
    try:
        return not os.path.samestat(os.stat(folder), os.fstat(handle))  # noqa: PTH116
    except OSError:
        return True
