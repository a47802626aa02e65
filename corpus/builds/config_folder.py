"""Remember, on this machine, in which folder the config of a build is: `explain` reads its sources.

A build does not say it, because it may be published. And it must not: whoever made the build would
decide which files are opened. So the folder is in the cache of this user, under the hash of the
manifest. The build of somebody else has a manifest that was never written here.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from corpus import storage
from corpus.builds.reader import MANIFEST, file_in_build
from corpus.kernels import cache_folder

MAX_RECORDS = 1000
"""The oldest records are deleted when there are more."""


def remember_config_folder(build: Path, folder: Path) -> None:
    """Remember the folder that relative paths in the config of a build start from.

    Nothing happens if the cache cannot be written: `explain` then asks for the config.
    """
    with suppress(OSError):
        record = _record(build)
        storage.write(record, json.dumps({"folder": str(folder.absolute())}).encode())
        records = sorted(record.parent.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for old in records[:-MAX_RECORDS]:
            storage.remove(old)


def config_folder(build: Path) -> Path | None:
    """Return the folder of the config of a build that was built on this machine, else None."""
    try:
        return Path(json.loads(_record(build).read_bytes())["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _record(build: Path) -> Path:
    """Return the file of the cache that belongs to exactly this manifest."""
    return cache_folder() / "builds" / f"{storage.sha256(file_in_build(build, MANIFEST))}.json"
