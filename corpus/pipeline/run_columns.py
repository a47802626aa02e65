"""The extra columns of a run: their list, and the bound on their number.

Each run lists its extra columns with the number of documents that have a value, and the type that
the values join to. `corpus_columns.py` merges the lists.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import pyarrow as pa

from corpus.documents import OTHER_COLUMNS, RESERVED
from corpus.sources.columns.extra import (
    joined_type,
    original_values,
    type_to_bytes,
)
from corpus.sources.columns.surplus import (
    MAX_BATCH_COLUMNS,
    OTHER_FIELD,
    by_name,
    most_frequent,
    other_values,
    to_other_columns,
)
from corpus.sources.columns.types import TIME_TYPES, infer_type, join

RUN_COLUMNS = pa.schema([("name", pa.string()), ("documents", pa.int64()), ("type", pa.binary())])
"""An extra column of a run: how many documents have a value, and the type of the values."""


class RunColumn(NamedTuple):
    """A row of such a list."""

    name: str
    documents: int
    type: bytes


def list_columns(documents: pa.Table) -> pa.Table:
    """Return the extra columns of documents that have a value (`RUN_COLUMNS`), sorted by name."""
    found: dict[str, tuple[int, pa.DataType]] = {}

    def add(name: str, n: int, type: pa.DataType) -> None:
        count, other_type = found.get(name, (0, pa.null()))
        found[name] = count + n, join(other_type, type)

    for field, column in zip(documents.schema, documents.columns, strict=True):
        if field.name not in RESERVED and column.null_count < len(column):
            add(field.name, len(column) - column.null_count, joined_type(field))
    if OTHER_COLUMNS in documents.schema.names:
        for batch in documents.select([OTHER_COLUMNS]).to_batches():
            for name, values in by_name(other_values(batch)).items():
                add(name, len(values), infer_type(values))
    rows = [RunColumn(name, n, type_to_bytes(type)) for name, (n, type) in sorted(found.items())]
    return pa.Table.from_pylist([row._asdict() for row in rows], RUN_COLUMNS)


def limit_columns(
    batches: Sequence[pa.RecordBatch], always: Collection[str]
) -> Sequence[pa.RecordBatch]:
    """Return the batches of a run with at most about MAX_BATCH_COLUMNS different extra columns.

    The columns with the fewest values move to `other_columns`; those in `always` do not.
    """
    counts: dict[str, int] = {}
    for batch in batches:
        for field, column in zip(batch.schema, batch.columns, strict=True):
            movable = field.name not in RESERVED and field.name not in always
            if movable and joined_type(field) not in TIME_TYPES:
                n = len(column) - column.null_count
                counts[field.name] = counts.get(field.name, 0) + n
    if len(counts) <= 2 * MAX_BATCH_COLUMNS:
        return batches
    surplus = counts.keys() - most_frequent(counts, MAX_BATCH_COLUMNS)
    return [_move_columns(batch, surplus) for batch in batches]


def _move_columns(batch: pa.RecordBatch, names: Collection[str]) -> pa.RecordBatch:
    """Return the batch with the values of these columns in `other_columns`."""
    rows = other_values(batch)
    fields, arrays = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if field.name not in names and field.name != OTHER_COLUMNS:
            fields.append(field)
            arrays.append(column)
        elif field.name != OTHER_COLUMNS:
            for row, value in zip(rows, original_values(column, field), strict=True):
                if value is not None:
                    row[field.name] = value
    return pa.RecordBatch.from_arrays(
        [*arrays, to_other_columns(rows)], schema=pa.schema([*fields, OTHER_FIELD])
    )
