"""Which documents two builds do not share: came, went, changed or moved, and why.

Documents are told apart by their ids, and compared by hashes of their texts and of their other
columns. Only shards that differ are read; of each of their documents about a hundred bytes are
kept in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.documents import ID, TEXT
from corpus.errors import InputError

SHOWN = 20
"""Ids that are told of each kind of change: the first, in the order of the ids."""

DIGESTS = pa.schema(
    [(ID, pa.string()), ("split", pa.string()), ("text", pa.binary(16)), ("rest", pa.binary(16))]
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
        "came": _told(both, new) | _why(both.filter(new)[ID], a),
        "went": _told(both, gone) | _why(both.filter(gone)[ID], b),
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
                parts += _shard(folder / path, split, columns)
    return pa.concat_tables(parts)


def _shard(path: Path, split: str, columns: list[str]) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000, columns=columns):
                yield _hashed(batch, split)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read: {error}; try `corpus verify`") from error


def _hashed(documents: pa.RecordBatch, split: str) -> pa.Table:
    rows = documents.to_pylist()
    ids = [row.pop(ID) for row in rows]
    texts = [_digest(row.pop(TEXT)) for row in rows]
    rests = [_digest(repr(sorted(row.items()))) for row in rows]
    splits = [split] * len(rows)
    return pa.Table.from_arrays(
        [pa.array(v, f.type) for v, f in zip((ids, splits, texts, rests), DIGESTS, strict=True)],
        schema=DIGESTS,
    )


def _digest(text: str | None) -> bytes:
    return hashlib.blake2b((text or "").encode(), digest_size=16).digest()


def _told(both: pa.Table, which: pa.ChunkedArray) -> dict[str, Any]:
    found = both.filter(which)[ID]
    return {"documents": len(found), "ids": found.slice(0, SHOWN).to_pylist()}


def _why(ids: pa.ChunkedArray, other: Side) -> dict[str, Any]:
    """Return what the ledger of the other build says of these documents, most frequent first.

    A stage of None says that it is not there: it was not among what that build read.
    """
    ledger = other[0] / "ledger" / "removed.parquet"
    if not len(ids):
        return {"why": []}
    removed = pq.read_table(ledger, columns=[ID, "stage", "reason"])
    found = removed.filter(pc.is_in(removed[ID], ids.combine_chunks()))
    rows = found.group_by(["stage", "reason"], use_threads=False).aggregate([([], "count_all")])
    why = [
        {"stage": row["stage"], "reason": row["reason"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    rest = len(ids) - len(found)
    why += [{"stage": None, "reason": None, "documents": rest}] if rest else []
    return {"why": sorted(why, key=lambda row: (-row["documents"], str(row)))}


def _moves(moved: pa.Table) -> dict[str, Any]:
    rows = moved.group_by(["split", "split_b"], use_threads=False).aggregate([([], "count_all")])
    ways = [
        {"from": row["split"], "to": row["split_b"], "documents": row["count_all"]}
        for row in rows.to_pylist()
    ]
    return {"ways": sorted(ways, key=lambda way: (-way["documents"], str(way)))}
