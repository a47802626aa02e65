"""Write a first project: a config, and a few pages to build; or a config for files of one's own."""

from __future__ import annotations

import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from corpus import storage
from corpus.config.load import load_config
from corpus.errors import ConfigError


def init(folder: Path) -> list[Path]:
    """Write a config and a few pages into a folder; return their paths, the config first.

    Raises `ConfigError` if one of them already exists: nothing is overwritten.
    """
    starter = resources.files("corpus.cli") / "starter"
    files = {folder / name: data for name, data in _files(starter)}
    existing = [path for path in files if os.path.lexists(path)]
    if existing:
        raise ConfigError(
            f"{existing[0]}: already exists; nothing was written. Choose another folder"
        )
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: a file, not a folder; choose another name")
    for path, data in files.items():
        storage.write(path, data)
    return list(files)


def init_from(path: str, folder: Path) -> tuple[Path, list[str]]:
    """Write a config for some files into a folder; return its path, and what was guessed.

    Raises `ConfigError` if the config already exists, `InputError` if there is nothing to read.
    """
    from corpus.preview.guess import CONFIG_NAME, guess_for, write_new
    from corpus.preview.write_config import describe_guess

    file = folder / CONFIG_NAME
    if os.path.lexists(file):
        raise ConfigError(f"{file}: already exists; nothing was written. Choose another folder")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}: a file, not a folder; choose another name")
    guessed = guess_for(path, folder, file_name=CONFIG_NAME)
    load_config(guessed.settings)  # a mistake is found before anything is written
    write_new(file, guessed.text)
    return file, list(describe_guess(guessed.guess))


def _files(folder: Traversable, above: str = "") -> list[tuple[str, bytes]]:
    """Return the names and bytes of all files in a folder of the package, files before folders."""
    files: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name)):
        if entry.is_dir():
            files += _files(entry, f"{above}{entry.name}/")
        else:
            files.append((above + entry.name, entry.read_bytes()))
    return files
