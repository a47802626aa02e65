"""Parquet shards that `datasets` loads as they are: their columns, and how one is written.

The bytes of a shard depend on its documents alone: row groups are cut from one table, never by the
batches that came in.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.documents import DOCUMENT, ID, RESERVED, SPLIT, TEXT, content_hash
from corpus.pipeline.sorted_runs import Piece
from corpus.stages.base import Stage

ROW_GROUP_BYTES = 32 << 20


def schema_of(
    pieces: Sequence[Piece], stages: Sequence[Stage], kept: set[str]
) -> tuple[pa.Schema, pa.Schema]:
    """Return the columns of the shards, and those that `extras.conform` brings into one type.

    Ours come first, in their order, then the sources' own by name. Those not in `kept` are all
    null, and left out.
    """
    from corpus.sources.extra_columns import join_types

    joined = join_types([_schema(piece) for piece in pieces])
    added = [field for stage in stages for field in stage.adds if field.name != SPLIT]
    ours = {field.name: field for field in [*DOCUMENT, *added]}
    others = pa.schema(
        [ours.get(field.name, field) for field in joined if field.name not in RESERVED]
    )
    every = [*ours.values(), *(field for field in others if field.name not in ours)]
    plain = [_plain(field) for field in every if field.name in kept or field.name in (ID, TEXT)]
    features = {field.name: _feature(field.type) for field in plain}
    info = json.dumps({"info": {"features": features}})
    return pa.schema(plain, metadata={"huggingface": info}), others


def _schema(piece: Piece) -> pa.Schema:
    from pyarrow import ipc

    with pa.memory_map(str(piece.folder / "documents.arrow")) as source:
        return ipc.open_file(source).schema


def _plain(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string() if field.type == pa.large_string() else field.type)


def _feature(type: pa.DataType) -> dict[str, Any]:
    """Return the `datasets` feature of an Arrow type."""
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return {"feature": _feature(type.value_type), "_type": "List"}
    if pa.types.is_timestamp(type):
        zone = f", tz={type.tz}" if type.tz else ""
        return {"dtype": f"timestamp[{type.unit}{zone}]", "_type": "Value"}
    return {
        "dtype": {"double": "float64", "float": "float32"}.get(str(type), str(type)),
        "_type": "Value",
    }


def write_shard(
    path: Path, rows: pa.Table, schema: pa.Schema, split: str
) -> tuple[dict[str, Any], Any]:
    """Write one shard and return what the manifest says of it, and the statistics of its documents.

    Row groups are cut from the one table: the bytes depend on the documents alone.
    """
    import pyarrow.parquet as pq

    from corpus.auditing.measure.counting import measure

    rows = rows.combine_chunks()
    statistics = measure(rows, split=split)
    size = pc.sum(pc.binary_length(rows.column(TEXT))).as_py() or 1
    table = rows.select(schema.names).cast(schema)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=max(1, min(rows.num_rows, rows.num_rows * ROW_GROUP_BYTES // size)),
        use_content_defined_chunking=True,
        write_page_index=True,
    )
    info = {
        "bytes": path.stat().st_size,
        "sha256": storage.sha256(path),
        "rows": rows.num_rows,
        "content": content_hash(table),
    }
    return info, statistics
