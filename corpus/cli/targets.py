"""What `corpus build` and `corpus check` are called with: a config, or files to guess one from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus.preview.guess import existing_config, guess_for, is_config, name_for, write_new
from corpus.preview.write_config import describe_guess

if TYPE_CHECKING:
    from corpus.config.load import ConfigLike
    from corpus.config.model import Config


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
    if is_config(argument):
        return Target(argument)
    file = Path(f"{name_for(argument)}.yaml")
    if existing_config(argument, file):
        return Target(str(file), (f"using {file}, which was written for these files before", ""))
    guessed = guess_for(argument, Path.cwd(), file_name=str(file))
    lines = ["guessed", *(f"  {line}" for line in describe_guess(guessed.guess))]
    if not write:
        return Target(guessed.settings, (*lines, f"`corpus build` writes this into {file}", ""))
    Target(guessed.settings).load(())  # a mistake is found before anything is written
    write_new(file, guessed.text)
    return Target(str(file), (*lines, f"wrote {file}: change it if a guess is wrong", ""))
