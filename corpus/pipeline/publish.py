"""Write everything that a build publishes into a staged folder: shards, ledgers, descriptions.

The manifest is made last, and only if the rows of these files account for every record that was
read. A folder without a manifest is never published.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from corpus import storage
from corpus.builds.empty_columns import EMPTY_COLUMNS
from corpus.builds.manifest import REJECTED_FILE, FileEntry, Manifest
from corpus.builds.reader import CUT_LINES_FILE, REDACTED_FILE, REMOVED_FILE
from corpus.documents import REDACTED, REDACTIONS, REMOVED
from corpus.errors import InputError
from corpus.pipeline.counted import Counted, merge_counted
from corpus.pipeline.decide import Decisions
from corpus.pipeline.describe import describe, write_run_json
from corpus.pipeline.empty_columns import empty_columns
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.first_pass import FirstPass
from corpus.pipeline.identity import canonical_json, decided_settings, watched_files
from corpus.pipeline.last_pass import (
    FragmentsTask,
    PartitionsTask,
    WrittenPartition,
    join_fragments,
    write_partitions,
)
from corpus.pipeline.ledgers import join_ledger, write_rejected
from corpus.pipeline.line_ledger import write_line_ledger
from corpus.pipeline.make_manifest import BuildSubject, make_manifest
from corpus.pipeline.partition_files import fragment_file, redacted_file, removed_file
from corpus.pipeline.partitions import LastPass, Partition
from corpus.pipeline.redact_outputs import evidence_redaction
from corpus.pipeline.sharding import Sharding, data_hash, plan_shards
from corpus.pipeline.shards import RowGroups, ShardColumns, ShardTask, shard_columns, write_shard
from corpus.pipeline.sorted_runs import SUMMARY, SortedRun
from corpus.stages.base import CorpusStage
from corpus.stages.tokens import TOKEN_COUNT, Tokens

if TYPE_CHECKING:
    from corpus.progress import Progress
    from corpus.sources import Reject


MAX_PARTITIONS_PER_TASK = 4
"""Each may have 32 MB of text in memory."""

TASKS_PER_WORKER = 4


@dataclass(frozen=True)
class PassResults:
    """What the passes made."""

    first: FirstPass
    decisions: tuple[Decisions, ...]
    """The decisions after each pass. The last of them are still to be applied."""

    runs: tuple[SortedRun, ...]
    """The runs of every pass."""

    rejected: tuple[Reject, ...]
    metrics: tuple[dict[str, object], ...]
    """The metrics of each stage of the config."""

    @property
    def last(self) -> Decisions:
        """The decisions after the last pass."""
        return self.decisions[-1]


class StagedBuild(NamedTuple):
    """A complete build that is not published yet."""

    used: set[Path]
    """The results in the cache that it was made of."""

    manifest: Manifest
    previous_card: str | None
    """The card of the build that it replaces, as it was when the new card was written."""


def write_build(
    work: Path,
    subject: BuildSubject,
    results: PassResults,
    *,
    cache: Path,
    engine: Engine,
    began: float,
    progress: Progress,
) -> StagedBuild:
    """Write the whole build into `work/staged`, and return what it is.

    Raises `InputError` if no document is left, `CorpusError` if the sums do not add up.
    """
    staged, config = work / "staged", subject.config
    if not results.last.kept_documents:
        raise InputError(_nothing_left(results))
    sharding = plan_shards(
        results.last.kept,
        shard_size=config.output.shard_size,
        by_language=config.output.configs == "language",
    )
    progress.start("write", bytes=results.last.kept_bytes)
    columns = _columns(work, subject, results, engine)
    last_pass = _last_pass(subject, results, columns, sharding, cache)
    partitions, counted = _write_partitions(sharding, last_pass, engine, progress)
    row_groups, counted_again = _join_fragments(
        work, sharding, last_pass, partitions, engine, progress
    )
    counted = merge_counted([counted, counted_again])
    sharding, files = _write_shards(staged, sharding, row_groups, engine)
    removed = _write_ledgers(staged, subject, results, sharding, partitions)

    progress.start("audit and card", bytes=0)
    manifest = make_manifest(
        subject,
        first=results.first,
        metrics=_metrics(subject, results, columns),
        sharding=sharding,
        columns=columns.schema,
        files=files,
        counted=counted,
        removed=removed,
        rejected=len(results.rejected),
        signals={
            signal.field.name: signal.description
            for decisions in results.decisions
            for signal in decisions.signals
        },
        renamed=results.decisions[0].renamed,
    )
    card = describe(staged, config, manifest, counted=counted, runs=results.runs, engine=engine)
    write_run_json(staged / "run.json", config, engine, began=began)
    return StagedBuild({part.folder for part in partitions}, manifest, card)


def _columns(
    work: Path, subject: BuildSubject, results: PassResults, engine: Engine
) -> ShardColumns:
    """Return the columns of the shards: those that have a value in a kept document."""
    from corpus.pipeline.kept_columns import list_kept_columns

    return shard_columns(
        list_kept_columns(results.last, engine, work / "columns"),
        subject.config.stages,
        max_columns=subject.config.output.max_columns,
        added=results.last.added,
    )


def _metrics(
    subject: BuildSubject, results: PassResults, columns: ShardColumns
) -> list[dict[str, object]]:
    """Return the metrics of each stage, with the columns that it names and no document has."""
    stages = subject.config.stages
    empty = empty_columns(stages, results.runs, columns.schema.names)
    return [
        {**measured, EMPTY_COLUMNS: of_stage} if of_stage else measured
        for measured, of_stage in zip(results.metrics, empty, strict=True)
    ]


def _last_pass(
    subject: BuildSubject,
    results: PassResults,
    columns: ShardColumns,
    sharding: Sharding,
    cache: Path,
) -> LastPass:
    """Return what every partition needs to know."""
    config, last = subject.config, results.last
    token_column = TOKEN_COUNT if _counts_tokens(subject) else None
    evidence = evidence_redaction(config.stages)
    redacting = evidence.all if evidence else ()
    watched = watched_files([*last.stages, *redacting])
    settings = decided_settings(last.stages) | {
        "schema": columns.schema.serialize().to_pybytes().hex(),
        "source_columns": columns.source_columns.serialize().to_pybytes().hex(),
        "languages": sharding.languages,
        "redacts": _redacts(subject),
        "token_column": token_column,
        "evidence": [
            decided_settings(redacting),
            [
                [*each, [stage.stage for stage in stages]]
                for each, stages in evidence.by_column.items()
            ],
            evidence.own,
        ]
        if evidence
        else None,
    }
    return LastPass(
        last.stages,
        last.runs,
        last.files,
        results.runs,
        tuple(storage.sha256(run.folder / SUMMARY) for run in results.runs),
        hashlib.sha256(canonical_json(settings)).hexdigest(),
        columns,
        _cluster_ids(results.metrics),
        sharding.languages,
        cache,
        watched,
        _redacts(subject),
        token_column,
        evidence,
    )


def _write_partitions(
    sharding: Sharding, last_pass: LastPass, engine: Engine, progress: Progress
) -> tuple[list[WrittenPartition], Counted]:
    """Write every partition, or take it from the cache; return them in their order."""
    partitions: list[WrittenPartition] = []
    counted = Counted()
    tasks = _partition_tasks(sharding, last_pass, engine.workers)
    for written in map_or_raise(engine, write_partitions, tasks):
        parts = [part for each in written.partitions for part in each.row_groups.values()]
        rows, size = sum(part.rows for part in parts), sum(part.bytes for part in parts)
        progress.advance(documents=rows, bytes=size)
        partitions += written.partitions
        counted = merge_counted([counted, written.counted])  # each has a sample of texts
    return partitions, counted


def _partition_tasks(sharding: Sharding, last_pass: LastPass, workers: int) -> list[PartitionsTask]:
    """Return the tasks of the last pass: each has some neighbouring partitions.

    What a task counts is merged where it is counted; the result does not depend on their number.
    """
    alone = {
        destination: {first for first, last in ranges if last - first == 1}
        for destination, ranges in sharding.row_groups.items()
    }
    partitions = [
        Partition(low, high, tuple(name for name, numbers in alone.items() if index in numbers))
        for index, (low, high) in enumerate(sharding.ranges)
    ]
    size = max(1, min(MAX_PARTITIONS_PER_TASK, len(partitions) // (TASKS_PER_WORKER * workers)))
    return [
        PartitionsTask(tuple(partitions[first : first + size]), last_pass)
        for first in range(0, len(partitions), size)
    ]


def _join_fragments(
    work: Path,
    sharding: Sharding,
    last_pass: LastPass,
    partitions: Sequence[WrittenPartition],
    engine: Engine,
    progress: Progress,
) -> tuple[dict[str, list[RowGroups]], Counted]:
    """Join fragments into row groups; return all row groups of each destination in their order."""
    folder = work / "row-groups"
    tasks = [
        FragmentsTask(
            destination,
            tuple(fragment_file(part.folder, destination) for part in partitions[first:last]),
            folder / f"{destination}-{first:06d}.parquet",
            last_pass.columns.schema,
            last_pass.token_column,
        )
        for destination, ranges in sorted(sharding.row_groups.items())
        for first, last in ranges
        if last - first > 1
    ]
    joined: dict[Path, RowGroups] = {}
    counted = Counted()
    for task, written in zip(tasks, map_or_raise(engine, join_fragments, tasks), strict=True):
        assert written.row_groups  # noqa: S101  (such a task always has some)
        joined[task.path] = written.row_groups
        progress.advance(documents=written.row_groups.rows, bytes=written.row_groups.bytes)
        counted = merge_counted([counted, written.counted])
    row_groups = {
        destination: [
            partitions[first].row_groups[destination]
            if last - first == 1
            else joined[folder / f"{destination}-{first:06d}.parquet"]
            for first, last in ranges
        ]
        for destination, ranges in sharding.row_groups.items()
    }
    return row_groups, counted


def _write_shards(
    staged: Path,
    sharding: Sharding,
    row_groups: Mapping[str, Sequence[RowGroups]],
    engine: Engine,
) -> tuple[Sharding, dict[str, FileEntry]]:
    """Write the shards; return their names, which have the hash of all data, and their entries."""
    tasks = [
        ShardTask(
            staged / sharding.file(destination, number),
            tuple(
                part
                for part, (begin, _) in zip(
                    row_groups[destination], sharding.row_groups[destination], strict=True
                )
                if first <= begin < last
            ),
        )
        for destination, shards in sorted(sharding.shards.items())
        for number, (first, last) in enumerate(shards)
    ]
    entries = list(map_or_raise(engine, write_shard, tasks))
    names = [task.path.relative_to(staged).as_posix() for task in tasks]
    hashes = {name: entry.sha256 for name, entry in zip(names, entries, strict=True)}
    named = replace(sharding, data_hash=data_hash(hashes))
    new_names = dict(zip(sharding.all_files(), named.all_files(), strict=True))
    for before, after in new_names.items():
        storage.rename(staged / before, staged / after)
    return named, {new_names[name]: entry for name, entry in zip(names, entries, strict=True)}


def _cluster_ids(metrics: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the kept documents with the most duplicates: the audit shows their clusters."""
    clusters = [measured.get("clusters", {}).get("largest", ()) for measured in metrics]
    return tuple(sorted({row["id"] for rows in clusters for row in rows}))


