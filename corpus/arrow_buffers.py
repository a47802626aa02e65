"""Convert Arrow columns to the plain arrays that kernels read, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def texts(column: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes (UTF-8) and offsets (int64[n_texts + 1]) of a column of strings.

    Null becomes an empty text. Nothing is copied if the column is one chunk of large strings
    without nulls. Both arrays are always read-only, because numba compiles a kernel again for an
    array that can be written.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # combine_chunks leaves several if they are very long
        column = pa.concat_arrays(column.chunks)
    column = column.cast(pa.large_string())
    if column.null_count:
        column = column.fill_null("")
    data, offsets = np.zeros(0, np.uint8), np.zeros(1, np.int64)
    if len(column):
        _, offset_buffer, data_buffer = column.buffers()
        first, stop = column.offset, column.offset + len(column) + 1
        offsets = np.frombuffer(offset_buffer, np.int64)[first:stop]
        data = np.frombuffer(data_buffer, np.uint8) if data_buffer else data
    data.flags.writeable = offsets.flags.writeable = False
    return data, offsets


def strings(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pa.LargeStringArray:
    """Return the column of strings with these bytes (UTF-8, unchecked) and offsets."""
    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)
    )


def beginnings(
    column: pa.Array, characters: int, rows: Sequence[int] | None = None
) -> pa.LargeStringArray:
    """Return at most this many characters of each text of a column of strings, or of these rows.

    Arrow's own `utf8_slice_codeunits` allocates as much memory as the texts have, and keeps it.
    """
    data, offsets = texts(column)
    valid = column.is_valid()
    bounds: Iterable[tuple[int, int]] = pairwise(offsets.tolist())
    if rows is not None:
        valid = valid.take(pa.array(rows, pa.int64()))
        bounds = ((int(offsets[row]), int(offsets[row + 1])) for row in rows)
    shortened = [
        # a character has at most four bytes
        data[begin : min(end, begin + 4 * characters)].tobytes().decode(errors="ignore")
        for begin, end in bounds
    ]
    values = pa.array([text[:characters] for text in shortened], pa.large_string())
    return pc.if_else(valid, values, pa.scalar(None, pa.large_string()))


def numbers(column: pa.Array) -> NDArray[Any]:
    """Return the numbers of a column as a view; what stands for a null is undefined.

    `to_numpy` returns the same, but imports pandas, which takes a quarter of a second.
    """
    values = np.frombuffer(column.buffers()[1], column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


def number_column(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return the numbers as a column, null where they are `missing`.

    `pa.array` returns the same, but imports pandas, which takes a quarter of a second.
    """
    validity = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [validity, data])


def string_column(values: Sequence[str]) -> pa.StringArray:
    """Return a few strings as a column, without importing pandas as `pa.array` does."""
    data = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, data)], dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(data), pa.py_buffer(offsets), pa.py_buffer(b"".join(data))
    )
