"""Where a document is in a corpus: first by the portion of its file, then by its key.

A corpus is a fixed shuffle. If it went by keys alone, a few new documents would be in every shard,
and all of it would have to be written again. So each file is divided into portions of about
`PORTION_BYTES`, by the keys of its documents, and the portions are shuffled. The documents of a
portion are neighbours, and are shuffled again within a row group. A new file is in as many row
groups as it has portions; the others do not change.

The portion of a document depends on the name of its file, on the size of the largest file of that
name, and on its key: not on files of other names, and not on the order of lines.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import KEY, PORTION, SOURCE, column, halves

PORTION_BYTES = 4 << 20
"""Bytes of a file, as it is stored, in one portion, about."""

PLACE_BITS = 128
END = 1 << PLACE_BITS
"""One more than the last place. A place is a portion, then the first 64 bits of a key."""


def with_portions(documents: pa.RecordBatch, file_bytes: Mapping[str, int]) -> pa.RecordBatch:
    """Return the documents with their portions, given the size of each file by its name."""
    heads = halves(documents.column(KEY))[:, 0]
    portions = np.empty(documents.num_rows, np.uint64)
    names = pc.dictionary_encode(documents.column(SOURCE))
    numbers = names.indices.to_numpy()
    for number, name in enumerate(names.dictionary.to_pylist()):
        of_file = _portions_of_file(name, file_bytes.get(name, 0))
        rows = slice(None) if len(names.dictionary) == 1 else numbers == number
        # the upper 32 bits of a key are enough to divide a file evenly
        part = (heads[rows] >> np.uint64(32)) * np.uint64(len(of_file)) >> np.uint64(32)
        portions[rows] = of_file[part]
    return column(documents, PORTION, portions, pa.uint64())


@lru_cache(4096)
def _portions_of_file(name: str, size: int) -> NDArray[np.uint64]:
    """Return the hash of each portion of a file, uint64[n_portions]."""
    count = max(1, -(-size // PORTION_BYTES))
    digests = (
        hashlib.blake2b(f"{number}/{name}".encode(), digest_size=8).digest()
        for number in range(count)
    )
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)


def portions_of(rows: pa.Table | pa.RecordBatch) -> NDArray[np.uint64]:
    """Return the portion of each row, uint64[n_rows]; 0 if the rows have none."""
    if PORTION not in rows.schema.names:
        return np.zeros(rows.num_rows, np.uint64)
    return pc.fill_null(rows.column(PORTION), 0).to_numpy(zero_copy_only=False)


def places_of(rows: pa.Table | pa.RecordBatch) -> list[int]:
    """Return the place of each row."""
    keys = rows.column(KEY)
    keys = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    heads = halves(keys)[:, 0].tolist()
    return [p << 64 | key for p, key in zip(portions_of(rows).tolist(), heads, strict=True)]


def rows_in_range(
    portions: NDArray[np.uint64], keys: pa.Array, low: int, high: int
) -> tuple[int, int]:
    """Return the rows [first, last) whose place is in [low, high).

    The rows are sorted by portion, then by key.
    """
    return _first_row_at(portions, keys, low), _first_row_at(portions, keys, high)


def _first_row_at(portions: NDArray[np.uint64], keys: pa.Array, place: int) -> int:
    """Return the number of the first row that is not before a place."""
    if place >= END:
        return len(portions)
    portion, head = np.uint64(place >> 64), np.uint64(place & ((1 << 64) - 1))
    first = int(np.searchsorted(portions, portion, side="left"))
    if not head:
        return first
    last = int(np.searchsorted(portions, portion, side="right"))
    return first + int(np.searchsorted(halves(keys.slice(first, last - first))[:, 0], head))


def aligned_ranges(
    starts: Sequence[int], text_bytes: NDArray[Any], documents: NDArray[Any], max_bytes: int
) -> Iterator[tuple[int, int, int]]:
    """Yield the largest ranges of places with equal first bits that have at most `max_bytes`.

    Each is the first place of the range, and its parts [first, last). `starts` has the first place
    of each part, ascending. A single part may be larger, and so may parts at the same place. Ranges
    without documents are left out.
    """
    bytes_before = [0, *np.cumsum(text_bytes).tolist()]
    documents_before = [0, *np.cumsum(documents).tolist()]
    waiting = [(0, PLACE_BITS, 0, len(starts))]
    while waiting:
        place, bits, first, last = waiting.pop()
        if documents_before[last] == documents_before[first]:
            continue
        is_alone = last - first == 1 or not bits
        if is_alone or bytes_before[last] - bytes_before[first] <= max_bytes:
            yield place, first, last
            continue
        middle = place + (1 << bits - 1)
        cut = bisect_left(starts, middle, first, last)
        waiting += [(middle, bits - 1, cut, last), (place, bits - 1, first, cut)]
