"""Make the index of benchmark items.

Memory is bounded by some 300 bytes for each item, and the tables that find the entries of a hash
(2 to 5 bytes for each shingle). The shingles themselves are sorted on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import storage
from corpus.contamination.coverage import count_items
from corpus.contamination.entries import UnsortedEntries, unsorted_entries, write_entries
from corpus.contamination.files import BenchmarkFiles
from corpus.contamination.index import FILES, ITEM_COLUMNS, write_summary
from corpus.contamination.items import Item, read_items
from corpus.contamination.parts import Limits, Parts, concatenated, parts_of
from corpus.contamination.texts import distinct_texts, fates

ITEMS_PER_BATCH = 4096


def build_index(folder: Path, benchmarks: Sequence[BenchmarkFiles], limits: Limits) -> None:
    """Write the index of the benchmarks into a new folder.

    Raises `InputError` for benchmarks that cannot be read.
    """
    with storage.new_folder(folder) as unfinished:
        with unsorted_entries(unfinished) as entries:
            items, files, parts = _read(benchmarks, limits, entries)
            texts = distinct_texts(parts, items[:, 0], limits)
            total = int(parts.counts[texts.is_first].sum(dtype=np.int64))
            with (
                storage.new_file(unfinished / "hashes.bin") as hash_file,
                storage.new_file(unfinished / "texts.bin") as text_file,
            ):
                bits, buckets, sizes = write_entries(entries, texts, total, hash_file, text_file)
        fate = fates(parts, texts, sizes, limits)
        sizes[sizes < limits.fewest] = 0
        for name, values in (
            ("filter", bits),
            ("buckets", buckets),
            ("sizes", sizes),
            ("windows", texts.windows),
            ("owners", texts.owners),
            ("starts", texts.starts),
            ("items", items),
        ):
            _write(unfinished, name, values)
        coverage = count_items(items[:, 0], parts.owners, fate, len(benchmarks))
        summary = {
            "benchmarks": [each.benchmark.name for each in benchmarks],
            "files": files,
            "coverage": [
                {"benchmark": each.benchmark.name, "version": each.version}
                | counts
                | {"skipped_files": dict(each.skipped)}
                for each, counts in zip(benchmarks, coverage, strict=True)
            ],
        }
        write_summary(unfinished, folder.name, summary)
        storage.sync(unfinished)


def _read(
    benchmarks: Sequence[BenchmarkFiles], limits: Limits, entries: UnsortedEntries
) -> tuple[NDArray[np.uint32], list[str], Parts]:
    """Return the items (`Index.items`), the names of their files, and their parts.

    The shingles of the parts are added to the entries.
    """
    items, files, parts = [np.zeros((0, ITEM_COLUMNS), np.uint32)], dict[str, int](), list[Parts]()
    n_items = n_parts = 0
    for number, benchmark in enumerate(benchmarks):
        for batch in _batches(read_items(benchmark)):
            rows = [(number, files.setdefault(i.file, len(files)), i.record) for i in batch]
            items.append(np.array(rows, np.uint32))
            own, hashes = parts_of(batch, n_items, limits)
            numbers = np.arange(n_parts, n_parts + len(own.owners), dtype=np.uint32)
            entries.add(hashes, np.repeat(numbers, own.counts))
            parts.append(own)
            n_items += len(batch)
            n_parts += len(own.owners)
    return np.concatenate(items), list(files), concatenated(parts)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, ITEMS_PER_BATCH)):
        yield batch


def _write(folder: Path, name: str, values: NDArray[Any]) -> None:
    with storage.new_file(folder / f"{name}.bin") as out:
        out.write(np.ascontiguousarray(values, FILES[name]).data)
