"""The extra columns of a corpus: which of them are columns, and which are in `other_columns`.

The runs list their columns sorted by name, so the lists are merged without loading them. Memory
holds a part of each list, and the columns that the corpus keeps.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from corpus.pipeline.run_columns import RunColumn
from corpus.sources.columns.extra import join_types, joined_type, schema_of, type_from_bytes
from corpus.sources.columns.surplus import OTHER_FIELD, min_documents
from corpus.sources.columns.types import join

READ_ROWS = 1000
"""Rows of a list that are in memory at a time."""


def join_columns(
    lists: Sequence[pa.RecordBatch],
    added: pa.Schema,
    *,
    filled: Collection[str],
    always: Collection[str],
    limit: int,
) -> tuple[pa.Schema, set[str]]:
    """Return the schema of the columns of all runs and the added ones, as surplus.py describes it.

    `lists` are the extra columns of each run (`RUN_COLUMNS`), sorted by name. Also return which
    columns have a value. `filled` are those that have one as an Arrow column of a run; others may
    have all their values in `other_columns` of the runs. The columns in `always`, which stages add,
    do not count.
    """
    counts = (n for name, n, _ in _merged(lists) if name not in always)
    at_least = min_documents(counts, limit)
    kept = {field.name: joined_type(field) for field in join_types([added])}
    has_surplus = False
    for name, n, types in _merged(lists):
        if n < at_least and name not in always:
            has_surplus = True
            continue
        joined = kept.get(name, pa.null())
        for type in sorted(types):
            joined = join(joined, type_from_bytes(type))
        kept[name] = joined
    schema = schema_of(kept)
    if has_surplus:
        schema = schema.append(OTHER_FIELD)
    return schema, {*filled, *schema.names}


def _merged(lists: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, int, set[bytes]]]:
    """Yield the name of each column, its number of documents, and its types, sorted by name."""
    columns = heapq.merge(*map(_columns_of, lists), key=itemgetter(0))
    for name, group in groupby(columns, key=itemgetter(0)):
        documents, types = 0, set()
        for column in group:
            documents += column.documents
            types.add(column.type)
        yield name, documents, types


def _columns_of(columns: pa.RecordBatch) -> Iterator[RunColumn]:
    """Yield the extra columns of a run, sorted by name."""
    for start in range(0, columns.num_rows, READ_ROWS):
        part = columns.slice(start, READ_ROWS)
        yield from map(RunColumn, *(column.to_pylist() for column in part.columns))
