"""Choose a few documents from many: a random sample, the longest, the shortest.

Each choice is the `k` documents with the lowest rank (a bottom-k sketch). The bottom k of a corpus
are the bottom k of the bottom k of its parts. So the choice does not depend on how the corpus is
split into parts, or on their order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts
from corpus.auditing.measure.columns import parse_dates
from corpus.documents import ID, TEXT, optional

EXCERPT_CHARACTERS = 400
"""Maximum length of an excerpt from a text."""

MAX_FIELD_CHARACTERS = 200
"""Maximum length of a quoted id, title, source or URL."""

Entry = tuple[int, int, str, dict[str, Any]]
"""(rank, hash of the id, tie-breaker, the document in short)"""


@dataclass(frozen=True)
class BottomK:
    """The `size` documents with the lowest rank, in that order."""

    size: int
    entries: tuple[Entry, ...] = ()

    def merge(self, other: BottomK) -> BottomK:
        """Return the bottom k of both."""
        both = sorted([*self.entries, *other.entries], key=lambda entry: entry[:3])
        return BottomK(self.size, tuple(both[: self.size]))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the chosen documents in short."""
        return [document for *_, document in self.entries]


def bottom_k(
    documents: pa.RecordBatch,
    ranks: NDArray[np.generic],
    hashes: NDArray[np.uint64],
    *,
    size: int,
    **fields: Any,
) -> BottomK:
    """Return the `size` documents with the lowest `ranks`; the hash of the id breaks ties.

    `fields` are added to each document. A field is one value for all documents, or an Arrow array
    with one value for each.
    """
    order = np.lexsort((hashes, ranks))
    if len(order) > size:  # include all documents that tie with the last one
        last = order[size - 1]
        tied = (ranks == ranks[last]) & (hashes == hashes[last])
        order = np.concatenate([order[:size], np.setdiff1d(np.flatnonzero(tied), order[:size])])
    shortened = _shortened(documents.take(pa.array(order)))
    entries: list[Entry] = []
    for position, row in enumerate(order.tolist()):
        added = {
            name: values[row].as_py() if isinstance(values, pa.Array) else values
            for name, values in fields.items()
        }
        document = {**shortened[position], **added}
        tie = hashlib.blake2b(repr(sorted(document.items())).encode("utf-8", "replace"))
        entries.append((int(ranks[row]), int(hashes[row]), tie.hexdigest(), document))
    return BottomK(size).merge(BottomK(size, tuple(entries)))


def _shortened(documents: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return the metadata of each document, truncated, and an excerpt from its text."""
    names = (ID, "title", "publisher", "url", "source", "language")
    columns = {
        name: pc.utf8_slice_codeunits(
            optional(documents, name, pa.string()), 0, MAX_FIELD_CHARACTERS
        )
        for name in names
    }
    days = parse_dates(documents).cast(pa.timestamp("s"), safe=False).cast(pa.string())
    columns["date"] = pc.utf8_slice_codeunits(days, 0, 10)
    text = optional(documents, TEXT, pa.large_string())
    columns["excerpt"] = pc.utf8_slice_codeunits(text, 0, EXCERPT_CHARACTERS).cast(pa.string())
    return pa.table(columns).to_pylist()


def hash_strings(strings: pa.Array, *, seed: int) -> NDArray[np.uint64]:
    """Return a hash of each string that depends only on the string and the seed.

    uint64[n_strings]. Multilinear hashing: each byte is multiplied by a random number for its
    position, and the products are summed. numpy does that for all strings in one pass. The sum is
    then mixed.
    """
    data, offsets = texts(strings)
    lengths = np.diff(offsets)
    body = data[offsets[0] : offsets[-1]].astype(np.uint64)
    positions = np.arange(len(body)) - np.repeat(offsets[:-1] - offsets[0], lengths)
    sums = np.zeros(len(body) + 1, np.uint64)
    np.cumsum(body * _mix(positions.astype(np.uint64)), out=sums[1:])
    bounds = offsets - offsets[0]
    by_content = sums[bounds[1:]] - sums[bounds[:-1]]
    salt = _mix(np.array([seed % 2**64], np.uint64))
    return _mix(by_content ^ _mix(lengths.astype(np.uint64)) ^ salt)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values mixed by the finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
