"""The columns of a batch of documents, and how a stage adds a column or removes a document.

A document is one article and one row. Stages pass documents on as Arrow record batches, always with
the same rows in the same order. A stage never drops a row: it marks the row with a reason
(`remove`), and the pipeline moves the row to the ledger of removals.

Each row also carries columns that say where it comes from (`ORIGIN`). They are never published.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.arrow_buffers import texts as text_buffers

ID = "id"
TEXT = "text"
TITLE = "title"
AUTHOR = "author"
PUBLISHER = "publisher"
DATE = "date"
URL = "url"
SOURCE = "source"

DOCUMENT = pa.schema(
    [
        (ID, pa.string()),
        (TEXT, pa.large_string()),
        (TITLE, pa.string()),
        (AUTHOR, pa.string()),
        (PUBLISHER, pa.string()),
        (DATE, pa.timestamp("us", "UTC")),
        (URL, pa.string()),
        (SOURCE, pa.string()),
    ]
)
"""The columns of every document. `id`, `text` and `source` are never null; the others may be."""

CRAWLED = "crawled"
"""When a page was fetched: an extra column of WARC files, and an upper bound for its own date."""

LANGUAGE = "language"
LANGUAGE_COLUMNS = (
    LANGUAGE,
    "language_script",
    "language_score",
    "language_second",
    "language_shares",
)

OTHER_COLUMNS = "other_columns"
"""A JSON object with the values of the rarest extra columns, if a corpus has too many of them."""

SPLIT = "split"
"""The column that a split stage adds. Shards do not contain it: their names do."""

TRAIN = "train"
"""The split of every document where there is no split stage."""

KEY = "_key"
RECORD = "_record"
ID_IS_GIVEN = "_given"
RECORD_HASH = "_digest"
CONTENT = "_content"
ARTICLE = "article"

ORIGIN = pa.schema(
    [
        (KEY, pa.binary(16)),  # hash of the id
        (RECORD, pa.int64()),  # number of the record in its file, from 1: only for messages
        (ID_IS_GIVEN, pa.bool_()),  # whether the id comes from the source
        (RECORD_HASH, pa.binary(16)),  # hash of source and raw record; without an id, also the key
        (CONTENT, pa.string()),  # what `text` contains: text, page, html, or an extracted article
    ]
)
"""Where a row comes from."""

PORTION = "_portion"
"""A hash of the file and of the part of it that a document is in (uint64): see
`corpus.pipeline.portions`. Only documents in a build have it."""

REDACTED = "_redacted"
REDACTED_TYPE = pa.list_(
    pa.struct(
        [
            ("column", pa.string()),
            ("type", pa.string()),
            ("begin", pa.int64()),  # first character, in the text before
            ("characters", pa.int64()),
            ("replaced_by", pa.string()),  # placeholder, mask, surrogate, keep
        ]
    )
)
"""What the stage `redact` found in one document: never published, but in the ledger."""

REASON = "_reason"
EVIDENCE = "_evidence"
SCORE = "_score"

DUPLICATE_OF = "_duplicate_of"
"""The id of the kept record that this document repeats; only in files of decisions."""

READ_STEP = "read"
"""The name, in the ledger, of the step before the first stage."""

EMPTY_REASON, EXACT_DUPLICATE = "empty", "exact_duplicate"
READ_REASONS = {
    EMPTY_REASON: "the record has no text",
    EXACT_DUPLICATE: "it has the same id and the same content as a kept record (the evidence)",
}
"""The reasons for which that step removes a document."""

DESTINATION = "_place"
"""The split of a document, after the folder of its language if there is one: `train`, `de/train`.
Only the last pass adds it."""

RESERVED = frozenset(
    [
        *DOCUMENT.names,
        *ORIGIN.names,
        *LANGUAGE_COLUMNS,
        PORTION,
        REDACTED,
        REASON,
        EVIDENCE,
        SCORE,
        DESTINATION,
        SPLIT,
        OTHER_COLUMNS,
    ]
)
"""Names that a source's own column may not have; such a column gets the suffix `_source`."""

REMOVED = pa.schema(
    [
        (ID, pa.string()),
        (SOURCE, pa.string()),
        ("record", pa.string()),  # hash of the record, in hex: its number depends on line order
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("evidence", pa.string()),
        ("score", pa.float64()),
    ]
)
"""The ledger of removals: documents that a stage removed."""

REJECTED = pa.schema([(SOURCE, pa.string()), ("record", pa.int64()), ("reason", pa.string())])
"""The ledger of rejects: records that could not be read. `record` counts from 1; it is null for a
whole file."""

CUT_LINES_TYPE = pa.list_(
    pa.struct(
        [
            ("begin", pa.int64()),  # first character of the line, in the text before the cut
            ("characters", pa.int64()),
            ("hash", pa.binary(16)),  # of the words of the line
            ("documents", pa.int64()),  # number of documents that contain the line
            ("kept_in", pa.string()),  # id of the document that keeps it
        ]
    )
)
"""The lines that a stage cuts from the text of one document that it keeps."""

