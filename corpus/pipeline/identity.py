"""What decides the content of a build: its inputs, settings, code and library versions."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus import storage
from corpus.builds.manifest import WHOLE
from corpus.config.model import Config
from corpus.errors import ConfigError
from corpus.fingerprints import code_hash, sources_hash
from corpus.sources.inputs import Input
from corpus.version import VERSION

LIBRARIES = (
    "charset-normalizer",
    "courlan",
    "datasets",
    "fastwarc",
    "ftfy",
    "htmldate",
    "jinja2",
    "justext",
    "langdetect",
    "lxml",
    "numba",
    "numpy",
    "orjson",
    "py3langid",
    "pyarrow",
    "pydantic",
    "PyYAML",
    "resiliparse",
    "trafilatura",
)
"""The packages whose code decides what a build holds."""


@cache
def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    return {
        "corpus": VERSION,
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


def code_of(config: Config) -> dict[str, str]:
    """Return a hash of the code of each stage, of reading, and of the whole package.

    So that whoever compares two builds can say whose code is another.
    """
    found = {"read": code_hash("corpus.sources")}
    for stage in config.stages:
        module = type(stage).__module__
        ours = module.startswith("corpus.")
        found[stage.stage] = code_hash(module) if ours else stage_source(stage)[:16]
    return found | {WHOLE: sources_hash()}


def _elsewhere(config: Config) -> list[str]:
    """Return what the documents hold that stages compare others with."""
    from corpus.pipeline.reference_documents import fingerprint

    return [fingerprint(path, config.folder) for stage in config.stages for path in stage.reads()]


def stage_source(stage: Any) -> str:
    """Return a hash of what a stage of the user's is made of; '' for ours, but for its files.

    That is its folder and every package.
    """
    import inspect

    module = inspect.getmodule(type(stage))
    if module is not None and module.__name__.startswith("corpus."):
        return "".join(storage.sha256(path) for path in stage.files())
    digest = hashlib.sha256()
    if module is not None and getattr(module, "__file__", None):
        folder = Path(str(module.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    else:
        try:
            digest.update(inspect.getsource(type(stage)).encode())
        except (OSError, TypeError):
            raise ConfigError(
                f"stage {stage.stage!r}: its source cannot be found; define it in a file"
            ) from None
    for found in sorted(f"{each.name}=={each.version}" for each in metadata.distributions()):
        digest.update(found.encode() + b"\0")
    return digest.hexdigest()
