"""Divide the documents of a corpus into partitions, row groups and shards.

Documents are ordered by place: by portion, then by key (`corpus.pipeline.portions`). Places are
hashes, so this order is a fixed shuffle. A *partition* is the largest range of places with the same
first bits whose texts have at most `ROW_GROUP_BYTES`, or the size of a shard if that is less. The
*destination* of a document is its split, in a folder of its language if the config asks for that:
`train`, or `de/train`. For each destination, a *row group* is again the largest such range with at
most that many bytes of its own texts, and a *shard* that with at most `shard_size`. A destination
with at least half of all text has a row group for each partition.

So these ranges depend only on the texts in them: new documents divide the ranges that they make too
large, and leave all others as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.pipeline.kept_documents import KeptDocuments
from corpus.pipeline.portions import END, PLACE_BITS, aligned_ranges

OTHER_LANGUAGES = "other"
"""The folder of the languages that have none of their own."""

MIN_LANGUAGE_SHARE = 0.01
"""The minimum share of the documents for a language to have its own folder."""

ROW_GROUP_BYTES = 32 << 20
"""The maximum of the bytes of text in a row group of several documents."""

BUCKET_BITS = 16
"""Number of first bits of a portion that are counted together: 65,536 buckets."""

NO_FOLDER = ("und", "zxx", "all")
"""Language tags without a folder: unknown, no language, and the name of the config with all."""


@dataclass(frozen=True)
class Sharding:
    """Which documents go into which shard."""

    starts: tuple[int, ...]
    """The first place of each partition, which ends where the next one starts."""

    shards: dict[str, tuple[tuple[int, int], ...]]
    """For each destination, the partitions [first, last) of each of its shards."""

    row_groups: dict[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """For each destination, the partitions [first, last) of each of its row groups."""

    languages: tuple[str, ...] | None = None
    """The languages with a folder of their own; None if there are no folders."""

    data_hash: str = ""
    """The hash of the data of all shards (`data_hash`); "" until they are written."""

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The places [low, high) of each partition; together they are all places."""
        return list(pairwise([0, *self.starts[1:], END]))

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
    """Divide the kept documents into shards of at most `shard_size` bytes of text each.

    A shard of one document may be larger. `kept` is iterated several times. Memory grows with the
    number of documents only where a 65,536th of all portions has more text than a row group: by 24
    bytes for each document there.
    """
    with_folder = languages_with_folder(_language_counts(kept)) if by_language else None
    max_bytes = min(ROW_GROUP_BYTES, shard_size)
    starts = partition_starts(kept, max_bytes)
    text_bytes, documents = _sizes_of_partitions(kept, starts, with_folder)
    total = sum(int(sizes.sum()) for sizes in text_bytes.values())
    shards, row_groups = {}, {}
    for destination, sizes in sorted(text_bytes.items()):
        find = partial(_ranges, starts, sizes, documents[destination])
        shards[destination] = find(shard_size)
        row_groups[destination] = find(0 if 2 * sizes.sum() >= total else max_bytes)
    return Sharding(starts, shards, row_groups, with_folder)


def _ranges(
    starts: Sequence[int], text_bytes: NDArray[Any], documents: NDArray[Any], max_bytes: int
) -> tuple[tuple[int, int], ...]:
    ranges = aligned_ranges(starts, text_bytes, documents, max_bytes)
    return tuple((first, last) for _, first, last in ranges)


def _sizes_of_partitions(
    kept: Iterable[KeptDocuments], starts: Sequence[int], with_folder: tuple[str, ...] | None
) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.int64]]]:
    """Return the bytes and the documents of each destination in each partition."""
    text_bytes: dict[str, NDArray[np.int64]] = {}
    documents: dict[str, NDArray[np.int64]] = {}
    for run in kept:
        targets = destinations(run.splits, run.languages, with_folder)
        partitions = _partitions_of(run, starts)
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


def partition_starts(kept: Iterable[KeptDocuments], max_bytes: int) -> tuple[int, ...]:
    """Return the first place of each partition of at most `max_bytes` of text, ascending.

    The first bits of the portions divide the documents into buckets. Only the documents of buckets
    that are too large are looked at one by one.
    """
    sizes = np.zeros(1 << BUCKET_BITS, np.int64)
    documents = np.zeros(1 << BUCKET_BITS, np.int64)
    for run in kept:
        buckets = _buckets(run.portions)
        sizes += _sums(buckets, run.bytes, len(sizes))
        documents += np.bincount(buckets, None, len(sizes))
    is_divided = (sizes > max_bytes) & (documents > 1)
    parts = {
        int(bucket) << PLACE_BITS - BUCKET_BITS: int(sizes[bucket])
        for bucket in np.flatnonzero((documents > 0) & ~is_divided)
    }
    if is_divided.any():
        parts |= _sizes_of_places(kept, is_divided, max_bytes)
    places = sorted(parts)
    part_sizes = np.array([parts[place] for place in places], np.int64)
    ranges = aligned_ranges(places, part_sizes, np.ones(len(places), np.int64), max_bytes)
    return tuple(place for place, *_ in ranges) or (0,)


def _sizes_of_places(
    kept: Iterable[KeptDocuments], is_chosen: NDArray[np.bool_], max_bytes: int
) -> dict[int, int]:
    """Return the bytes of text at each place in these buckets.

    A portion of at most `max_bytes` is one place: it is not divided.
    """
    columns = []
    for run in kept:
        rows = np.flatnonzero(is_chosen[_buckets(run.portions)])
        columns.append((run.portions[rows], run.keys[rows], run.bytes[rows]))
    portions, keys, sizes = (np.concatenate(each) for each in zip(*columns, strict=True))
    order = np.lexsort((keys, portions))
    portions, keys, sizes = portions[order], keys[order], sizes[order]
    starts = np.flatnonzero(np.append(True, portions[1:] != portions[:-1]))
    is_small = np.add.reduceat(sizes, starts) <= max_bytes
    keys[np.repeat(is_small, np.diff(np.append(starts, len(keys))))] = 0
    starts = np.flatnonzero(
        np.append(True, (portions[1:] != portions[:-1]) | (keys[1:] != keys[:-1]))
    )
    places = zip(portions[starts].tolist(), keys[starts].tolist(), strict=True)
    sums = np.add.reduceat(sizes, starts).tolist()
    return {portion << 64 | key: n for (portion, key), n in zip(places, sums, strict=True)}


def _partitions_of(run: KeptDocuments, starts: Sequence[int]) -> NDArray[np.int64]:
    """Return the number of the partition of each document: int64[n_kept]."""
    order = np.lexsort((run.keys, run.portions))
    portions, keys = run.portions[order], run.keys[order]
    of_starts = np.array([start >> 64 for start in starts[1:]], np.uint64)
    firsts = np.searchsorted(portions, of_starts, side="left")
    lasts = np.searchsorted(portions, of_starts, side="right")
    for i, start in enumerate(starts[1:]):
        if (key := start & ((1 << 64) - 1)) and firsts[i] < lasts[i]:  # it is within a portion
            firsts[i] += np.searchsorted(keys[firsts[i] : lasts[i]], np.uint64(key))
    partitions = np.empty(len(order), np.int64)
    partitions[order] = np.searchsorted(firsts, np.arange(len(order)), side="right")
    return partitions


def _buckets(portions: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (portions >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
