"""Write the ledgers of removed documents, of redactions and of rejected records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from corpus.documents import REJECTED
from corpus.pipeline.arrow_files import parquet_file
from corpus.sources import Reject


def join_ledger(path: Path, schema: pa.Schema, fragments: Sequence[Path]) -> int:
    """Join each partition's part of a ledger into one file; return the row count."""
    from pyarrow import ipc

    rows = 0
    with parquet_file(path, schema, write_page_index=True) as out:
        for fragment in fragments:
            table = ipc.open_file(pa.memory_map(str(fragment))).read_all()
            rows += table.num_rows
            if table.num_rows:
                out.write_table(table.combine_chunks())
    return rows


def write_rejected(path: Path, rejected: Sequence[Reject]) -> None:
    """Write the ledger of rejects, in the order of source, record and reason."""
    ordered = sorted(
        rejected, key=lambda r: (r.source, -1 if r.record is None else r.record, r.reason)
    )
    rows = [dict(zip(REJECTED.names, reject, strict=False)) for reject in ordered]
    with parquet_file(path, REJECTED) as out:
        out.write_table(pa.Table.from_pylist(rows, REJECTED))
