"""Sort the shingles of all texts on disk: the entries of an index.

The shingles of 2 million items do not belong in memory. They are written to one file for each range
of hashes, batch by batch. Then one range after the other is read, sorted, and appended to the files
of the index.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus import storage
from corpus.contamination.index import REST_BITS
from corpus.contamination.texts import Texts
from corpus.errors import InputError

# isort: split
from numba import uint64

from corpus.kernels import njit

MAX_TEXTS_PER_SHINGLE = 32
"""A shingle in more texts than this does not count: it is a phrase of the benchmark's template."""

FILTER_BITS_PER_ENTRY = 16
MIN_PREFIX_BITS, MAX_FILTER_BITS, MAX_BUCKET_BITS = 10, 31, 28
MAX_ENTRIES = (1 << 32) - 1

RANGE_BITS = 6
"""The first bits of a hash, which are the number of its range: one of 64. Two million items have
some 110 million shingles, so a range has two million."""

_UNSORTED = np.dtype([("hash", "<u8"), ("part", "<u4")])
_ONE, _SIX, _LOW = np.uint64(1), np.uint64(6), np.uint64(63)


class UnsortedEntries:
    """Shingles with the numbers of their parts, in one file for each range of hashes."""

    def __init__(self, folder: Path, files: list[BinaryIO]) -> None:
        self._folder, self._files = folder, files

    def add(self, hashes: NDArray[np.uint64], parts: NDArray[np.uint32]) -> None:
        """Append shingles (uint64[n]) and their parts (uint32[n])."""
        ranges = (hashes >> np.uint64(64 - RANGE_BITS)).astype(np.uint8)
        order = np.argsort(ranges, kind="stable")
        entries = np.empty(len(order), _UNSORTED)
        entries["hash"], entries["part"] = hashes[order], parts[order]
        ends = np.cumsum(np.bincount(ranges, minlength=len(self._files)))
        for file, own in zip(self._files, np.split(entries, ends[:-1]), strict=True):
            file.write(own.tobytes())

    def ranges(self) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
        """Yield the shingles of each range with their parts; its file is deleted."""
        for number, file in enumerate(self._files):
            file.flush()
            path = _range_file(self._folder, number)
            entries = np.fromfile(path, _UNSORTED)
            storage.remove(path)
            yield entries["hash"].copy(), entries["part"].copy()


@contextmanager
def unsorted_entries(folder: Path) -> Iterator[UnsortedEntries]:
    """Yield entries whose files are in an existing folder until they are sorted."""
    with ExitStack() as files:
        yield UnsortedEntries(
            folder,
            [
                files.enter_context(storage.new_file(_range_file(folder, number)))
                for number in range(1 << RANGE_BITS)
            ],
        )


def _range_file(folder: Path, number: int) -> Path:
    return folder / f"range-{number}.unsorted"


class EntryTables(NamedTuple):
    """What finds the entries of a hash."""

    filter: NDArray[np.uint64]
    buckets: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    """uint32[n_texts]: how many shingles of each text are entries."""


def write_entries(
    entries: UnsortedEntries, texts: Texts, total: int, hash_file: BinaryIO, text_file: BinaryIO
) -> EntryTables:
    """Write the entries of all texts, sorted by hash: the rest of each hash, and its text.

    `total` is the number of shingles of all texts, common ones included.
    """
    if total > MAX_ENTRIES:
        raise InputError(
            f"the benchmarks have {total:,} different shingles, and an index has at most "
            f"{MAX_ENTRIES:,}; use fewer benchmarks, or larger shingles (`words`)"
        )
    filter_bits, bucket_bits = _prefix_bits(total)
    bits = np.zeros(1 << (filter_bits - 6), np.uint64)
    buckets = np.zeros((1 << bucket_bits) + 1, np.uint32)
    sizes = np.zeros(len(texts.windows), np.uint32)
    for hashes, parts in entries.ranges():
        is_first = texts.is_first[parts]
        own = texts.text_of[parts[is_first]].astype(np.uint32)
        ordered, own = _sorted_range(hashes[is_first], own, bucket_bits)
        _set_bits(ordered, np.uint64(64 - filter_bits), bits)
        _count_prefixes(ordered, np.uint64(64 - bucket_bits), buckets)
        sizes += np.bincount(own, minlength=len(sizes)).astype(np.uint32)
        rests = (ordered << np.uint64(bucket_bits)) >> np.uint64(64 - REST_BITS)
        hash_file.write(rests.astype(np.uint32).tobytes())
        text_file.write(own.tobytes())
    np.cumsum(buckets, out=buckets)
    return EntryTables(bits, buckets, sizes)


def _prefix_bits(total: int) -> tuple[int, int]:
    """Return the length of the prefixes of filter and buckets for this many entries."""
    size = max(total, 1).bit_length()
    filter_bits = size + FILTER_BITS_PER_ENTRY.bit_length() - 1
    return (
        min(max(filter_bits, MIN_PREFIX_BITS), MAX_FILTER_BITS),
        min(max(size - 2, MIN_PREFIX_BITS), MAX_BUCKET_BITS),
    )


def _sorted_range(
    hashes: NDArray[np.uint64], texts: NDArray[np.uint32], bucket_bits: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return the entries of a range sorted by hash, without those of common shingles."""
    order = np.lexsort((texts, hashes))
    hashes, texts = hashes[order], texts[order]
    stored = hashes >> np.uint64(64 - bucket_bits - REST_BITS)
    begins = np.flatnonzero(np.append(True, stored[1:] != stored[:-1])[: len(stored)])
    runs = np.diff(np.append(begins, len(stored)))
    kept = np.repeat(runs <= MAX_TEXTS_PER_SHINGLE, runs)
    return hashes[kept], texts[kept]


@njit
def _set_bits(hashes: NDArray[np.uint64], shift: np.uint64, bits: NDArray[np.uint64]) -> None:
    """Set the bit of the prefix of each hash."""
    for k in range(hashes.size):
        prefix = hashes[k] >> shift
        bits[prefix >> _SIX] |= _ONE << (prefix & _LOW)


@njit
def _count_prefixes(
    hashes: NDArray[np.uint64], shift: np.uint64, counts: NDArray[np.uint32]
) -> None:
    """Add the number of hashes with each prefix to the element after that of the prefix."""
    for k in range(hashes.size):
        counts[(hashes[k] >> shift) + uint64(1)] += np.uint32(1)
