"""Everything this package raises on purpose, and the exit code each kind ends the command with.

CorpusError                 the base: somebody can mend it
├── ConfigError         2   the config, or the command line, does not say what to build
├── InputError          3   what is to be read is missing, damaged past the budget, or empty
├── EnvironmentFault    4   disk, permission, lock: the machine is in the way
├── DifferenceFound     5   a check ran to its end and found differences
└── StageContractError  1   a stage broke a rule every stage keeps: a bug in it, never in the data
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class CorpusError(Exception):
    """The base of every error that a person can cause, and can mend."""

    exit_code: ClassVar[int] = 1


class ConfigError(CorpusError):
    """A config or a command line that does not say what to build; the message has the place."""

    exit_code = 2


class InputError(CorpusError):
    """What is to be read is missing, damaged beyond the budget, or empty."""

    exit_code = 3


class EnvironmentFault(CorpusError):
    """The machine is in the way: no space, no permission, or another build holds the lock."""

    exit_code = 4


class DifferenceFound(CorpusError):
    """A check ran to its end and found differences."""

    exit_code = 5


class StageContractError(CorpusError):
    """A stage broke a rule every stage keeps: a bug in the stage, never in the data."""


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
        return EnvironmentFault(f"{place}{error.strerror or error}")
    return None


def hint(wrong: str, known: Iterable[str], *, most: int = 20) -> str:
    """Return what may have been meant, `did you mean 'threshold'?`, or else what there is."""
    known = list(known)
    folded = {name.casefold(): name for name in reversed(known)}
    near = get_close_matches(str(wrong).casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    if not known or len(known) > most:
        return ""
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
