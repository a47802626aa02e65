"""Make the index of benchmark items.

Memory is bounded by 12 bytes for each shingle of each text, and some bytes for each item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import storage
from corpus.contamination.coverage import Fate, count_items
from corpus.contamination.files import BenchmarkFiles
from corpus.contamination.index import ANSWER, FILES, ITEM_COLUMNS, QUESTION, write_summary
from corpus.contamination.items import Item, read_items

# isort: split
from numba import uint64

from corpus.kernels import njit

MAX_TEXTS_PER_SHINGLE = 32
"""A shingle in more texts than this does not count: it is a phrase of the benchmark's template."""

MAX_WINDOW = 1 << 15
"""Maximum length of a window, in shingles."""

FILTER_BITS_PER_ENTRY = 16
MIN_PREFIX_BITS, MAX_FILTER_BITS, MAX_BUCKET_BITS = 10, 31, 28

ITEMS_PER_BATCH = 4096
SORTED_RANGES = 16
"""Entries are sorted in this many ranges of hashes, one after the other."""

_ONE, _SIX, _LOW = np.uint64(1), np.uint64(6), np.uint64(63)


class Limits(NamedTuple):
    """What decides which parts are indexed, and how they are compared."""

    words: int
    """Words in a shingle."""

    shortest: int
    """Minimum number of words of a part."""

    window: float
    """Length of a window, in multiples of the words of a part."""


class _Parts(NamedTuple):
    """The parts of a batch of items, and their shingles."""

    owners: NDArray[np.uint32]
    digests: NDArray[np.uint64]
    """uint64[n_parts, 2]: equal for parts with the same shingles."""

    words: NDArray[np.int64]
    """int64[n_parts]: number of words; those of short segments count."""

    windows: NDArray[np.uint32]
    counts: NDArray[np.int64]
    """int64[n_parts]: number of distinct shingles."""

    hashes: NDArray[np.uint64]
    """The distinct shingles of the parts, concatenated."""


def build_index(folder: Path, benchmarks: Sequence[BenchmarkFiles], limits: Limits) -> None:
    """Write the index of the benchmarks into a new folder.

    Raises `InputError` for benchmarks that cannot be read.
    """
    items, files, parts = [np.zeros((0, ITEM_COLUMNS), np.uint32)], dict[str, int](), []
    n_items = 0
    for number, benchmark in enumerate(benchmarks):
        for batch in _batches(read_items(benchmark)):
            rows = [(number, files.setdefault(i.file, len(files)), i.record) for i in batch]
            items.append(np.array(rows, np.uint32))
            parts.append(_parts(batch, n_items, limits))
            n_items += len(batch)
    all_items = np.concatenate(items)
    texts = _Texts.of(parts, all_items, limits)
    with storage.new_folder(folder) as unfinished:
        sizes = _write_entries(unfinished, parts, texts)
        fate = texts.fate(sizes, limits)
        sizes[sizes < limits.shortest - limits.words + 1] = 0
        _write(unfinished, "sizes", sizes)
        _write(unfinished, "windows", texts.windows)
        _write(unfinished, "owners", texts.owners)
        _write(unfinished, "starts", texts.starts)
        _write(unfinished, "items", all_items)
        coverage = count_items(all_items[:, 0], texts.part_owners, fate, len(benchmarks))
        summary = {
            "benchmarks": [each.benchmark.name for each in benchmarks],
            "files": list(files),
            "coverage": [
                {"benchmark": each.benchmark.name, "version": each.version}
                | counts
                | {"skipped_files": dict(each.skipped)}
                for each, counts in zip(benchmarks, coverage, strict=True)
            ],
        }
        write_summary(unfinished, folder.name, summary)
        storage.sync(unfinished)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, ITEMS_PER_BATCH)):
        yield batch


def _parts(items: Sequence[Item], first: int, limits: Limits) -> _Parts:
    """Return the parts of a batch whose first item has the number `first`."""
    segments: list[str] = []
    part_of: list[int] = []
    owners: list[int] = []
    for number, item in enumerate(items, first):
        for kind, texts in ((QUESTION, item.question), (ANSWER, item.answer)):
            if kind == QUESTION or texts:
                part_of += [len(owners)] * len(texts)
                segments += texts
                owners.append(2 * number + kind)
    part, hashes, words = _shingles(segments, np.array(part_of, np.int64), len(owners), limits)
    counts = np.bincount(part, minlength=len(owners))
    window = np.ceil(limits.window * words).astype(np.int64) - limits.words + 1
    ends = np.cumsum(counts).tolist()
    digests = [
        hashlib.blake2b(hashes[end - count : end].tobytes(), digest_size=16).digest()
        for end, count in zip(ends, counts.tolist(), strict=True)
    ]
    return _Parts(
        np.array(owners, np.uint32),
        np.frombuffer(b"".join(digests), np.uint64).reshape(-1, 2),
        words,
        window.clip(1, MAX_WINDOW).astype(np.uint32),
        counts,
        hashes,
    )


