"""The last pass: from sorted runs and decisions to shards.

Each partition (range of keys) is one task. It takes its slice of every run, applies the decisions,
and writes its own shards, its part of the ledger, and fragments of the shards that it shares with
other partitions. The fragments of each shared shard are joined afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.auditing.measure.examples import Excerpt, duplicate_excerpts, removal_examples
from corpus.documents import (
    DESTINATION,
    ID,
    ID_IS_GIVEN,
    KEY,
    LANGUAGE,
    REDACTED,
    REDACTED_TYPE,
    REDACTIONS,
    REMOVED,
    SPLIT,
    TEXT,
    TRAIN,
    column,
    optional,
)
from corpus.pipeline.apply_stage import apply_decisions, open_decisions
from corpus.pipeline.redact_outputs import EvidenceRedaction, redact_evidence
from corpus.pipeline.redaction_ledger import Redactions, count_redactions, redaction_rows
from corpus.pipeline.sharding import destinations, split_of
from corpus.pipeline.shards import ShardColumns, ShardDocuments
from corpus.pipeline.sorted_runs import (
    REMOVED_DETAIL,
    SortedRun,
    key_order,
    rows_in_key_range,
    sort_by_key,
)
from corpus.pipeline.write_shards import (
    Removals,
    Written,
    fragment,
    merge_written,
    redacted_fragment,
    removed_fragment,
    write_and_measure,
    write_arrow,
)
from corpus.stages.base import DecidingStage

if TYPE_CHECKING:
    from corpus.pipeline.gather_texts import KeptTexts


@dataclass(frozen=True)
class LastPass:
    """What every partition needs to know."""

    stages: tuple[DecidingStage, ...]
    runs: tuple[SortedRun, ...]
    decisions: tuple[Path, ...]
    """The file of decisions of each run."""

    all_runs: tuple[SortedRun, ...]
    """The runs of every pass, for the documents that were removed there."""

    columns: ShardColumns

    cluster_ids: tuple[str, ...]
    """Ids of kept documents whose clusters of duplicates the audit shows."""

    languages: tuple[str, ...] | None
    """The languages with a folder of their own; None without folders."""

    fragments: Path
    """The folder of the fragments."""

    redacts: bool = False
    """Whether there is a ledger of redactions."""

    token_column: str | None = None
    """The column in which a stage has counted tokens."""

    evidence: EvidenceRedaction | None = None
    """Which evidence of removals is redacted."""


@dataclass(frozen=True)
class PartitionTask:
    """The last pass over one range of keys: a picklable task."""

    index: int
    low: int
    high: int
    shards: dict[str, Path]
    """The file of each destination that has a shard for this partition alone."""

    common: LastPass


def write_partition(task: PartitionTask) -> Written:
    """Apply the decisions to a range of keys; write its shards, its fragments and its ledger."""
    from corpus.pipeline.gather_texts import KeptTexts

    common = task.common
    kept: list[pa.Table] = []
    texts = KeptTexts()
    removed: list[pa.Table] = [REMOVED_DETAIL.empty_table()]
    excerpts: list[Excerpt] = []
    for run, file in zip(common.runs, common.decisions, strict=True):
        _apply_decisions_to_run(task, run, file, kept, texts, removed, excerpts)
    removed += [_removed_in_range(task, run) for run in common.all_runs]
    ledger = _number_equal_records(sort_by_key(pa.concat_tables(removed), "record", "stage"))
    if common.evidence:
        ledger = redact_evidence(ledger, common.evidence)
    write_arrow(removed_fragment(common.fragments, task.index), ledger.select(REMOVED.names))
    schema = _schema_before_shard(common.columns.schema)
    documents = pa.concat_tables(kept) if kept else schema.empty_table()
    kept.clear()
    order = key_order(documents.column(KEY))
    redactions = _write_redactions(task, documents, order) if common.redacts else ()
    return replace(
        _write_documents(task, documents.drop_columns([REDACTED]), texts, order),
        redactions=redactions,
        removals=_count_removals(ledger),
        examples=tuple(removal_examples(ledger)),
        excerpts=tuple(excerpts),
    )


def _apply_decisions_to_run(
    task: PartitionTask,
    run: SortedRun,
    file: Path,
    kept: list[pa.Table],
    texts: KeptTexts,
    removed: list[pa.Table],
    excerpts: list[Excerpt],
) -> None:
    """Add the documents of a run in the task's range to these lists, and their texts to `texts`.

    This is a function because no batch may be kept when it ends: a text may be very large.
    """
    for batch, decisions in _batches_in_range(task, run, file):
        applied = apply_decisions(task.common.stages, batch, decisions)
        removed += applied.removed
        excerpts += duplicate_excerpts(batch, applied.removed, task.common.cluster_ids)
        if applied.is_left.true_count:
            texts.add(applied.documents.column(TEXT), applied.is_left)
            documents = applied.documents.drop_columns([TEXT]).filter(applied.is_left)
            kept.append(_with_shard_columns(documents, task.common))


def _batches_in_range(
    task: PartitionTask, run: SortedRun, file: Path
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Yield the documents of a run in the task's range with their decisions, batch by batch.

    The range is one of original keys; the documents have the keys of their new ids.
    """
    decisions = open_decisions(file)
    first, last = rows_in_key_range(run.observed().column(KEY), task.low, task.high)
    for batch_first, batch_last in zip(run.starts[:-1], run.starts[1:], strict=True):
        low, high = max(first, batch_first), min(last, batch_last)
        if low < high:
            decided = decisions.slice(low, high - low)
            batch = run.batch(low, high)
            yield column(batch, KEY, decided.column(KEY), pa.binary(16)), decided


