"""A hostile situation for a build, and how the build must end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any, NamedTuple

from reliability.builds import Place, command

SECONDS = 300
"""Seconds after which a build does not end any more."""


NOT_RUN = -100
"""The exit code of a build that could not be tried here; the message says why."""


class Ended(NamedTuple):
    """How a build ended."""

    code: int
    stderr: str


class Case(NamedTuple):
    """A hostile situation, what it does with a build, and how the build must end."""

    name: str
    run: Callable[[Place], Ended]
    codes: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    """One of these words must be in the message, if the exit code is not 0."""

    state: str = ""
    """The build that must be visible at the end, if it is not given by the exit code."""


def build(
    place: Place, *arguments: str, env: dict[str, str] | None = None, **options: Any
) -> Ended:
    """Build the corpus of a place with the command."""
    environment = {k: v for k, v in (os.environ | (env or {})).items() if v != "(unset)"}
    call = command("build", str(place.config), "--jobs", "2", *arguments)
    options.setdefault("cwd", place.folder)
    try:
        ended = subprocess.run(
            call,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            **options,
        )
    except subprocess.TimeoutExpired:
        return Ended(-1, "does not end")
    return Ended(ended.returncode, ended.stderr)