def _shingles(
    segments: Sequence[str], part_of: NDArray[np.int64], n_parts: int, limits: Limits
) -> tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return the distinct shingles of all parts: their parts, ascending, and their hashes.

    Also return the number of words of each part.
    """
    from corpus.similarity.jaccard import shingle_sets
    from corpus.words.count import count_words

    column = pa.array(segments, pa.large_string())
    n_words = count_words(column)
    words = np.bincount(part_of, n_words, minlength=n_parts).astype(np.int64)
    hashes, starts = shingle_sets(column, words=limits.words)
    counts = np.diff(starts)
    is_long = np.repeat(n_words >= limits.words, counts)
    part, hashes = np.repeat(part_of, counts)[is_long], hashes[is_long]
    order = np.lexsort((hashes, part))
    part, hashes = part[order], hashes[order]
    is_new = np.append(True, (part[1:] != part[:-1]) | (hashes[1:] != hashes[:-1]))[: len(part)]
    return part[is_new], hashes[is_new], words


class _Texts(NamedTuple):
    """The distinct texts among all parts."""

    text_of: NDArray[np.int64]
    """int64[n_parts]: the text of each part; -1 if it has too few words."""

    is_first: NDArray[np.bool_]
    """bool[n_parts]: whether it is the first part with its text."""

    part_owners: NDArray[np.uint32]
    no_words: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    """bool[n_parts]: whether an earlier item of the same benchmark has the same text."""

    windows: NDArray[np.uint32]
    owners: NDArray[np.uint32]
    starts: NDArray[np.uint64]

    @classmethod
    def of(cls, parts: Sequence[_Parts], items: NDArray[np.uint32], limits: Limits) -> _Texts:
        """Return the texts of the parts, in the order of their first parts."""
        owners = np.concatenate([np.zeros(0, np.uint32), *(each.owners for each in parts)])
        words = np.concatenate([np.zeros(0, np.int64), *(each.words for each in parts)])
        windows = np.concatenate([np.zeros(0, np.uint32), *(each.windows for each in parts)])
        counts = np.concatenate([np.zeros(0, np.int64), *(each.counts for each in parts)])
        digests = np.concatenate([np.zeros((0, 2), np.uint64), *(each.digests for each in parts)])
        used = np.flatnonzero(counts >= limits.shortest - limits.words + 1)
        _, first, inverse = np.unique(digests[used], axis=0, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        number = np.empty(len(order), np.int64)
        number[order] = np.arange(len(order))
        text_of = np.full(len(owners), -1, np.int64)
        text_of[used] = number[inverse.reshape(-1)]
        is_first = np.zeros(len(owners), np.bool_)
        is_first[used[first]] = True
        kinds = items[owners >> 1, 0].astype(np.int64) * 2 + (owners & 1)
        repeated = np.zeros(len(owners), np.bool_)
        pairs = text_of[used] * (2 * (int(items[:, 0].max(initial=0)) + 1)) + kinds[used]
        _, firsts = np.unique(pairs, return_index=True)
        repeated[used] = True
        repeated[used[firsts]] = False
        owning = used[~repeated[used]]
        owning = owning[np.argsort(text_of[owning], kind="stable")]
        starts = np.searchsorted(text_of[owning], np.arange(len(order) + 1)).astype(np.uint64)
        windows_of_texts = np.zeros(len(order), np.uint32)
        np.maximum.at(windows_of_texts, text_of[used], windows[used])
        return cls(
            *(text_of, is_first, owners, words == 0, repeated),
            *(windows_of_texts, owners[owning], starts),
        )

    def fate(self, sizes: NDArray[np.int64], limits: Limits) -> NDArray[np.uint8]:
        """Return the `Fate` of each part, when `sizes` shingles of each text count."""
        fate = np.full(len(self.text_of), Fate.TOO_SHORT, np.uint8)
        fate[self.no_words] = Fate.NO_WORDS
        used = self.text_of >= 0
        left = sizes[self.text_of[used]]
        is_common = left < limits.shortest - limits.words + 1
        fate[used] = np.where(is_common, np.uint8(Fate.COMMON), np.uint8(Fate.INDEXED))
        fate[self.repeated & (fate == Fate.INDEXED)] = Fate.DUPLICATE
        return fate


def _write_entries(folder: Path, parts: list[_Parts], texts: _Texts) -> NDArray[np.int64]:
    """Write hashes, texts, buckets and filter; return how many shingles of each text count."""
    hashes, owner = [], []
    first = 0
    while parts:  # the memory of each batch is given back
        part = parts.pop(0)
        last = first + len(part.owners)
        is_first = np.repeat(texts.is_first[first:last], part.counts)
        hashes.append(part.hashes[is_first])
        owner.append(np.repeat(texts.text_of[first:last], part.counts)[is_first].astype(np.uint32))
        first = last
    total = sum(map(len, hashes))
    filter_bits, bucket_bits = _prefix_bits(total)
    bits = np.zeros(1 << (filter_bits - 6), np.uint64)
    bucket_sizes = np.zeros((1 << bucket_bits) + 1, np.uint64)
    sizes = np.zeros(len(texts.windows), np.int64)
    with (
        storage.new_file(folder / "hashes.bin") as hash_file,
        storage.new_file(folder / "texts.bin") as text_file,
    ):
        for number in range(SORTED_RANGES):
            range_hashes, range_texts = _sorted_range(hashes, owner, number)
            _set_bits(range_hashes, np.uint64(64 - filter_bits), bits)
            _count_prefixes(range_hashes, np.uint64(64 - bucket_bits), bucket_sizes)
            sizes += np.bincount(range_texts, minlength=len(sizes))
            hash_file.write(range_hashes.tobytes())
            text_file.write(range_texts.tobytes())
    _write(folder, "filter", bits)
    _write(folder, "buckets", np.cumsum(bucket_sizes, dtype=np.uint64))
    return sizes


def _prefix_bits(total: int) -> tuple[int, int]:
    """Return the length of the prefixes of filter and buckets for this many entries."""
    size = max(total, 1).bit_length()
    filter_bits = size + FILTER_BITS_PER_ENTRY.bit_length() - 1
    return (
        min(max(filter_bits, MIN_PREFIX_BITS), MAX_FILTER_BITS),
        min(max(size - 2, MIN_PREFIX_BITS), MAX_BUCKET_BITS),
    )


def _sorted_range(
    hashes: Sequence[NDArray[np.uint64]], texts: Sequence[NDArray[np.uint32]], number: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return the entries of one range of hashes, sorted, without those of common shingles."""
    shift = np.uint64(65 - SORTED_RANGES.bit_length())
    chosen_hashes, chosen_texts = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
    for some_hashes, some_texts in zip(hashes, texts, strict=True):
        is_in_range = some_hashes >> shift == number
        chosen_hashes.append(some_hashes[is_in_range])
        chosen_texts.append(some_texts[is_in_range])
    hash, text = np.concatenate(chosen_hashes), np.concatenate(chosen_texts)
    order = np.argsort(hash, kind="stable")
    hash, text = hash[order], text[order]
    begins = np.flatnonzero(np.append(True, hash[1:] != hash[:-1])[: len(hash)])
    runs = np.diff(np.append(begins, len(hash)))
    kept = np.repeat(runs <= MAX_TEXTS_PER_SHINGLE, runs)
    return hash[kept], text[kept]


@njit
def _set_bits(hashes: NDArray[np.uint64], shift: np.uint64, bits: NDArray[np.uint64]) -> None:
    """Set the bit of the prefix of each hash."""
    for k in range(hashes.size):
        prefix = hashes[k] >> shift
        bits[prefix >> _SIX] |= _ONE << (prefix & _LOW)


@njit
def _count_prefixes(
    hashes: NDArray[np.uint64], shift: np.uint64, counts: NDArray[np.uint64]
) -> None:
    """Add the number of hashes with each prefix to the element after that of the prefix."""
    for k in range(hashes.size):
        counts[(hashes[k] >> shift) + uint64(1)] += _ONE


def _write(folder: Path, name: str, values: NDArray[Any]) -> None:
    with storage.new_file(folder / f"{name}.bin") as out:
        out.write(values.astype(FILES[name], copy=False).tobytes())
