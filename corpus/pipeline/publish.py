"""Write everything that a build publishes into a staged folder: shards, ledgers, descriptions.

The manifest is made last, and only if the rows of these files account for every record that was
read. A folder without a manifest is never published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from corpus import storage
from corpus.builds.empty_columns import EMPTY_COLUMNS
from corpus.builds.manifest import REJECTED_FILE, Manifest
from corpus.builds.reader import CUT_LINES_FILE, REDACTED_FILE, REMOVED_FILE
from corpus.documents import REDACTED, REDACTIONS, REMOVED
from corpus.errors import InputError
from corpus.pipeline.decide import Decisions
from corpus.pipeline.describe import describe, write_run_json
from corpus.pipeline.empty_columns import empty_columns
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.first_pass import FirstPass
from corpus.pipeline.last_pass import LastPass, PartitionTask, write_partition
from corpus.pipeline.ledgers import join_ledger, write_rejected
from corpus.pipeline.line_ledger import write_line_ledger
from corpus.pipeline.make_manifest import BuildSubject, make_manifest
from corpus.pipeline.redact_outputs import EvidenceRedaction, evidence_redaction
from corpus.pipeline.sharding import KEY_END, Sharding, data_hash, plan_shards, split_of
from corpus.pipeline.shards import ShardColumns, shard_columns
from corpus.pipeline.sorted_runs import SortedRun
from corpus.pipeline.write_shards import (
    JoinTask,
    Written,
    fragment,
    redacted_fragment,
    removed_fragment,
    write_joined,
)
from corpus.stages.base import CorpusStage
from corpus.stages.tokens import TOKEN_COUNT, Tokens

if TYPE_CHECKING:
    from corpus.progress import Progress
    from corpus.sources import Reject


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

    manifest: Manifest
    previous_card: str | None
    """The card of the build that it replaces, as it was when the new card was written."""


def write_build(
    work: Path,
    subject: BuildSubject,
    results: PassResults,
    *,
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
    written = _write_shards(
        work,
        results,
        sharding,
        columns,
        engine,
        progress,
        redacts=_redacts(subject),
        token_column=TOKEN_COUNT if _counts_tokens(subject) else None,
        evidence=evidence_redaction(config.stages),
    )
    sharding, written = _name_shards(staged, sharding, written)
    removed = _write_ledgers(work, subject, results, sharding)

    progress.start("audit and card", bytes=0)
    manifest = make_manifest(
        subject,
        first=results.first,
        metrics=_metrics(subject, results, columns),
        sharding=sharding,
        columns=columns.schema,
        written=written,
        removed=removed,
        rejected=len(results.rejected),
        signals={
            signal.field.name: signal.description
            for decisions in results.decisions
            for signal in decisions.signals
        },
        renamed=results.decisions[0].renamed,
    )
    card = describe(staged, config, manifest, written=written, runs=results.runs, engine=engine)
    write_run_json(staged / "run.json", config, engine, began=began)
    return StagedBuild(manifest, card)


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


def _write_shards(
    work: Path,
    results: PassResults,
    sharding: Sharding,
    columns: ShardColumns,
    engine: Engine,
    progress: Progress,
    *,
    redacts: bool,
    token_column: str | None,
    evidence: EvidenceRedaction | None,
) -> list[Written]:
    """Write every shard, and return what was written, in a fixed order."""
    staged = work / "staged"
    last_pass = LastPass(
        results.last.stages,
        results.last.runs,
        results.last.files,
        results.runs,
        columns,
        _cluster_ids(results.metrics),
        sharding.languages,
        _fragments(work),
        redacts,
        token_column,
        evidence,
    )
    partitions = _partition_tasks(staged, sharding, last_pass)
    joins = _join_tasks(staged, sharding, last_pass)
    written = []
    for function, tasks in ((write_partition, partitions), (write_joined, joins)):
        for part in map_or_raise(engine, function, tasks):  # type: ignore[arg-type]
            rows = sum(entry.rows or 0 for entry in part.files.values())
            progress.advance(documents=rows, bytes=part.bytes)
            files = {str(Path(p).relative_to(staged)): entry for p, entry in part.files.items()}
            written.append(replace(part, files=files))
    return written


def _name_shards(
    staged: Path, sharding: Sharding, written: list[Written]
) -> tuple[Sharding, list[Written]]:
    """Add the hash of the data to the name of each shard."""
    hashes = {name: entry.sha256 for part in written for name, entry in part.files.items()}
    named = replace(sharding, data_hash=data_hash(hashes))
    names = dict(zip(sharding.all_files(), named.all_files(), strict=True))
    for before, after in names.items():
        storage.rename(staged / before, staged / after)
    return named, [
        replace(part, files={names[name]: entry for name, entry in part.files.items()})
        for part in written
    ]


def _fragments(work: Path) -> Path:
    return work / "fragments"


def _partition_tasks(staged: Path, sharding: Sharding, last_pass: LastPass) -> list[PartitionTask]:
    return [
        PartitionTask(
            index,
            low,
            high,
            {
                destination: staged / sharding.file(destination, shards.index((index, index + 1)))
                for destination, shards in sharding.shards.items()
                if (index, index + 1) in shards
            },
            last_pass,
        )
        for index, (low, high) in enumerate(pairwise([*sharding.starts, KEY_END]))
    ]


def _join_tasks(staged: Path, sharding: Sharding, last_pass: LastPass) -> list[JoinTask]:
    return [
        JoinTask(
            split_of(destination),
            tuple(fragment(last_pass.fragments, destination, i) for i in range(first, last)),
            staged / sharding.file(destination, number),
            last_pass.columns.schema,
            last_pass.token_column,
        )
        for destination, shards in sorted(sharding.shards.items())
        for number, (first, last) in enumerate(shards)
        if last - first > 1
    ]


def _cluster_ids(metrics: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the kept documents with the most duplicates: the audit shows their clusters."""
    clusters = [measured.get("clusters", {}).get("largest", ()) for measured in metrics]
    return tuple(sorted({row["id"] for rows in clusters for row in rows}))


def _write_ledgers(
    work: Path, subject: BuildSubject, results: PassResults, sharding: Sharding
) -> int:
    """Write the ledgers, and return the number of removed documents."""
    staged = work / "staged"
    partitions = range(len(sharding.starts))
    fragments = [removed_fragment(_fragments(work), i) for i in partitions]
    removed = join_ledger(staged / REMOVED_FILE, REMOVED, fragments)
    write_rejected(staged / REJECTED_FILE, results.rejected)
    if any(
        isinstance(stage, CorpusStage) and stage.changes_text for stage in subject.config.stages
    ):
        write_line_ledger(staged / CUT_LINES_FILE, results.decisions, sharding.starts)
    if _redacts(subject):
        fragments = [redacted_fragment(_fragments(work), i) for i in partitions]
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
