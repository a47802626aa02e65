"""A few documents chosen from many: a seeded random few, the longest, the shortest.

Each choice is the smallest few by some number, so the choice from a whole is the choice from the
choices from its parts: it depends neither on how the corpus was cut nor on its order.
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
from corpus.auditing.measure.columns import dates_of
from corpus.documents import ID, TEXT, optional

EXCERPT = 400
"""Characters of a text that are quoted."""

QUOTED = 200
"""Characters of an id, a title, a source or a URL that are quoted."""

Chosen = tuple[int, int, str, dict[str, Any]]
"""(what it is chosen by, the hash of its id, a tie-breaker, the document in short)"""


@dataclass(frozen=True)
class Choice:
    """The `size` documents with the smallest rank, in that order."""

    size: int
    chosen: tuple[Chosen, ...] = ()

    def merge(self, other: Choice) -> Choice:
        """Return the choice from both."""
        both = sorted([*self.chosen, *other.chosen], key=lambda found: found[:3])
        return Choice(self.size, tuple(both[: self.size]))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the documents chosen, in short."""
        return [document for *_, document in self.chosen]


def choose(
    documents: pa.RecordBatch,
    ranks: NDArray[np.generic],
    hashes: NDArray[np.uint64],
    *,
    size: int,
    **more: Any,
) -> Choice:
    """Return the `size` documents with the smallest `ranks`, equal ones by the hash of their ids.

    `more` is told of each beside what the documents say; a column (n_documents values) gives each
    its own.
    """
    order = np.lexsort((hashes, ranks))
    if len(order) > size:  # all that tie with the last one that may be chosen
        last = order[size - 1]
        tied = (ranks == ranks[last]) & (hashes == hashes[last])
        order = np.concatenate([order[:size], np.setdiff1d(np.flatnonzero(tied), order[:size])])
    few = documents.take(pa.array(order))
    told = _short(few)
    chosen: list[Chosen] = []
    for place, row in enumerate(order.tolist()):
        own = {
            name: values[row].as_py() if isinstance(values, pa.Array) else values
            for name, values in more.items()
        }
        document = {**told[place], **own}
        tie = hashlib.blake2b(repr(sorted(document.items())).encode("utf-8", "replace"))
        chosen.append((int(ranks[row]), int(hashes[row]), tie.hexdigest(), document))
    return Choice(size).merge(Choice(size, tuple(chosen)))


def _short(documents: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return what is told of each document: its names cut short, and the beginning of its text."""
    names = (ID, "title", "publisher", "url", "source", "language")
    columns = {
        name: pc.utf8_slice_codeunits(optional(documents, name, pa.string()), 0, QUOTED)
        for name in names
    }
    days = dates_of(documents).cast(pa.timestamp("s"), safe=False).cast(pa.string())
    columns["date"] = pc.utf8_slice_codeunits(days, 0, 10)
    text = optional(documents, TEXT, pa.large_string())
    columns["excerpt"] = pc.utf8_slice_codeunits(text, 0, EXCERPT).cast(pa.string())
    return pa.table(columns).to_pylist()


def hashed(ids: pa.Array, *, seed: int) -> NDArray[np.uint64]:
    """Return a number for each id that depends on the id and the seed alone: uint64[n_ids].

    A sum over its bytes, each times a random number for its place (multilinear hashing, which one
    pass of numpy can do for all ids at once), well mixed.
    """
    data, offsets = texts(ids)
    lengths = np.diff(offsets)
    body = data[offsets[0] : offsets[-1]].astype(np.uint64)
    places = np.arange(len(body)) - np.repeat(offsets[:-1] - offsets[0], lengths)
    sums = np.zeros(len(body) + 1, np.uint64)
    np.cumsum(body * _mixed(places.astype(np.uint64)), out=sums[1:])
    bounds = offsets - offsets[0]
    by_content = sums[bounds[1:]] - sums[bounds[:-1]]
    salt = _mixed(np.array([seed % 2**64], np.uint64))
    return _mixed(by_content ^ _mixed(lengths.astype(np.uint64)) ^ salt)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the values scrambled by the finaliser of splitmix64 (Steele, Lea, Flood 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
