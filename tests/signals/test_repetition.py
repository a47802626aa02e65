"""The table that counts repeated passages."""

from __future__ import annotations

import time

import numpy as np
import pytest

from corpus.signals.repetition import Counts, copies, count_all, make_counts, make_sequence


def crowding_keys(n: int, pattern: int) -> np.ndarray:
    """Return n different keys that are equal in the bits that a plain table would use."""
    high = np.arange(1, n + 1, dtype=np.uint64) << np.uint64(40)
    if pattern == 0:  # their low bits
        return high
    if pattern == 1:  # their low bits, folded once
        return high ^ high >> np.uint64(29)
    return np.arange(n, dtype=np.uint64) * np.uint64(3)  # their high bits


def seconds(table: Counts, keys: np.ndarray) -> float:
    """Return the shortest CPU time of three that counting these keys takes."""
    table.rolling[: len(keys)] = keys
    times = []
    for _ in range(3):
        start = time.process_time()
        count_all(table, len(keys))
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("pattern", range(3))
def test_made_up_keys_are_counted_in_linear_time(pattern):
    """Four times as many keys take about four times as long, whatever bits they have in common."""
    table = make_counts(1 << 16)
    seconds(table, crowding_keys(16, pattern))  # loads the kernel
    few = seconds(table, crowding_keys(1 << 14, pattern))
    many = seconds(table, crowding_keys(1 << 16, pattern))

    assert many < 10 * few + 0.02
    assert set(table.counts[table.slots[: 1 << 16]].tolist()) == {1}


def test_counts_do_not_depend_on_where_a_table_places_keys():
    """Each table has other random numbers, and all of them count the same."""
    lines = make_sequence(1000)
    lines.hashes[:] = np.arange(1000, dtype=np.uint64) // np.uint64(3)
    lines.ends[1:] = np.arange(1, 1001) * 7
    tables = [make_counts(1000) for _ in range(5)]

    assert len({int(table.secret[0]) for table in tables}) == 5
    assert {copies(lines, 1000, table) for table in tables} == {(999, 6993, 666, 4662)}
