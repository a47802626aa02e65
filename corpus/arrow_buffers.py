"""Arrow string columns as plain bytes and offsets, which is what kernels read, and back again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def texts(column: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes and the offsets (int64[n_texts + 1]) of a column of strings; null is empty.

    Nothing is copied where the column is one chunk of large strings without nulls. Both are always
    read-only: numba would compile a kernel once more for an array that could be written.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # combine_chunks of very long columns
        column = pa.concat_arrays(column.chunks)
    column = column.cast(pa.large_string())
    if column.null_count:
        column = column.fill_null("")
    data, offsets = np.zeros(0, np.uint8), np.zeros(1, np.int64)
    if len(column):
        _, places, held = column.buffers()
        offsets = np.frombuffer(places, np.int64)[column.offset : column.offset + len(column) + 1]
        data = np.frombuffer(held, np.uint8) if held else data
    data.flags.writeable = offsets.flags.writeable = False
    return data, offsets


def column(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return the column of these numbers, null where they are `missing`.

    As `pa.array` does, which imports pandas for it: a quarter of a second.
    """
    there = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [there, held])


def words(values: Sequence[str]) -> pa.StringArray:
    """Return the column of a few strings, which `pa.array` would import pandas for."""
    data = [value.encode() for value in values]
    offsets = np.cumsum([0, *map(len, data)], dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(data), pa.py_buffer(offsets), pa.py_buffer(b"".join(data))
    )


def strings(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> pa.LargeStringArray:
    """Return the column of strings with these bytes (UTF-8, unchecked) and offsets."""
    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(data)
    )
