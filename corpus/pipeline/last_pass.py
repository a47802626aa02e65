"""The last pass: from sorted runs and decisions to shards.

Each partition (range of keys) is one task. It takes its slice of every run, applies the decisions,
and writes its own shards, its part of the ledger, and fragments of the shards that it shares with
other partitions. The fragments of each shared shard are joined afterwards. Every shard is measured
for the audit while its documents are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import Excerpt, duplicate_excerpts, removal_examples
from corpus.builds.manifest import FileEntry
from corpus.documents import (
    DESTINATION,
    ID,
    ID_IS_GIVEN,
    KEY,
    LANGUAGE,
    REMOVED,
    SPLIT,
    TEXT,
    TRAIN,
)
from corpus.pipeline.apply_stage import apply_decisions, open_decisions
from corpus.pipeline.sharding import destinations, split_of
from corpus.pipeline.shards import ShardColumns, write_shard
from corpus.pipeline.sorted_runs import (
    REMOVED_DETAIL,
    SortedRun,
    rows_in_key_range,
    sort_by_key,
)
from corpus.stages.base import CorpusStage

if TYPE_CHECKING:
    from corpus.auditing.measure.statistics import Statistics


@dataclass(frozen=True)
class LastPass:
    """What every partition needs to know."""

    stages: tuple[CorpusStage, ...]
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


@dataclass(frozen=True)
class PartitionTask:
    """The last pass over one range of keys: a picklable task."""

    index: int
    low: int
    high: int
    shards: dict[str, Path]
    """The file of each destination that has a shard for this partition alone."""

    common: LastPass


@dataclass(frozen=True)
class JoinTask:
    """Join fragments into one shard: a picklable task."""

    split: str
    fragments: tuple[Path, ...]
    shard: Path
    schema: pa.Schema


class Removals(NamedTuple):
    """The documents that one stage removed for one reason."""

    stage: str
    reason: str
    documents: int
    characters: int


@dataclass(frozen=True)
class Written:
    """What a task wrote."""

    files: dict[str, FileEntry]
    """The entry of each shard in the manifest, by its path."""

    statistics: Statistics | None
    """The statistics of the documents in these shards; None without shards."""

    removals: tuple[Removals, ...] = ()

    bytes: int = 0
    """Bytes of text in the shards."""

    examples: tuple[dict[str, Any], ...] = ()
    """A few removed documents of each stage and reason, ordered by key."""

    excerpts: tuple[Excerpt, ...] = ()
    """The beginnings of some removed documents, which the audit shows beside the kept ones."""


def write_partition(task: PartitionTask) -> Written:
    """Apply the decisions to a range of keys; write its shards, its fragments and its ledger."""
    common = task.common
    kept: list[pa.Table] = []
    removed: list[pa.Table] = [REMOVED_DETAIL.empty_table()]
    excerpts: list[Excerpt] = []
    for run, file in zip(common.runs, common.decisions, strict=True):
        for batch, decisions in _batches_in_range(task, run, file):
            left, removed_now = apply_decisions(common.stages, batch, decisions)
            removed += removed_now
            excerpts += duplicate_excerpts(batch, removed_now, common.cluster_ids)
            if left.num_rows:
                kept.append(_with_shard_columns(left, common))
    removed += [_removed_in_range(task, run) for run in common.all_runs]
    ledger = _number_equal_records(sort_by_key(pa.concat_tables(removed), "record", "stage"))
    _write_arrow(removed_fragment(common.fragments, task.index), ledger.select(REMOVED.names))
    schema = _schema_before_shard(common.columns.schema)
    documents = sort_by_key(pa.concat_tables(kept)) if kept else schema.empty_table()
    return replace(
        _write_documents(task, documents),
        removals=_count_removals(ledger),
        examples=tuple(removal_examples(ledger)),
        excerpts=tuple(excerpts),
    )


def _batches_in_range(
    task: PartitionTask, run: SortedRun, file: Path
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Yield the documents of a run in the task's range with their decisions, batch by batch."""
    decisions = open_decisions(file)
    first, last = rows_in_key_range(run.observed().column(KEY), task.low, task.high)
    for batch_first, batch_last in zip(run.starts[:-1], run.starts[1:], strict=True):
        low, high = max(first, batch_first), min(last, batch_last)
        if low < high:
            yield run.batch(low, high), decisions.slice(low, high - low)


