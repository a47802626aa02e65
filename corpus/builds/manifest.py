"""The manifest of a build: what it was made from and what it contains, so that anyone can check it.

Nothing in a manifest depends on the clock, on a path of the machine or on the number of workers:
equal builds have equal manifests. When and where a build was made is in `run.json`.

    manifest.json
      format, name, corpus         version of this layout, name of the dataset, version of corpus
      identity                     hash of everything that determines the content
      seed, limit, as_of, config   the settings; `limit` is null unless the build is a trial
      versions, code               library versions, and a hash of the code of each stage
      inputs                       one entry per input file
      skipped_files                files of the sources that are not read; missing if there are none
      counts, funnel               records read, kept, removed and rejected; removals by stage
      renamed_ids                  documents that had the id of another one; missing if none had
      stages                       settings, metrics and reasons of each stage
      splits, columns, files       the shards of each split, their columns, the hash of each file
      checksum                     a hash of all of this
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, model_serializer, model_validator

from corpus import storage

FORMAT = 1
"""The version of this layout."""

PACKAGE_CODE = "corpus"
"""The key, in `code`, of the hash of the whole package."""

CARD = "README.md"
REJECTED_FILE = "ledger/rejected.parquet"


class JsonModel(BaseModel):
    """JSON with known keys. Unknown ones are kept; missing optional ones stay missing."""

    model_config = ConfigDict(extra="allow", strict=True)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, in the order in which they are written."""
        return self.model_dump(exclude_unset=True)


class InputEntry(JsonModel):
    """One input file, and what was read of it."""

    source: str
    """The name of the file."""
    config: int
    """The number of its source in the config, from 0."""
    bytes: int
    sha256: str
    records: int
    rejected: int = 0
    content: str = ""
    """The sum of the hashes of its records, in hex, which does not depend on their order."""
    skipped: dict[str, int] = {}
    """Records that are not documents, by reason: such as WARC records that are not pages."""
    no_text_column: int = 0
    """Records that do not have the text column; missing if there are none."""
    short_rows: int = 0
    """Rows of a CSV file with fewer fields than the header; missing if there are none."""
    dialect: str = ""
    """How the rows of a CSV file are written: delimiter and quotes; missing if as usual."""
    encoding: str = ""
    """The encoding that was detected in a file of records; missing if UTF-8, marked or set."""
    unparsed_dates: int = 0
    """Dates that could not be parsed. This and the next two are missing if there are none."""
    parsed_dates: int = 0
    unparsed_examples: list[str] = []
    date_format: str | None = None
    """How ambiguous dates were read, because other dates of the source decide it; else missing."""


class SkippedFilesEntry(JsonModel):
    """The files of one kind that a source has and that are not read."""

    config: int
    """The number of the source in the config, from 0."""
    kind: str
    """`.pdf`, `without extension`, `hidden`, `dataset metadata`, ..."""
    files: int
    names: list[str] = []
    """The names of the first ones; none of hidden files."""


class Counts(JsonModel):
    """Numbers of records. `read` is the sum of `kept`, `removed` and `rejected`."""

    read: int
    kept: int
    removed: int
    rejected: int
    splits: dict[str, int]
    """The kept documents of each split."""


class FunnelRow(JsonModel):
    """What one stage removed for one reason. `characters` is the length of the removed texts."""

    stage: str
    reason: str
    documents: int
    characters: int


class RenamedIdsEntry(JsonModel):
    """Documents that share their id with another document, and were named after their source."""

    column: str
    """The column of the shards that has the original ids."""
    documents: int
    examples: list[dict[str, str]] = []
    """A few of them: `id`, and the original as `id_source`."""


