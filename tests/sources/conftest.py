"""Write input files of every format, and read them back."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from corpus.sources import Chunk, File, Reject, Source, find_files, read, split_into_chunks
from corpus.sources.columns import extra as extra_columns
from corpus.sources.columns.surplus import OTHER_FIELD

WORDS = [
    "harbour",
    "copper",
    "ledger",
    "morning",
    "valley",
    "signal",
    "thread",
    "winter",
    "paper",
    "bridge",
]


def essay(i: int) -> str:
    """Return a different text for each number."""
    return " ".join(WORDS[(i * 7 + j * (i % 5 + 1)) % 10] for j in range(12)) + f" No. {i}."


def records(low: int, high: int) -> list[dict[str, Any]]:
    """Return records with ids, texts, titles and one extra column."""
    return [
        {"id": f"d{i}", "text": essay(i), "title": f"Title {i}", "section": WORDS[i % 10]}
        for i in range(low, high)
    ]


def jsonl(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the rows as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def zstd(data: bytes) -> bytes:
    """Return the data as one zstandard frame."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(data)
    return sink.getvalue().to_pybytes()


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".zst": zstd,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def parquet_bytes(rows: Sequence[Mapping[str, Any]] | pa.Table, **options: Any) -> bytes:
    """Return the rows as a Parquet file."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return sink.getvalue()


def arrow_bytes(rows: Sequence[Mapping[str, Any]] | pa.Table, size: int = 7) -> bytes:
    """Return the rows as an Arrow stream of record batches of `size` rows."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table, max_chunksize=size)
    return sink.getvalue().to_pybytes()


def warc_record(
    uri: str,
    body: bytes,
    *,
    type: str = "response",
    kind: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    headers: str = "",
) -> bytes:
    """Return one record of a WARC file."""
    outer = "application/http; msgtype=response"
    if type == "response":
        body = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{headers}\r\n".encode() + body
    else:
        outer = kind
    head = (
        f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Target-URI: {uri}\r\n"
        f"WARC-Date: 2023-05-22T10:00:00Z\r\nContent-Type: {outer}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


@dataclass
class Result:
    """The documents and rejects of some files."""

    documents: list[dict[str, Any]]
    rejects: list[Reject]
    schema: pa.Schema
    skipped: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The texts of the documents, in the order they were read."""
        return [row["text"] for row in self.documents]

    def column(self, name: str) -> list[Any]:
        """One column of the documents."""
        return [row[name] for row in self.documents]

    @property
    def reasons(self) -> list[tuple[int | None, str]]:
        """The record number and the reason of each reject."""
        return [(reject.record, reject.reason) for reject in self.rejects]


def read_chunks(chunks: Sequence[Chunk], source: Source) -> Result:
    """Read some chunks, and conform their documents to one schema."""
    batches, rejects = [], []
    skipped: dict[str, Counter[str]] = {}
    for chunk in chunks:
        for batch, more, some_skipped in read(chunk, source):
            batches.append(batch)
            rejects += more
            for name, counts in some_skipped.items():
                skipped.setdefault(name, Counter()).update(counts)
    joined = extra_columns.join_types([batch.schema for batch in batches])
    if any(OTHER_FIELD in batch.schema for batch in batches):
        joined = joined.append(OTHER_FIELD)
    rows = [row for batch in batches for row in extra_columns.conform(batch, joined).to_pylist()]
    return Result(rows, rejects, joined, skipped)


def read_all(path: Path | str, **settings: Any) -> Result:
    """Read everything that a path matches."""
    source = Source(path=str(path), **settings)
    files: list[File] = find_files(source, Path("/")).files
    return read_chunks(list(split_into_chunks(files, source)), source)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Return a function that writes a file in the test's folder and returns its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
