"""What corpus stages measure of a document: content hash, signature, shingle sample, a column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import PositiveInt

from corpus.documents import TEXT, optional
from corpus.errors import InputError
from corpus.observations import CorpusView, Observation


class Content(Observation):
    """The content hash of a text, and its length."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return `content` (16 bytes, equal for equal words) and `characters` (int64)."""
        from corpus.similarity.content_hash import content_hashes

        text = documents.column(TEXT)
        length = pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64())
        return {"content": content_hashes(text), "characters": length}


class Signatures(Observation):
    """The MinHash signature of a text, its number of shingles, and its size."""

    words: PositiveInt = 5
    hashes: PositiveInt = 128
    seed: int = 1

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    @property
    def signature(self) -> str:
        """Return the name of the signature column, which has 16 bits per hash."""
        return f"signature_{self.words}_{self.hashes}_{self.seed}"

    @property
    def shingles(self) -> str:
        """Return the name of the column of the number of shingles, repeated ones included."""
        return f"shingles_{self.words}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all its columns."""
        return (self.signature, self.shingles, "text_bytes")

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the signature (binary), the number of shingles and `text_bytes` (int64)."""
        from corpus.similarity.signatures import signatures

        text = documents.column(TEXT)
        values, totals = signatures(text, words=self.words, hashes=self.hashes, seed=self.seed)
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(2 * self.hashes), len(values), [None, pa.py_buffer(values)]
        )
        size = pc.fill_null(pc.binary_length(text), 0).cast(pa.int64())
        return {self.signature: packed, self.shingles: pa.array(totals), "text_bytes": size}


class ShingleSample(Observation):
    """A sample of a text's shingles, chosen by their hash: the same shingles in every text."""

    words: PositiveInt = 5
    one_in: PositiveInt = 16
    """A shingle is in the sample with a probability of 1 / `one_in`."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    @property
    def sample(self) -> str:
        """Return the name of the sample column: a list of hashes, ascending."""
        return f"sample_{self.words}_{self.one_in}"

    @property
    def shingles(self) -> str:
        """Return the name of the column of the number of distinct shingles."""
        return f"distinct_{self.words}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the sample, the number of distinct shingles and `text_bytes` (int64)."""
        from corpus.similarity.jaccard import shingle_sets

        text = documents.column(TEXT)
        sets, starts = shingle_sets(text, words=self.words)
        chosen = sets < np.uint64((1 << 64) // self.one_in)
        ends = np.concatenate([[0], np.cumsum(chosen)])[starts].astype(np.int32)
        size = pc.fill_null(pc.binary_length(text), 0).cast(pa.int64())
        return {
            self.sample: pa.ListArray.from_arrays(pa.array(ends), pa.array(sets[chosen])),
            self.shingles: pa.array(np.diff(starts)),
            "text_bytes": size,
        }


class Column(Observation):
    """A column of the documents, always of one type; null if a value is missing or unsuitable."""

    name: str
    kind: Literal["number", "text", "date"]

    def reads(self) -> tuple[str, ...]:
        """Return the name of the column."""
        return (self.name,)

    @property
    def column(self) -> str:
        """Return the name of the observed column."""
        return f"{self.kind}_{self.name}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the column as float64, string or int64 (microseconds since 1970)."""
        from corpus.sources.columns.extra import as_numbers, as_texts

        if self.kind == "date":
            values = optional(documents, self.name, pa.timestamp("us", "UTC")).cast(pa.int64())
        else:
            values = (as_numbers if self.kind == "number" else as_texts)(documents, self.name)
        return {self.column: values}


def require_values(corpus: CorpusView, columns: Iterable[Column], *, stage: str) -> None:
    """Raise `InputError` if a column has no value in any document: its name is probably wrong.

    A stage that orders or groups documents by such a column would silently do nothing.
    """
    for column in columns:
        values = corpus.column(column.column)
        if len(values) and values.null_count == len(values):
            empty = "has no number" if column.kind == "number" else "is empty"
            raise InputError(
                f"stage {stage!r}: column {column.name!r} {empty} in every document. Is the name "
                "misspelled, or does a later stage fill the column?"
            )


def signatures_of(column: pa.Array) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Return a signature column as uint16[n_rows, n_hashes], without copying."""
    raw = np.frombuffer(column.buffers()[1], np.uint16).reshape(-1, column.type.byte_width // 2)
    return raw[column.offset : column.offset + len(column)]
