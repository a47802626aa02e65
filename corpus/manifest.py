"""The manifest: what a build was made of and what it holds, so that anybody can check it.

Nothing in it depends on a clock, a path of the machine or the number of workers: equal builds have
equal manifests. When and where a build was made stands in run.json.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import __version__
from corpus.kernels import sources_hash

if TYPE_CHECKING:
    from corpus.config import Config
    from corpus.inputs import Input

FORMAT = 1

LIBRARIES = (
    "charset-normalizer",
    "fastwarc",
    "ftfy",
    "langdetect",
    "lxml",
    "numba",
    "numpy",
    "orjson",
    "py3langid",
    "pyarrow",
    "pydantic",
    "resiliparse",
    "trafilatura",
)
"""The packages whose code decides what a build holds."""


@cache
def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    return {
        "corpus": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }


def settings(config: Config) -> dict[str, Any]:
    """Return the config as the manifest keeps it: what decides what the build holds."""
    found = config.to_json()
    found.get("output", {}).pop("path", None)
    found.pop("cache", None)
    return found


def canonical(value: Any) -> bytes:
    """Return JSON bytes that are equal for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def identity_of(config: Config, inputs: Sequence[Input], limit: int | None) -> str:
    """Return the SHA-256 of all that decides a build: inputs, settings, code and libraries."""
    made_of = {
        "config": settings(config),
        "elsewhere": _elsewhere(config),
        "custom": [stage_source(stage) for stage in config.stages],
        "inputs": sorted([item.source, item.file.name, item.sha256] for item in inputs),
        "limit": limit,
        "code": sources_hash(),
        "versions": versions(),
    }
    return hashlib.sha256(canonical(made_of)).hexdigest()


def _elsewhere(config: Config) -> list[str]:
    """Return what the documents hold that stages compare others with."""
    from corpus.elsewhere import fingerprint

    return [fingerprint(path, config.folder) for stage in config.stages for path in stage.reads()]


def stage_source(stage: Any) -> str:
    """Return a hash of the source of a user's own stage and what lies beside it; '' for ours."""
    import inspect

    module = inspect.getmodule(type(stage))
    if module is None or module.__name__.startswith("corpus.") or not module.__file__:
        return ""
    digest = hashlib.sha256()
    for path in sorted(Path(module.__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def still_stands(folder: Path, manifest: dict[str, Any], identity: str) -> bool:
    """Return whether the build in this folder is the one with this identity, with all its files.

    The card may have been edited since: people write in it.
    """
    if manifest.get("identity") != identity or manifest.get("format") != FORMAT:
        return False
    sizes = {name: told.get("bytes") for name, told in manifest.get("files", {}).items()}
    sizes.pop("README.md", None)
    return all(
        (folder / name).is_file() and (folder / name).stat().st_size == size
        for name, size in sizes.items()
    )
