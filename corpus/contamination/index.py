"""The shingles of all benchmark items, in files that every worker maps.

Parts of items with the same shingles are stored once, as one *text*; its owners are the parts.

    hashes.bin, texts.bin    one entry for each shingle of each text, sorted by hash: bits of its
                             hash, and the text
    buckets.bin              where the entries of each prefix of a hash begin
    filter.bin               one bit for each longer prefix of a hash that occurs
    sizes.bin, windows.bin   shingles of each text, and length of its window
    owners.bin, starts.bin   the parts with each text: 2 * item, and 1 more if it is the answer
    items.bin                benchmark, file and record of each item
    summary.json             names of benchmarks and files, coverage, hashes of the other files

The name of the folder is the key of the index: the hash of all that it depends on.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import DTypeLike, NDArray

from corpus import storage
from corpus.errors import EnvironmentFault

QUESTION, ANSWER = 0, 1

ITEM_COLUMNS = 3
"""Columns of `items`: number of the benchmark, number of the file, number of the record."""

REST_BITS = 32
"""Bits of a hash that an entry stores, beside those of its bucket. About one in 2^30 shingles of
other texts has these bits by chance, and a match needs several such shingles of one text."""

FILES: dict[str, DTypeLike] = {
    "hashes": np.uint32,
    "texts": np.uint32,
    "buckets": np.uint32,
    "filter": np.uint64,
    "sizes": np.uint32,
    "windows": np.uint32,
    "owners": np.uint32,
    "starts": np.uint32,
    "items": np.uint32,
}
"""The arrays of an index and their types."""

SUMMARY = "summary.json"


class Index(NamedTuple):
    """An index, as read-only arrays."""

    hashes: NDArray[np.uint32]
    """uint32[n_entries]: `REST_BITS` bits of the hashes of shingles, behind the prefix of their
    bucket, in the order of the hashes."""

    texts: NDArray[np.uint32]
    """uint32[n_entries]: the text of each entry, ascending for equal hashes."""

    buckets: NDArray[np.uint32]
    """uint32[2**k + 1]: the first entry whose hash has each prefix of k bits."""

    filter: NDArray[np.uint64]
    """uint64[2**b / 64]: the bits of the prefixes, of b bits, that occur."""

    sizes: NDArray[np.uint32]
    """uint32[n_texts]: number of distinct shingles; 0 for a text that is not searched for."""

    windows: NDArray[np.uint32]
    """uint32[n_texts]: number of consecutive shingles of a document in a window."""

    owners: NDArray[np.uint32]
    """uint32[n_owners]: 2 * item + QUESTION or ANSWER, by text, ascending."""

    starts: NDArray[np.uint32]
    """uint32[n_texts + 1]: the first owner of each text."""

    items: NDArray[np.uint32]
    """uint32[n_items, 3]: see `ITEM_COLUMNS`."""

    summary: dict[str, Any]
    """`benchmarks` and `files` (names), `coverage` (see `corpus.contamination.coverage`)."""

    def benchmark_of(self, owner: int) -> str:
        """Return the name of the benchmark of an owner."""
        return str(self.summary["benchmarks"][self.items[owner >> 1, 0]])

    def item_of(self, owner: int) -> str:
        """Return the file and the record of the item of an owner: `test.jsonl:17`."""
        _, file, record = self.items[owner >> 1].tolist()
        return f"{self.summary['files'][file]}:{record}"


def open_index(folder: Path) -> Index:
    """Return the index in a folder, memory-mapped."""
    arrays: dict[str, Any] = {name: _mapped(folder / f"{name}.bin", FILES[name]) for name in FILES}
    arrays["items"] = arrays["items"].reshape(-1, ITEM_COLUMNS)
    return Index(**arrays, summary=read_summary(folder))


@lru_cache(maxsize=4)
def opened(folder: Path) -> Index:
    """Return the index in a folder, opened once in this process."""
    return open_index(folder)


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the summary of the index in a folder; raises `EnvironmentFault` if it is damaged."""
    summary = _summary(folder)
    if summary is None:
        raise EnvironmentFault(
            f"{folder / SUMMARY}: changed or deleted since it was written; check the disk and "
            "build again"
        )
    return summary


def is_complete(folder: Path) -> bool:
    """Return whether a folder has an index whose files are as they were written."""
    summary = _summary(folder)
    try:
        return summary is not None and all(
            storage.sha256(folder / name) == sha256 for name, sha256 in summary["sha256"].items()
        )
    except OSError:
        return False


def write_summary(folder: Path, key: str, summary: dict[str, Any]) -> None:
    """Write the summary of the index with this key, whose other files are complete."""
    hashes = {f"{name}.bin": storage.sha256(folder / f"{name}.bin") for name in FILES}
    with storage.new_file(folder / SUMMARY) as out:
        out.write(storage.seal(key, orjson.dumps(summary | {"sha256": hashes})))


def _summary(folder: Path) -> dict[str, Any] | None:
    try:
        data = storage.unseal(folder.name, (folder / SUMMARY).read_bytes())
    except OSError:
        return None
    return None if data is None else orjson.loads(data)


def _mapped(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    if path.stat().st_size == 0:  # an empty file cannot be mapped
        empty = np.zeros(0, dtype)
        empty.flags.writeable = False
        return empty
    return np.asarray(np.memmap(path, dtype, mode="r"))
