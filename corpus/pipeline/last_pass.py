"""The last pass: from pieces and decisions to shards.

Each partition is a task: it takes its slice of every piece, applies what was decided, and writes
the shards that it makes alone, its part of the ledger, and fragments of the shards that it shares
with others. Fragments are joined afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import Excerpt, duplicate_excerpts, removal_examples
from corpus.documents import ID, ID_IS_GIVEN, KEY, LANGUAGE, PLACE, REMOVED, SPLIT, TEXT, TRAIN
from corpus.pipeline.apply_stage import apply, open_decisions
from corpus.pipeline.sharding import places, split_of
from corpus.pipeline.shards import write_shard
from corpus.pipeline.sorted_runs import REMOVED_DETAIL, Piece, by_key, rows_between
from corpus.stages.base import CorpusStage


@dataclass(frozen=True)
class Partition:
    """One range of keys: a picklable task."""

    index: int
    low: int
    high: int
    stages: tuple[CorpusStage, ...]
    pieces: tuple[Piece, ...]
    decisions: tuple[Path, ...]
    earlier: tuple[Piece, ...]
    """Pieces of earlier passes, for the documents that were removed there."""

    schema: pa.Schema
    """The columns of the shards."""

    others: pa.Schema
    """Those of them that are not ours, with the kinds that all pieces' values join to."""

    shards: dict[str, Path]
    """The file of each place whose shard is this partition and no other."""

    shown: tuple[str, ...]
    """Ids of kept documents whose clusters the audit shows."""

    languages: tuple[str, ...] | None
    """The languages with a folder of their own; None without folders."""

    fragments: Path


@dataclass(frozen=True)
class Written:
    """What a task wrote."""

    files: dict[str, dict[str, Any]]
    """For each shard's path: bytes, sha256, rows, and the content hash of its documents."""

    statistics: Any
    funnel: list[tuple[str, str, int, int]]
    """(stage, reason, documents, characters)."""

    bytes: int = 0
    """Bytes of text in the shards."""

    examples: tuple[dict[str, Any], ...] = ()
    """A few removed documents of each stage and reason, in the order of their keys."""

    beside: tuple[Excerpt, ...] = ()
    """How a few removed documents begin that the audit shows beside the one that was kept."""


def write_partition(task: Partition) -> Written:
    """Apply the decisions to a range of keys; write its shards, fragments and ledger."""
    kept: list[pa.Table] = []
    gone: list[pa.Table] = [REMOVED_DETAIL.empty_table()]
    beside: list[Excerpt] = []
    for piece, file in zip(task.pieces, task.decisions, strict=True):
        for batch, fates in _slices(task, piece, file):
            stay, went = apply(task.stages, batch, fates)
            gone += went
            beside += duplicate_excerpts(batch, went, task.shown)
            if stay.num_rows:
                kept.append(_conformed(stay, task))
    for piece in task.earlier:
        removed_there = piece.removed()
        first, last = rows_between(removed_there.column(KEY), task.low, task.high)
        gone.append(pa.Table.from_batches([removed_there.slice(first, last - first)]))
    ledger = _numbered(by_key(pa.concat_tables(gone), "record", "stage"))
    _arrow(task.fragments / f"removed-{task.index:06d}.arrow", ledger.select(REMOVED.names))
    documents = by_key(pa.concat_tables(kept)) if kept else _wanted(task.schema).empty_table()
    written = _write_places(task, documents, _funnel(ledger))
    return replace(written, examples=tuple(removal_examples(ledger)), beside=tuple(beside))


def _slices(task: Partition, piece: Piece, file: Path) -> Any:
    """Yield the piece's documents in the task's range with their decisions, batch by batch."""
    fates = open_decisions(file)
    first, last = rows_between(piece.observed().column(KEY), task.low, task.high)
    for low, high in zip(piece.starts[:-1], piece.starts[1:], strict=True):
        a, b = max(first, low), min(last, high)
        if a < b:
            batch = piece.documents(a, b).combine_chunks().to_batches()[0]
            yield batch, fates.slice(a, b - a)


def _wanted(schema: pa.Schema) -> pa.Schema:
    """Return the columns that a document has between its piece and its shard."""
    long = [
        pa.field(field.name, pa.large_string()) if field.name == TEXT else field for field in schema
    ]
    return pa.schema([*long, (KEY, pa.binary(16)), (PLACE, pa.string())])


