"""A config for files that have none: guessed from their names and their first records.

    corpus init --from data/news DIR      writes the guess into DIR/corpus.yaml
    corpus build data/news                writes it into news.yaml, and builds
    corpus.guess_config("data/news")      returns it

The guess depends only on the files; it is written once, and never over an existing config.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from corpus import storage
from corpus.config.load import ConfigLike, load_config
from corpus.config.model import Config
from corpus.config.yaml_positions import read
from corpus.credentials import refuse_credentials
from corpus.errors import ConfigError
from corpus.sources.files.filesystems import is_uri
from corpus.sources.files.find import readable_paths
from corpus.sources.files.globs import split_pattern

if TYPE_CHECKING:
    from corpus.preview.guess_sources import Guess

CONFIG_EXTENSIONS = (".yaml", ".yml")
CONFIG_NAME = "corpus.yaml"
"""The name of a config in its own folder."""

MAX_CONFIG_BYTES = 1 << 20


@dataclass(frozen=True)
class GuessedConfig:
    """A guessed config, as text and as settings."""

    guess: Guess
    text: str
    settings: Mapping[str, Any]


def guess_for(path: str, folder: Path, *, file_name: str) -> GuessedConfig:
    """Return a config for a folder, file, glob or URI, to be written into `folder`.

    Raises `InputError` if there is nothing to read, or no column is a text.
    """
    from corpus.preview.guess_sources import guess_sources
    from corpus.preview.write_config import config_text, guessed_settings

    refuse_credentials(path)
    guess, name = guess_sources(path, folder), name_for(path)
    text = config_text(guess, name=name, file_name=file_name)
    return GuessedConfig(guess, text, guessed_settings(guess, name=name))


def name_for(path: str) -> str:
    """Return the name of the corpus that is made of a path."""
    from corpus.preview.write_config import config_name

    return config_name(path if is_uri(path) else os.path.abspath(path))  # noqa: PTH100


def write_new(path: Path, text: str) -> None:
    """Write a config; raises `ConfigError` if there is a file of this name already."""
    try:
        storage.create(path, text.encode())
    except FileExistsError:
        raise ConfigError(
            f"{path}: already exists; nothing was written. Choose another folder"
        ) from None


def is_config(argument: ConfigLike) -> bool:
    """Return whether an argument is a config, and not files to read.

    A name that ends in `.yaml` or `.yml` is one, and so is a file with a name and sources. Raises
    `ConfigError` for a folder that contains a config, or a name that lacks its extension.
    """
    if not isinstance(argument, str | os.PathLike):
        return True
    path = os.fspath(argument)
    if path.endswith(CONFIG_EXTENSIONS):
        return True
    if is_uri(path):
        return False
    if Path(path).is_dir():
        own = Path(path) / CONFIG_NAME
        if own.is_file() and own.absolute() != Path(f"{name_for(path)}.yaml").absolute():
            raise ConfigError(f"{path}: a folder with a config; name the config: {own}")
        return False
    if Path(path).is_file():
        return _has_settings(Path(path))
    beside = next((path + end for end in CONFIG_EXTENSIONS if Path(path + end).is_file()), None)
    if beside and not split_pattern(path)[1]:
        raise ConfigError(f"{path}: no such file or folder; did you mean {beside!r}?")
    return False


def _has_settings(path: Path) -> bool:
    """Return whether a file with another extension is a config: a mapping with name and sources."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            return False
        text = path.read_text(encoding="utf-8")
        if "sources" not in text or "name" not in text:
            return False
        value = yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return False
    return isinstance(value, dict) and {"name", "sources"} <= value.keys()


def guess_config(path: str, overrides: Sequence[str] = ()) -> Config:
    """Return a config for a folder, file, glob or URI, as in the working directory."""
    guessed = guess_for(path, Path.cwd(), file_name=f"{name_for(path)}.yaml")
    return load_config(guessed.settings, overrides)


def existing_config(path: str, file: Path) -> bool:
    """Return whether `file` is the config that was written for this path before.

    Raises `ConfigError` if it is a config of other files.
    """
    if not os.path.lexists(file):
        return False
    if _names_code(file):
        raise ConfigError(
            f"{file}: has a stage of its own, and its code runs only if you name this config; "
            f"build it with `corpus build {file}`, or write another config with "
            f"`corpus init --from {shlex.quote(path)} DIR`"
        )
    ours = split_pattern(path if is_uri(path) else os.path.abspath(path))  # noqa: PTH100
    for source in load_config(file).sources:
        theirs = _absolute(source.path, file.parent)
        fixed, pattern = split_pattern(theirs)
        fixed = fixed if is_uri(theirs) else os.path.normpath(fixed)
        is_below = not ours[1] and Path(fixed).is_relative_to(ours[0])
        if is_below or (fixed, pattern) == ours:
            return True
    raise ConfigError(
        f"{file}: exists, but reads other files than {path}; build it with `corpus build {file}`, "
        f"or write another config with `corpus init --from {shlex.quote(path)} DIR`"
    )


def _names_code(file: Path) -> bool:
    """Return whether a config has a stage of the user's own (`use`); its code is not run."""
    try:
        node, _ = read(file.read_text(encoding="utf-8-sig"), str(file))
    except (OSError, UnicodeDecodeError, ConfigError):
        return False  # loading it says what is wrong, and runs nothing
    config = node.plain() if node else None
    stages = config.get("stages") if isinstance(config, dict) else None
    listed = stages if isinstance(stages, list) else ()
    return any(isinstance(stage, dict) and "use" in stage for stage in listed)


def unread_files(path: str, file: Path) -> list[str]:
    """Return the names of the files of a path that no source of its config matches, sorted.

    Files may have been added since the config was guessed. Remote files are not listed.
    """
    if is_uri(path):
        return []
    matched: set[str] = set()
    for source in load_config(file).sources:
        if not is_uri(source.path):
            matched |= readable_paths(_absolute(source.path, file.parent)).keys()
    readable = readable_paths(os.path.abspath(path))  # noqa: PTH100
    return sorted(name for each, name in readable.items() if each not in matched)


def _absolute(path: str, folder: Path) -> str:
    """Return the path of a source whose config is in a folder; a URI as it is."""
    return path if is_uri(path) else os.path.abspath(folder / Path(path).expanduser())  # noqa: PTH100
