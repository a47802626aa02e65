"""The last pass: from sorted runs and decisions to row groups.

Each partition (range of places) takes its slice of every run, applies the decisions, and writes its
row groups, its part of the ledger, and fragments of the row groups that it shares with other
partitions. All of that is a result in the cache: a partition whose documents and decisions have not
changed since the last build is not written again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

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
from corpus.pipeline.counted import Counted, Removals, merge_counted
from corpus.pipeline.identity import check_watched
from corpus.pipeline.partition_files import (
    fragment_file,
    read_fragment,
    redacted_file,
    removed_file,
    row_groups_file,
    write_fragment,
)
from corpus.pipeline.partition_results import names_of_results, read_result, write_result
from corpus.pipeline.partitions import LastPass, Partition
from corpus.pipeline.redact_outputs import redact_evidence
from corpus.pipeline.redaction_ledger import Redactions, count_redactions, redaction_rows
from corpus.pipeline.sharding import destinations, split_of
from corpus.pipeline.shards import (
    RowGroups,
    ShardDocuments,
    documents_of_table,
    write_row_groups,
)
from corpus.pipeline.sorted_runs import (
    REMOVED_DETAIL,
    SortedRun,
    key_order,
    sort_by_key,
)

if TYPE_CHECKING:
    from corpus.pipeline.gather_texts import KeptTexts


@dataclass(frozen=True)
class PartitionsTask:
    """The last pass over some partitions: a picklable task."""

    partitions: tuple[Partition, ...]
    common: LastPass


@dataclass(frozen=True)
class FragmentsTask:
    """Join fragments into one row group: a picklable task."""

    destination: str
    fragments: tuple[Path, ...]
    path: Path
    schema: pa.Schema
    token_column: str | None = None


class WrittenPartition(NamedTuple):
    """What was written of one partition."""

    folder: Path
    row_groups: dict[str, RowGroups]
    """By destination."""


@dataclass(frozen=True)
class Written:
    """What a task has made."""

    partitions: tuple[WrittenPartition, ...]
    """The partitions of the task, in their order."""

    counted: Counted

    row_groups: RowGroups | None = None
    """Those that were joined from fragments."""


def write_partitions(task: PartitionsTask) -> Written:
    """Write the partitions that are not in the cache, and return all."""
    common = task.common
    names = names_of_results(task.partitions, common)
    results = {name: read_result(common.cache / name) for name in names}
    missing = [name for name in names if results[name] is None]
    partitions = dict(zip(names, task.partitions, strict=True))
    contents = _read_partitions([partitions[name] for name in missing], common)
    for name in missing:
        write = partial(_write_partition, partitions[name], common, contents.popleft())
        results[name] = write_result(common.cache / name, write)
    found = [result for name in names if (result := results[name])]
    return Written(
        tuple(WrittenPartition(result.folder, result.row_groups) for result in found),
        merge_counted(result.counted for result in found),
    )


def join_fragments(task: FragmentsTask) -> Written:
    """Write the row group that consists of these fragments. A partition may have left none."""
    fragments = [read_fragment(path) for path in task.fragments if path.exists()]
    documents = documents_of_table(pa.concat_tables(fragments))
    split = split_of(task.destination)
    row_groups, counted = _measure_and_write(
        task.path, documents, task.schema, split, task.token_column
    )
    return Written((), counted, row_groups)


def _measure_and_write(
    path: Path,
    documents: ShardDocuments,
    schema: pa.Schema,
    split: str,
    token_column: str | None,
) -> tuple[RowGroups, Counted]:
    """Write documents as row groups, and measure them for the audit while they are in memory.

    `token_column` has their number of tokens, if a stage has counted them.
    """
    from corpus.auditing.measure.counting import measure

    counted: list[Counted] = []

    def use(part: pa.Table) -> None:
        counted.append(Counted(measure(part, split=split, token_column=token_column)))

    return write_row_groups(path, documents, schema, use), merge_counted(counted)


def _no_texts() -> KeptTexts:
    from corpus.pipeline.gather_texts import KeptTexts

    return KeptTexts()


@dataclass
class _Content:
    """What is in a partition after the decisions were applied."""

    kept: list[pa.Table] = field(default_factory=list)
    """The documents that are kept, without their texts."""

    texts: KeptTexts = field(default_factory=_no_texts)
    removed: list[pa.Table] = field(default_factory=list)
    excerpts: list[Excerpt] = field(default_factory=list)

    def add(self, batch: pa.RecordBatch, decisions: pa.RecordBatch, common: LastPass) -> None:
        """Apply the decisions on some documents, and add what is left of them."""
        applied = apply_decisions(common.stages, batch, decisions)
        self.removed += applied.removed
        self.excerpts += duplicate_excerpts(batch, applied.removed, common.cluster_ids)
        if applied.is_left.true_count:
            self.texts.add(applied.documents.column(TEXT), applied.is_left)
            documents = applied.documents.drop_columns([TEXT]).filter(applied.is_left)
            self.kept.append(_with_shard_columns(documents, common))


def _read_partitions(partitions: Sequence[Partition], common: LastPass) -> deque[_Content]:
    """Return the content of each partition. Batches that several of them share are read once.

    The partitions are ranges of original keys; the documents have the keys of their new ids.
    """
    contents = deque(_Content() for _ in partitions)
    for run, file in zip(common.runs, common.decisions, strict=True):
        observed, decisions = run.observed(), open_decisions(file)
        ranges = [part.rows_of(observed) for part in partitions]
        for number, row, documents in run.batches(*ranges):
            decided = decisions.slice(row, documents.num_rows)
            batch = column(documents, KEY, decided.column(KEY), pa.binary(16))
            contents[number].add(batch, decided, common)
            del documents, batch  # a text may be very large
    return contents


def _write_partition(
    part: Partition, common: LastPass, content: _Content, folder: Path
) -> tuple[dict[str, RowGroups], Counted]:
    """Write the row groups of a partition, its fragments and its ledgers."""
    removed = [REMOVED_DETAIL.empty_table(), *content.removed]
    removed += [_removed_in_range(part, run) for run in common.all_runs]
    ledger = _number_equal_records(sort_by_key(pa.concat_tables(removed), "record", "stage"))
    if common.evidence:
        ledger = redact_evidence(ledger, common.evidence)
    write_fragment(removed_file(folder), ledger.select(REMOVED.names))
    schema = _schema_before_shard(common.columns.schema)
    documents = pa.concat_tables(content.kept) if content.kept else schema.empty_table()
    content.kept.clear()
    order = key_order(documents.column(KEY))
    redactions = _write_redactions(folder, documents, order) if common.redacts else ()
    documents = documents.drop_columns([REDACTED])
    counted, row_groups = _write_documents(part, common, folder, documents, content.texts, order)
    of_ledger = Counted(
        None,
        _count_removals(ledger),
        redactions,
        tuple(removal_examples(ledger)),
        tuple(content.excerpts),
    )
    check_watched(common.watched)
    return row_groups, merge_counted([*counted, of_ledger])


def _removed_in_range(part: Partition, run: SortedRun) -> pa.Table:
    """Return the documents in a partition that were removed while the run was made."""
    removed = run.removed()
    first, last = part.rows_of(removed)
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
    folder: Path, documents: pa.Table, order: NDArray[np.int64]
) -> tuple[Redactions, ...]:
    """Write the partition's part of the ledger of redactions, and return its counts."""
    rows = redaction_rows(documents.take(pa.array(order)))
    write_fragment(redacted_file(folder), rows.select(REDACTIONS.names).cast(REDACTIONS))
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
    part: Partition,
    common: LastPass,
    folder: Path,
    documents: pa.Table,
    texts: KeptTexts,
    order: NDArray[np.int64],
) -> tuple[list[Counted], dict[str, RowGroups]]:
    """Write the documents of each destination as row groups, or as a fragment of one.

    `order` has the rows in the order of their keys. Each text is copied once, to its place.
    """
    counted: list[Counted] = []
    row_groups: dict[str, RowGroups] = {}
    places = documents.column(DESTINATION)
    documents = documents.drop_columns([DESTINATION])
    for destination in sorted(pc.unique(places).to_pylist()):
        here = order[pc.equal(places, destination).to_numpy()[order]]
        rows = ShardDocuments(texts.sizes(here), partial(_take, documents, texts, here))
        if destination in part.with_row_group:
            path, split = row_groups_file(folder, destination), split_of(destination)
            row_groups[destination], measured = _measure_and_write(
                path, rows, common.columns.schema, split, common.token_column
            )
            counted.append(measured)
        else:
            write_fragment(fragment_file(folder, destination), rows.part(0, len(here)))
    return counted, row_groups


def _take(
    documents: pa.Table, texts: KeptTexts, rows: NDArray[np.int64], first: int, last: int
) -> pa.Table:
    """Return the documents rows[first:last] with their texts."""
    some = rows[first:last]
    return documents.take(pa.array(some)).append_column(TEXT, texts.gather(some))
