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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.pipeline.kept_documents import KeptDocuments

KEY_END = 1 << 64
"""The end of the last partition: one more than the largest first half of a key."""

OTHER_LANGUAGES = "other"
"""The folder of the languages that have none of their own."""

MIN_LANGUAGE_SHARE = 0.01
"""The minimum share of the documents for a language to have its own folder."""

BUCKET_BITS = 16
"""Number of first bits of a key that are counted together: 65,536 buckets."""

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


def plan_shards(kept: Iterable[KeptDocuments], *, shard_size: int, by_language: bool) -> Sharding:
    """Divide the kept documents into shards of about `shard_size` bytes of text each.

    `kept` is iterated several times. Memory does not grow with the number of documents.
    """
    with_folder = languages_with_folder(_language_counts(kept)) if by_language else None
    starts = partition_starts(kept, shard_size)
    text_bytes, documents = _sizes_of_partitions(kept, starts, with_folder)
    total = sum(int(sizes.sum()) for sizes in text_bytes.values())
    shards = {}
    for destination, sizes in sorted(text_bytes.items()):
        min_bytes = 1 if 2 * sizes.sum() >= total else shard_size
        shards[destination] = join_partitions(sizes, documents[destination], min_bytes)
    return Sharding(starts, shards, with_folder)


def _sizes_of_partitions(
    kept: Iterable[KeptDocuments], starts: Sequence[int], with_folder: tuple[str, ...] | None
) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.int64]]]:
    """Return the bytes and the documents of each destination in each partition."""
    text_bytes: dict[str, NDArray[np.int64]] = {}
    documents: dict[str, NDArray[np.int64]] = {}
    for run in kept:
        targets = destinations(run.splits, run.languages, with_folder)
        partitions = np.searchsorted(np.array(starts[1:], np.uint64), run.keys, side="right")
        for target in pc.unique(targets).to_pylist():
            chosen = pc.equal(targets, target).to_numpy(zero_copy_only=False)
            here, none = partitions[chosen], np.zeros(len(starts), np.int64)
            text_bytes[target] = text_bytes.get(target, none) + _sums(
                here, run.bytes[chosen], len(starts)
            )
            documents[target] = documents.get(target, none) + np.bincount(here, None, len(starts))
    return text_bytes, documents


def _sums(groups: NDArray[Any], values: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """Return the exact sum of the values of each group: int64[n_groups]."""
    sums = np.zeros(n_groups, np.int64)
    np.add.at(sums, groups, values)
    return sums


def _language_counts(kept: Iterable[KeptDocuments]) -> Counter[str | None] | None:
    """Return the number of documents in each language; None if no stage has tagged them."""
    counts: Counter[str | None] = Counter()
    is_tagged = False
    for run in kept:
        if run.languages is not None:
            is_tagged = True
            for row in pc.value_counts(run.languages).to_pylist():
                counts[row["values"]] += row["counts"]
    return counts if is_tagged else None


def languages_with_folder(counts: Counter[str | None] | None) -> tuple[str, ...] | None:
    """Return the languages that have enough documents for a folder of their own, sorted.

    `counts` has the documents of each language; without it, there are no folders.
    """
    if counts is None:
        return None
    minimum = MIN_LANGUAGE_SHARE * counts.total()
    return tuple(
        sorted(
            language
            for language, n in counts.items()
            if language is not None
            and language not in NO_FOLDER
            and n >= minimum
            and re.fullmatch(r"[a-z]{2,3}", language)
        )
    )


def partition_starts(kept: Iterable[KeptDocuments], shard_size: int) -> tuple[int, ...]:
    """Return the first key of each partition, so that all have about equal bytes of text.

    There are as many partitions as it takes to keep them at about `shard_size` bytes. The first
    bits of the keys divide the documents into buckets. Only the documents of the buckets in which
    a partition ends are sorted.
    """
    sizes = np.zeros(1 << BUCKET_BITS, np.int64)
    documents = np.zeros(1 << BUCKET_BITS, np.int64)
    for run in kept:
        buckets = _buckets(run.keys)
        sizes += _sums(buckets, run.bytes, len(sizes))
        documents += np.bincount(buckets, None, len(sizes))
    ends = np.cumsum(sizes)
    total = int(ends[-1])
    n = max(1, -(-total // shard_size))
    targets = np.array([total * k // n for k in range(1, n)], np.int64)
    filled = np.flatnonzero(documents)
    # the bucket in which each partition ends; the next one begins in it, or in the next bucket
    last = np.searchsorted(ends[filled], targets, side="left")
    wanted = np.zeros(len(sizes), np.bool_)
    wanted[filled[last]] = wanted[filled[np.minimum(last + 1, len(filled) - 1)]] = True
    keys, key_sizes = _documents_in_buckets(kept, wanted)
    before = (ends - sizes)[_buckets(keys)]  # the bytes of all earlier buckets
    in_bucket = np.cumsum(key_sizes)
    first = np.searchsorted(_buckets(keys), _buckets(keys), side="left")
    key_ends = before + in_bucket - (in_bucket - key_sizes)[first]
    cuts = np.searchsorted(key_ends, targets, side="left") + 1
    return tuple(dict.fromkeys([0, *(int(key) for key in keys[cuts[cuts < len(keys)]])]))


def _documents_in_buckets(
    kept: Iterable[KeptDocuments], wanted: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys and sizes of the documents in these buckets, sorted by key, then by size."""
    parts = [(run.keys[chosen], run.bytes[chosen]) for run, chosen in _chosen(kept, wanted)]
    keys = np.concatenate([np.zeros(0, np.uint64), *(keys for keys, _ in parts)])
    sizes = np.concatenate([np.zeros(0, np.int64), *(sizes for _, sizes in parts)])
    order = np.lexsort((sizes, keys))
    return keys[order], sizes[order]


def _chosen(
    kept: Iterable[KeptDocuments], wanted: NDArray[np.bool_]
) -> Iterator[tuple[KeptDocuments, NDArray[np.bool_]]]:
    for run in kept:
        yield run, wanted[_buckets(run.keys)]


def _buckets(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)


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
