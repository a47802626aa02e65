"""What determines the content of a build: its inputs, settings, code and library versions."""

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
from corpus.builds.manifest import PACKAGE_CODE
from corpus.config.model import Config
from corpus.errors import ConfigError
from corpus.fingerprints import code_hash, sources_hash
from corpus.observations import Observation
from corpus.pipeline.segments import Segment, observations_of
from corpus.sources.files.inputs import Input
from corpus.sources.files.skipped import SkippedFile, group_by_kind
from corpus.sources.files.stamps import WatchedFile, file_stamp
from corpus.stages.base import CorpusStage, Stage, ThresholdStage
from corpus.stages.custom import is_outdated
from corpus.stages.own_code import code_files
from corpus.stages.own_mistakes import is_own, naming_mistakes_of
from corpus.version import VERSION

LIBRARIES = (
    "charset-normalizer",
    "courlan",
    "datasets",
    "ftfy",
    "htmldate",
    "jinja2",
    "justext",
    "langdetect",
    "lxml",
    "numba",
    "numpy",
    "orjson",
    "phonenumberslite",
    "py3langid",
    "pyarrow",
    "pydantic",
    "python-stdnum",
    "PyYAML",
    "resiliparse",
    "trafilatura",
)
"""The packages whose code affects the content of a build."""


@cache
def versions() -> dict[str, str]:
    """Return the versions that the content of a build may depend on."""
    return {
        "corpus": VERSION,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in LIBRARIES},
    }


def content_settings(config: Config) -> dict[str, Any]:
    """Return the settings that affect the content of a build, as the manifest stores them."""
    settings = config.to_json()
    settings.get("output", {}).pop("path", None)
    settings.pop("cache", None)
    settings.pop("cache_size", None)
    for source in settings.get("sources", ()):
        source.pop("remote", None)
    return settings


def canonical_json(value: Any) -> bytes:
    """Return JSON that is equal, byte for byte, for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def identity_of(
    config: Config,
    inputs: Sequence[Input],
    limit: int | None,
    skipped: Sequence[Sequence[SkippedFile]] = (),
) -> str:
    """Return the SHA-256 of everything that determines the content of a build.

    `skipped` are the files of each source that are not read: the manifest lists them.
    """
    parts = {
        "config": content_settings(config),
        "reference_documents": _reference_fingerprints(config),
        "custom": [stage_source(stage) for stage in config.stages],
        "observations": [_observation_settings(_observed(stage)) for stage in config.stages],
        "inputs": sorted([item.source, item.file.name, item.sha256] for item in inputs),
        "skipped": [group_by_kind(files) for files in skipped],
        "limit": limit,
        "code": sources_hash(),
        "versions": versions(),
    }
    return hashlib.sha256(canonical_json(parts)).hexdigest()


def pass_settings(segment: Segment, config: Config) -> dict[str, Any]:
    """Return what the result of a pass depends on, apart from what it reads.

    The settings of the stages that decide on the result are not part of it: a changed threshold
    changes only the decisions.
    """
    observers = [code for stage in segment.deciding_stages if (code := stage_source(stage))]
    return {
        "stages": [
            [stage.stage, stage_source(stage), stage.model_dump(mode="json")]
            for stage in segment.document_stages
        ],
        "observers": observers,
        "observations": _observation_settings(segment.observations),
        "as_of": str(config.as_of),
        "code": sources_hash(),
        "versions": versions(),
    }


def decided_settings(stages: Sequence[Stage]) -> dict[str, Any]:
    """Return what applying the decisions of these stages depends on, apart from the decisions."""
    return {
        "stages": [
            [stage.stage, stage_source(stage), stage.model_dump(mode="json")] for stage in stages
        ],
        "code": sources_hash(),
        "versions": versions(),
    }


def code_hashes(config: Config) -> dict[str, str]:
    """Return a hash of the code that reads, of the code of each stage, and of the whole package.

    With them, a comparison of two builds can report which code has changed.
    """
    hashes = {"read": code_hash("corpus.sources")}
    for stage in config.stages:
        module = type(stage).__module__
        ours = module.startswith("corpus.")
        hashes[stage.stage] = code_hash(module) if ours else stage_source(stage)[:16]
    return hashes | {PACKAGE_CODE: sources_hash()}


def _reference_fingerprints(config: Config) -> list[str]:
    """Return a hash of each set of documents that a stage compares the corpus with."""
    from corpus.pipeline.reference_documents import fingerprint

    return [fingerprint(path, config.folder) for stage in config.stages for path in _reads(stage)]


def _observed(stage: Stage) -> tuple[Observation, ...]:
    return observations_of(stage) if isinstance(stage, CorpusStage | ThresholdStage) else ()


def _observation_settings(observations: Sequence[Observation]) -> list[Any]:
    """Return what measurements depend on: also names of files, or the version of a library."""
    return [[type(each).__name__, each.model_dump(mode="json")] for each in observations]


def _reads(stage: Stage) -> tuple[str, ...]:
    with naming_mistakes_of(stage):
        return tuple(stage.reads())


def stage_source(stage: Stage) -> str:
    """Return a hash of the source of a custom stage, and of the files that a stage reads.

    The source of a custom stage is every file of `corpus.stages.own_code`, and the version of every
    installed package. A stage of ours that reads no files has "".
    """
    import inspect

    read = "".join(storage.sha256(path) for path in _files_read(stage))
    if not is_own(type(stage)):
        return read
    digest = hashlib.sha256(read.encode())
    if files := _code_files(stage):
        for name, path in sorted(files.items()):
            digest.update(name.encode() + b"\0" + path.read_bytes())
    else:
        try:
            digest.update(inspect.getsource(type(stage)).encode())
        except (OSError, TypeError):
            raise ConfigError(
                f"stage {stage.stage!r}: its source code was not found; define it in a file"
            ) from None
    for package in sorted(f"{each.name}=={each.version}" for each in metadata.distributions()):
        digest.update(package.encode() + b"\0")
    return digest.hexdigest()


def watched_files(stages: Sequence[Stage]) -> tuple[WatchedFile, ...]:
    """Return the files with the code of the user's own stages, and those that stages read.

    Whatever was made with one of them that changed later must not be kept.
    """
    paths = {path for stage in stages for path in _files_read(stage)}
    for stage in stages:
        if is_own(type(stage)):
            paths |= set(_code_files(stage).values())
    return tuple(WatchedFile(str(path), file_stamp(str(path))) for path in sorted(paths))


def check_watched(files: Sequence[WatchedFile]) -> None:
    """Raise `ConfigError` if a file that a stage depends on has changed since it was hashed."""
    for file in files:
        if file.has_changed:
            raise ConfigError(
                f"{file.path}: changed during the build, and a stage depends on it; build again "
                "when it is complete"
            )


def _files_read(stage: Stage) -> tuple[Path, ...]:
    with naming_mistakes_of(stage):
        return tuple(Path(path) for path in stage.files())


def _code_files(stage: Stage) -> dict[str, Path]:
    import inspect

    module = inspect.getmodule(type(stage))
    if module is None or not getattr(module, "__file__", None):
        return {}
    if is_outdated(type(stage)):
        raise ConfigError(f"{module.__file__}: changed since the build began; build again")
    return code_files(module)
