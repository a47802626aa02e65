"""The files of a partition that the last pass has written.

data/train.parquet        its documents of a destination, as row groups of a shard
data/test.arrow           its documents of a destination of which it has no whole row group
removed.arrow             its part of the ledger of removals
redacted.arrow            its part of the ledger of redactions
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from corpus.pipeline.arrow_files import arrow_file


def row_groups_file(folder: Path, destination: str) -> Path:
    """Return the file for the row groups of a destination."""
    return folder / "data" / f"{destination}.parquet"


def fragment_file(folder: Path, destination: str) -> Path:
    """Return the file for the documents that share a row group with those of other partitions."""
    return folder / "data" / f"{destination}.arrow"


def removed_file(folder: Path) -> Path:
    """Return the file for the partition's part of the ledger of removals."""
    return folder / "removed.arrow"


def redacted_file(folder: Path) -> Path:
    """Return the file for the partition's part of the ledger of redactions."""
    return folder / "redacted.arrow"


def write_fragment(path: Path, table: pa.Table) -> None:
    """Write a fragment."""
    with arrow_file(path, table.schema, compression="lz4") as out:
        out.write_table(table)


def read_fragment(path: Path) -> pa.Table:
    """Return a fragment, memory-mapped."""
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).read_all()
