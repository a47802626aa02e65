"""Surplus columns: what a corpus keeps as JSON, because it has too many different columns.

    {"id": "a", "text": "...", "site": "x", "user-17": 3}    site         other_columns
    {"id": "b", "text": "...", "site": "y", "user-29": 5}    x            {"user-17":3}
                                                             y            {"user-29":5}

A corpus has at most `output.max_columns` extra columns. With more, the rarest ones are values of
one JSON object in the column `other_columns`: those in the fewest documents, and of equally rare
ones all or none. So nothing is lost, one strange record cannot displace a column that many have,
and the result depends on the corpus alone.

While a corpus is read, nobody knows which columns are rare in it. But a batch and a run have at
most about MAX_BATCH_COLUMNS, and keep their rarest values in `other_columns`, too. This is only how
they are stored: `conform` (extra.py) moves each value to where the corpus has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Any

import pyarrow as pa

from corpus.documents import OTHER_COLUMNS
from corpus.sources.columns.types import INT64
from corpus.sources.json.text import dumps, parse

MAX_BATCH_COLUMNS = 1000
"""Maximum number of extra columns that a batch stores as Arrow columns."""

OTHER_FIELD = pa.field(OTHER_COLUMNS, pa.string())

Values = dict[str, Any]


def most_frequent(counts: Mapping[str, int], limit: int) -> set[str]:
    """Return the `limit` names with the largest counts, of equal counts the first names."""
    return set(nsmallest(limit, counts, key=lambda name: (-counts[name], name)))


def min_documents(counts: Iterable[int], limit: int) -> int:
    """Return the smallest number of documents that at most `limit` columns reach."""
    largest = nlargest(limit + 1, counts)
    return largest[limit] + 1 if len(largest) > limit else 1


def has_value(value: Any) -> bool:
    """Return whether a value is neither null nor a number that JSON lacks, which becomes null."""
    return value is not None and (type(value) is not float or value - value == 0)


def to_other_columns(rows: Sequence[Values]) -> pa.Array:
    """Return the values of each row as a JSON object with sorted names; null for no values.

    An integer beyond 64 bits is a string, and the keys of a value keep their order, as in a column.
    """
    texts = [dumps({name: _in_64_bits(row[name]) for name in sorted(row)}) for row in rows]
    return pa.array([None if text == "{}" else text for text in texts], pa.string())


def _in_64_bits(value: Any) -> Any:
    """Return a value, or an integer beyond 64 bits as a string."""
    return str(value) if type(value) is int and value not in INT64 else value


def other_values(documents: pa.RecordBatch) -> list[Values]:
    """Return the values in `other_columns` for each row; {} if it has none."""
    index = documents.schema.get_field_index(OTHER_COLUMNS)
    if index < 0:
        return [{} for _ in range(documents.num_rows)]
    texts = documents.column(index).to_pylist()
    return [{} if text is None else parse(text.encode()) for text in texts]


def by_name(rows: Sequence[Values], names: Collection[str] | None = None) -> dict[str, list[Any]]:
    """Return the values of each name, without the rows that have none."""
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            if names is None or name in names:
                values.setdefault(name, []).append(value)
    return values
