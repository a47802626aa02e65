"""The place of each document in the order that splits are taken from: one number of 64 bits.

A hash of the id, or of the group, is uniform, so a share of the numbers is that share of documents;
a date is its own place, the newest first. Either way it depends on nothing but the document.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NEVER = np.uint64((1 << 64) - 1)
"""The place of a document that has none: no split takes it."""


def place_of_date(microseconds: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the places of dates (microseconds since 1970, UTC): the newest first."""
    return ~(microseconds.astype(np.uint64) ^ np.uint64(1 << 63))


def draw(upper: NDArray[np.uint64], lower: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return a number for each key, uniform over 64 bits and independent for each seed.

    The seed's hash and both halves of the key, mixed by splitmix64's finalizer (Steele, Lea, Flood,
    "Fast Splittable Pseudorandom Number Generators", 2014).
    """
    salt = hashlib.sha256(f"corpus split {seed}".encode()).digest()
    return _mix(_mix(upper ^ np.frombuffer(salt, "<u8", 1)) ^ lower)


def of_groups(
    column: pa.ChunkedArray, upper: NDArray[np.uint64], lower: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the hash of each document's group instead of its key, where it has one."""
    names = pc.unique(column.drop_null())
    hashed = [hashlib.sha256(b"group " + name.encode()).digest() for name in names.to_pylist()]
    both = np.frombuffer(b"".join(hashed) + bytes(32), ">u8").reshape(-1, 4).astype(np.uint64)
    place = pc.fill_null(pc.index_in(column, names), len(names)).to_numpy()
    alone = place == len(names)
    return np.where(alone, upper, both[place, 0]), np.where(alone, lower, both[place, 1])


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)