def _write_ledgers(
    staged: Path,
    subject: BuildSubject,
    results: PassResults,
    sharding: Sharding,
    partitions: Sequence[WrittenPartition],
) -> int:
    """Write the ledgers, and return the number of removed documents."""
    fragments = [removed_file(part.folder) for part in partitions]
    removed = join_ledger(staged / REMOVED_FILE, REMOVED, fragments)
    write_rejected(staged / REJECTED_FILE, results.rejected)
    if any(
        isinstance(stage, CorpusStage) and stage.changes_text for stage in subject.config.stages
    ):
        write_line_ledger(staged / CUT_LINES_FILE, results.decisions, sharding.ranges)
    if _redacts(subject):
        fragments = [redacted_file(part.folder) for part in partitions]
        join_ledger(staged / REDACTED_FILE, REDACTIONS, fragments)
    return removed


def _redacts(subject: BuildSubject) -> bool:
    return any(REDACTED in stage.adds.names for stage in subject.config.stages)


def _counts_tokens(subject: BuildSubject) -> bool:
    return any(isinstance(stage, Tokens) for stage in subject.config.stages)


def _nothing_left(results: PassResults) -> str:
    """Return why there is no corpus to publish."""
    removed = results.last.removed.copy()
    for run in results.runs:
        table = pa.Table.from_batches([run.removed()])
        for row in table.group_by(["stage", "reason"]).aggregate([([], "count_all")]).to_pylist():
            removed[row["stage"], row["reason"]] += row["count_all"]
    causes = [f"  {stage}: {reason}: {n:,}" for (stage, reason), n in sorted(removed.items())]
    if results.rejected:
        causes.append(f"  could not be read: {len(results.rejected):,}")
    skipped: Counter[str] = Counter()
    for counts in results.first.inputs.values():
        skipped.update(counts.skipped)
    causes += [f"  not a page: {reason}: {n:,}" for reason, n in sorted(skipped.items())]
    head = f"nothing is left of {results.first.read:,} records, so nothing was built"
    head += "; check the sources, and the settings of the stages"
    return "\n".join([f"{head}:", *causes] if causes else [head])
