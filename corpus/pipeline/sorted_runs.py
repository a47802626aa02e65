"""Sorted runs: the output of a pass for one chunk of input, on disk until the next pass.

A run is one folder, which is written completely or not at all:

    documents.arrow   the kept documents, sorted by portion and key, in small batches, lz4
    observed.arrow    one row for each of them: key, id, origin and observations
    removed.arrow     the documents that a stage removed, without their texts
    rejected.arrow    the records that could not be read
    columns.arrow     the extra columns of the documents, sorted by name
    summary.json      the counts, and a hash of each of the other files; then a hash of itself

In each run, a range of places (portion, then key) is one slice of its documents. So the last pass
can merge any number of runs while it keeps only one row group in memory.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
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
    PORTION,
    REJECTED,
    REMOVED,
    RESERVED,
    TEXT,
    halves,
)
from corpus.errors import EnvironmentFault
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.portions import aligned_ranges, places_of, portions_of

MAX_BATCH_BYTES = 3 << 19
MAX_BATCH_ROWS = 4096

REMOVED_DETAIL = pa.schema(
    [
        *REMOVED,
        (KEY, pa.binary(16)),
        (PORTION, pa.uint64()),
        (ID_IS_GIVEN, pa.bool_()),
        ("characters", pa.int64()),
        ("excerpt", pa.string()),
        ("beyond", pa.string()),
    ]
)
"""A removed document: its row of the ledger, what the sums need, and for a few an excerpt of the
text with what follows it."""

REJECTED_DETAIL = pa.schema([*REJECTED, ("bytes", pa.int64())])
"""A reject (`corpus.sources.Reject`): its row of the ledger, and its bytes if it is more than one
record, else 0."""

TEXT_BYTES = "_bytes"

SUMMARY = "summary.json"


def sort_by_key(table: pa.Table, *then: str) -> pa.Table:
    """Return the rows sorted by key, then by the columns `then`. The sort is stable."""
    if table.num_rows == 0:
        return table
    ranks = [pc.rank(table.column(name), tiebreaker="dense").to_numpy() for name in reversed(then)]
    return table.take(pa.array(key_order(table.column(KEY), *ranks)))


def key_order(keys: pa.ChunkedArray, *then: NDArray[Any]) -> NDArray[np.int64]:
    """Return the rows in the order of their keys, then of the numbers in `then`, the last first."""
    numbers = halves(keys.combine_chunks())
    return np.lexsort((*then, numbers[:, 1], numbers[:, 0]))


def sort_by_place(table: pa.Table) -> pa.Table:
    """Return the rows sorted by portion, then by key. The sort is stable."""
    return table.take(pa.array(_order_of_places(table))) if table.num_rows else table


def _order_of_places(table: pa.Table) -> NDArray[np.int64]:
    numbers = halves(table.column(KEY).combine_chunks())
    return np.lexsort((numbers[:, 1], numbers[:, 0], portions_of(table)))


@dataclass(frozen=True)
class SortedRun:
    """A run on disk: its folder, and where its batches begin."""

    folder: Path
    starts: tuple[int, ...]
    """The first row of each batch of documents, then the number of rows."""

    @property
    def rows(self) -> int:
        """The number of documents."""
        return self.starts[-1]

    def summary(self) -> dict[str, Any]:
        """Return the counts that were written with the run; raises `EnvironmentFault`."""
        summary = _read_summary(self.folder)
        if summary is None:
            raise EnvironmentFault(
                f"{self.folder / SUMMARY}: changed since it was written; check the disk and build "
                "again"
            )
        return summary

    def observed(self) -> pa.RecordBatch:
        """Return the observations, one row per document, memory-mapped."""
        return map_batch(self.folder / "observed.arrow")

    def removed(self) -> pa.RecordBatch:
        """Return the removed documents (`REMOVED_DETAIL`), sorted by place, memory-mapped."""
        return map_batch(self.folder / "removed.arrow")

    def rejected(self) -> pa.RecordBatch:
        """Return the rejects (`REJECTED_DETAIL`), memory-mapped."""
        return map_batch(self.folder / "rejected.arrow")

    def columns(self) -> pa.RecordBatch:
        """Return the extra columns of the documents (`RUN_COLUMNS`), memory-mapped."""
        return map_batch(self.folder / "columns.arrow")

    def schema(self) -> pa.Schema:
        """Return the columns of the documents."""
        from pyarrow import ipc

        with pa.memory_map(str(self.folder / "documents.arrow")) as source:
            return ipc.open_file(source).schema

    def documents(self, first: int, last: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the documents [first, last). Other batches than theirs are not read."""
        from pyarrow import ipc

        path = self.folder / "documents.arrow"
        low = int(np.searchsorted(self.starts, first, side="right")) - 1
        high = int(np.searchsorted(self.starts, last, side="left"))
        with pa.memory_map(str(path)) as source:
            schema = ipc.open_file(source).schema
            fields = None if columns is None else sorted(schema.get_field_index(c) for c in columns)
            reader = ipc.open_file(source, options=ipc.IpcReadOptions(included_fields=fields))
            batches = [reader.get_batch(i) for i in range(low, high)]
            table = pa.Table.from_batches(batches, reader.schema)
        return table.slice(first - self.starts[low], last - first)

    def batches(self, *ranges: tuple[int, int]) -> Iterator[tuple[int, int, pa.RecordBatch]]:
        """Yield the documents of each range [first, last) of rows, batch by batch.

        Each batch has the number of its range and of its first document before it. Ranges are
        ascending. The file is opened once, and each of its batches is read at most once.
        """
        from pyarrow import ipc

        wanted = [(i, first, last) for i, (first, last) in enumerate(ranges) if first < last]
        if not wanted:
            return
        with pa.memory_map(str(self.folder / "documents.arrow")) as source:
            reader, read = ipc.open_file(source), -1
            for i, first, last in wanted:
                number = int(np.searchsorted(self.starts, first, side="right")) - 1
                while number < len(self.starts) - 1 and self.starts[number] < last:
                    if read != number:
                        batch, read = reader.get_batch(number), number
                    start = self.starts[number]
                    low, high = max(first, start), min(last, self.starts[number + 1])
                    yield i, low, batch.slice(low - start, high - low)
                    number += 1


