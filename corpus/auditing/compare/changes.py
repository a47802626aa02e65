"""Which documents two builds do not share: came, went, changed or moved, and why.

Documents are told apart by their ids, and compared by hashes of their texts and of their other
columns. Only shards that differ are read; of each of their documents about a hundred bytes are
kept in memory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.builds.reader import REJECTED_FILE, REMOVED_FILE, reading, table
from corpus.documents import ID, SOURCE, TEXT

SHOWN = 20
"""Ids that are told of each kind of change: the first, in the order of the ids."""

DIGESTS = pa.schema(
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


def changes(a: Side, b: Side) -> dict[str, Any]:
    """Return how many documents came, went, changed (their text), were retagged, or moved, and why.

    `retagged` documents have the same text and other values in columns that both builds have;
    `moved` ones are in another split, and may have changed as well.
    """
    columns = sorted(_columns(a) & _columns(b))
    left, right = (_digests(here, there, columns) for here, there in ((a, b), (b, a)))
    both = left.join(right, ID, join_type="full outer", right_suffix="_b", use_threads=False)
    both = both.sort_by(ID)
    gone, new = pc.is_null(both["split_b"]), pc.is_null(both["split"])
    stays = pc.and_(pc.invert(gone), pc.invert(new))
    text = pc.and_(stays, _true(pc.not_equal(both["text"], both["text_b"])))
    rest = pc.and_(stays, _true(pc.not_equal(both["rest"], both["rest_b"])))
    moved = pc.and_(stays, _true(pc.not_equal(both["split"], both["split_b"])))
    retagged = pc.and_(rest, pc.invert(text))
    return {
        "came": _told(both, new) | _why(both.filter(new), f"{SOURCE}_b", a),
        "went": _told(both, gone) | _why(both.filter(gone), SOURCE, b),
        "changed": _told(both, text),
        "retagged": _told(both, retagged),
        "moved": _told(both, moved) | _moves(both.filter(moved)),
    }


def _true(found: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(found, fill_value=False)


def _columns(side: Side) -> set[str]:
    return {one["name"] for one in side[1]["columns"]}


def _digests(here: Side, there: Side, columns: list[str]) -> pa.Table:
    """Return the ids and hashes of the documents in shards that the other build does not have."""
    folder, manifest = here
    parts = [DIGESTS.empty_table()]
    for split, told in manifest["splits"].items():
        others = there[1]["splits"].get(split, {"shards": []})["shards"]
        same = {there[1]["files"][path]["sha256"] for path in others}
        for path in told["shards"]:
            if manifest["files"][path]["sha256"] not in same:
                parts += _shard(folder, path, split, columns)
    return pa.concat_tables(parts)


def _shard(folder: Path, name: str, split: str, columns: list[str]) -> Iterator[pa.Table]:
    with reading(folder, name), pq.ParquetFile(folder / name) as file:
        for batch in file.iter_batches(batch_size=1000, columns=columns):
            yield _hashed(batch, split)


def _hashed(documents: pa.RecordBatch, split: str) -> pa.Table:
    rows = documents.to_pylist()
    ids = [row.pop(ID) for row in rows]
    texts = [_digest(row.pop(TEXT)) for row in rows]
    rests = [_digest(repr(sorted(row.items()))) for row in rows]
    sources = [row.get(SOURCE) for row in rows]
    splits = [split] * len(rows)
    return pa.Table.from_arrays(
        [
            pa.array(v, f.type)
            for v, f in zip((ids, splits, sources, texts, rests), DIGESTS, strict=True)
        ],
        schema=DIGESTS,
    )


def _digest(text: str | None) -> bytes:
    return hashlib.blake2b((text or "").encode(), digest_size=16).digest()


def _told(both: pa.Table, which: pa.ChunkedArray) -> dict[str, Any]:
    found = both.filter(which)[ID]
    return {"documents": len(found), "ids": found.slice(0, SHOWN).to_pylist()}


def _why(absent: pa.Table, source: str, other: Side) -> dict[str, Any]:
    """Return what the ledgers of the other build say of these documents, most frequent first.

    `source` is the column with their files. A reason without a stage is that of a record that could
    not be read; without either, that build read no such record. Rejects have no id, so they are
    told apart by their files: of each, as many documents are missing for want of reading as its
    rejects are, or all, where the file itself could not be read.
    """
    if not len(absent):
        return {"why": []}
    removed = table(other[0], REMOVED_FILE, [ID, "stage", "reason"])
    found = removed.filter(pc.is_in(removed[ID], absent[ID].combine_chunks()))
    rows = found.group_by(["stage", "reason"], use_threads=False).aggregate([([], "count_all")])
    why = [
        {"stage": row["stage"], "reason": row["reason"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    rest = absent.filter(pc.invert(pc.is_in(absent[ID], found[ID].combine_chunks())))
    unread = _unread(Counter(rest[source].to_pylist()), other)
    why += [{"stage": None, "reason": what, "documents": n} for what, n in unread.items()]
    never = len(rest) - unread.total()
    why += [{"stage": None, "reason": None, "documents": never}] if never else []
    return {"why": sorted(why, key=lambda row: (-row["documents"], str(row)))}


def _unread(files: Counter[str], other: Side) -> Counter[str]:
    """Return how many of so many documents of some files could not be read there, by the reason."""
    rejected = table(other[0], REJECTED_FILE, [SOURCE, "record", "reason"])
    chosen = rejected.filter(pc.is_in(rejected[SOURCE], pa.array(list(files), pa.string())))
    found = Counter[str]()
    for row in chosen.sort_by([("record", "ascending"), ("reason", "ascending")]).to_pylist():
        left = files[row[SOURCE]]
        n = left if row["record"] is None else min(left, 1)
        files[row[SOURCE]] -= n
        found[row["reason"]] += n
    return +found


def _moves(moved: pa.Table) -> dict[str, Any]:
    rows = moved.group_by(["split", "split_b"], use_threads=False).aggregate([([], "count_all")])
    ways = [
        {"from": row["split"], "to": row["split_b"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    return {"ways": sorted(ways, key=lambda way: (-way["documents"], str(way)))}
