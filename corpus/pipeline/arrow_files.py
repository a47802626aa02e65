"""Write Arrow and Parquet files. Like every other file of a build, `corpus.storage` opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from corpus import storage

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import ipc


@contextmanager
def arrow_file(
    path: Path, schema: pa.Schema, *, compression: Literal["lz4"] | None = None
) -> Iterator[ipc.RecordBatchFileWriter]:
    """Yield the writer of a new Arrow file, which is complete when the block ends."""
    from pyarrow import ipc

    options = ipc.IpcWriteOptions(compression=compression)
    with storage.new_file(path) as file, ipc.new_file(file, schema, options=options) as out:
        yield out


def arrow_stream(batch: pa.RecordBatch | pa.Table) -> pa.Buffer:
    """Return the rows as an Arrow stream in memory, dictionaries included."""
    import pyarrow as pa
    from pyarrow import ipc

    stream = pa.BufferOutputStream()
    with ipc.new_stream(stream, batch.schema) as out:
        out.write(batch)
    return stream.getvalue()


@contextmanager
def parquet_file(path: Path, schema: pa.Schema, **options: Any) -> Iterator[pq.ParquetWriter]:
    """Yield the writer of a new Parquet file (zstd), which is complete when the block ends."""
    import pyarrow.parquet as pq

    with (
        storage.new_file(path) as file,
        pq.ParquetWriter(file, schema, compression="zstd", **options) as out,
    ):
        yield out