def _conformed(documents: pa.RecordBatch, task: Partition) -> pa.Table:
    """Return the documents with the columns of the shards, their key and their place."""
    from corpus.sources.extras import conform

    wanted = _wanted(task.schema)
    batch = conform(documents, task.others)
    names = batch.schema.names
    train = pa.repeat(pa.scalar(TRAIN, pa.string()), batch.num_rows)
    splits = batch.column(SPLIT) if SPLIT in names else train
    languages = batch.column(LANGUAGE) if LANGUAGE in names else None
    batch = batch.append_column(PLACE, places(splits, languages, task.languages))
    return pa.Table.from_batches([batch]).select(wanted.names).cast(wanted)


def _numbered(ledger: pa.Table) -> pa.Table:
    """Return the ledger with equal records numbered, as those that stayed are."""
    ids, given = ledger.column(ID).to_pylist(), ledger.column(ID_IS_GIVEN).to_pylist()
    named, count = ids.copy(), 1
    for i in range(1, len(ids)):
        count = count + 1 if ids[i] == ids[i - 1] else 1
        if count > 1 and not given[i]:
            named[i] = f"{ids[i]}-{count}"
    place = ledger.schema.get_field_index(ID)
    return ledger.set_column(place, ID, pa.array(named, pa.string()))


def _funnel(ledger: pa.Table) -> list[tuple[str, str, int, int]]:
    rows = (
        ledger.group_by(["stage", "reason"])
        .aggregate([("characters", "count"), ("characters", "sum")])
        .to_pylist()
    )
    return [
        (row["stage"], row["reason"], row["characters_count"], row["characters_sum"])
        for row in rows
    ]


def _arrow(path: Path, table: pa.Table) -> None:
    from pyarrow import ipc

    path.parent.mkdir(parents=True, exist_ok=True)
    options = ipc.IpcWriteOptions(compression="lz4")
    with ipc.new_file(str(path), table.schema, options=options) as out:
        out.write_table(table)


def _write_places(task: Partition, documents: pa.Table, funnel: Any) -> Written:
    """Write the documents of each place to its shard, or to a fragment of one."""
    files, statistics, size = {}, None, 0
    for place in sorted(pc.unique(documents.column(PLACE)).to_pylist()):
        rows = documents.filter(pc.equal(documents.column(PLACE), place)).drop_columns([PLACE])
        if place in task.shards:
            shard = task.shards[place]
            files[str(shard)], more = write_shard(shard, rows, task.schema, split_of(place))
            statistics = more if statistics is None else statistics.merge(more)
            size += pc.sum(pc.binary_length(rows.column(TEXT))).as_py()
        else:
            _arrow(fragment(task.fragments, place, task.index), rows)
    return Written(files, statistics, funnel, size)


def fragment(folder: Path, place: str, partition: int) -> Path:
    """Return the file of what a partition holds of a place."""
    return folder / f"{place}-{partition:06d}.arrow"


@dataclass(frozen=True)
class Join:
    """Fragments that make one shard: a picklable task."""

    split: str
    fragments: tuple[Path, ...]
    shard: Path
    schema: pa.Schema


def write_joined(task: Join) -> Written:
    """Write the shard that these fragments make together."""
    from pyarrow import ipc

    parts = [
        ipc.open_file(pa.memory_map(str(path))).read_all()
        for path in task.fragments
        if path.exists()
    ]
    info, statistics = write_shard(task.shard, pa.concat_tables(parts), task.schema, task.split)
    size = sum(pc.sum(pc.binary_length(part.column(TEXT))).as_py() for part in parts)
    return Written({str(task.shard): info}, statistics, [], size)


def write_removed(path: Path, fragments: Sequence[Path]) -> int:
    """Join the partitions' parts of the ledger of removals into one file; return its rows."""
    import pyarrow.parquet as pq
    from pyarrow import ipc

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    with pq.ParquetWriter(path, REMOVED, compression="zstd", write_page_index=True) as out:
        for fragment in fragments:
            table = ipc.open_file(pa.memory_map(str(fragment))).read_all()
            rows += table.num_rows
            if table.num_rows:
                out.write_table(table.combine_chunks())
    return rows
