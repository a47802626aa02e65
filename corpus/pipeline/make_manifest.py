"""Make the manifest of a build from the files that were written, and check that the sums add up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from corpus.builds.manifest import (
    FORMAT,
    Column,
    Counts,
    FileEntry,
    FunnelRow,
    InputEntry,
    Manifest,
    RenamedIdsEntry,
    SkippedFilesEntry,
    SplitEntry,
    StageEntry,
)
from corpus.documents import READ_STEP, REDACTED
from corpus.errors import CorpusError
from corpus.pipeline.counted import Counted, Removals
from corpus.pipeline.first_pass import FirstPass, InputCounts
from corpus.pipeline.identity import code_hashes, content_settings, versions
from corpus.pipeline.redact_outputs import redact_metrics
from corpus.pipeline.redaction_ledger import redaction_metrics
from corpus.pipeline.repeated_ids import RenamedIds
from corpus.pipeline.sharding import Sharding, split_of
from corpus.pipeline.shards import feature
from corpus.sources.files.skipped import SkippedFile, group_by_kind
from corpus.sources.notes import FileNotes
from corpus.stages.base import Stage

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.sources.files.inputs import Input

SPLIT_ORDER = ("train", "validation", "test")

THIS_IS_A_BUG = "nothing was published. This is a bug: please report it"


class BuildSubject(NamedTuple):
    """What is built: everything that determines the content of a build."""

    config: Config
    inputs: Sequence[Input]
    skipped: Sequence[Sequence[SkippedFile]]
    """The files of each source that are not read."""

    limit: int | None
    identity: str


def make_manifest(
    subject: BuildSubject,
    *,
    first: FirstPass,
    metrics: Sequence[Mapping[str, object]],
    sharding: Sharding,
    columns: pa.Schema,
    files: Mapping[str, FileEntry],
    counted: Counted,
    removed: int,
    rejected: int,
    signals: Mapping[str, str],
    renamed: RenamedIds | None = None,
) -> Manifest:
    """Return the manifest of the shards that were written; raises `CorpusError` if sums differ.

    `files` are the shards. `removed` and `rejected` are the rows of the ledgers. `signals`
    describes columns. The lengths of the splits are still 0, and only shards are among the files.
    """
    config = subject.config
    splits = _splits(sharding, files)
    last_redact = _last_redact(config.stages)
    redactions = redaction_metrics([counted.redactions])
    redacted = [
        redact_metrics(stage, measured, config.stages)
        for stage, measured in zip(config.stages, metrics, strict=True)
    ]
    manifest = Manifest(
        format=FORMAT,
        name=config.name,
        corpus=versions()["corpus"],
        identity=subject.identity,
        seed=config.seed,
        limit=subject.limit,
        as_of=None if config.as_of is None else str(config.as_of),
        config=content_settings(config),
        versions=versions(),
        code=code_hashes(config),
        inputs=_inputs(subject.inputs, first),
        counts=_counts(first.read, splits, removed=removed, rejected=rejected),
        funnel=_funnel(config.stages, counted.removals),
        stages=[
            stage_entry(stage, {**measured, **(redactions if i == last_redact else {})})
            for i, (stage, measured) in enumerate(zip(config.stages, redacted, strict=True))
        ],
        splits=splits,
        columns=[_column(field, signals) for field in columns],
        files=dict(sorted(files.items())),
    )
    if skipped := _skipped_files(subject.skipped):
        manifest.skipped_files = skipped
    if renamed:
        manifest.renamed_ids = RenamedIdsEntry(**renamed._asdict())
    check_sums(manifest.counts)
    check_splits(manifest.stages)
    return manifest


def _column(field: pa.Field, signals: Mapping[str, str]) -> Column:
    """Return the entry of a column."""
    column = Column(name=field.name, type=str(field.type))
    if pa.types.is_nested(field.type):
        column.feature = feature(field.type)
    if field.name in signals:
        column.description = signals[field.name]
    return column


def _last_redact(stages: Sequence[Stage]) -> int | None:
    """Return the number of the last stage that redacts: its metrics count what all of them did."""
    return max((i for i, stage in enumerate(stages) if REDACTED in stage.adds.names), default=None)


def stage_entry(stage: Stage, metrics: Mapping[str, object]) -> StageEntry:
    """Return the settings, metrics and reasons of a stage."""
    settings: dict[str, Any] = stage.model_dump(mode="json")
    plain = json.loads(json.dumps(metrics))
    return StageEntry.model_validate(settings | {"metrics": plain, "reasons": dict(stage.reasons)})


def check_sums(counts: Counts) -> None:
    """Raise `CorpusError` unless every record that was read is in exactly one place."""
    accounted = counts.kept + counts.removed + counts.rejected
    if accounted != counts.read:
        raise CorpusError(
            f"the counts do not add up: {counts.read:,} records were read, {accounted:,} are "
            f"accounted for ({counts.to_json()}); {THIS_IS_A_BUG}"
        )


def check_splits(stages: Sequence[StageEntry]) -> None:
    """Raise `CorpusError` if the metrics of a split stage say that its splits still overlap.

    A split without a `leakage_threshold` does not remove leaks: the card and the audit report them.
    """
    for stage in stages:
        threshold = stage.settings.get("leakage_threshold")
        overlap = stage.metrics.get("overlap", 0)
        highest = stage.metrics.get("highest_left", 0)
        if threshold and (overlap or highest >= threshold):
            raise CorpusError(
                f"the splits overlap: {overlap:,} texts are in two splits, and the highest Jaccard "
                f"similarity between documents of two splits is {highest}, which must be below "
                f"{threshold}; {THIS_IS_A_BUG}"
            )


def _inputs(inputs: Sequence[Input], first: FirstPass) -> list[InputEntry]:
    entries = []
    for item in sorted(inputs, key=lambda item: (item.source, item.file.name)):
        key = (item.source, item.file.name)
        entries.append(
            InputEntry(
                source=item.file.name,
                config=item.source,
                bytes=item.file.bytes,
                sha256=item.sha256,
                **_counts_of_input(first.inputs.get(key, InputCounts())),
                **_losses(first.notes.get(key, FileNotes()), first.date_formats.get(item.source)),
            )
        )
    return entries


def _skipped_files(skipped: Sequence[Sequence[SkippedFile]]) -> list[SkippedFilesEntry]:
    return [
        SkippedFilesEntry(config=index, **kind._asdict())
        for index, files in enumerate(skipped)
        for kind in group_by_kind(files)
    ]


def _losses(notes: FileNotes, date_format: str | None) -> dict[str, Any]:
    """Return what was lost within the records of a file, and how it was read, if not as usual."""
    lost: dict[str, Any] = {}
    if notes.no_text_column:
        lost["no_text_column"] = notes.no_text_column
    if notes.short_rows:
        lost["short_rows"] = notes.short_rows
    if notes.dialects:
        lost["dialect"] = notes.dialects[0]
    if notes.encodings:
        lost["encoding"] = notes.encodings[0]
    if notes.unparsed_dates:
        lost["unparsed_dates"] = notes.unparsed_dates
        lost["parsed_dates"] = notes.dates
        lost["unparsed_examples"] = list(notes.unparsed_examples)
    return lost | ({"date_format": date_format} if date_format else {})


def _counts_of_input(counts: InputCounts) -> dict[str, Any]:
    """Return the counts of one file; `skipped` is left out if nothing was skipped."""
    return {name: value for name, value in counts._asdict().items() if value != {}}


def _counts(read: int, splits: Mapping[str, SplitEntry], *, removed: int, rejected: int) -> Counts:
    documents = {name: split.documents for name, split in splits.items()}
    return Counts(
        read=read,
        kept=sum(documents.values()),
        removed=removed,
        rejected=rejected,
        splits=documents,
    )


def _funnel(stages: Sequence[Stage], removals: Sequence[Removals]) -> list[FunnelRow]:
    """Return what each stage removed and why, in the order of the stages."""
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for stage, reason, documents, characters in removals:
        n, size = totals.get((stage, reason), (0, 0))
        totals[stage, reason] = n + documents, size + characters
    order = [READ_STEP, *dict.fromkeys(stage.stage for stage in stages)]
    return [
        FunnelRow(stage=stage, reason=reason, documents=n, characters=size)
        for (stage, reason), (n, size) in sorted(
            totals.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]


def _splits(sharding: Sharding, files: Mapping[str, FileEntry]) -> dict[str, SplitEntry]:
    """Return the splits: train, validation and test first, then others by name."""
    names = sorted(
        {split_of(destination) for destination in sharding.shards},
        key=lambda split: (
            SPLIT_ORDER.index(split) if split in SPLIT_ORDER else len(SPLIT_ORDER),
            split,
        ),
    )
    return {
        split: SplitEntry(
            documents=sum(files[name].rows or 0 for name in sharding.files(split)),
            bytes=sum(files[name].bytes for name in sharding.files(split)),
            shards=sharding.files(split),
            characters=0,
        )
        for split in names
    }