def _removed_in_range(task: PartitionTask, run: SortedRun) -> pa.Table:
    """Return the documents in the task's range that were removed while the run was made."""
    removed = run.removed()
    first, last = rows_in_key_range(removed.column(KEY), task.low, task.high)
    return pa.Table.from_batches([removed.slice(first, last - first)])


def _schema_before_shard(shard_schema: pa.Schema) -> pa.Schema:
    """Return the columns of a document besides its text until it is written: ours come last."""
    columns = [field for field in shard_schema if field.name != TEXT]
    ours = [(KEY, pa.binary(16)), (DESTINATION, pa.string()), (REDACTED, REDACTED_TYPE)]
    return pa.schema([*columns, *ours])


def _with_shard_columns(documents: pa.RecordBatch, common: LastPass) -> pa.Table:
    """Return documents, without texts, with shard columns, their key and their destination."""
    from corpus.sources.columns.extra import conform

    schema = _schema_before_shard(common.columns.schema)
    batch = conform(documents, common.columns.source_columns)
    names = batch.schema.names
    train = pa.repeat(pa.scalar(TRAIN, pa.string()), batch.num_rows)
    splits = batch.column(SPLIT) if SPLIT in names else train
    languages = batch.column(LANGUAGE) if LANGUAGE in names else None
    batch = batch.append_column(DESTINATION, destinations(splits, languages, common.languages))
    redacted = optional(batch, REDACTED, REDACTED_TYPE)
    batch = column(batch, REDACTED, redacted, REDACTED_TYPE)
    return pa.Table.from_batches([batch]).select(schema.names).cast(schema)


def _write_redactions(
    task: PartitionTask, documents: pa.Table, order: NDArray[np.int64]
) -> tuple[Redactions, ...]:
    """Write the partition's part of the ledger of redactions, and return its counts."""
    rows = redaction_rows(documents.take(pa.array(order)))
    path = redacted_fragment(task.common.fragments, task.index)
    write_arrow(path, rows.select(REDACTIONS.names).cast(REDACTIONS))
    return count_redactions(rows)


def _number_equal_records(ledger: pa.Table) -> pa.Table:
    """Return the ledger with equal records numbered, as the kept ones are: `3f..`, `3f..-2`."""
    ids, id_is_given = ledger.column(ID).to_pylist(), ledger.column(ID_IS_GIVEN).to_pylist()
    numbered, count = ids.copy(), 1
    for i in range(1, len(ids)):
        count = count + 1 if ids[i] == ids[i - 1] else 1
        if count > 1 and not id_is_given[i]:
            numbered[i] = f"{ids[i]}-{count}"
    index = ledger.schema.get_field_index(ID)
    return ledger.set_column(index, ID, pa.array(numbered, pa.string()))


def _count_removals(ledger: pa.Table) -> tuple[Removals, ...]:
    rows = (
        ledger.group_by(["stage", "reason"])
        .aggregate([("characters", "count"), ("characters", "sum")])
        .to_pylist()
    )
    return tuple(
        Removals(row["stage"], row["reason"], row["characters_count"], row["characters_sum"])
        for row in rows
    )


def _write_documents(
    task: PartitionTask, documents: pa.Table, texts: KeptTexts, order: NDArray[np.int64]
) -> Written:
    """Write the documents of each destination to its shard, or to a fragment of one.

    `order` has the rows in the order of their keys. Each text is copied once, to its place.
    """
    written = Written({}, None)
    common = task.common
    places = documents.column(DESTINATION)
    documents = documents.drop_columns([DESTINATION])
    for destination in sorted(pc.unique(places).to_pylist()):
        here = order[pc.equal(places, destination).to_numpy()[order]]
        rows = ShardDocuments(texts.sizes(here), partial(_take, documents, texts, here))
        if destination in task.shards:
            shard, split = task.shards[destination], split_of(destination)
            schema, tokens = common.columns.schema, common.token_column
            done = write_and_measure(shard, rows, schema, split, tokens)
            written = merge_written(written, done)
        else:
            table = rows.part(0, len(here))
            write_arrow(fragment(common.fragments, destination, task.index), table)
    return written


def _take(
    documents: pa.Table, texts: KeptTexts, rows: NDArray[np.int64], first: int, last: int
) -> pa.Table:
    """Return the documents rows[first:last] with their texts."""
    some = rows[first:last]
    return documents.take(pa.array(some)).append_column(TEXT, texts.gather(some))
