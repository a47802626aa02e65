"""What `corpus build` and `corpus check` are called with: a config, or files to guess one from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.credentials import refuse_credentials
from corpus.markup import count_of
from corpus.preview.guess import (
    existing_config,
    guess_for,
    is_config,
    name_for,
    unread_files,
    write_new,
)
from corpus.terminal import safe

if TYPE_CHECKING:
    from corpus.config.load import ConfigLike
    from corpus.config.model import Config


MAX_NAMES = 5
"""Maximum number of files listed that a config does not read."""


class Target(NamedTuple):
    """A config to build or check."""

    config: ConfigLike
    messages: Sequence[str] = ()
    """What was guessed, and where it was written."""

    def load(self, overrides: Sequence[str]) -> Config:
        """Return the loaded config."""
        from corpus.config.load import load_config

        return load_config(self.config, overrides)


def target_of(argument: str, *, write: bool) -> Target:
    """Return the config that an argument names; for files, the one that is guessed for them.

    With `write`, the guess is written into the working directory: `news.yaml` for `data/news`. If
    that exists, it is used as it is: somebody may have changed it.
    """
    refuse_credentials(argument)
    if is_config(argument):
        return Target(argument)
    file = Path(f"{name_for(argument)}.yaml")
    if existing_config(argument, file):
        return Target(str(file), (*_reused(argument, file), ""))
    from corpus.preview.write_config import describe_guess

    guessed = guess_for(argument, Path.cwd(), file_name=str(file))
    lines = ["guessed", *(f"  {line}" for line in describe_guess(guessed.guess))]
    if not write:
        return Target(guessed.settings, (*lines, f"`corpus build` writes this into {file}", ""))
    Target(guessed.settings).load(())  # a mistake is found before anything is written
    write_new(file, guessed.text)
    return Target(str(file), (*lines, f"wrote {file}: change it if a guess is wrong", ""))


def _reused(argument: str, file: Path) -> Iterator[str]:
    """Yield that an existing config is used, and which files it does not read."""
    yield f"using {file}, which was written for these files before"
    if names := unread_files(argument, file):
        listed = ", ".join(names[:MAX_NAMES]) + (", ..." if len(names) > MAX_NAMES else "")
        yield (
            f"  {count_of(len(names), 'file')} not read, because no source of {file} has "
            f"{'it' if len(names) == 1 else 'them'}: {safe(listed)}"
        )
        command = f"corpus init --from {shlex.quote(argument)} DIR"
        yield f"  add a source, or compare with a new guess: `{safe(command)}`"
