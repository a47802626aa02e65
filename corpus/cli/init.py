"""Write a first project: a config, and a few pages to build."""

from __future__ import annotations

import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from corpus import storage
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


def _files(folder: Traversable, above: str = "") -> list[tuple[str, bytes]]:
    """Return the names and bytes of all files in a folder of the package, files before folders."""
    files: list[tuple[str, bytes]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name)):
        if entry.is_dir():
            files += _files(entry, f"{above}{entry.name}/")
        else:
            files.append((above + entry.name, entry.read_bytes()))
    return files
