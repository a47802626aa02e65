"""Read every shape of input damaged, empty, deep and large; report what is kept and the memory.

    python scripts/stress_reading.py [--megabytes 300] [--only TEXT] [--report REPORT.md]

Each case is a file, read in a process of its own. `documents` are those read of the whole ones in
the file, `rejects` what is named as unreadable. The memory is the peak of the process, of which
about 100 MB are Python, pyarrow and the modules.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import parquet

PROJECT = Path(__file__).parent.parent
DEPTH = 100_000
SMALL = 1000
"""Records in the damaged files."""

MAX_REASON_CHARACTERS = 90

MEASURE = r"""
import json, re, sys
from pathlib import Path
from corpus import sources
source = sources.Source(path=sys.argv[1])
documents, rejects = 0, []
try:
    found = sources.find_files(source, Path("/"))
    for chunk in sources.split_into_chunks(found.files, source):
        for batch, more, _ in sources.read(chunk, source):
            documents += batch.num_rows
            rejects += [reject.reason for reject in more]
except sources.InputError as error:
    rejects.append(str(error).replace(str(Path(sys.argv[1]).parent) + "/", ""))
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1000
print(json.dumps([documents, len(rejects), sorted(rejects)[:1], peak]))
""".replace("sources.InputError", "InputError").replace(
    "from corpus import sources", "from corpus import sources\nfrom corpus.errors import InputError"
)

Rows = Iterator[dict[str, str]]


def rows(text_bytes: int = 3000) -> Rows:
    """Yield articles without end."""
    for number in count():
        sentence = f"Wagon {number} of the night train carried “lamps”, rope and flour. "
        text = (sentence * (text_bytes // len(sentence) + 1))[:text_bytes]
        yield {"id": f"w{number}", "title": f"Wagon {number}", "text": text}


class Shape(NamedTuple):
    """How articles are written into a file."""

    name: str
    head: bytes
    record: Callable[[dict[str, str]], bytes]
    tail: bytes = b""
    deep: bytes = b""
    """A record, or a file, with 100,000 levels."""


def _json(row: dict[str, str], indent: int | None = None) -> bytes:
    return json.dumps(row, ensure_ascii=False, indent=indent).encode()


def _csv(row: dict[str, str], delimiter: str = ",") -> bytes:
    return delimiter.join(f'"{value}"' for value in row.values()).encode() + b"\n"


def _warc(row: dict[str, str], type: str = "response") -> bytes:
    page = f"<html><body><p>{row['text']}</p></body></html>".encode()
    if type == "response":
        content = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
        kind = "application/http; msgtype=response"
    else:
        content, kind = row["text"].encode(), "text/plain"
    head = (
        f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Target-URI: https://vale.example/{row['id']}\r\n"
        f"WARC-Date: 2019-04-15T08:30:00Z\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n\r\n"


def _wet(row: dict[str, str]) -> bytes:
    return _warc(row, "conversion")


def _item(row: dict[str, str]) -> bytes:
    return f"<item><title>{row['title']}</title><text>{row['text']}</text></item>\n".encode()


def _tei(row: dict[str, str]) -> bytes:
    title = f"<titleStmt><title>{row['title']}</title></titleStmt>"
    header = f"<teiHeader><fileDesc>{title}</fileDesc></teiHeader>"
    return f"<TEI>{header}<text><body><p>{row['text']}</p></body></text></TEI>\n".encode()


_DEEP_JSON = b'{"text": "deep", "x": ' + b"[" * DEPTH + b"]" * DEPTH + b"}"
_DEEP_HTML = b"<div>" * DEPTH + b"deep"
SHAPES = (
    Shape("lines.jsonl", b"", lambda row: _json(row) + b"\n", b"", _DEEP_JSON),
    Shape("list.json", b"[", lambda row: _json(row) + b",\n", b'{"text": "last"}]', _DEEP_JSON),
    Shape(
        "wrapper.json",
        b'{"n": 1, "data": [',
        lambda row: _json(row) + b",\n",
        b'{"text": "last"}]}',
        _DEEP_JSON,
    ),
    Shape("pretty.json", b"", lambda row: _json(row, 2) + b"\n", b"", _DEEP_JSON),
    Shape("side.json", b"", _json, b"", _DEEP_JSON),
    Shape("sequence.json", b"", lambda row: b"\x1e" + _json(row) + b"\n", b"", _DEEP_JSON),
    Shape("commas.csv", b"id,title,text\n", _csv, b"", b'"' * DEPTH),
    Shape(
        "semicolons.csv",
        b"sep=;\nid;title;text\n",
        lambda row: _csv(row, ";"),
        b"",
        b"," * DEPTH,
    ),
    Shape("tabs.tsv", b"id\ttitle\ttext\n", lambda row: _csv(row, "\t"), b"", b"\t" * DEPTH),
    Shape("items.xml", b"<items>", _item, b"</items>", b"<a>" * DEPTH),
    Shape("tei.xml", b"<teiCorpus>", _tei, b"</teiCorpus>", b"<p>" * DEPTH),
    Shape("crawl.warc", b"", _warc, b"", _warc({"id": "d", "text": _DEEP_HTML.decode()})),
    Shape("crawl.wet", b"", _wet, b"", _wet({"id": "d", "text": "<" * DEPTH})),
)


def shape_bytes(shape: Shape, size: int, *, text_bytes: int = 3000) -> bytes:
    """Return a file of a shape with at least `size` bytes."""
    parts, total = [shape.head], 0
    for row in rows(text_bytes):
        parts.append(shape.record(row))
        total += len(parts[-1])
        if total >= size:
            break
    return b"".join([*parts, shape.tail])


def n_records(shape: Shape, size: int) -> int:
    """Return the number of whole records in such a file."""
    return -(-size // len(shape.record(next(rows())))) + bool(shape.tail.startswith(b"{"))


def damaged_cases(shape: Shape) -> Iterator[tuple[str, bytes]]:
    """Yield what may be wrong with a file, and its bytes."""
    whole = shape_bytes(shape, 3000 * SMALL)
    middle = len(whole) // 2
    yield "truncated", whole[: middle + 7]
    yield "truncated, gzip", gzip.compress(whole, 1)[: len(gzip.compress(whole, 1)) // 2]
    yield "empty", b""
    yield "a bad byte", whole[:middle] + b"\xff" + whole[middle + 1 :]
    yield "a NUL byte", whole[:middle] + b"\0" + whole[middle + 1 :]
    yield "100,000 deep", shape_bytes(shape, 30_000) + b"\n" + shape.deep + b"\n"


def container_cases(megabytes: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield a name, a case, and the bytes of files that are not sequences of records."""
    for number_of_bytes, case in ((3_000_000, "whole"), (megabytes * 10**6, f"{megabytes} MB")):
        n = number_of_bytes // 3000
        table = pa.Table.from_pylist([row for row, _ in zip(rows(), range(n), strict=False)])
        out = io.BytesIO()
        parquet.write_table(table, out, compression="none")
        yield "table.parquet", case, out.getvalue()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1000)
        yield "table.arrow", case, sink.getvalue().to_pybytes()
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for row, _ in zip(rows(), range(n), strict=False):
                file.writestr(f"{row['id']}.html", f"<html><p>{row['text']}</p></html>")
        yield "pages.zip", case, archive.getvalue()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
            for row, _ in zip(rows(), range(n), strict=False):
                page = f"<html><p>{row['text']}</p></html>".encode()
                info = tarfile.TarInfo(f"{row['id']}.html")
                info.size = len(page)
                tar.addfile(info, io.BytesIO(page))
        yield "pages.tar.gz", case, archive.getvalue()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb.html", b"<p>" + b"a" * megabytes * 10**6)
        file.writestr("page.html", "<p>A page beside it.</p>")
    yield "bomb.zip", f"{megabytes} MB of one letter", archive.getvalue()


