"""Wait out a fault of the machine that passes, such as an error of a disk or of a network drive.

A fault of the machine says nothing about a file. So it is never damage of the file: no record
becomes a reject. A call that fails is repeated a few times; if it still fails, the build stops.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import TypeVar

from corpus.errors import EnvironmentFault

R = TypeVar("R")

PAUSES_SECONDS = (0.1, 0.5, 2.0)
"""Pauses before a call that failed is repeated."""

_ABOUT_THE_PATH = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors that say that nothing is at a path, such as a dangling link. They do not pass."""


class PassingFault(EnvironmentFault):
    """A fault of the machine or of the network that may have passed when the call is repeated."""


def is_about_path(error: OSError) -> bool:
    """Return whether an error says that nothing is at a path, not that the machine failed."""
    return error.errno in _ABOUT_THE_PATH


def repeat_on_fault(call: Callable[[], R], path: str) -> R:
    """Return what a call returns; repeat it after a fault of the machine.

    Raises `EnvironmentFault` with the path if it fails every time. An error that says that nothing
    is at the path is raised as it is.
    """
    for pause in (*PAUSES_SECONDS, None):
        try:
            return call()
        except PassingFault:
            if pause is None:
                raise
        except OSError as error:
            if is_about_path(error):
                raise
            if pause is None or isinstance(error, PermissionError):
                raise as_fault(error, path, tries=len(PAUSES_SECONDS)) from None
        time.sleep(pause)
    raise AssertionError


def as_fault(error: OSError, path: str, *, tries: int = 0) -> EnvironmentFault:
    """Return the error that a user sees; `tries` counts how often the call was repeated."""
    why = error.strerror or str(error) or type(error).__name__
    if isinstance(error, PermissionError):
        return EnvironmentFault(f"{path}: cannot be read: {why}; allow your user to read it")
    repeated = f", also when it was tried {tries} more times" if tries else ""
    then = "build again, which continues where the build stopped" if tries else "try again"
    return EnvironmentFault(
        f"{path}: cannot be read: {why}{repeated}; this is a fault of the disk or network drive, "
        f"and the file may be intact: check the drive and {then}"
    )
