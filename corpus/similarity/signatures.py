"""MinHash signatures: the least of each of many hashes of a text's shingles, 16 bits of it.

Two texts agree in a place of their signatures with a probability that is their Jaccard (Broder
1997, "On the resemblance and containment of documents"), so the share of places they agree in
estimates it. Each hash is one multiplication and addition of a shingle's 32 upper bits; the low
half of the least is kept, for the upper half of a minimum is nearly always zero.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.similarity.shingling import Room, next_shingles, window_room
from corpus.words.characters import folding
from corpus.words.folding import fold, room
from corpus.words.simd import frozen

# isort: split
from numba import uint32

from corpus.kernels import njit

_HALF, _MOST = np.uint64(32), np.uint32(0xFFFFFFFF)


def hash_family(hashes: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return odd multipliers and addends, the same on every machine and under every numpy."""
    stream = hashlib.shake_128(f"corpus signature {seed}".encode()).digest(8 * hashes)
    multiplier, addend = np.frombuffer(stream, "<u4").reshape(2, hashes)
    return multiplier | np.uint32(1), addend.copy()


@njit
def _minima(
    x: NDArray[np.uint32],
    total: int,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    out: NDArray[np.uint32],
) -> None:
    """Lower out[j] to the least a[j] * x + b[j]; x is padded to a multiple of eight."""
    for i in range(0, total, 8):
        x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
        x4, x5, x6, x7 = x[i + 4], x[i + 5], x[i + 6], x[i + 7]
        for j in range(a.size):
            p, q = a[j], b[j]
            u = min(uint32(p * x0 + q), uint32(p * x1 + q))
            v = min(uint32(p * x2 + q), uint32(p * x3 + q))
            w = min(uint32(p * x4 + q), uint32(p * x5 + q))
            y = min(uint32(p * x6 + q), uint32(p * x7 + q))
            u, w = min(u, v), min(w, y)
            z = min(u, w)
            out[j] = min(out[j], z)


@njit
def _signatures(
    data: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    table: NDArray[np.uint64],
    size: int,
    text: NDArray[np.uint8],
    window: Room,
    a: NDArray[np.uint32],
    b: NDArray[np.uint32],
    out: NDArray[np.uint16],
    totals: NDArray[np.int64],
) -> None:
    """Fill in the signature and the number of shingles of each text."""
    shingle, cursor = window[2], window[3]
    x, least = np.empty(shingle.size + 8, np.uint32), np.empty(a.size, np.uint32)
    for d in range(offsets.size - 1):
        end = fold(data, offsets[d], offsets[d + 1], table, text, 0)
        for j in range(a.size):
            least[j] = _MOST
        for j in range(cursor.size):
            cursor[j] = 0
        while cursor[0] <= end:
            total = next_shingles(text, end, size, window)
            if total == 0:
                continue
            for i in range(total):
                x[i] = shingle[i] >> _HALF
            for i in range(total, total + 8):
                x[i] = x[total - 1]
            _minima(x, total, a, b, least)
        for j in range(a.size):  # a whole row at once would compile for seconds
            out[d, j] = least[j]
        totals[d] = cursor[3]


def signatures(
    column: pa.Array | pa.ChunkedArray, *, words: int = 5, hashes: int = 128, seed: int = 1
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return each text's signature, uint16[n_texts, hashes], and number of shingles, int64.

    A text without shingles has no words: it resembles nothing, and its signature means nothing.
    """
    data, offsets = texts(column)
    out = np.empty((len(offsets) - 1, hashes), np.uint16)
    totals = np.empty(len(out), np.int64)
    a, b = hash_family(hashes, seed)
    space = room(offsets), window_room()
    _signatures(frozen(data), frozen(offsets), folding(), words, *space, a, b, out, totals)
    return out, totals
