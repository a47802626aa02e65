"""Copy texts to their places in a new order: each text once, out of however many chunks.

`take` of Arrow first joins the chunks of a column, which copies all texts and takes their memory
once more.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import strings, texts
from corpus.kernels import njit


@njit
def _copy_texts(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    targets: NDArray[np.int64],
    out: NDArray[np.uint8],
) -> None:
    """Copy each text of a chunk to its target in `out`; one whose target is below 0 is left out."""
    for i in range(targets.size):
        target, begin = targets[i], offsets[i]
        if target >= 0:
            for k in range(offsets[i + 1] - begin):
                out[target + k] = data[begin + k]


def gather_texts(column: pa.ChunkedArray, rows: NDArray[np.int64]) -> pa.LargeStringArray:
    """Return the texts of these rows, each at most once, in this order; null becomes empty."""
    chunks = [texts(chunk) for chunk in column.chunks if len(chunk)]
    starts = np.cumsum([0, *(len(offsets) - 1 for _, offsets in chunks)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(np.diff(offsets) for _, offsets in chunks)])
    new_offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(sizes[rows], out=new_offsets[1:])
    targets = np.full(len(sizes), -1, np.int64)
    targets[rows] = new_offsets[:-1]
    out = np.empty(new_offsets[-1], np.uint8)  # numpy asks for huge pages: a quarter of the time
    for (data, offsets), (first, last) in zip(chunks, pairwise(starts.tolist()), strict=True):
        _copy_texts(data, offsets, targets[first:last], out)
    return strings(out, new_offsets)


def take_documents(table: pa.Table, text: str, rows: NDArray[np.int64]) -> pa.Table:
    """Return these rows of a table, in this order; the column `text` is copied once."""
    index = table.schema.get_field_index(text)
    field = table.schema.field(index)
    others = table.remove_column(index).take(pa.array(rows))
    return others.add_column(index, field, gather_texts(table[text], rows).cast(field.type))


MIN_SHARE_KEPT = 0.5
"""A chunk of which fewer texts are kept is filtered at once, so that little memory is wasted."""


class KeptTexts:
    """The texts that are kept of a number of chunks: they are copied when all chunks are known."""

    def __init__(self) -> None:
        self._chunks = [pa.array([], pa.large_string())]
        self._rows = [np.zeros(0, np.int64)]
        self._n_rows = 0

    def add(self, chunk: pa.LargeStringArray, is_kept: pa.BooleanArray) -> None:
        """Add those texts of a chunk that are kept."""
        if is_kept.true_count < MIN_SHARE_KEPT * len(chunk):
            chunk, is_kept = chunk.filter(is_kept), is_kept.filter(is_kept)
        self._rows.append(self._n_rows + np.flatnonzero(is_kept.to_numpy(zero_copy_only=False)))
        self._chunks.append(chunk)
        self._n_rows += len(chunk)

    def gather(self, order: NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the kept texts with these numbers, each at most once, in this order."""
        return gather_texts(pa.chunked_array(self._chunks), np.concatenate(self._rows)[order])