def open_run(folder: Path) -> SortedRun | None:
    """Return the run in this folder, or None if it is missing, incomplete or damaged."""
    try:
        summary = _read_summary(folder)
        if summary is None or any(
            storage.sha256(folder / name) != sha256 for name, sha256 in summary["sha256"].items()
        ):
            return None
    except OSError:
        return None
    return SortedRun(folder, tuple(summary["starts"]))


def discard_damaged(folder: Path) -> None:
    """Delete the run in this folder if it is damaged.

    A build that shares the cache may have made it since it was last looked for: then it is kept.
    """
    storage.discard(folder, unless=lambda path: open_run(path) is not None)


def _read_summary(folder: Path) -> dict[str, Any] | None:
    """Return the summary of a run, or None if it is not as it was written, or another run's."""
    data = storage.unseal(folder.name, (folder / SUMMARY).read_bytes())
    return None if data is None else json.loads(data)


@dataclass(frozen=True)
class FetchFromRuns:
    """Reads chosen documents of runs again; a picklable `corpus.observations.Fetch`."""

    runs: tuple[SortedRun, ...]

    def __call__(
        self, part: int, rows: NDArray[np.int64], columns: Sequence[str]
    ) -> pa.RecordBatch:
        """Return these rows (ascending) of one run. Batches without any of them are not read."""
        from pyarrow import ipc

        run = self.runs[part]
        bounds = np.searchsorted(rows, run.starts)
        fields = run.schema()
        options = ipc.IpcReadOptions(
            included_fields=sorted(fields.get_field_index(name) for name in columns),
            use_threads=False,  # of a small batch, threads cost more than they save
        )
        chosen = []
        with pa.memory_map(str(run.folder / "documents.arrow")) as source:
            reader = ipc.open_file(source, options=options)
            for index in np.flatnonzero(np.diff(bounds)).tolist():
                inside = rows[bounds[index] : bounds[index + 1]] - run.starts[index]
                chosen.append(reader.get_batch(index).take(pa.array(inside)))  # frees the batch
        table = pa.Table.from_batches(chosen).select(list(columns)).combine_chunks()
        return table.to_batches()[0]


