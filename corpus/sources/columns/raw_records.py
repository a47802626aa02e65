"""The raw records of Arrow columns: the bytes that a record's hash is computed from, and its size.

A record is hashed as canonical JSON. A large text becomes JSON piece by piece, because Python's
string of it would take up to four bytes per character, and its JSON as much again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.arrow_buffers import texts
from corpus.sources.columns.extra import to_microseconds
from corpus.sources.json.text import canonical, to_json_value
from corpus.sources.record_keys import RawRecord

LARGE_BATCH = 1 << 24
"""A batch with more bytes, which has a large record, becomes JSON record by record."""

LARGE_TEXT = 1 << 20
"""A text with more bytes becomes JSON in pieces of this many bytes."""


def raw_records(table: pa.RecordBatch) -> Iterator[RawRecord]:
    """Yield each record as canonical JSON, a large one in parts that are made one by one."""
    columns = [to_microseconds(column) for column in table.columns]
    table = pa.RecordBatch.from_arrays(columns, names=table.schema.names)
    if table.nbytes <= LARGE_BATCH:
        yield from map(canonical, table.to_pylist())
    else:
        yield from (_raw_record(table.slice(i, 1)) for i in range(table.num_rows))


def rows_larger_than(table: pa.RecordBatch, limit: int) -> list[int]:
    """Return the rows whose values have more than `limit` bytes, ascending."""
    if table.nbytes <= limit:
        return []
    sizes = [sum(row) for row in zip(*map(_sizes, table.columns), strict=True)]
    return [i for i, size in enumerate(sizes) if size > limit]


def _sizes(column: pa.Array) -> list[int]:
    """Return the number of bytes of each value; a value of a dictionary counts in each row."""
    if pa.types.is_dictionary(column.type):
        sizes = pa.array(_sizes(column.dictionary), pa.int64()).take(column.indices)
        return list(sizes.fill_null(0).to_pylist())
    if _is_text(column.type):
        return list(pc.binary_length(column).fill_null(0).to_pylist())
    if pa.types.is_string_view(column.type) or pa.types.is_binary_view(column.type):
        return [len(value.as_buffer() or b"") for value in column]
    return [column.slice(i, 1).nbytes for i in range(len(column))]


def _raw_record(row: pa.RecordBatch) -> RawRecord:
    """Return a record, the only row of a batch, as canonical JSON."""
    large = {
        name: column
        for name, column in zip(row.schema.names, row.columns, strict=True)
        if _is_text(column.type) and column.nbytes > LARGE_TEXT
    }
    small = row.select([name for name in row.schema.names if name not in large]).to_pylist()
    if not large or not _is_plain_json(small[0] if small else {}):
        return canonical(row.to_pylist()[0])
    return _json_parts(small[0] if small else {}, large)


def _json_parts(small: Mapping[str, Any], large: Mapping[str, pa.Array]) -> Iterator[bytes]:
    """Yield the parts of a record's canonical JSON, given its small values and its large texts."""
    yield b"{"
    for i, name in enumerate(sorted([*small, *large])):
        yield b"," if i else b""
        if name in large:
            yield orjson.dumps(name) + b':"'
            yield from _json_pieces(large[name])
            yield b'"'
        else:
            yield canonical({name: small[name]})[1:-1]
    yield b"}"


def _is_plain_json(row: dict[str, Any]) -> bool:
    """Return whether `canonical` writes each value of a record like the whole record."""
    try:
        orjson.dumps(row, default=to_json_value)
    except (TypeError, orjson.JSONEncodeError):
        return False
    return True


def _json_pieces(text: pa.Array) -> Iterator[bytes]:
    """Yield a valid text, the only row of a column, as JSON without its quotes.

    Arrow would copy the text to give it out as a scalar.
    """
    data, (begin, stop) = texts(text)
    while begin < stop:
        end = min(begin + LARGE_TEXT, stop)
        while end < stop and data[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        yield orjson.dumps(data[begin:end].tobytes().decode())[1:-1]
        begin = end


def _is_text(type: pa.DataType) -> bool:
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type))
