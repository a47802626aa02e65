"""What is at the place where a build would write, and what would stop it there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from corpus.builds.reader import find_manifest
from corpus.errors import ConfigError, CorpusError, EnvironmentFault
from corpus.pipeline.output_folder import BuildFolders, refuse_foreign_files
from corpus.terminal import format_bytes


def describe_output(target: Path) -> str:
    """Return what a build would do with what is at its place; "" if nothing is there."""
    manifest = find_manifest(target)
    if manifest is None:
        return ""
    n = sum(split["documents"] for split in manifest.to_json()["splits"].values())
    return f"a build of {n:,} documents is there; it is replaced if anything has changed"


def output_errors(target: Path, needed_bytes: float) -> Iterator[CorpusError]:
    """Yield why a build could not write its folder. Changes nothing.

    `needed_bytes` is an estimate; a disk with less than half of it is certainly too small.
    """
    folders = BuildFolders(target)
    try:
        refuse_foreign_files(folders)
    except CorpusError as error:
        yield error
        return
    parent = nearest_folder(target.parent)
    if not parent.is_dir():
        yield ConfigError(f"{parent}: output.path is below a file; choose another output.path")
    elif not os.access(parent, os.W_OK | os.X_OK):
        yield EnvironmentFault(
            f"{parent}: no permission to write here; choose another output.path, or change the "
            "permissions of this folder"
        )
    elif (free := shutil.disk_usage(parent).free) < needed_bytes / 2:
        yield EnvironmentFault(
            f"{parent}: a build needs about {format_bytes(needed_bytes)}, and only "
            f"{format_bytes(free)} are free; free some space, or choose another output.path"
        )
    if process := _locked_by(folders.lock):
        yield EnvironmentFault(
            f"{target}: another build is writing here (process {process}); wait until it ends"
        )


def nearest_folder(path: Path) -> Path:
    """Return the path, or the nearest one above it that exists."""
    while not os.path.lexists(path):
        path = path.parent
    return path


def _locked_by(lock: Path) -> str:
    """Return the process that has a lock, "" if none has it.

    The system's list of locks is read: to try the lock would stop a build that starts just now.
    """
    try:
        inode = lock.stat().st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    for line in locks:  # 1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF
        _, kind, _, _, process, place, *_ = line.replace("->", "").split()
        if kind == "FLOCK" and place.rpartition(":")[2] == str(inode):
            return process
    return ""
