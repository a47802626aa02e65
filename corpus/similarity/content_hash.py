"""A hash of what a text says, `words.content` for a whole column, and the number of its words."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.words.characters import folding
from corpus.words.folding import fold, room
from corpus.words.simd import BLOCK, copy64, frozen, lowest, solid64

# isort: split
from corpus.kernels import njit

_ONE, _TOP = np.uint64(1), np.uint64(63)


@njit
def _squeeze(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    table: NDArray[np.uint64],
    text: NDArray[np.uint8],
    out: NDArray[np.uint8],
    ends: NDArray[np.int64],
) -> None:
    """Write the words of each text, a space between two; text k's end at ends[k + 1].

    Sixty-four bytes a step, and one more for each space that is dropped; `out` has room for the
    folded texts, and so for a block past what is written.
    """
    filled = 0
    ends[0] = 0
    for d in range(offsets.size - 1):
        begin, base = filled, 0
        size = fold(data, offsets[d], offsets[d + 1], table, text, 0)
        spaced = _ONE  # a space at the start is dropped like one after another
        while base < size:
            spaces = ~solid64(text, base)
            drop = spaces & (spaces << _ONE | spaced)
            spaced = spaces >> _TOP
            taken, block = 0, min(BLOCK, size - base)
            while taken < block:
                copy64(text, base + taken, out, filled)
                until = min(lowest(drop), block)
                drop &= drop - _ONE
                filled += until - taken
                taken = until + 1
            base += BLOCK
        if filled > begin and out[filled - 1] == 0x20:
            filled -= 1
        ends[d + 1] = filled


@njit
def _count_words(squeezed: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of words of each text: one more than spaces between them."""
    found = np.zeros(ends.size - 1, np.int64)
    for d in range(found.size):
        spaces = 0
        for k in range(ends[d], ends[d + 1]):
            spaces += squeezed[k] == 0x20
        found[d] = spaces + (ends[d + 1] > ends[d])
    return found


def _squeezed(
    data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the words of all texts end to end, and where each text's end: int64[n_texts + 1]."""
    out = np.empty(2 * int(offsets[-1] - offsets[0]) + 2 * BLOCK, np.uint8)
    ends = np.empty(len(offsets), np.int64)
    _squeeze(frozen(data), frozen(offsets), folding(), room(offsets), out, ends)
    return out, ends


def word_counts(column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Return the number of words of each text: int64[n_texts]."""
    return _count_words(*_squeezed(*texts(column)))


def contents(column: pa.Array | pa.ChunkedArray) -> pa.FixedSizeBinaryArray:
    """Return 16 bytes for each text, equal for texts of the same words: see `words.content`."""
    data, offsets = texts(column)
    out, ends = _squeezed(data, offsets)
    said, raw = out.data, np.ascontiguousarray(data).data
    hashed, places, begin = bytearray(), offsets.tolist(), 0
    for k, end in enumerate(ends[1:].tolist()):
        found = hashlib.sha256(said[begin:end] if end > begin else b" ")
        if end == begin:
            found.update(raw[places[k] : places[k + 1]])
        hashed += found.digest()[:16]
        begin = end
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(ends) - 1, [None, pa.py_buffer(bytes(hashed))]
    )
