"""Choose the documents to train on: each text once, at most a number per class, whatever the order.

A text is identified by the hash of its words. If a class has too many texts, or too many words in
them for the memory that training takes, those with the lowest hashes are used: a random choice that
does not depend on the order of files or lines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts as text_buffers
from corpus.classifier.features import find_buckets
from corpus.documents import TEXT
from corpus.similarity.content_hash import content_hashes
from corpus.training.fit import Rows
from corpus.words.count import count_words

EXAMPLE = pa.schema(
    [
        ("content", pa.binary()),  # hash of the words, 16 bytes
        ("site", pa.string()),
        ("language", pa.string()),
        ("text_hash", pa.binary()),  # hash of the text itself
        ("words", pa.int64()),
        ("bytes", pa.int64()),
        ("buckets", pa.large_list(pa.uint32())),
        ("copies", pa.int64()),  # documents with this text
    ]
)
"""The columns of an example. Of texts with equal words, the first by these columns is kept: no
position decides."""

SAMPLE = pa.schema(
    [("content", pa.binary()), ("text_hash", pa.binary()), ("text", pa.large_string())]
)
"""The columns of the sample of texts."""

_ORDER = [(name, "ascending") for name in ("content", "site", "language", "text_hash")]

MAX_ENTRIES = 25_000_000
"""Buckets of all texts of a class together. Training takes about 50 bytes for each."""

SAMPLE_TEXTS, SAMPLE_CHARACTERS = 500, 10_000
"""Number of texts per class, and of characters of each, that the words in the report come from."""


def examples_of(documents: pa.RecordBatch, bits: int) -> pa.Table:
    """Return the examples of documents that have the columns `text`, `site` and `language`."""
    texts = documents.column(TEXT)
    buckets, bounds = find_buckets(texts, bits)
    columns = {name: documents.column(name) for name in ("site", "language")}
    columns |= {
        "content": content_hashes(texts).cast(pa.binary()),
        "text_hash": _text_hashes(texts),
        "words": pa.array(count_words(texts)),
        "bytes": pc.binary_length(texts).cast(pa.int64()),
        "buckets": pa.LargeListArray.from_arrays(pa.array(bounds), pa.array(buckets)),
        "copies": pa.array(np.ones(documents.num_rows, np.int64)),
    }
    return pa.table([columns[name] for name in EXAMPLE.names], schema=EXAMPLE)


def _text_hashes(column: pa.Array) -> pa.Array:
    """Return 16 bytes for each text, equal for equal texts alone."""
    data, offsets = text_buffers(column)
    raw = data.data
    hashes = [hashlib.sha256(raw[a:b]).digest()[:16] for a, b in pairwise(offsets.tolist())]
    return pa.array(hashes, pa.binary())


@dataclass
class ExampleClass:
    """The examples of one class, and what was not used."""

    max_documents: int
    examples: pa.Table = field(default_factory=EXAMPLE.empty_table)
    sample: pa.Table = field(default_factory=SAMPLE.empty_table)
    """The beginnings of some of the texts."""

    hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    """Half of the content hash of every text."""

    entries: int = 0
    """Buckets of all examples."""

    read: int = 0
    """Documents with words; the others are counted by whoever reads them."""

    def add(self, documents: pa.RecordBatch, bits: int) -> None:
        """Add documents, which all have words."""
        added = examples_of(documents, bits)
        self.read += added.num_rows
        self.hashes.append(_half(added.column("content")))
        texts = pc.utf8_slice_codeunits(documents.column(TEXT), 0, SAMPLE_CHARACTERS)
        sample = pa.table(
            [added.column("content"), added.column("text_hash"), texts], schema=SAMPLE
        )
        self.sample = _lowest(pa.concat_tables([self.sample, sample]), SAMPLE_TEXTS)
        self.examples = pa.concat_tables([self.examples, added])
        self.entries += pc.sum(pc.list_value_length(added.column("buckets"))).as_py() or 0
        many = self.examples.num_rows > 2 * self.max_documents + 10_000
        if many or self.entries > 2 * MAX_ENTRIES:
            self._prune()

    def _prune(self) -> None:
        self.examples = _lowest(self.examples, self.max_documents)
        sizes = pc.list_value_length(self.examples.column("buckets"))
        sums = np.cumsum(sizes.to_numpy())
        kept = max(int(np.searchsorted(sums, MAX_ENTRIES, side="right")), 1)
        self.examples = self.examples.slice(0, kept)
        self.entries = int(sums[: len(self.examples)][-1]) if len(self.examples) else 0

    def finish(self) -> None:
        """Keep what is used: each text once, and no more than the maximum."""
        self._prune()

    def all_hashes(self) -> NDArray[np.uint64]:
        """Return half of the content hash of every text."""
        return np.concatenate([np.zeros(0, np.uint64), *self.hashes])

    @property
    def over_limit(self) -> int:
        """Documents that are not used because the class has too many."""
        return self.read - (pc.sum(self.examples.column("copies")).as_py() or 0)

    @property
    def duplicates(self) -> int:
        """Documents that are not used because another one has the same words."""
        copies = pc.sum(self.examples.column("copies")).as_py() or 0
        return int(copies - self.examples.num_rows)


def remove_shared(good: ExampleClass, bad: ExampleClass) -> tuple[int, int]:
    """Take texts that are in both classes out of both; return how many each class loses."""
    shared = np.intersect1d(good.all_hashes(), bad.all_hashes())
    lost = []
    for each in (good, bad):
        in_both = np.isin(_half(each.examples.column("content")), shared)
        lost.append(int(pc.sum(each.examples.column("copies").filter(in_both)).as_py() or 0))
        each.read -= lost[-1]
        each.examples = each.examples.filter(pa.array(~in_both))
        each.sample = each.sample.filter(
            pa.array(~np.isin(_half(each.sample.column("content")), shared))
        )
    return lost[0], lost[1]


class Examples(NamedTuple):
    """The examples of both classes, sorted by the hashes of their texts."""

    table: pa.Table
    rows: Rows
    is_good: NDArray[np.bool_]
    sites: NDArray[np.int64]
    site_names: list[str]
    folds: NDArray[np.int64]
    sample: pa.Table
    """`content` and `text` of some of them."""


def _half(contents: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return the first 64 bits of each hash."""
    joined = b"".join(value[:8] for value in contents.to_pylist())
    return np.frombuffer(joined, ">u8").astype(np.uint64)


def _lowest(table: pa.Table, limit: int) -> pa.Table:
    """Return each text once, and only those with the lowest hashes, sorted by hash."""
    order = [key for key in _ORDER if key[0] in table.schema.names]
    table = table.take(pc.sort_indices(table, order)).combine_chunks()
    if not table.num_rows:
        return table
    contents = table.column("content").to_pylist()
    is_first = np.array([True, *(a != b for a, b in pairwise(contents))])
    firsts = np.flatnonzero(is_first)
    kept = table.take(pa.array(firsts))
    if "copies" in table.schema.names:
        copies = np.add.reduceat(table.column("copies").to_numpy(), firsts)
        kept = kept.set_column(EXAMPLE.get_field_index("copies"), "copies", pa.array(copies))
    return kept.slice(0, limit)
