"""What corpus stages want to know of each text, and of the column that says which copy to keep."""

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
    """What a text says, as a hash, and how long it is."""

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return `content` (16 bytes, equal where the words are) and `characters` (int64)."""
        from corpus.similarity.content_hash import contents

        text = documents.column(TEXT)
        length = pc.fill_null(pc.utf8_length(text), 0).cast(pa.int64())
        return {"content": contents(text), "characters": length}


class Signatures(Observation):
    """A text's MinHash signature, its number of shingles, and its size."""

    words: PositiveInt = 5
    hashes: PositiveInt = 128
    seed: int = 1

    @property
    def signature(self) -> str:
        """Return the name of the column of signatures: 16 bits for each hash."""
        return f"signature_{self.words}_{self.hashes}_{self.seed}"

    @property
    def shingles(self) -> str:
        """Return the name of the column of the number of shingles, repeated ones counted again."""
        return f"shingles_{self.words}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all its columns."""
        return (self.signature, self.shingles, "text_bytes")

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the signature (binary), the number of shingles and `text_bytes` (int64)."""
        from corpus.similarity.signatures import signatures

        text = documents.column(TEXT)
        found, totals = signatures(text, words=self.words, hashes=self.hashes, seed=self.seed)
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(2 * self.hashes), len(found), [None, pa.py_buffer(found)]
        )
        size = pc.fill_null(pc.binary_length(text), 0).cast(pa.int64())
        return {self.signature: packed, self.shingles: pa.array(totals), "text_bytes": size}


class Sample(Observation):
    """The shingles of a text that a hash chooses, the same ones in every text; and its size."""

    words: PositiveInt = 5
    one_in: PositiveInt = 16

    @property
    def sample(self) -> str:
        """Return the name of the column: the hashes chosen, rising, as a list."""
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
        distinct = pa.array(np.diff(starts))
        return {
            self.sample: pa.ListArray.from_arrays(pa.array(ends), pa.array(sets[chosen])),
            self.shingles: distinct,
            "text_bytes": size,
        }


class Column(Observation):
    """A column of the documents themselves, of one type whatever a batch has; null for the rest."""

    name: str
    kind: Literal["number", "text", "date"]

    @property
    def column(self) -> str:
        """Return the name of the column."""
        return f"{self.kind}_{self.name}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the column as float64, string or int64 (microseconds since 1970)."""
        type = (
            documents.schema.field(self.name).type
            if self.name in documents.schema.names
            else pa.null()
        )
        if self.kind == "date":
            found = optional(documents, self.name, pa.timestamp("us", "UTC")).cast(pa.int64())
        elif self.kind == "number":
            found = _numbers(optional(documents, self.name, type))
        elif pa.types.is_nested(type):
            found = pa.nulls(documents.num_rows, pa.string())
        else:
            found = optional(documents, self.name, pa.string())
        return {self.column: found}


def refuse_unfilled(corpus: CorpusView, columns: Iterable[Column], *, stage: str) -> None:
    """Raise `InputError` for a column in which no document has a value: its name is mistyped.

    A stage that sorts documents by such a column would do nothing of what it was asked for.
    """
    for asked in columns:
        held = corpus.column(asked.column)
        if len(held) and held.null_count == len(held):
            what = "number" if asked.kind == "number" else "value"
            raise InputError(
                f"stage {stage!r} is to tell documents apart by {asked.name!r}, and no document "
                f"has a {what} there; is the column called otherwise, or filled by a later stage?"
            )


_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"


def _numbers(values: pa.Array) -> pa.Array:
    """Return numbers, and strings that are one, as float64; null for all else."""
    type = values.type
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        readable = pc.match_substring_regex(values, _NUMBER)
        values = pc.utf8_trim_whitespace(pc.if_else(readable, values, pa.scalar(None, type)))
    elif not (pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_boolean(type)):
        return pa.nulls(len(values), pa.float64())
    numbers = values.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)


def signatures_of(
    column: pa.ChunkedArray,
) -> list[np.ndarray[tuple[int, int], np.dtype[np.uint16]]]:
    """Return a column of signatures as one uint16[n_rows, n_hashes] for each chunk, uncopied."""
    hashes = column.type.byte_width // 2
    found = []
    for chunk in column.chunks:
        raw = np.frombuffer(chunk.buffers()[1], np.uint16).reshape(-1, hashes)
        found.append(raw[chunk.offset : chunk.offset + len(chunk)])
    return found
