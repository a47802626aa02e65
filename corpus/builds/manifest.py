"""The manifest: what a build was made of and what it holds, so that anybody can check it.

Nothing in it depends on a clock, a path of the machine or the number of workers: equal builds have
equal manifests. When and where a build was made stands in run.json.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import storage

if TYPE_CHECKING:
    pass

FORMAT = 1


def still_stands(folder: Path, manifest: dict[str, Any], identity: str) -> bool:
    """Return whether the build in this folder is the one with this identity, with all its files.

    The card may have been edited since, but for its generated part: people write in it.
    """
    from corpus.card.generated_region import generated_hash

    if manifest.get("identity") != identity or manifest.get("format") != FORMAT:
        return False
    hashes = {name: told.get("sha256") for name, told in manifest.get("files", {}).items()}
    hashes.pop("README.md", None)
    try:
        card = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    built = manifest["files"].get("README.md", {}).get("generated")
    same = generated_hash(card, built) == built
    return same and all(
        (folder / name).is_file() and storage.sha256(folder / name) == hash
        for name, hash in hashes.items()
    )


WHOLE = "corpus"
"""Under this name stands the code of the whole package."""
