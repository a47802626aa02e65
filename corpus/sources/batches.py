"""Columns put together as a batch of documents, with where each row comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from corpus.documents import (
    CONTENT,
    DATE,
    DOCUMENT,
    ID,
    ID_IS_GIVEN,
    KEY,
    ORIGIN,
    RECORD,
    RECORD_HASH,
    SOURCE,
)
from corpus.sources import dates, extras
from corpus.sources.chunks import Reject
from corpus.sources.column_names import digests, key
from corpus.sources.extras import Extra
from corpus.sources.json_text import dumps
from corpus.sources.settings import Content, Source

Read = tuple[pa.RecordBatch, list[Reject]]
"""What reading yields: documents, and what could not be read beside them."""

_SCHEMA = pa.schema([*DOCUMENT, *ORIGIN])
NONE = pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in _SCHEMA], schema=_SCHEMA)
"""A batch of no documents."""


@dataclass(frozen=True)
class Origin:
    """Where the records of a batch come from: one value for each, in their order.

    `raws` are the records as bytes: what the key of a record without an id is made of.
    """

    names: Sequence[str]
    numbers: Sequence[int]
    raws: Sequence[bytes]
    contents: Sequence[Content]

    def only(self, keep: Iterable[int]) -> Origin:
        """Return the origin of the records at these places."""
        keep = list(keep)
        return Origin(
            [self.names[i] for i in keep],
            [self.numbers[i] for i in keep],
            [self.raws[i] for i in keep],
            [self.contents[i] for i in keep],
        )

    def reject(self, i: int, reason: str) -> Reject:
        """Return the record at place `i` as a reject."""
        return Reject(self.names[i], self.numbers[i], reason, len(self.raws[i]))


def assemble(
    ours: Mapping[str, pa.Array],
    others: Mapping[str, Extra],
    *,
    ids: Sequence[str | None],
    origin: Origin,
    source: Source,
) -> pa.RecordBatch:
    """Return the documents: our columns, their origin, the constants and the other columns."""
    made = digests(origin.raws, origin.names, source)
    named = [d.hex() if i is None else i for i, d in zip(ids, made, strict=True)]
    columns = dict(ours) | {
        ID: pa.array(named, pa.string()),
        SOURCE: pa.array(origin.names, pa.string()),
        KEY: pa.array([key(name) for name in named], pa.binary(16)),
        RECORD_HASH: pa.array(made, pa.binary(16)),
        RECORD: pa.array(origin.numbers, pa.int64()),
        ID_IS_GIVEN: pa.array([i is not None for i in ids], pa.bool_()),
        CONTENT: pa.array(origin.contents, pa.string()),
    }
    extra = dict(others)
    for name, value in source.constants.items():
        if name in DOCUMENT.names:
            columns[name] = _constant(name, value, len(ids))
        else:
            extra[name] = extras.column(name, [value] * len(ids))
    names = sorted(extra)
    arrays = [columns[field.name] for field in _SCHEMA] + [extra[name][1] for name in names]
    schema = pa.schema([*_SCHEMA, *(extra[name][0] for name in names)])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _constant(name: str, value: Any, count: int) -> pa.Array:
    """Return one value `count` times, as the column of ours wants it."""
    if name == DATE:
        return dates.parse([value] * count)[0]
    text = value if isinstance(value, str) else dumps(value)
    return pa.array([text] * count, pa.string())