CUT_LINES = pa.schema(
    [
        (ID, pa.string()),
        ("stage", pa.string()),
        ("begin", pa.int64()),
        ("characters", pa.int64()),
        ("hash", pa.string()),  # in hex
        ("documents", pa.int64()),
        ("kept_in", pa.string()),
    ]
)
"""The ledger of lines that were cut from documents that are kept."""


REDACTIONS = pa.schema([(ID, pa.string()), *REDACTED_TYPE.value_type])
"""The ledger of what was redacted in documents that are kept."""


def halves(values: pa.Array) -> NDArray[np.uint64]:
    """Return 16-byte values (keys, hashes) as two numbers each, uint64[n, 2], in the same order.

    Rows of numbers sort as the byte strings do.
    """
    raw = np.frombuffer(values.cast(pa.binary(16)).buffers()[1] or b"", np.uint8)
    rows = raw[16 * values.offset : 16 * (values.offset + len(values))]
    return rows.view(">u8").astype(np.uint64).reshape(-1, 2)


def column(documents: pa.RecordBatch, name: str, values: Any, type: pa.DataType) -> pa.RecordBatch:
    """Return the documents with column `name` added or replaced."""
    array = values if isinstance(values, pa.Array) else pa.array(values, type)
    if array.type != type:
        array = array.cast(type)
    field = pa.field(name, type)
    if name in documents.schema.names:
        return documents.set_column(documents.schema.get_field_index(name), field, array)
    return documents.append_column(field, array)


def optional(documents: pa.RecordBatch, name: str, type: pa.DataType) -> pa.Array:
    """Return column `name` as `type`, or nulls if the documents do not have it."""
    if name in documents.schema.names:
        values = documents.column(name)
        return values if values.type == type else values.cast(type)
    return pa.nulls(documents.num_rows, type)


def remove(
    documents: pa.RecordBatch,
    where: Any,
    *,
    because: str | pa.Array,
    evidence: Any = None,
    score: Any = None,
) -> pa.RecordBatch:
    """Mark the rows where `where` is true as removed. A row that has a reason already keeps it.

    `where` is bool[n_documents]; null counts as false. `because` is one reason, or one for each row
    (string). `evidence` (string) and `score` (float64) have one value for each row, or are None.
    """
    earlier = optional(documents, REASON, pa.string())
    where = where if isinstance(where, pa.Array) else pa.array(where, pa.bool_())
    newly_removed = pc.and_(pc.fill_null(where, fill_value=False), pc.is_null(earlier))
    for name, type, values in (
        (REASON, pa.string(), pa.scalar(because) if isinstance(because, str) else because),
        (EVIDENCE, pa.string(), evidence),
        (SCORE, pa.float64(), score),
    ):
        new = pa.scalar(None, type) if values is None else values
        if not isinstance(new, pa.Scalar | pa.Array):
            new = pa.array(new, type)
        if isinstance(new, pa.Array) and new.type != type:
            new = new.cast(type)
        merged = pc.if_else(newly_removed, new, optional(documents, name, type))
        documents = column(documents, name, merged, type)
    return documents


def reasons(documents: pa.RecordBatch) -> pa.Array:
    """Return the reason for which each row is removed (string[n_documents]); null if it is kept."""
    return optional(documents, REASON, pa.string())


def split_removed(documents: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Split the documents into those that are kept, without marks, and those marked as removed."""
    is_kept = pc.is_null(reasons(documents))
    unmarked = [name for name in documents.schema.names if name not in (REASON, EVIDENCE, SCORE)]
    kept = documents.select(unmarked)
    if pc.all(is_kept, min_count=0).as_py():
        return kept, documents.slice(0, 0)
    if not pc.any(is_kept).as_py():
        return kept.slice(0, 0), documents
    return kept.filter(is_kept), documents.filter(pc.invert(is_kept))


CONTENT_MODULUS = 1 << 128
"""The content hashes of parts of a table are summed modulo this."""


def content_hash(table: pa.Table) -> str:
    """Return a hash of the ids and texts; neither their order nor their storage affects it.

    Source of the method: the sum of the BLAKE2b hashes of all documents.
    """
    total = 0
    (ids, id_offsets), (texts, text_offsets) = (
        (data.data, offsets.tolist())
        for data, offsets in map(text_buffers, (table.column(ID), table.column(TEXT)))
    )
    bounds = zip(pairwise(id_offsets), pairwise(text_offsets), strict=True)
    for (id_begin, id_end), (begin, end) in bounds:
        digest = hashlib.blake2b(ids[id_begin:id_end], digest_size=16)
        digest.update(b"\0")
        digest.update(texts[begin:end])  # a view: a large text is not copied
        total += int.from_bytes(digest.digest(), "big")
    return f"{total % CONTENT_MODULUS:032x}"
