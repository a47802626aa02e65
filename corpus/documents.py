"""A batch of documents: its columns, and how a stage adds to it or removes from it.

A document is one article and one row. Stages pass documents along as Arrow record batches,
always with the same rows in the same order. A stage never drops a row: it says why the row
should go (`remove`), and the run moves it to the ledger with that reason.

Beside the columns that people see, a row carries where it comes from (`ORIGIN`): those columns
never reach a shard.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
"""What every document has, null where it is not known. `id`, `text` and `source` always are."""

KEY = "_key"
RECORD = "_record"
ID_IS_GIVEN = "_given"
RECORD_HASH = "_digest"
CONTENT = "_content"
ARTICLE = "article"

ORIGIN = pa.schema(
    [
        (KEY, pa.binary(16)),  # hash of the id
        (RECORD, pa.int64()),  # the record's number in its file, from 1: for messages alone
        (ID_IS_GIVEN, pa.bool_()),  # the id is the user's own
        (
            RECORD_HASH,
            pa.binary(16),
        ),  # hash of source and raw record; equal to the key where no id is given
        (CONTENT, pa.string()),  # what `text` holds: text, page, html; article, out of one of them
    ]
)
"""Where a row comes from."""

REASON = "_reason"
EVIDENCE = "_evidence"
SCORE = "_score"

LANGUAGE_COLUMNS = (
    "language",
    "language_script",
    "language_score",
    "language_second",
    "language_shares",
)
PLACE = "_place"
"""Where a document goes: its split, behind the folder of its language; only in the last pass."""

RESERVED = frozenset(
    [*DOCUMENT.names, *ORIGIN.names, *LANGUAGE_COLUMNS, REASON, EVIDENCE, SCORE, PLACE, "split"]
)
"""Names a source's own column may not have; it gets `_source` behind it."""

REMOVED = pa.schema(
    [
        (ID, pa.string()),
        (SOURCE, pa.string()),
        (
            "record",
            pa.string(),
        ),  # the digest, in hex: a position would change with the order of lines
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("evidence", pa.string()),
        ("score", pa.float64()),
    ]
)
"""The ledger of removals: documents that were read, and taken out by a stage."""

CUT = pa.list_(
    pa.struct(
        [
            ("begin", pa.int64()),  # where it began, in characters of the text as it was
            ("characters", pa.int64()),
            ("hash", pa.binary(16)),  # of its words
            ("documents", pa.int64()),  # how many documents have it
            ("kept_in", pa.string()),  # the id of the one that keeps it
        ]
    )
)
"""What a stage cut out of one text that stays."""

LINES = pa.schema(
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
"""The ledger of what was cut out of texts that stay."""

REJECTED = pa.schema([(SOURCE, pa.string()), ("record", pa.int64()), ("reason", pa.string())])
"""The ledger of rejects: records that could not be read; `record` counts from 1, null for a
file."""


def halves(values: pa.Array) -> NDArray[np.uint64]:
    """Return 16 bytes (keys, hashes) as two numbers each, uint64[n, 2], that sort as they do."""
    raw = np.frombuffer(values.cast(pa.binary(16)).buffers()[1] or b"", np.uint8)
    rows = raw[16 * values.offset : 16 * (values.offset + len(values))]
    return rows.view(">u8").astype(np.uint64).reshape(-1, 2)


def column(documents: pa.RecordBatch, name: str, values: Any, type: pa.DataType) -> pa.RecordBatch:
    """Return the documents with column `name` added, or replaced where it was there."""
    array = values if isinstance(values, pa.Array) else pa.array(values, type)
    if array.type != type:
        array = array.cast(type)
    field = pa.field(name, type)
    if name in documents.schema.names:
        return documents.set_column(documents.schema.get_field_index(name), field, array)
    return documents.append_column(field, array)


def optional(documents: pa.RecordBatch, name: str, type: pa.DataType) -> pa.Array:
    """Return column `name` as `type`, all null where the documents do not have it."""
    if name in documents.schema.names:
        found = documents.column(name)
        return found if found.type == type else found.cast(type)
    return pa.nulls(documents.num_rows, type)


def remove(
    documents: pa.RecordBatch,
    where: Any,
    *,
    because: str,
    evidence: Any = None,
    score: Any = None,
) -> pa.RecordBatch:
    """Mark the rows where `where` holds as removed, unless an earlier reason claimed them.

    `where` is bool[n_documents], null meaning no; `evidence` (string) and `score` (float64) have
    one value for each row, or are None.
    """
    said = optional(documents, REASON, pa.string())
    where = where if isinstance(where, pa.Array) else pa.array(where, pa.bool_())
    fresh = pc.and_(pc.fill_null(where, fill_value=False), pc.is_null(said))
    for name, type, values in (
        (REASON, pa.string(), pa.scalar(because, pa.string())),
        (EVIDENCE, pa.string(), evidence),
        (SCORE, pa.float64(), score),
    ):
        new = pa.scalar(None, type) if values is None else values
        if not isinstance(new, pa.Scalar | pa.Array):
            new = pa.array(new, type)
        if isinstance(new, pa.Array) and new.type != type:
            new = new.cast(type)
        merged = pc.if_else(fresh, new, optional(documents, name, type))
        documents = column(documents, name, merged, type)
    return documents


def reasons(documents: pa.RecordBatch) -> pa.Array:
    """Return why each row is to be removed (string[n_documents]); null where it stays."""
    return optional(documents, REASON, pa.string())


def split_removed(documents: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Split the documents into those that stay, without marks, and those marked for removal."""
    stays = pc.is_null(reasons(documents))
    unmarked = [name for name in documents.schema.names if name not in (REASON, EVIDENCE, SCORE)]
    kept = documents.select(unmarked)
    if pc.all(stays, min_count=0).as_py():
        return kept, documents.slice(0, 0)
    return kept.filter(stays), documents.filter(pc.invert(stays))


LANGUAGE = "language"


SPLIT = "split"
"""The column that a split stage adds; it goes where the shards are written."""


TRAIN = "train"


REPEATED = "_repeated"


def content_hash(table: pa.Table) -> str:
    """Return a hash of the ids and texts, whatever their order and however they are stored."""
    total = 0
    ids, texts = table.column(ID).to_pylist(), table.column(TEXT).to_pylist()
    for id, text in zip(ids, texts, strict=True):
        one = hashlib.blake2b(f"{id}\0{text}".encode(), digest_size=16).digest()
        total += int.from_bytes(one, "big")
    return f"{total % (1 << 128):032x}"
