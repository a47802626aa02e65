"""Find the documents that differ between two builds: added, missing, changed or moved, and why.

Documents are matched by id, and compared by hashes of their texts and of their other columns. Only
shards that differ are read. About a hundred bytes for each of their documents are kept in memory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.auditing.compare.types import Change, Changes, Move, Why
from corpus.builds.manifest import REJECTED_FILE
from corpus.builds.reader import REMOVED_FILE, file_in_build, reading, table
from corpus.documents import ID, SOURCE, TEXT

MAX_IDS = 20
"""Ids listed for each kind of change: the first, sorted."""

HASHES = pa.schema(
    [
        (ID, pa.string()),
        ("split", pa.string()),
        (SOURCE, pa.string()),
        ("text", pa.binary(16)),
        ("rest", pa.binary(16)),
    ]
)

Side = tuple[Path, dict[str, Any]]
"""The folder of a build, and its manifest."""


def find_changes(a: Side, b: Side) -> Changes:
    """Return the documents that were added, are missing, changed, were retagged, or moved.

    `came` are only in b, `went` only in a, both with the reason. `changed` have another text.
    `retagged` have the same text, but other values in columns that both builds have. `moved` are in
    another split, and may have changed as well.
    """
    columns = sorted(_columns(a) & _columns(b))
    left, right = (_hashes(here, there, columns) for here, there in ((a, b), (b, a)))
    both = left.join(right, ID, join_type="full outer", right_suffix="_b", use_threads=False)
    both = both.sort_by(ID)
    missing, added = pc.is_null(both["split_b"]), pc.is_null(both["split"])
    shared = pc.and_(pc.invert(missing), pc.invert(added))
    text = pc.and_(shared, _differs(both, "text"))
    rest = pc.and_(shared, _differs(both, "rest"))
    moved = pc.and_(shared, _differs(both, "split"))
    retagged = pc.and_(rest, pc.invert(text))
    return {
        "came": {**_change(both, added), "why": _why(both.filter(added), f"{SOURCE}_b", a)},
        "went": {**_change(both, missing), "why": _why(both.filter(missing), SOURCE, b)},
        "changed": _change(both, text),
        "retagged": _change(both, retagged),
        "moved": {**_change(both, moved), "ways": _moves(both.filter(moved))},
    }


def _differs(both: pa.Table, name: str) -> pa.ChunkedArray:
    return pc.fill_null(pc.not_equal(both[name], both[f"{name}_b"]), fill_value=False)


def _columns(side: Side) -> set[str]:
    return {column["name"] for column in side[1]["columns"]}


def _hashes(here: Side, there: Side, columns: list[str]) -> pa.Table:
    """Return the ids and hashes of the documents in shards that the other build does not have."""
    folder, manifest = here
    parts = [HASHES.empty_table()]
    for split, entry in manifest["splits"].items():
        others = there[1]["splits"].get(split, {"shards": []})["shards"]
        hashes_there = {there[1]["files"][path]["sha256"] for path in others}
        for path in entry["shards"]:
            if manifest["files"][path]["sha256"] not in hashes_there:
                parts += _shard_hashes(folder, path, split, columns)
    return pa.concat_tables(parts)


def _shard_hashes(folder: Path, name: str, split: str, columns: list[str]) -> Iterator[pa.Table]:
    with reading(folder, name), pq.ParquetFile(file_in_build(folder, name)) as file:
        for batch in file.iter_batches(batch_size=1000, columns=columns):
            yield _batch_hashes(batch, split)


def _batch_hashes(documents: pa.RecordBatch, split: str) -> pa.Table:
    rows = documents.to_pylist()
    ids = [row.pop(ID) for row in rows]
    texts = [_hash(row.pop(TEXT)) for row in rows]
    other_values = [_hash(repr(sorted(row.items()))) for row in rows]
    sources = [row.get(SOURCE) for row in rows]
    columns = (ids, [split] * len(rows), sources, texts, other_values)
    arrays = [pa.array(v, field.type) for v, field in zip(columns, HASHES, strict=True)]
    return pa.Table.from_arrays(arrays, schema=HASHES)


def _hash(text: str | None) -> bytes:
    return hashlib.blake2b((text or "").encode(), digest_size=16).digest()


def _change(both: pa.Table, is_changed: pa.ChunkedArray) -> Change:
    ids = both.filter(is_changed)[ID]
    return {"documents": len(ids), "ids": ids.slice(0, MAX_IDS).to_pylist()}


def _why(absent: pa.Table, source: str, other: Side) -> list[Why]:
    """Return why documents are not in the other build, the most frequent reason first.

    `source` is the column with their files. Removals are looked up in the ledger by id. Rejects
    have no id, so they are matched by file: each reject of a file explains one absent document, or
    all of them if the file itself could not be read.
    """
    if not len(absent):
        return []
    ledger = table(other[0], REMOVED_FILE, [ID, "stage", "reason"])
    removed = ledger.filter(pc.is_in(ledger[ID], absent[ID].combine_chunks()))
    rows = removed.group_by(["stage", "reason"], use_threads=False).aggregate([([], "count_all")])
    why: list[Why] = [
        {"stage": row["stage"], "reason": row["reason"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    rest = absent.filter(pc.invert(pc.is_in(absent[ID], removed[ID].combine_chunks())))
    rejected = _rejected(Counter(rest[source].to_pylist()), other)
    why += [{"stage": None, "reason": reason, "documents": n} for reason, n in rejected.items()]
    if not_read := len(rest) - rejected.total():
        why.append({"stage": None, "reason": None, "documents": not_read})
    return sorted(why, key=lambda row: (-row["documents"], str(row)))


def _rejected(absent: Counter[str], other: Side) -> Counter[str]:
    """Return how many absent documents the other build could not read, by reason.

    `absent` is the number of absent documents of each file.
    """
    ledger = table(other[0], REJECTED_FILE, [SOURCE, "record", "reason"])
    rows = ledger.filter(pc.is_in(ledger[SOURCE], pa.array(list(absent), pa.string())))
    by_reason = Counter[str]()
    for row in rows.sort_by([("record", "ascending"), ("reason", "ascending")]).to_pylist():
        left = absent[row[SOURCE]]
        n = left if row["record"] is None else min(left, 1)
        absent[row[SOURCE]] -= n
        by_reason[row["reason"]] += n
    return +by_reason


def _moves(moved: pa.Table) -> list[Move]:
    rows = moved.group_by(["split", "split_b"], use_threads=False).aggregate([([], "count_all")])
    moves = [
        {"from": row["split"], "to": row["split_b"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    return cast("list[Move]", sorted(moves, key=lambda move: (-move["documents"], str(move))))
