"""Write the shards: the last pass, from pieces and decisions to Parquet files.

Documents stand in the order of their keys, which are hashes: a fixed shuffle. The largest split is
cut into shards of about `shard_size` bytes of text, and each range of keys that makes one of them
is a task of its own (a *partition*): it takes its slice of every piece, applies what was decided,
and writes its shard. What a partition holds of the other splits goes to fragments, which are joined
into shards afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.decide import TRAIN, Decided, apply, open_decisions
from corpus.documents import DOCUMENT, GIVEN, ID, KEY, REMOVED, RESERVED, TEXT
from corpus.passes import SPLIT
from corpus.scratch import GONE, Piece, by_key, halves
from corpus.stages.base import CorpusStage, Stage

ROW_GROUP_BYTES = 32 << 20
END = 1 << 64


@dataclass(frozen=True)
class Layout:
    """Which documents go to which shard."""

    bounds: tuple[int, ...]
    """Where each partition begins, as the first half of a key; the last ends at `END`."""

    shards: dict[str, tuple[tuple[int, int], ...]]
    """For each split, the partitions [first, last) of each of its shards."""

    def name(self, split: str, shard: int) -> str:
        """Return the file of a shard, below the build."""
        return f"data/{split}-{shard:05d}-of-{len(self.shards[split]):05d}.parquet"


def lay_out(decided: Decided, shard_size: int) -> Layout:
    """Cut the splits into shards of about `shard_size` bytes of text each."""
    splits = decided.splits.combine_chunks()
    alive = pa.array(decided.alive)
    names = sorted(pc.unique(splits.filter(alive)).to_pylist())
    chosen = {
        name: np.flatnonzero(pc.and_(pc.equal(splits, name), alive).to_numpy(zero_copy_only=False))
        for name in names
    }
    sizes = {name: int(decided.bytes[rows].sum()) for name, rows in chosen.items()}
    main = max(names, key=lambda name: (sizes[name], name))
    bounds = _bounds(decided.keys[chosen[main]], decided.bytes[chosen[main]], shard_size)
    shards = {}
    for name in names:
        edges = np.array([*bounds[1:]], np.uint64)
        partition = np.searchsorted(edges, decided.keys[chosen[name]], side="right")
        held = np.bincount(partition, decided.bytes[chosen[name]], minlength=len(bounds))
        there = np.bincount(partition, minlength=len(bounds))
        shards[name] = _joined(held, there, 1 if name == main else shard_size)
    return Layout(bounds, shards)


def _bounds(keys: Any, sizes: Any, shard_size: int) -> tuple[int, ...]:
    """Return where to cut the keys so that the parts are equal, and about `shard_size` at most."""
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(sizes[order])
    total = int(ends[-1])
    n = max(1, -(-total // shard_size))
    cuts = np.searchsorted(ends, [total * k // n for k in range(1, n)], side="left") + 1
    inside = cuts[cuts < len(order)]
    return tuple(dict.fromkeys([0, *(int(key) for key in keys[order][inside])]))


def _joined(held: Any, there: Any, size: int) -> tuple[tuple[int, int], ...]:
    """Join neighbouring partitions until a shard holds `size` bytes, and a document at least."""
    found, first, bytes_, documents = [], 0, 0, 0
    for partition, (more, rows) in enumerate(zip(held, there, strict=True)):
        bytes_, documents = bytes_ + more, documents + rows
        if documents and bytes_ >= size:
            found.append((first, partition + 1))
            first, bytes_, documents = partition + 1, 0, 0
    if documents:
        found.append((first, len(held)))
    elif found:
        found[-1] = (found[-1][0], len(held))
    return tuple(found)


def schema_of(
    pieces: Sequence[Piece], stages: Sequence[Stage], kept: set[str]
) -> tuple[pa.Schema, pa.Schema]:
    """Return the columns of the shards, and those that `extras.conform` brings into one type.

    Ours come first, in their order, then the sources' own by name. Those not in `kept` are all
    null, and left out.
    """
    from corpus.sources.extras import join_types

    joined = join_types([_schema(piece) for piece in pieces])
    added = [field for stage in stages for field in stage.adds if field.name != SPLIT]
    ours = {field.name: field for field in [*DOCUMENT, *added]}
    others = pa.schema(
        [ours.get(field.name, field) for field in joined if field.name not in RESERVED]
    )
    every = [*ours.values(), *(field for field in others if field.name not in ours)]
    plain = [_plain(field) for field in every if field.name in kept or field.name in (ID, TEXT)]
    features = {field.name: _feature(field.type) for field in plain}
    info = json.dumps({"info": {"features": features}})
    return pa.schema(plain, metadata={"huggingface": info}), others


def _schema(piece: Piece) -> pa.Schema:
    from pyarrow import ipc

    with pa.memory_map(str(piece.folder / "documents.arrow")) as source:
        return ipc.open_file(source).schema


def _plain(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string() if field.type == pa.large_string() else field.type)


def _feature(type: pa.DataType) -> dict[str, Any]:
    """Return the `datasets` feature of an Arrow type."""
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return {"feature": _feature(type.value_type), "_type": "List"}
    if pa.types.is_timestamp(type):
        zone = f", tz={type.tz}" if type.tz else ""
        return {"dtype": f"timestamp[{type.unit}{zone}]", "_type": "Value"}
    return {
        "dtype": {"double": "float64", "float": "float32"}.get(str(type), str(type)),
        "_type": "Value",
    }


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
    """The file of each split whose shard is this partition and no other."""

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


def write_partition(task: Partition) -> Written:
    """Apply the decisions to a range of keys; write its shards, fragments and ledger."""
    kept: list[pa.Table] = []
    gone: list[pa.Table] = [GONE.empty_table()]
    for piece, file in zip(task.pieces, task.decisions, strict=True):
        for batch, fates in _slices(task, piece, file):
            stay, removed = apply(task.stages, batch, fates)
            gone += removed
            if stay.num_rows:
                kept.append(_conformed(stay, task))
    for piece in task.earlier:
        removed_there = piece.removed()
        first, last = _range(removed_there.column(KEY), task.low, task.high)
        gone.append(pa.Table.from_batches([removed_there.slice(first, last - first)]))
    ledger = _numbered(by_key(pa.concat_tables(gone)))
    _arrow(task.fragments / f"removed-{task.index:06d}.arrow", ledger.select(REMOVED.names))
    documents = by_key(pa.concat_tables(kept)) if kept else _wanted(task.schema).empty_table()
    return _write_splits(task, documents, _funnel(ledger))


def _slices(task: Partition, piece: Piece, file: Path) -> Any:
    """Yield the piece's documents in the task's range with their decisions, batch by batch."""
    fates = open_decisions(file)
    first, last = _range(piece.observed().column(KEY), task.low, task.high)
    for low, high in zip(piece.starts[:-1], piece.starts[1:], strict=True):
        a, b = max(first, low), min(last, high)
        if a < b:
            batch = piece.documents(a, b).combine_chunks().to_batches()[0]
            yield batch, fates.slice(a, b - a)


def _range(keys: pa.Array, low: int, high: int) -> tuple[int, int]:
    """Return the rows [first, last) of sorted keys whose first half is in [low, high)."""
    if len(keys) == 0:
        return 0, 0
    heads = halves(keys)[:, 0]
    first = int(np.searchsorted(heads, np.uint64(low)))
    last = len(heads) if high >= END else int(np.searchsorted(heads, np.uint64(high)))
    return first, last


def _wanted(schema: pa.Schema) -> pa.Schema:
    """Return the columns that a document has between its piece and its shard."""
    long = [
        pa.field(field.name, pa.large_string()) if field.name == TEXT else field for field in schema
    ]
    return pa.schema([*long, (KEY, pa.binary(16)), (SPLIT, pa.string())])


def _conformed(documents: pa.RecordBatch, task: Partition) -> pa.Table:
    """Return the documents with the columns of the shards, their key and their split."""
    from corpus.sources.extras import conform

    wanted = _wanted(task.schema)
    batch = conform(documents, task.others)
    if SPLIT not in batch.schema.names:
        split = pa.repeat(pa.scalar(TRAIN, pa.string()), batch.num_rows)
        batch = batch.append_column(SPLIT, split)
    return pa.Table.from_batches([batch]).select(wanted.names).cast(wanted)


def _numbered(ledger: pa.Table) -> pa.Table:
    """Return the ledger with equal records numbered, as those that stayed are."""
    ids = ledger.column(ID).to_pylist()
    same = [i for i in range(1, len(ids)) if ids[i] == ids[i - 1]]
    if not same:
        return ledger
    given = ledger.column(GIVEN).to_pylist()
    count = 1
    base = ids.copy()
    for i in same:
        count = count + 1 if i > 1 and base[i - 2] == base[i] and i - 1 in same else 2
        if not given[i]:
            ids[i] = f"{base[i]}-{count}"
    return ledger.set_column(ledger.schema.get_field_index(ID), ID, pa.array(ids, pa.string()))


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


def _write_splits(task: Partition, documents: pa.Table, funnel: Any) -> Written:
    files, statistics, size = {}, None, 0
    for split in sorted(pc.unique(documents.column(SPLIT)).to_pylist()):
        rows = documents.filter(pc.equal(documents.column(SPLIT), split)).drop_columns([SPLIT])
        if split in task.shards:
            files[str(task.shards[split])], more = write_shard(
                task.shards[split], rows, task.schema, split
            )
            statistics = more if statistics is None else statistics.merge(more)
            size += pc.sum(pc.binary_length(rows.column(TEXT))).as_py()
        else:
            _arrow(task.fragments / f"{split}-{task.index:06d}.arrow", rows)
    return Written(files, statistics, funnel, size)


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
    return Written({str(task.shard): info}, statistics, [])


def write_shard(
    path: Path, rows: pa.Table, schema: pa.Schema, split: str
) -> tuple[dict[str, Any], Any]:
    """Write one shard and return what the manifest says of it, and the statistics of its documents.

    Row groups are cut from the one table: the bytes depend on the documents alone.
    """
    import pyarrow.parquet as pq

    from corpus.audit.statistics import measure

    rows = rows.combine_chunks()
    statistics = measure(rows, split=split)
    size = pc.sum(pc.binary_length(rows.column(TEXT))).as_py() or 1
    table = rows.select(schema.names).cast(schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=max(1, min(rows.num_rows, rows.num_rows * ROW_GROUP_BYTES // size)),
        use_content_defined_chunking=True,
        write_page_index=True,
    )
    info = {
        "bytes": path.stat().st_size,
        "sha256": storage.sha256(path),
        "rows": rows.num_rows,
        "content": content_hash(table),
    }
    return info, statistics


def content_hash(table: pa.Table) -> str:
    """Return a hash of the ids and texts, whatever their order and however they are stored."""
    total = 0
    ids, texts = table.column(ID).to_pylist(), table.column(TEXT).to_pylist()
    for id, text in zip(ids, texts, strict=True):
        one = hashlib.blake2b(f"{id}\0{text}".encode(), digest_size=16).digest()
        total += int.from_bytes(one, "big")
    return f"{total % (1 << 128):032x}"


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
