"""Parse a manifest, and name the first fault in it.

A manifest may come from anyone. Every value that a command reads again is checked here, so that no
command fails on a manifest that was damaged or edited.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, TypeVar

from pydantic import ValidationError

from corpus.builds.manifest import CARD, JsonModel, Manifest
from corpus.errors import InputError

M = TypeVar("M", bound=JsonModel)


class _ConfigSource(JsonModel):
    path: str


class _Config(JsonModel):
    """What is read again from `config`."""

    sources: list[_ConfigSource]
    stages: list[dict[str, Any]]


class _Thresholds(JsonModel):
    """What is read again from the settings of `deduplicate` and `split`."""

    threshold: float | None = None
    leakage_threshold: float | None = None


class _Id(JsonModel):
    id: str


class _Clusters(JsonModel):
    largest: list[_Id]


class _NearMiss(JsonModel):
    id: str
    other: str
    score: float


class _NearMisses(JsonModel):
    pairs: int
    nearest: list[_NearMiss]


class _ComparisonMetrics(JsonModel):
    """What is read again from the metrics of `deduplicate` and `split`."""

    highest_left: float | None = None
    recall_at_threshold: float | None = None
    compared: int | None = None
    overlap: int | None = None
    clusters: _Clusters | None = None
    near_misses: _NearMisses | None = None


class _TokenizerFile(JsonModel):
    name: str
    sha256: str


class _TokenMetrics(JsonModel):
    """What is read again from the metrics of `tokens`."""

    tokenizer: _TokenizerFile


class _MixedGroup(JsonModel):
    group: str
    documents: int
    size: int
    target: int
    kept: int
    uses: int
    reached: int
    limited: bool


class _MixMetrics(JsonModel):
    """What is read again from the metrics of `mix`."""

    mixture: list[_MixedGroup]


class _MixSettings(JsonModel):
    """What is read again from the settings of `mix`."""

    by: str | list[str]
    unit: str
    max_epochs: float


def parse_manifest(value: Any) -> Manifest:
    """Return a manifest from the JSON values of `manifest.json`.

    Raises `InputError` if a value is missing or has the wrong type, or if a file is outside of the
    build. Every value that any command reads again is checked.
    """
    manifest = _validate(Manifest, value)
    _validate(_Config, manifest.config, "config")
    for number, entry in enumerate(manifest.stages):
        if entry.stage in ("deduplicate", "split"):
            _validate(_Thresholds, entry.settings, f"stages[{number}]")
            _validate(_ComparisonMetrics, entry.metrics, f"stages[{number}].metrics")
        if entry.stage == "tokens":
            _validate(_TokenMetrics, entry.metrics, f"stages[{number}].metrics")
        if entry.stage == "mix":
            _validate(_MixSettings, entry.settings, f"stages[{number}]")
            _validate(_MixMetrics, entry.metrics, f"stages[{number}].metrics")
    if CARD in manifest.files and manifest.files[CARD].generated is None:
        raise _not_a_manifest(_missing(f"files.{CARD}.generated"))
    _check_files(manifest)
    return manifest


def _validate(model: type[M], value: Any, path: str = "") -> M:
    """Return the value as a model; raises `InputError` that names the first fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        places = [fault["loc"] for fault in error.errors(include_url=False, include_context=False)]
        # what a manifest of another program certainly lacks is named first
        for step in ("identity",) if ("identity",) in places else places[0]:
            path += f"[{step}]" if isinstance(step, int) else f".{step}"
    raise _not_a_manifest(_missing(path.removeprefix(".")) if path else "it is not a JSON object")


def _check_files(manifest: Manifest) -> None:
    """Raise `InputError` if a file is not inside the build, or a shard has no hash."""
    for name in [*manifest.files, *manifest.shards]:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\0" in name or name == "":
            raise _not_a_manifest(f"it names a file outside of the build, {name[:80]!r}")
    if unhashed := set(manifest.shards) - manifest.files.keys():
        raise _not_a_manifest(f"it has no hash of {min(unhashed)[:80]!r}")


def _missing(path: str) -> str:
    return f"{path[:80]!r} is missing or has the wrong type"


def _not_a_manifest(fault: str) -> InputError:
    return InputError(f"not a corpus manifest: {fault}")
