"""A piece of the corpus on disk, between two passes.

What a pass made of one piece of input is one folder, written whole or not at all:

    documents.arrow   the documents that stay, sorted by key, cut into small batches, lz4
    observed.arrow    one row for each of them: key, id, origin, what the next corpus stages observe
    removed.arrow     the documents that a stage removed, without their texts
    rejected.arrow    the records that could not be read
    summary.json      the counts, and a hash of each of the other files

Sorted pieces are sorted runs: the documents of any range of keys are one slice of each piece, so
the last pass can merge as many pieces as there are without holding more than one shard.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import storage
from corpus.documents import (
    DOCUMENT,
    ID_IS_GIVEN,
    KEY,
    ORIGIN,
    REJECTED,
    REMOVED,
    RESERVED,
    TEXT,
    halves,
)

BATCH_BYTES = 1 << 20
BATCH_ROWS = 4096

REMOVED_DETAIL = pa.schema(
    [
        *REMOVED,
        (KEY, pa.binary(16)),
        (ID_IS_GIVEN, pa.bool_()),
        ("characters", pa.int64()),
        ("excerpt", pa.string()),
    ]
)
"""A removed document: what the ledger says of it, what the sums need, and of a few the text."""

REJECTED_DETAIL = pa.schema([*REJECTED, ("bytes", pa.int64())])
"""A reject; `bytes` is the size of what was lost where that is more than one record, else 0."""

BYTES = "_bytes"


def by_key(table: pa.Table, *then: str) -> pa.Table:
    """Return the rows in the order of their keys, then of other columns; equal ones keep theirs."""
    if table.num_rows == 0:
        return table
    keys = halves(table.column(KEY).combine_chunks())
    ranks = [pc.rank(table.column(name), tiebreaker="dense").to_numpy() for name in reversed(then)]
    return table.take(pa.array(np.lexsort((*ranks, keys[:, 1], keys[:, 0]))))


def rows_between(keys: pa.Array, low: int, high: int) -> tuple[int, int]:
    """Return the rows [first, last) of sorted keys whose first half is in [low, high)."""
    if len(keys) == 0:
        return 0, 0
    heads = halves(keys)[:, 0]
    first = int(np.searchsorted(heads, np.uint64(low)))
    last = len(heads) if high >> 64 else int(np.searchsorted(heads, np.uint64(high)))
    return first, last


@dataclass(frozen=True)
class Piece:
    """A written piece: where it is, and where its batches begin."""

    folder: Path
    starts: tuple[int, ...]
    """The row at which each batch of documents begins, and the number of rows."""

    @property
    def rows(self) -> int:
        """The number of documents in it."""
        return self.starts[-1]

    def summary(self) -> dict[str, Any]:
        """Return the counts that were written with it."""
        return json.loads((self.folder / "summary.json").read_bytes())

    def observed(self) -> pa.RecordBatch:
        """Return the observations, one row for each document, memory-mapped."""
        return _only_batch(self.folder / "observed.arrow")

    def removed(self) -> pa.RecordBatch:
        """Return the removed documents (`REMOVED_DETAIL`), sorted by key, memory-mapped."""
        return _only_batch(self.folder / "removed.arrow")

    def rejected(self) -> pa.RecordBatch:
        """Return the rejects (`REJECTED_DETAIL`)."""
        return _only_batch(self.folder / "rejected.arrow")

    def documents(self, first: int, last: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the documents [first, last); only the batches that hold them are read."""
        from pyarrow import ipc

        path = self.folder / "documents.arrow"
        low = int(np.searchsorted(self.starts, first, side="right")) - 1
        high = int(np.searchsorted(self.starts, last, side="left"))
        with pa.memory_map(str(path)) as source:
            schema = ipc.open_file(source).schema
            wanted = None if columns is None else sorted(schema.get_field_index(c) for c in columns)
            reader = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=wanted))
            batches = [reader.get_batch(i) for i in range(low, high)]
            table = pa.Table.from_batches(batches, reader.schema)
        return table.slice(first - self.starts[low], last - first)


def open_piece(folder: Path) -> Piece | None:
    """Return the piece in this folder, or None where there is no whole and undamaged one."""
    try:
        summary = json.loads((folder / "summary.json").read_bytes())
        sound = all(storage.sha256(folder / n) == h for n, h in summary["sha256"].items())
        return Piece(folder, tuple(summary["starts"])) if sound else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@dataclass(frozen=True)
