"""Number the distinct keys of blocks or nodes, in the order in which they appear.

A page can be made so that its keys meet in one place of a hash table, and each of them is compared
with all before it. So the comparisons are counted, and after too many of them the keys are sorted:
that takes n log n for every page, and ten times as long as the table for usual ones.
"""

from __future__ import annotations

import numpy as np

from corpus.array_types import Offsets, Words
from corpus.kernels import njit

MAX_PROBES_PER_KEY = 8
"""Comparisons for each key after which the keys are sorted; a usual page needs about one."""


@njit
def group_ids(keys: Words, slots: Offsets, ids: Offsets) -> int:
    """Give each distinct key a number, in the order of the rows; return how many there are.

    `slots` is a buffer: a power of two of at least twice the number of keys.
    """
    n, mask = 0, slots.size - 1
    probes_left = MAX_PROBES_PER_KEY * (keys.size + 8)
    slots[:] = -1
    for i in range(keys.size):
        key = keys[i]
        slot = np.int64((key ^ (key >> np.uint32(16))) & np.uint32(mask))
        while slots[slot] >= 0 and keys[slots[slot]] != key:
            slot = (slot + 1) & mask
            probes_left -= 1
        if probes_left < 0:
            return group_ids_by_sorting(keys, slots, ids)
        if slots[slot] < 0:
            slots[slot] = i
            ids[i] = n
            n += 1
        else:
            ids[i] = ids[slots[slot]]
    return n


@njit
def group_ids_by_sorting(keys: Words, firsts: Offsets, ids: Offsets) -> int:
    """Do what `group_ids` does by a stable sort; `firsts` is a buffer for the first row of each."""
    order = np.argsort(keys, kind="mergesort")
    for k in range(order.size):
        row = order[k]
        is_new = k == 0 or keys[row] != keys[order[k - 1]]
        firsts[row] = row if is_new else firsts[order[k - 1]]
    n = 0
    for row in range(keys.size):
        if firsts[row] == row:
            ids[row] = n
            n += 1
        else:
            ids[row] = ids[firsts[row]]
    return n


def buffer_of_slots(n: int) -> Offsets:
    """Return the buffer that `group_ids` needs for `n` keys."""
    return np.empty(1 << (2 * n + 1).bit_length(), np.int64)
