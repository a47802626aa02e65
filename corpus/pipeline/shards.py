"""Parquet shards that `datasets.load_dataset` loads as they are: their columns, and writing one.

The row groups of a shard are written each by itself, and joined without being decoded. So those
that have not changed since the last build are copied. The bytes of a row group depend only on its
documents, never on the batches that came in. One row group at a time is in memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus import storage
from corpus.builds.manifest import FileEntry
from corpus.documents import (
    CONTENT_MODULUS,
    DOCUMENT,
    ID,
    OTHER_COLUMNS,
    REDACTED,
    RESERVED,
    SPLIT,
    TEXT,
    content_hash,
)
from corpus.pipeline.arrow_files import parquet_file
from corpus.pipeline.sharding import ROW_GROUP_BYTES
from corpus.row_groups import join_row_groups
from corpus.stages.base import Stage

if TYPE_CHECKING:
    from corpus.pipeline.kept_columns import KeptColumns

LARGE_TEXT_BYTES = 1 << 24
"""A shard with a larger text has no dictionary and no minimum and maximum of the texts: the writer
would copy that text five times to make them."""

_NO_COLUMNS = pa.schema([])


class ShardColumns(NamedTuple):
    """The columns of every shard of a build."""

    schema: pa.Schema
    """Columns of documents and stages first, in their order, then the sources' own by name."""

    source_columns: pa.Schema
    """All columns of the runs and those that the last decisions add, except for reserved ones.

    The types of the sources' own are those that the values of all runs have in common.
    """


def shard_columns(
    kept: KeptColumns,
    stages: Sequence[Stage],
    *,
    max_columns: int,
    added: pa.Schema = _NO_COLUMNS,
) -> ShardColumns:
    """Return the columns of the shards. A column without a value is left out.

    The last decisions add the columns `added` to every document.
    """
    from corpus.pipeline.corpus_columns import join_columns

    of_stages = [
        field for stage in stages for field in stage.adds if field.name not in (SPLIT, REDACTED)
    ]
    ours = {field.name: field for field in [*DOCUMENT, *of_stages]}
    always = ours.keys() | set(added.names)
    joined, filled = join_columns(
        kept.lists,
        added,
        filled=kept.filled | set(added.names),
        always=always,
        limit=max_columns,
    )
    source_columns = pa.schema(
        [
            ours.get(field.name, field)
            for field in joined
            if field.name not in RESERVED or field.name == OTHER_COLUMNS
        ]
        + [field for field in of_stages if field.name not in {*joined.names, *RESERVED}]
    )
    fields = [*ours.values(), *(field for field in source_columns if field.name not in ours)]
    published = [
        _published(field) for field in fields if field.name in filled or field.name in (ID, TEXT)
    ]
    features = {field.name: feature(field.type) for field in published}
    info = json.dumps({"info": {"features": features}})
    return ShardColumns(pa.schema(published, metadata={"huggingface": info}), source_columns)


def _published(field: pa.Field) -> pa.Field:
    """Return the field without metadata, a long string as a string."""
    return pa.field(field.name, pa.string() if field.type == pa.large_string() else field.type)


def feature(type: pa.DataType) -> dict[str, Any]:
    """Return the `datasets` feature of an Arrow type; a struct has one for each of its fields."""
    if pa.types.is_struct(type):
        return {field.name: feature(field.type) for field in type}
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return {"feature": feature(type.value_type), "_type": "List"}
    if pa.types.is_timestamp(type):
        zone = f", tz={type.tz}" if type.tz else ""
        return {"dtype": f"timestamp[{type.unit}{zone}]", "_type": "Value"}
    return {
        "dtype": {"double": "float64", "float": "float32"}.get(str(type), str(type)),
        "_type": "Value",
    }


class ShardDocuments(NamedTuple):
    """The documents of a shard in their order, of which a part is in memory at a time."""

    sizes: NDArray[np.int64]
    """int64[n_documents]: the size of each text in UTF-8."""

    part: Callable[[int, int], pa.Table]
    """Returns the documents [first, last)."""


def documents_of_table(table: pa.Table) -> ShardDocuments:
    """Return the documents of a table as those of a shard."""
    sizes = pc.binary_length(table.column(TEXT)).to_numpy().astype(np.int64)
    return ShardDocuments(sizes, lambda first, last: table.slice(first, last - first))


class RowGroups(NamedTuple):
    """One or more row groups of a shard, in a Parquet file of their own."""

    path: Path
    rows: int
    bytes: int
    """Bytes of text."""

    content: int
    """The hash of the ids and texts (`corpus.documents.content_hash`)."""


def write_row_groups(
    path: Path,
    documents: ShardDocuments,
    schema: pa.Schema,
    use: Callable[[pa.Table], None] = lambda _: None,
) -> RowGroups:
    """Write documents as row groups of about `ROW_GROUP_BYTES`: one, unless they are more.

    `use` is called with the documents of each row group.
    """
    n, total = len(documents.sizes), int(documents.sizes.sum()) or 1
    rows = max(1, min(n, n * ROW_GROUP_BYTES // total))
    options: dict[str, Any] = {}
    if documents.sizes.max(initial=0) > LARGE_TEXT_BYTES:
        others = [name for name in schema.names if name != TEXT]
        options = {"use_dictionary": others, "write_statistics": others}
    content = 0
    with parquet_file(
        path, schema, use_content_defined_chunking=True, write_page_index=True, **options
    ) as out:
        for first in range(0, max(n, 1), rows):
            part = documents.part(first, min(first + rows, n)).select(schema.names).combine_chunks()
            use(part)
            table = part.cast(schema)
            content += int(content_hash(table), 16)
            out.write_table(table, row_group_size=rows)
    return RowGroups(path, n, int(documents.sizes.sum()), content % CONTENT_MODULUS)


@dataclass(frozen=True)
class ShardTask:
    """Join row groups into one shard: a picklable task."""

    path: Path
    row_groups: tuple[RowGroups, ...]


def write_shard(task: ShardTask) -> FileEntry:
    """Write one shard, and return its entry in the manifest."""
    with storage.new_file(task.path) as out:
        join_row_groups([part.path for part in task.row_groups], out)
    content = sum(part.content for part in task.row_groups)
    return FileEntry(
        bytes=task.path.stat().st_size,
        sha256=storage.sha256(task.path),
        rows=sum(part.rows for part in task.row_groups),
        content=f"{content % CONTENT_MODULUS:032x}",
    )
