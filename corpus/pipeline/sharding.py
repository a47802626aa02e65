"""Which document goes to which shard.

Documents stand in the order of their keys, which are hashes: a fixed shuffle. The keys are cut into
ranges (*partitions*) of about `shard_size` bytes of text. A *place* is where shards are found: a
split, in a folder of its language where the config asks for that. A place that holds at least half
of everything has one shard for each partition; of the others, neighbouring partitions share one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.pipeline.decide import Decided

END = 1 << 64
"""Where the last partition ends."""

OTHER = "other"
OWN_SHARE = 0.01
"""The share of the documents from which a language has a folder of its own."""

NOT_OWN = ("und", "zxx", "all")
"""What no folder is called: no language, and the config that has them all."""


@dataclass(frozen=True)
class Layout:
    """Which documents go to which shard."""

    bounds: tuple[int, ...]
    """Where each partition begins, as the first half of a key; the last ends at `END`."""

    shards: dict[str, tuple[tuple[int, int], ...]]
    """For each place, the partitions [first, last) of each of its shards."""

    languages: tuple[str, ...] | None = None
    """The languages with a folder of their own; None where there are no folders."""

    def name(self, place: str, shard: int) -> str:
        """Return the file of a shard, below the build."""
        return f"data/{place}-{shard:05d}-of-{len(self.shards[place]):05d}.parquet"

    def files(self, split: str) -> list[str]:
        """Return the files of a split, in the order of their names."""
        return sorted(
            self.name(place, number)
            for place, shards in self.shards.items()
            if split_of(place) == split
            for number in range(len(shards))
        )


def split_of(place: str) -> str:
    """Return the split of a place: `train` of `train`, and of `de/train`."""
    return place.rpartition("/")[2]


def places(splits: pa.Array, languages: pa.Array | None, own: tuple[str, ...] | None) -> pa.Array:
    """Return the place of each document (string): its split, behind the folder of its language."""
    if own is None or languages is None:
        return splits
    there = pc.is_in(languages, pa.array(own, pa.string()))
    folders = pc.if_else(pc.fill_null(there, fill_value=False), languages, OTHER)
    return pc.binary_join_element_wise(folders, splits, "/")


def lay_out(decided: Decided, *, shard_size: int, by_language: bool) -> Layout:
    """Cut the documents that are alive into shards of about `shard_size` bytes of text each."""
    alive = pa.array(decided.alive)
    rows = np.flatnonzero(decided.alive)
    keys, sizes = decided.keys[rows], decided.bytes[rows]
    languages = decided.languages.filter(alive).combine_chunks() if decided.languages else None
    own = _own(languages) if by_language and languages is not None else None
    where = places(decided.splits.filter(alive).combine_chunks(), languages, own)
    bounds = _bounds(keys, sizes, shard_size)
    partition = np.searchsorted(np.array(bounds[1:], np.uint64), keys, side="right")
    total = int(sizes.sum())
    shards = {}
    for place in sorted(pc.unique(where).to_pylist()):
        chosen = pc.equal(where, place).to_numpy(zero_copy_only=False)
        held = np.bincount(partition[chosen], sizes[chosen], minlength=len(bounds))
        there = np.bincount(partition[chosen], minlength=len(bounds))
        shards[place] = _joined(held, there, 1 if 2 * held.sum() >= total else shard_size)
    return Layout(bounds, shards, own)


def _own(languages: pa.Array) -> tuple[str, ...]:
    """Return the languages that have enough documents for a folder of their own."""
    least = OWN_SHARE * len(languages)
    return tuple(
        sorted(
            found["values"]
            for found in pc.value_counts(languages).to_pylist()
            if found["values"] not in (None, *NOT_OWN)
            and found["counts"] >= least
            and re.fullmatch(r"[a-z]{2,3}", found["values"])
        )
    )


def _bounds(keys: NDArray[np.uint64], sizes: NDArray[np.int64], shard_size: int) -> tuple[int, ...]:
    """Return where to cut the keys so that the parts are equal, and about `shard_size` at most."""
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(sizes[order])
    total = int(ends[-1])
    n = max(1, -(-total // shard_size))
    cuts = np.searchsorted(ends, [total * k // n for k in range(1, n)], side="left") + 1
    inside = cuts[cuts < len(order)]
    return tuple(dict.fromkeys([0, *(int(key) for key in keys[order][inside])]))


def _joined(held: NDArray[Any], there: NDArray[Any], size: int) -> tuple[tuple[int, int], ...]:
    """Join neighbouring partitions until a shard holds `size` bytes, and a document at least."""
    found: list[tuple[int, int]] = []
    first, bytes_, documents = 0, 0.0, 0
    for partition, (more, rows) in enumerate(zip(held, there, strict=True)):
        bytes_, documents = bytes_ + more, documents + rows
        if documents and bytes_ >= size:
            found.append((first, partition + 1))
            first, bytes_, documents = partition + 1, 0.0, 0
    if documents:
        found.append((first, len(held)))
    elif found:
        found[-1] = (found[-1][0], len(held))
    return tuple(found)
