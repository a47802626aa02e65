"""The errors that this package raises on purpose, with the exit code of each.

CorpusError                 the base class: a user can fix the cause
├── ConfigError         2   the config or the command line is wrong
│   └── StageError      2   a stage of the user's own raised, or broke the contract of stages
├── InputError          3   the input is missing, empty, or damaged beyond the error budget
├── EnvironmentFault    4   disk, permission, lock, installation
├── DifferenceFound     5   a check finished and found differences
└── StageContractError  1   a stage of ours broke the contract of stages: a bug
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from typing import ClassVar


class CorpusError(Exception):
    """The base class of every error that a user can cause and can fix."""

    exit_code: ClassVar[int] = 1


class ConfigError(CorpusError):
    """The config or the command line is wrong; the message names the place."""

    exit_code = 2


class StageError(ConfigError):
    """A stage of the user's own raised, or broke the contract of stages; the message names it."""


class InputError(CorpusError):
    """The input is missing, empty, or damaged beyond the error budget (`on_error`)."""

    exit_code = 3


class EnvironmentFault(CorpusError):
    """The machine is the cause: no space, no permission, or another build holds the lock."""

    exit_code = 4


class DifferenceFound(CorpusError):
    """A check finished and found differences."""

    exit_code = 5


class StageContractError(CorpusError):
    """A stage broke the contract of stages: a bug in the stage, not in the data.

    For a stage of the user's own, a build raises `StageError` instead.
    """


_OTHER_PLACE = "or choose another output.path"

REMEDIES: dict[int, str] = {
    errno.ENOSPC: "free some space, and run the same command again: it continues",
    errno.EDQUOT: "free some of your quota, and run the same command again: it continues",
    errno.EROFS: f"make the file system writable, {_OTHER_PLACE}",
    errno.EACCES: "check the permissions",
    errno.ENOLCK: f"the file system cannot lock files: mount it with locks, {_OTHER_PLACE}",
    errno.EMFILE: "raise the limit of open files: `ulimit -n 4096`",
}
"""What a user can do about a fault of the system, by its number."""


def as_corpus_error(error: BaseException) -> CorpusError | None:
    """Return a fault as the error that a user sees; None if it can only be a bug in corpus.

    A failing disk or permission (`OSError`) and a lack of memory are faults of the environment.
    """
    if isinstance(error, CorpusError):
        return error
    if isinstance(error, MemoryError):
        return EnvironmentFault("not enough memory")
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        remedy = REMEDIES.get(error.errno or 0)
        end = f"; {remedy}" if remedy else ""
        return EnvironmentFault(f"{place}{error.strerror or error}{end}")
    return None


def hint(wrong: str, known: Iterable[str], *, most: int = 20) -> str:
    """Return the nearest known name, as `did you mean 'threshold'?`, or else a list of all names.

    Return "" if no name is near and there are more than `most`.
    """
    from difflib import get_close_matches

    known = list(known)
    folded = {name.casefold(): name for name in reversed(known)}
    near = get_close_matches(str(wrong).casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    if not known or len(known) > most:
        return ""
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
