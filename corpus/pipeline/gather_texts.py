"""Copy texts to their places in a new order: each text once, out of however many chunks.

`take` of Arrow first joins the chunks of a column, which copies all texts and takes their memory
once more.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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


class Texts:
    """The texts of some chunks, numbered from the first one on; null is an empty text."""

    def __init__(self, chunks: Iterable[pa.Array]) -> None:
        self._chunks = [texts(chunk) for chunk in chunks if len(chunk)]
        self._starts = np.cumsum([0, *(len(offsets) - 1 for _, offsets in self._chunks)]).tolist()
        sizes = (np.diff(offsets) for _, offsets in self._chunks)
        self.sizes = np.concatenate([np.zeros(0, np.int64), *sizes])
        """int64[n_texts]: the size of each text in UTF-8."""

    def gather(self, rows: NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the texts with these numbers, each at most once, in this order."""
        new_offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(self.sizes[rows], out=new_offsets[1:])
        targets = np.full(len(self.sizes), -1, np.int64)
        targets[rows] = new_offsets[:-1]
        out = np.empty(new_offsets[-1], np.uint8)  # numpy asks for huge pages for a large one
        for (data, offsets), bounds in zip(self._chunks, pairwise(self._starts), strict=True):
            _copy_texts(data, offsets, targets[slice(*bounds)], out)
        return strings(out, new_offsets)


def take_documents(table: pa.Table, text: str, rows: NDArray[np.int64]) -> pa.Table:
    """Return these rows of a table, in this order; the column `text` is copied once."""
    index = table.schema.get_field_index(text)
    field = table.schema.field(index)
    others = table.remove_column(index).take(pa.array(rows))
    taken = Texts(table[text].chunks).gather(rows)
    return others.add_column(index, field, taken.cast(field.type))


MIN_SHARE_KEPT = 0.5
"""A chunk of which fewer bytes are kept is filtered at once, so that little memory is wasted."""


class KeptTexts:
    """The texts that are kept of a number of chunks: they are copied when all chunks are known."""

    def __init__(self) -> None:
        self._chunks: list[pa.Array] = []
        self._rows = [np.zeros(0, np.int64)]
        self._n_rows = 0

    def add(self, chunk: pa.LargeStringArray, is_kept: pa.BooleanArray) -> None:
        """Add those texts of a chunk that are kept."""
        sizes = pc.binary_length(chunk)
        kept_bytes = pc.sum(sizes.filter(is_kept)).as_py() or 0
        if kept_bytes < MIN_SHARE_KEPT * (pc.sum(sizes).as_py() or 0):
            chunk, is_kept = chunk.filter(is_kept), is_kept.filter(is_kept)
        self._rows.append(self._n_rows + np.flatnonzero(is_kept.to_numpy(zero_copy_only=False)))
        self._chunks.append(chunk)
        self._n_rows += len(chunk)

    @cached_property
    def _all(self) -> tuple[Texts, NDArray[np.int64]]:
        """The texts of all chunks, and the numbers of those that are kept."""
        return Texts(self._chunks), np.concatenate(self._rows)

    def sizes(self, order: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the sizes of the kept texts with these numbers: int64[n]."""
        every, kept = self._all
        return every.sizes[kept[order]]

    def gather(self, order: NDArray[np.int64]) -> pa.LargeStringArray:
        """Return the kept texts with these numbers, each at most once, in this order.

        No chunk may be added after that.
        """
        every, kept = self._all
        return every.gather(kept[order])