class Fetch:
    """Re-reads chosen documents of pieces; picklable, for `corpus.observations.CorpusView`."""

    pieces: tuple[Piece, ...]

    def __call__(
        self, part: int, rows: NDArray[np.int64], columns: Sequence[str]
    ) -> pa.RecordBatch:
        """Return these rows (rising) of one piece; batches without any of them are not read."""
        piece = self.pieces[part]
        starts = np.asarray(piece.starts)
        found = []
        for batch in np.unique(np.searchsorted(starts, rows, side="right") - 1):
            low, high = starts[batch], starts[batch + 1]
            inside = rows[(rows >= low) & (rows < high)] - low
            found.append(piece.documents(int(low), int(high), columns).take(pa.array(inside)))
        table = pa.concat_tables(found).select(list(columns)).combine_chunks()
        return table.to_batches()[0]


def gather(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Return the batches of a piece as one table, without loss.

    The type of a source's own column is that of the values that are left, by the rule that every
    batch follows: neither the cut into batches nor a removed document leaves a trace in it.
    """
    if not batches:
        return pa.schema([*DOCUMENT, *ORIGIN]).empty_table()
    names = dict.fromkeys(name for batch in batches for name in batch.schema.names)
    made = [_gathered(name, batches) for name in names]
    return pa.Table.from_arrays(
        [array for _, array in made], schema=pa.schema([field for field, _ in made])
    )


def _gathered(name: str, batches: Sequence[pa.RecordBatch]) -> tuple[pa.Field, Any]:
    """Return one column of all batches, and its field."""
    from corpus.sources.extra_columns import infer_column, original_values

    places = [batch.schema.get_field_index(name) for batch in batches]
    there = [
        (b, b.schema.field(i), b.column(i)) for b, i in zip(batches, places, strict=True) if i >= 0
    ]
    if all(array.null_count == len(array) for _, _, array in there) and name not in RESERVED:
        return pa.field(name, pa.null()), pa.nulls(sum(batch.num_rows for batch in batches))
    field = there[0][1]
    same = all(other.equals(field, check_metadata=True) for _, other, _ in there)
    if same and len(there) == len(batches) and not field.metadata:
        return field, pa.chunked_array([array for _, _, array in there])
    every: list[Any] = []
    for batch, place in zip(batches, places, strict=True):
        missing = [None] * batch.num_rows
        if place < 0:
            every += missing
        else:
            every += original_values(batch.column(place), batch.schema.field(place))
    return infer_column(name, every)


def write_piece(
    folder: Path,
    *,
    documents: pa.Table,
    observed: pa.Table,
    removed: pa.Table,
    rejected: pa.Table,
    summary: dict[str, Any],
) -> Piece:
    """Write a piece whole; `documents` and `observed` are aligned and sorted by key here."""
    from pyarrow import ipc

    order = np.arange(0)
    if documents.num_rows:
        keys = halves(documents.column(KEY).combine_chunks())
        order = np.lexsort((keys[:, 1], keys[:, 0]))
    documents, observed = documents.take(pa.array(order)), observed.take(pa.array(order))
    cuts = _cuts(documents)
    lz4 = ipc.IpcWriteOptions(compression="lz4")
    with storage.fresh(folder) as half:
        with ipc.new_file(str(half / "documents.arrow"), documents.schema, options=lz4) as out:
            for first, last in pairwise(cuts):
                out.write_batch(_batch(documents.slice(first, last - first)))
        for name, table in (
            ("observed", observed),
            ("removed", by_key(removed)),
            ("rejected", rejected),
        ):
            with ipc.new_file(str(half / f"{name}.arrow"), table.schema) as out:
                out.write_batch(_batch(table))
        hashes = {path.name: storage.sha256(path) for path in sorted(half.iterdir())}
        summary = summary | {"starts": cuts, "sha256": hashes}
        (half / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        storage.sync(half)
    return Piece(folder, tuple(cuts))


def _cuts(documents: pa.Table) -> list[int]:
    """Return where batches begin, so that each holds about `BATCH_BYTES` of text, and the end."""
    if documents.num_rows == 0:
        return [0]
    sizes = pc.binary_length(documents.column(TEXT)).to_numpy()
    ends = np.cumsum(sizes)
    cuts, first = [0], 0
    while first < len(sizes):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + BATCH_BYTES, side="left")) + 1
        first = min(last, first + BATCH_ROWS, len(sizes))
        cuts.append(first)
    return cuts


def _batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table as one batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def _only_batch(path: Path) -> pa.RecordBatch:
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)
