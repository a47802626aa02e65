"""A hash table without collisions, so that one read shows whether a key is in the table.

Following a chain of entries waits for memory and for mispredicted branches. Here every key of the
table has its own slot (Belazzougui, Botelho and Dietzfelbinger, "Hash, displace, and compress",
2009). A kernel can therefore look up many keys side by side: it reads the slot of each and compares
the key stored there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.kernels import njit

KEY_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
DISPLACEMENT_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)
SLOT_MULTIPLIER = np.uint64(0xFF51AFD7ED558CCD)

SLOT_BITS = 17
"""Tables have 2**17 slots."""

BUCKET_BITS = 15
"""Keys that share the top 15 bits of their first hash form a bucket, with one displacement."""

BUCKET_SHIFT = np.uint64(64 - BUCKET_BITS)
SLOT_SHIFT = np.uint64(64 - SLOT_BITS)

MAX_DISPLACEMENTS = 1 << 16
"""Maximum number of displacements tried for a bucket."""


@njit(inline="always")
def slot_of(key: Any, displacements: NDArray[np.uint16]) -> Any:
    """Return the slot (uint64) of a key (uint64, or an array of them)."""
    hashed = key * KEY_MULTIPLIER
    displacement = np.uint64(displacements[hashed >> BUCKET_SHIFT])
    return ((hashed ^ displacement * DISPLACEMENT_MULTIPLIER) * SLOT_MULTIPLIER) >> SLOT_SHIFT


def assign_slots(keys: NDArray[np.uint64]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return the displacements (uint16[2**BUCKET_BITS]) and the slot of each key (int64[n]).

    All slots are different. Larger buckets are placed first. The keys must be distinct and fill
    less than nine tenths of the slots. Raises ValueError if they do not fit.
    """
    buckets = (keys * KEY_MULTIPLIER >> BUCKET_SHIFT).astype(np.int64)
    sizes = np.bincount(buckets, minlength=1 << BUCKET_BITS)
    displacements = np.zeros(1 << BUCKET_BITS, np.uint16)
    taken = np.zeros(1 << SLOT_BITS, np.bool_)
    first_key = np.zeros(1 << SLOT_BITS, np.int64)
    failed = np.zeros(1 << BUCKET_BITS, np.bool_)
    slots = np.full(len(keys), -1, np.int64)
    for size in range(int(sizes.max(initial=0)), 0, -1):
        unplaced = np.flatnonzero(sizes[buckets] == size)
        for displacement in range(MAX_DISPLACEMENTS):
            own = buckets[unplaced]
            displacements[own] = displacement
            candidates = slot_of.py_func(keys[unplaced], displacements).astype(np.int64)
            # Of the keys that want one slot, the first is written last.
            first_key[candidates[::-1]] = unplaced[::-1]
            failed[own] = False
            failed[own[(first_key[candidates] != unplaced) | taken[candidates]]] = True
            placed = ~failed[own]
            slots[unplaced[placed]] = candidates[placed]
            taken[candidates[placed]] = True
            unplaced = unplaced[~placed]
            if not len(unplaced):
                break
        else:
            raise ValueError(f"{len(unplaced)} of {len(keys)} keys do not fit into the table")
    return displacements, slots