def cases(megabytes: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield a name, a case and the bytes of every file."""
    for shape in SHAPES:
        yield shape.name, "whole", shape_bytes(shape, 3000 * SMALL)
        for case, data in damaged_cases(shape):
            yield shape.name + (".gz" if case.endswith("gzip") else ""), case, data
        yield shape.name, f"{megabytes} MB", shape_bytes(shape, megabytes * 10**6)
        one = shape_bytes(shape, 1, text_bytes=megabytes * 10**6)
        yield shape.name, f"a record of {megabytes} MB", shape.head + one[len(shape.head) :]
    yield from container_cases(megabytes)


def measure(path: Path) -> tuple[int, int, list[str], float]:
    """Return documents, rejects, a reason and the peak memory in MB of reading a file."""
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        cwd=PROJECT,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        error = (result.stderr.strip().splitlines() or ["no message"])[-1]
        return 0, 0, [f"FAILED ({result.returncode}): {error}"], 0.0
    documents, rejects, reasons, peak = json.loads(result.stdout)
    return documents, rejects, reasons, peak


def main() -> None:
    """Print the table, and write it if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--only", default="", help="only files whose name contains this")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    lines = [
        "| file | case | documents | rejects | the first reason | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    with tempfile.TemporaryDirectory() as folder:
        for name, case, data in cases(options.megabytes):
            if options.only not in name:
                continue
            path = Path(folder) / name
            path.write_bytes(data)
            documents, rejects, reasons, peak = measure(path)
            reason = " ".join(reasons)[:MAX_REASON_CHARACTERS].replace("|", "\\|")
            line = f"| {name} | {case} | {documents:,} | {rejects:,} | {reason} | {peak:,.0f} |"
            lines.append(line)
            print(line, flush=True)
            path.unlink()
    if options.report:
        title = "# Reading under stress\n\nWritten by `scripts/stress_reading.py`.\n\n"
        options.report.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
