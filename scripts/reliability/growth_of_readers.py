"""Read repetitive files: CPU time grows with their size, in every format.

Each file is read in a process of its own, at one size and at four times that size.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import stress_reading
from pyarrow import ipc, parquet

from reliability.builds import PROJECT
from reliability.figure import Effort
from reliability.growth import MAX_RATIO, SIZE_RATIO, TRIES, Growth

MIN_SECONDS = 0.3
"""CPU seconds below which a case is not judged: it is noise."""
MAX_SECONDS = 300
"""CPU seconds after which a reader is aborted."""

REPETITIVE: dict[str, Callable[[int], bytes]] = {
    "quotes.csv": lambda n: b"a,b\n" + b'x,"""\n' * (n // 6),
    "open-quotes.csv": lambda n: b"text\n" + b'"a\n' * (n // 3),
    "commas.csv": lambda n: b"," * n,
    "names.csv": lambda n: b"text," * (n // 5) + b"text\n" + b"x," * (n // 5) + b"x\n",
    "lines.csv": lambda n: b"\n" * n,
    "semicolons.csv": lambda n: b"a;b,c\td|e\n" * (n // 10),
    "tabs.tsv": lambda n: b"text\tid\n" + b'"\t"\n' * (n // 4),
    "brackets.json": lambda n: b"[" * n,
    "braces.json": lambda n: b'{"a":' * (n // 5),
    "backslashes.json": lambda n: b'{"text": "' + b"\\" * n,
    "objects.json": lambda n: b'{"text": "a"}' * (n // 13),
    "damaged.jsonl": lambda n: b'{"text": "a\n' * (n // 12),
    "keys.jsonl": lambda n: (
        b'{"text": "a", ' + b", ".join(b'"k%d": 1' % i for i in range(n // 12)) + b"}\n"
    ),
    "tags.xml": lambda n: b"<a>" * (n // 3),
    "ampersands.xml": lambda n: b"<a>" + b"&" * n + b"</a>",
    "entities.xml": lambda n: b"<item><text>" + b"&lt;" * (n // 4) + b"</text></item>",
    "items.xml": lambda n: b"<items>" + b"<item/>" * (n // 7) + b"</items>",
    "heads.warc": lambda n: b"WARC/1.0\r\n" * (n // 10),
    "fields.warc": lambda n: b"WARC/1.0\r\n" + b"a: b\r\n" * (n // 6),
    "letters.txt": lambda n: b"a" * n,
    "bytes.txt": lambda n: b"\xff\xfe\x80" * (n // 3),
    "tags.html": lambda n: b"<div>" * (n // 5),
    "escapes.csv": lambda n: b'id,text\na,"b \\" c"\n' + b'x,"a\\\n' * (n // 6),
    "wide.csv": lambda n: b"text" + b",x" * (n // 4) + b"\na" + b",1" * (n // 4) + b"\n",
    "carriage.csv": lambda n: b"id,text\r" + b'x","""\r' * (n // 7),
    "different.jsonl": lambda n: b"".join(
        b'{"text":"a",' + b",".join(b'"k%d_%d":1' % (i, j) for j in range(100)) + b"}\n"
        for i in range(n // 1100)
    ),
    "open.json": lambda n: b'[{"text":"a"},' + b'{"' * (n // 2),
    "strings.json": lambda n: b'{"text":"a","x":"' + b'\\"' * (n // 2),
    "quotes.json": lambda n: b'[{"text":"a"}' + b'"\n' * (n // 2),
    "pretty.json": lambda n: b"{\n" * (n // 2),
    "separators.json": lambda n: b'{"text":"a"}' + b"},\n" * (n // 3),
    "names.jsonl": lambda n: b'{"text":"a"} {' * (n // 14),
    "attributes.xml": lambda n: b"<a" + b"".join(b" b%d='1'" % i for i in range(n // 9)) + b">",
    "fields.xml": lambda n: (
        b"<a>" + b"".join(b"<f%d>1</f%d>" % (i, i) for i in range(n // 16)) + b"</a>"
    ),
    "lengths.warc": lambda n: (
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999\r\n\r\nx\r\n\r\n" * (n // 66)
    ),
    "blank.warc": lambda n: b"WARC/1.0\r\n" + b"\r" * n,
    "http.warc": lambda n: _warc(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n " * (n // 6) + b"\r\n\r\n<p>a"),
    "chunked.warc": lambda n: _warc(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\na\r\n" * (n // 6)
    ),
    "comments.html": lambda n: b"<!--" * (n // 4),
    "prologue.html": lambda n: b"<?xml " * (n // 6),
    "meta.html": lambda n: b"<meta " * (n // 6),
    "lines.txt": lambda n: b"a:\n" * (n // 3),
    "escapes.txt": lambda n: b"\x1b$B" * (n // 3),
    "latin.txt": lambda n: b"<\xe9 " * (n // 3),
    "rows.parquet": lambda n: _parquet([{"id": f"a{i}", "text": "a"} for i in range(n // 20)], 1),
    "columns.parquet": lambda n: _parquet([{"text": "a"} | {f"k{i}": 1 for i in range(n // 300)}]),
    "rows.arrow": lambda n: _arrow([{"id": f"a{i}", "text": "a"} for i in range(n // 20)]),
    "members.zip": lambda n: _zip({f"{i}.txt": "a" for i in range(n // 100)}),
    "folders.zip": lambda n: _zip({f"{'a/' * 99}{i}.txt": "a" for i in range(n // 500)}),
    "members.tar": lambda n: _tar({f"{i}.txt": b"a" for i in range(n // 1024)}),
}
"""Files of about `n` bytes."""


def _warc(body: bytes) -> bytes:
    """Return a WARC file of one response."""
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
        b"WARC-Date: 2020-01-01T00:00:00Z\r\nContent-Type: application/http\r\n"
    )
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"


def _parquet(rows: list[dict[str, Any]], row_group: int | None = None) -> bytes:
    """Return a Parquet file, with one group of rows or of `row_group` rows each."""
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), out, row_group_size=row_group)
    return out.getvalue()


def _arrow(rows: list[dict[str, Any]]) -> bytes:
    """Return an Arrow file with one batch for each row."""
    out, table = io.BytesIO(), pa.Table.from_pylist(rows)
    with ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table, max_chunksize=1)
    return out.getvalue()


def _zip(files: dict[str, str]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    """Return a TAR archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def seconds_to_read(path: Path) -> tuple[float, str]:
    """Read a file in a process of its own; return its CPU seconds and what went wrong."""
    call = [sys.executable, "-c", stress_reading.MEASURE, str(path)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            call,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            preexec_fn=_limit,  # noqa: PLW1509
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    fault = f"exit {process.returncode}: {' '.join(said)[:200]}" if process.returncode else ""
    return usage.ru_utime + usage.ru_stime, fault


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))


def growth_of_readers(effort: Effort, size: int, largest: int) -> Iterator[Growth]:
    """Yield the growth of each repetitive file.

    The file grows up to `largest` bytes until its time can be judged.
    """
    start, _ = seconds_to_read(_written(effort.scratch / "one.jsonl", b'{"text": "a"}\n'))

    def seconds(name: str, size: int) -> tuple[float, str]:
        seen, fault = seconds_to_read(_written(effort.scratch / name, REPETITIVE[name](size)))
        return seen - start, fault

    for name in REPETITIVE:
        own_size = size
        small, fault = seconds(name, own_size)
        while small < MIN_SECONDS and own_size * SIZE_RATIO <= largest and not fault:
            own_size *= SIZE_RATIO
            small, fault = seconds(name, own_size)
        ratio = float("inf")
        for _ in range(TRIES):
            if ratio < MAX_RATIO or fault:
                break
            large, fault = seconds(name, SIZE_RATIO * own_size)
            ratio = min(ratio, _ratio(small, large))
            small = max(small, seconds(name, own_size)[0]) if ratio >= MAX_RATIO else small
        yield Growth(name, ratio if ratio < float("inf") else 0.0, fault)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _ratio(small: float, large: float) -> float:
    return large / max(small, MIN_SECONDS) if large > MIN_SECONDS else 0.0