def concatenate(batches: Sequence[pa.RecordBatch], always: Collection[str] = ()) -> pa.Table:
    """Return batches with different columns or column types as one table, without loss.

    If there are too many columns, the rarest ones but those in `always` are in `other_columns`.

    The type of a source's own column follows from the values that are left, by the rule that each
    batch follows. So neither the batch boundaries nor a removed document can affect it.
    """
    from corpus.pipeline.run_columns import limit_columns

    if not batches:
        return pa.schema([*DOCUMENT, *ORIGIN]).empty_table()
    batches = limit_columns(batches, always)
    names = dict.fromkeys(name for batch in batches for name in batch.schema.names)
    columns = [_concatenate_column(name, batches) for name in names]
    return pa.Table.from_arrays(
        [array for _, array in columns], schema=pa.schema([field for field, _ in columns])
    )


def _concatenate_column(name: str, batches: Sequence[pa.RecordBatch]) -> tuple[pa.Field, Any]:
    """Return the field and the values of one column over all batches."""
    from corpus.sources.columns.extra import infer_column, original_values

    indexes = [batch.schema.get_field_index(name) for batch in batches]
    present = [
        (batch.schema.field(i), batch.column(i))
        for batch, i in zip(batches, indexes, strict=True)
        if i >= 0
    ]
    if all(array.null_count == len(array) for _, array in present) and name not in RESERVED:
        return pa.field(name, pa.null()), pa.nulls(sum(batch.num_rows for batch in batches))
    field = present[0][0]
    has_one_type = all(other.equals(field, check_metadata=True) for other, _ in present)
    if has_one_type and len(present) == len(batches) and not field.metadata:
        return field, pa.chunked_array([array for _, array in present])
    all_values: list[Any] = []
    for batch, i in zip(batches, indexes, strict=True):
        missing = [None] * batch.num_rows
        if i < 0:
            all_values += missing
        else:
            column, typed = batch.column(i), batch.schema.field(i)
            all_values += original_values(column, typed, shared=True)
    return infer_column(name, all_values)


def write_run(
    folder: Path,
    *,
    documents: pa.Table,
    observed: pa.Table,
    removed: pa.Table,
    rejected: pa.Table,
    summary: dict[str, Any],
) -> SortedRun:
    """Write a complete run, and return the run in the folder.

    `documents` and `observed` are aligned; they are sorted here. A run that another build has made
    there meanwhile is kept, and returned.
    """
    from corpus.pipeline.gather_texts import take_documents
    from corpus.pipeline.run_columns import list_columns

    order = _order_of_places(documents)
    documents, observed = take_documents(documents, TEXT, order), observed.take(pa.array(order))
    starts = _batch_starts(documents)
    with storage.new_folder(folder) as half:
        path = half / "documents.arrow"
        with arrow_file(path, documents.schema, compression="lz4") as out:
            for first, last in pairwise(starts):
                out.write_batch(_one_batch(documents.slice(first, last - first)))
        for name, table in (
            ("observed", observed),
            ("removed", sort_by_place(removed)),
            ("rejected", rejected),
            ("columns", list_columns(documents)),
        ):
            with arrow_file(half / f"{name}.arrow", table.schema) as out:
                out.write_batch(_one_batch(table))
        hashes = {path.name: storage.sha256(path) for path in sorted(half.iterdir())}
        summary = summary | {"starts": starts, "sha256": hashes}
        with storage.new_file(half / SUMMARY) as out:
            out.write(storage.seal(folder.name, json.dumps(summary).encode()))
        storage.sync(half)
    written = SortedRun(folder, tuple(starts))
    return SortedRun(folder, tuple(written.summary()["starts"]))


def _batch_starts(documents: pa.Table) -> list[int]:
    """Return the first row of each batch of at most `MAX_BATCH_BYTES` of text, then the last row.

    A batch is a range of places with equal first bits, as a partition of the last pass is one. So
    hardly any batch is in two partitions.
    """
    n = documents.num_rows
    sizes = pc.binary_length(documents.column(TEXT)).to_numpy()
    weights = np.maximum(sizes, MAX_BATCH_BYTES // MAX_BATCH_ROWS)
    ranges = aligned_ranges(places_of(documents), weights, np.ones(n), MAX_BATCH_BYTES)
    starts = [
        row
        for _, first, last in ranges
        for row in range(first, last, MAX_BATCH_ROWS)  # equal places may be many
    ]
    return [*starts, n]


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], table.schema)


def map_batch(path: Path) -> pa.RecordBatch:
    """Return the only batch of an Arrow file, memory-mapped."""
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)
