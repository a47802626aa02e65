"""The folders of a build, and what stops a build from writing there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.builds.reader import find_manifest, manifest_at
from corpus.errors import ConfigError


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
        """The output of the first pass for each chunk of input."""
        return self.hidden / "cache"

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
    if folders.hidden.exists() and not folders.lock.is_file():
        raise ConfigError(
            f"{folders.hidden}: the build needs this folder for its scratch files, but it contains "
            "something else; choose another output.path"
        )
    if not target.exists():
        return
    if not target.is_dir():
        raise ConfigError(f"{target}: output.path is a file; name a folder for the build")
    manifest = manifest_at(target)
    if any(target.iterdir()) and manifest is None:
        raise ConfigError(
            f"{target}: this folder is not a build of corpus, and it is not empty; nothing was "
            "changed. Choose another output.path, or move the folder away"
        )
    known = {"README.md", "manifest.json", "run.json", *(manifest or {}).get("files", {})}
    present = (p.relative_to(target).as_posix() for p in sorted(target.rglob("*")) if p.is_file())
    if foreign := next((name for name in present if name not in known), None):
        raise ConfigError(
            f"{target / foreign}: not part of the build, and building again would delete it; "
            "move it away first"
        )


def refuse_trial_over_full_build(target: Path) -> None:
    """Raise `ConfigError` if a trial (`limit`) would replace a build of everything."""
    manifest = find_manifest(target)
    if manifest is not None and manifest.limit is None:
        raise ConfigError(
            f"{target}: contains a full build, which a trial with a limit would replace; "
            "choose another output.path"
        )