def _removed_in_range(task: PartitionTask, run: SortedRun) -> pa.Table:
    """Return the documents in the task's range that were removed while the run was made."""
    removed = run.removed()
    first, last = rows_in_key_range(removed.column(KEY), task.low, task.high)
    return pa.Table.from_batches([removed.slice(first, last - first)])


def _schema_before_shard(shard_schema: pa.Schema) -> pa.Schema:
    """Return the columns that a document has until it is written: those of its shard and ours."""
    columns = [
        pa.field(field.name, pa.large_string()) if field.name == TEXT else field
        for field in shard_schema
    ]
    return pa.schema([*columns, (KEY, pa.binary(16)), (DESTINATION, pa.string())])


def _with_shard_columns(documents: pa.RecordBatch, common: LastPass) -> pa.Table:
    """Return the documents with the columns of the shards, their key and their destination."""
    from corpus.sources.extra_columns import conform

    schema = _schema_before_shard(common.columns.schema)
    batch = conform(documents, common.columns.source_columns)
    names = batch.schema.names
    train = pa.repeat(pa.scalar(TRAIN, pa.string()), batch.num_rows)
    splits = batch.column(SPLIT) if SPLIT in names else train
    languages = batch.column(LANGUAGE) if LANGUAGE in names else None
    batch = batch.append_column(DESTINATION, destinations(splits, languages, common.languages))
    return pa.Table.from_batches([batch]).select(schema.names).cast(schema)


def _number_equal_records(ledger: pa.Table) -> pa.Table:
    """Return the ledger with equal records numbered, as the kept ones are: `3f..`, `3f..-2`."""
    ids, given = ledger.column(ID).to_pylist(), ledger.column(ID_IS_GIVEN).to_pylist()
    numbered, count = ids.copy(), 1
    for i in range(1, len(ids)):
        count = count + 1 if ids[i] == ids[i - 1] else 1
        if count > 1 and not given[i]:
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


def _write_arrow(path: Path, table: pa.Table) -> None:
    from pyarrow import ipc

    path.parent.mkdir(parents=True, exist_ok=True)
    options = ipc.IpcWriteOptions(compression="lz4")
    with ipc.new_file(str(path), table.schema, options=options) as out:
        out.write_table(table)


def _read_arrow(path: Path) -> pa.Table:
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).read_all()


def _write_documents(task: PartitionTask, documents: pa.Table) -> Written:
    """Write the documents of each destination to its shard, or to a fragment of one."""
    written = Written({}, None)
    for destination in sorted(pc.unique(documents.column(DESTINATION)).to_pylist()):
        is_here = pc.equal(documents.column(DESTINATION), destination)
        rows = documents.filter(is_here).drop_columns([DESTINATION])
        if destination in task.shards:
            shard, split = task.shards[destination], split_of(destination)
            written = _joined(written, _write(shard, rows, task.common.columns.schema, split))
        else:
            _write_arrow(fragment(task.common.fragments, destination, task.index), rows)
    return written


def _write(shard: Path, documents: pa.Table, schema: pa.Schema, split: str) -> Written:
    """Measure documents for the audit and write them to a shard."""
    from corpus.auditing.measure.counting import measure

    documents = documents.combine_chunks()
    statistics = measure(documents, split=split)
    size = pc.sum(pc.binary_length(documents.column(TEXT))).as_py()
    return Written({str(shard): write_shard(shard, documents, schema)}, statistics, bytes=size)


def _joined(one: Written, other: Written) -> Written:
    """Return the shards of both."""
    statistics = one.statistics
    if statistics is None:
        statistics = other.statistics
    elif other.statistics is not None:
        statistics = statistics.merge(other.statistics)
    return Written(one.files | other.files, statistics, bytes=one.bytes + other.bytes)


def fragment(folder: Path, destination: str, partition: int) -> Path:
    """Return the file for the documents of a partition that go to a shared shard."""
    return folder / f"{destination}-{partition:06d}.arrow"


def removed_fragment(folder: Path, partition: int) -> Path:
    """Return the file for a partition's part of the ledger of removals."""
    return folder / "ledger" / f"{partition:06d}.arrow"


def write_joined(task: JoinTask) -> Written:
    """Write the shard that consists of these fragments. A partition may have left none."""
    fragments = [_read_arrow(path) for path in task.fragments if path.exists()]
    return _write(task.shard, pa.concat_tables(fragments), task.schema, task.split)
