"""Assign each document to a shard.

Documents are ordered by key. Keys are hashes, so this order is a fixed shuffle. The keys are
divided into ranges (*partitions*) of about `shard_size` bytes of text. The *destination* of a
document is its split, in a folder of its language if the config asks for that: `train`, or
`de/train`. A destination with at least half of all text has one shard per partition. For the
others, neighbouring partitions share a shard.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.pipeline.decide import Decisions

KEY_END = 1 << 64
"""The end of the last partition: one more than the largest first half of a key."""

OTHER_LANGUAGES = "other"
"""The folder of the languages that have none of their own."""

MIN_LANGUAGE_SHARE = 0.01
"""The minimum share of the documents for a language to have its own folder."""

NO_FOLDER = ("und", "zxx", "all")
"""Language tags without a folder: unknown, no language, and the name of the config with all."""


@dataclass(frozen=True)
class Sharding:
    """Which documents go into which shard."""

    starts: tuple[int, ...]
    """The first key of each partition, as the first 64 bits; the last ends at `KEY_END`."""

    shards: dict[str, tuple[tuple[int, int], ...]]
    """For each destination, the partitions [first, last) of each of its shards."""

    languages: tuple[str, ...] | None = None
    """The languages with a folder of their own; None if there are no folders."""

    data_hash: str = ""
    """The hash of the data of all shards (`data_hash`); "" until they are written."""

    def file(self, destination: str, shard: int) -> str:
        """Return the file name of a shard, relative to the build.

        `data/train-00000-of-00002-1f3a9c07.parquet`: with the hash, no reader can mix the shards of
        two builds, one of which replaces the other while it reads.
        """
        number = f"{shard:05d}-of-{len(self.shards[destination]):05d}"
        end = f"-{self.data_hash}" if self.data_hash else ""
        return f"data/{destination}-{number}{end}.parquet"

    def all_files(self) -> list[str]:
        """Return the file names of all shards; equal positions are the same shard."""
        return [
            self.file(destination, shard)
            for destination, shards in sorted(self.shards.items())
            for shard in range(len(shards))
        ]

    def files(self, split: str) -> list[str]:
        """Return the sorted file names of a split."""
        return sorted(
            self.file(destination, shard)
            for destination, shards in self.shards.items()
            if split_of(destination) == split
            for shard in range(len(shards))
        )


def data_hash(files: Mapping[str, str]) -> str:
    """Return 8 hex digits of the SHA-256 of all shards, given the SHA-256 of each by its name.

    Equal data has an equal hash, whatever else of two builds differs.
    """
    lines = (f"{sha256} {name}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:8]


def split_of(destination: str) -> str:
    """Return the split of a destination: `train` for both `train` and `de/train`."""
    return destination.rpartition("/")[2]


def destinations(
    splits: pa.Array, languages: pa.Array | None, with_folder: tuple[str, ...] | None
) -> pa.Array:
    """Return the destination of each document (string): its split, in its language's folder."""
    if with_folder is None or languages is None:
        return splits
    has_folder = pc.is_in(languages, pa.array(with_folder, pa.string()))
    folders = pc.if_else(pc.fill_null(has_folder, fill_value=False), languages, OTHER_LANGUAGES)
    return pc.binary_join_element_wise(folders, splits, "/")


def plan_shards(decisions: Decisions, *, shard_size: int, by_language: bool) -> Sharding:
    """Divide the kept documents into shards of about `shard_size` bytes of text each."""
    kept = pa.array(decisions.alive)
    rows = np.flatnonzero(decisions.alive)
    keys, sizes = decisions.keys[rows], decisions.bytes[rows]
    languages = (
        decisions.languages.filter(kept).combine_chunks()
        if by_language and decisions.languages is not None
        else None
    )
    with_folder = None if languages is None else languages_with_folder(languages)
    splits = decisions.splits.filter(kept).combine_chunks()
    targets = destinations(splits, languages, with_folder)
    starts = partition_starts(keys, sizes, shard_size)
    partitions = np.searchsorted(np.array(starts[1:], np.uint64), keys, side="right")
    total = int(sizes.sum())
    shards = {}
    for destination in sorted(pc.unique(targets).to_pylist()):
        chosen = pc.equal(targets, destination).to_numpy(zero_copy_only=False)
        text_bytes = np.bincount(partitions[chosen], sizes[chosen], minlength=len(starts))
        documents = np.bincount(partitions[chosen], minlength=len(starts))
        is_large = 2 * text_bytes.sum() >= total
        shards[destination] = join_partitions(text_bytes, documents, 1 if is_large else shard_size)
    return Sharding(starts, shards, with_folder)


def languages_with_folder(languages: pa.Array) -> tuple[str, ...]:
    """Return the languages that have enough documents for a folder of their own, sorted."""
    minimum = MIN_LANGUAGE_SHARE * len(languages)
    return tuple(
        sorted(
            row["values"]
            for row in pc.value_counts(languages).to_pylist()
            if row["values"] not in (None, *NO_FOLDER)
            and row["counts"] >= minimum
            and re.fullmatch(r"[a-z]{2,3}", row["values"])
        )
    )


def partition_starts(
    keys: NDArray[np.uint64], sizes: NDArray[np.int64], shard_size: int
) -> tuple[int, ...]:
    """Return the first key of each partition, so that all have about equal bytes of text.

    There are as many partitions as it takes to keep them at about `shard_size` bytes.
    """
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(sizes[order])
    total = int(ends[-1])
    n = max(1, -(-total // shard_size))
    cuts = np.searchsorted(ends, [total * k // n for k in range(1, n)], side="left") + 1
    inside = cuts[cuts < len(order)]
    return tuple(dict.fromkeys([0, *(int(key) for key in keys[order][inside])]))


def join_partitions(
    text_bytes: NDArray[Any], documents: NDArray[Any], min_bytes: int
) -> tuple[tuple[int, int], ...]:
    """Join neighbouring partitions into shards [first, last) of at least `min_bytes` of text.

    Every shard has at least one document. Only the last one may be smaller.
    """
    shards: list[tuple[int, int]] = []
    first, shard_bytes, shard_documents = 0, 0.0, 0
    for partition, (more, rows) in enumerate(zip(text_bytes, documents, strict=True)):
        shard_bytes, shard_documents = shard_bytes + more, shard_documents + rows
        if shard_documents and shard_bytes >= min_bytes:
            shards.append((first, partition + 1))
            first, shard_bytes, shard_documents = partition + 1, 0.0, 0
    if shard_documents:
        shards.append((first, len(text_bytes)))
    return tuple(shards)
