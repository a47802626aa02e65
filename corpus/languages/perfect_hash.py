"""A hash table without collisions: where a key is, if it is in the table at all.

A lookup that follows a chain of entries waits for memory, and for branches nobody can foretell.
Here every key of the table has a slot of its own (Belazzougui, Botelho and Dietzfelbinger, "Hash,
displace, and compress", 2009), so that a kernel can look up many keys side by side: it reads the
slot, and compares the key that it finds there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

SPREAD = np.uint64(0x9E3779B97F4A7C15)
TURN = np.uint64(0xD6E8FEB86659FD93)
MIX = np.uint64(0xFF51AFD7ED558CCD)

BITS = 17
"""Tables have 2**17 slots."""

BUCKET_BITS = 15
"""Keys that share these bits of their first hash are moved together until all have free slots."""

FROM_BUCKET = np.uint64(64 - BUCKET_BITS)
FROM_SLOT = np.uint64(64 - BITS)

MOST_TRIES = 1 << 16


@njit(inline="always")
def slot(key: Any, moves: NDArray[np.uint16]) -> Any:
    """Return the slot (uint64) of a key (uint64, or an array of them)."""
    hashed = key * SPREAD
    return ((hashed ^ np.uint64(moves[hashed >> FROM_BUCKET]) * TURN) * MIX) >> FROM_SLOT


def place(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return `moves` (uint16[2**BUCKET_BITS]) and each key's slot (int64[n]), no two the same.

    Fuller buckets choose first. `keys` are distinct, and fewer than nine tenths of the slots.
    """
    buckets = (keys * SPREAD >> FROM_BUCKET).astype(np.int64)
    sizes = np.bincount(buckets, minlength=1 << BUCKET_BITS)
    moves = np.zeros(1 << BUCKET_BITS, np.uint16)
    taken = np.zeros(1 << BITS, np.bool_)
    slots = np.full(len(keys), -1, np.int64)
    for size in range(int(sizes.max(initial=0)), 0, -1):
        left = np.flatnonzero(sizes[buckets] == size)
        for move in range(MOST_TRIES):
            moves[buckets[left]] = move
            tried = slot.py_func(keys[left], moves).astype(np.int64)
            first = np.zeros(len(left), np.bool_)
            first[np.unique(tried, return_index=True)[1]] = True
            fails = np.unique(buckets[left[~first | taken[tried]]])
            placed = ~np.isin(buckets[left], fails)
            slots[left[placed]] = tried[placed]
            taken[tried[placed]] = True
            left = left[~placed]
            if not len(left):
                break
        else:
            raise ValueError(f"no place for {len(left)} of {len(keys)} keys")
    return moves, slots
