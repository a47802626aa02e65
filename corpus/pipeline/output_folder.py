"""The folders of a build, and what stops a build from writing there."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.builds.manifest import CARD
from corpus.builds.reader import file_in_build, find_manifest, is_build, manifest_at, names_below
from corpus.errors import ConfigError
from corpus.pipeline.result_cache import cache_folder


@dataclass(frozen=True)
class BuildFolders:
    """Where a build and its scratch files are."""

    target: Path
    """The folder of the build."""

    @property
    def hidden(self) -> Path:
        """The folder next to the build with its lock, cache and scratch files."""
        return self.target.with_name(f".{self.target.name}")

    @property
    def lock(self) -> Path:
        """The file that lets only one build write at a time."""
        return self.hidden / "lock"

    @property
    def cache(self) -> Path:
        """The results of the passes, which builds in the same folder share."""
        return cache_folder(self.target)

    @property
    def old_cache(self) -> Path:
        """The cache of versions before 0.2, which only this build used."""
        return self.hidden / "cache"

    @property
    def own_cache(self) -> Path:
        """The results of a build that does not use the cache."""
        return self.work / "cache"

    @property
    def this_time(self) -> Path:
        """Rejects that may be due to the machine: no other build may use them."""
        return self.work / "this-time"

    @property
    def work(self) -> Path:
        """Scratch files of the running build."""
        return self.hidden / "work"

    @property
    def staged(self) -> Path:
        """The finished build, before it is published."""
        return self.work / "staged"

    @property
    def old(self) -> Path:
        """The old build, while the new one takes its place."""
        return self.hidden / "old"

    @property
    def rejected(self) -> Path:
        """The ledger of rejects of a build that stopped because there were too many."""
        return self.hidden / "rejected.parquet"


def refuse_foreign_files(folders: BuildFolders) -> None:
    """Raise `ConfigError` if the output folder contains anything that is not part of a build."""
    target = folders.target
    if target.is_symlink():
        raise ConfigError(f"{target}: output.path is a link; name the folder that it points to")
    if folders.hidden.is_symlink():
        raise ConfigError(
            f"{folders.hidden}: the build needs this folder for its scratch files, but it is a "
            "link; choose another output.path, or delete the link"
        )
    if os.path.lexists(folders.cache) and not folders.cache.is_dir():
        raise ConfigError(
            f"{folders.cache}: the build needs this folder for its cache, but it is not a folder; "
            "choose another output.path, or move it away"
        )
    if not _is_ours(folders):
        raise ConfigError(
            f"{folders.hidden}: the build needs this folder for its scratch files, but it contains "
            "something else; choose another output.path"
        )
    outer = next(filter(is_build, target.parents), None)
    if outer is not None:
        raise ConfigError(
            f"{target}: output.path is inside the build {outer}, which would then no longer be as "
            "it was verified; choose another output.path"
        )
    if target.exists():
        refuse_foreign_content(target)


def _is_ours(folders: BuildFolders) -> bool:
    """Return whether the hidden folder is missing, has a lock, or is empty.

    A build that ended before it could write its lock leaves it empty.
    """
    hidden = folders.hidden
    if folders.lock.is_file() or not os.path.lexists(hidden):
        return True
    return hidden.is_dir() and not hidden.is_symlink() and not any(hidden.iterdir())


def refuse_foreign_content(target: Path) -> None:
    """Raise `ConfigError` if a folder is not a build, or has files that are not part of it."""
    if not target.is_dir():
        raise ConfigError(f"{target}: output.path is a file; name a folder for the build")
    manifest = manifest_at(target)
    if any(target.iterdir()) and manifest is None:
        raise ConfigError(
            f"{target}: this folder is not a build of corpus, and it is not empty; nothing was "
            "changed. Choose another output.path, or move the folder away"
        )
    known = {CARD, "manifest.json", "run.json", *(manifest or {}).get("files", {})}
    if foreign := next((name for name in names_below(target) if name not in known), None):
        raise ConfigError(
            f"{target / foreign}: not part of the build, and building again would delete it; "
            "move it away first"
        )


def read_card(folder: Path) -> str | None:
    """Return the dataset card in the folder of a build, or None if there is none."""
    with suppress(FileNotFoundError):
        return file_in_build(folder, CARD).read_text(encoding="utf-8", errors="replace")
    return None


def refuse_changes(folder: Path, target: Path, card: str | None) -> None:
    """Raise `ConfigError` if people changed the old build while the new one was made.

    The old build is in `folder`, before or after it was at `target`; the new card has what people
    wrote into `card`.
    """
    try:
        if folder.exists():
            refuse_foreign_content(folder)
    except ConfigError as error:
        message = str(error).replace(str(folder), str(target))
        raise ConfigError(f"{message}. Nothing was published: build again afterwards") from None
    if read_card(folder) != card:
        raise ConfigError(
            f"{target / CARD}: edited while the corpus was built, so nothing was published; "
            "build again, and the new card has your text"
        )


def refuse_trial_over_full_build(target: Path) -> None:
    """Raise `ConfigError` if a trial (`limit`) would replace a build of everything."""
    manifest = find_manifest(target)
    if manifest is not None and manifest.limit is None:
        raise ConfigError(
            f"{target}: contains a full build, which a trial with a limit would replace; "
            "choose another output.path"
        )
