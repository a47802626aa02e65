"""MinHash signatures: for each of many hash functions, 16 bits of the minimum over all shingles.

Two texts agree at a position of their signatures with a probability equal to their Jaccard
similarity (Broder, "On the resemblance and containment of documents", 1997), so the share of
agreements estimates it. Each hash function is one multiplication and one addition of a shingle's 32
upper bits. The low half of the minimum is kept, because its upper half is nearly always zero.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.similarity.shingling import (
    N_SHINGLES,
    NEXT_BLOCK,
    Window,
    new_window,
    next_shingles,
)
from corpus.words.folding import FoldingInput, fold_text, folding_input

# isort: split
from numba import uint32

from corpus.kernels import njit, njit_without_allocation

_HALF, _MAX = np.uint64(32), np.uint32(0xFFFFFFFF)


class HashFamily(NamedTuple):
    """Hash functions x -> multiplier * x + addend, modulo 2^32."""

    multipliers: NDArray[np.uint32]
    addends: NDArray[np.uint32]


def hash_family(hashes: int, seed: int) -> HashFamily:
    """Return odd multipliers and addends, the same on every machine and with every numpy."""
    stream = hashlib.shake_128(f"corpus signature {seed}".encode()).digest(8 * hashes)
    multipliers, addends = np.frombuffer(stream, "<u4").reshape(2, hashes)
    return HashFamily(multipliers | np.uint32(1), addends.copy())


@njit_without_allocation
def _lower_minima(
    x: NDArray[np.uint32], total: int, family: HashFamily, out: NDArray[np.uint32]
) -> None:
    """Lower each out[j] to the minimum of hash function j over x, padded to a multiple of eight."""
    a, b = family.multipliers, family.addends
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
    source: FoldingInput,
    size: int,
    window: Window,
    family: HashFamily,
    out: NDArray[np.uint16],
    totals: NDArray[np.int64],
) -> None:
    """Write the signature and the number of shingles of each text."""
    shingles, cursor, hashes = window.shingles, window.cursor, family.multipliers.size
    x, minima = np.empty(shingles.size + 8, np.uint32), np.empty(hashes, np.uint32)
    for d in range(totals.size):
        end = fold_text(source, d)
        for j in range(hashes):
            minima[j] = _MAX
        for j in range(cursor.size):
            cursor[j] = 0
        while cursor[NEXT_BLOCK] <= end:
            total = next_shingles(source.folded, end, size, window)
            if total == 0:
                continue
            for i in range(total):
                x[i] = shingles[i] >> _HALF
            for i in range(total, total + 8):
                x[i] = x[total - 1]
            _lower_minima(x, total, family, minima)
        for j in range(hashes):  # assigning the whole row would take seconds to compile
            out[d, j] = minima[j]
        totals[d] = cursor[N_SHINGLES]


def signatures(
    column: pa.Array | pa.ChunkedArray, *, words: int = 5, hashes: int = 128, seed: int = 1
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return the signature and the number of shingles of each text.

    uint16[n_texts, hashes] and int64[n_texts]. A text without words has no shingles: it is similar
    to no other text, and its signature has no meaning.
    """
    source = folding_input(column)
    out = np.empty((len(source.offsets) - 1, hashes), np.uint16)
    totals = np.empty(len(out), np.int64)
    _signatures(source, words, new_window(), hash_family(hashes, seed), out, totals)
    return out, totals