class StageEntry(JsonModel):
    """One stage. Its settings are extra keys, between `stage` and `metrics` in JSON."""

    stage: str
    metrics: dict[str, Any] = {}
    """What the stage measured when it decided."""
    reasons: dict[str, str] = {}
    """Each reason for which the stage may remove a document, and what it means."""

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting except the name of the stage."""
        return self.model_extra or {}

    @model_validator(mode="before")
    @classmethod
    def _read_older(cls, value: Any) -> Any:
        """Read an entry of a version in which metrics were called `facts`, or could be null."""
        if not isinstance(value, dict) or value.get("metrics") is not None:
            return value
        metrics = value.get("facts")
        others = {key: v for key, v in value.items() if key not in ("metrics", "facts")}
        return others | {"metrics": {} if metrics is None else metrics}

    @model_serializer
    def _in_order(self) -> dict[str, Any]:
        ends = {"metrics": self.metrics, "reasons": self.reasons}
        return {"stage": self.stage} | self.settings | ends


class SplitEntry(JsonModel):
    """One split: its documents, its size, and the files that contain it."""

    documents: int = 0
    bytes: int = 0
    """The size of its shards on disk."""
    shards: list[str]
    characters: int
    """The length of its texts."""
    tokens: int = 0
    """The number of its tokens; missing if no stage counts them."""


class Column(JsonModel):
    """One column of the shards, with its Arrow type."""

    name: str
    type: str
    feature: dict[str, Any] | None = None
    """Only for lists and structs: the feature that `datasets` has for the type, as JSON."""
    description: str | None = None
    """Only for a signal (`output.signals`): what was measured."""


class FileEntry(JsonModel):
    """One file of the build. Its path, relative to the build, is the key in `files`."""

    bytes: int
    sha256: str
    rows: int | None = None
    """Only for a shard."""
    content: str | None = None
    """Only for a shard: a hash of its ids and texts (`corpus.documents.content_hash`)."""
    generated: str | None = None
    """Only for the card: a hash of its generated part. The rest is the user's own."""


class Manifest(JsonModel):
    """The content of `manifest.json`."""

    format: int = FORMAT
    name: str
    corpus: str
    identity: str
    seed: int
    limit: int | None = None
    as_of: str | None = None
    config: dict[str, Any]
    versions: dict[str, Any]
    code: dict[str, str] | None = None
    inputs: list[InputEntry]
    skipped_files: list[SkippedFilesEntry] = []
    counts: Counts
    funnel: list[FunnelRow]
    renamed_ids: RenamedIdsEntry | None = None
    """Missing if every id that a source gives was unique."""
    stages: list[StageEntry]
    splits: dict[str, SplitEntry]
    columns: list[Column]
    files: dict[str, FileEntry]
    checksum: str | None = None
    """The SHA-256 of all other values, in hex; missing in builds of earlier versions."""

    def computed_checksum(self) -> str:
        """Return the SHA-256 of all values but the checksum, in hex."""
        values = self.to_json()
        values.pop("checksum", None)
        text = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def shards(self) -> list[str]:
        """The data files of every split."""
        return [name for split in self.splits.values() for name in split.shards]


def is_unchanged(folder: Path, manifest: Manifest, identity: str) -> bool:
    """Return whether the build in this folder has this identity, with every file as it was built.

    The user may have edited the card, except for its generated part. A build that rejected a
    record for a fault of the machine is not what would be built again.
    """
    from corpus.card.generated_region import generated_hash

    if manifest.identity != identity or manifest.format != FORMAT:
        return False
    try:
        card = (folder / CARD).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    built = manifest.files[CARD].generated if CARD in manifest.files else None
    return (
        generated_hash(card, built) == built
        and all(
            (folder / name).is_file() and storage.sha256(folder / name) == entry.sha256
            for name, entry in manifest.files.items()
            if name != CARD
        )
        and not (
            REJECTED_FILE in manifest.files
            and manifest.counts.rejected
            and _has_passing_rejects(folder)
        )
    )


def _has_passing_rejects(folder: Path) -> bool:
    """Return whether a record was rejected for a fault of the machine, which may have passed."""
    import pyarrow.compute as pc
    from pyarrow.parquet import ParquetFile

    from corpus.sources.reject_remedies import THIS_TIME

    with ParquetFile(folder / REJECTED_FILE) as file:
        reasons = file.read(["reason"]).column("reason")
    return bool(pc.any(pc.starts_with(reasons, THIS_TIME)).as_py())
