"""Build from damaged files of every format and compression: good ones are kept, bad ones named.

A damaged file lies between two good ones. With a large error budget, the build has all documents of
the good files; and if it does not have all of the damaged one, then the ledger of rejects, the
skipped files or the message name it. With an error budget of zero, a build with rejects exits with
3, and its message names the file.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import stress_reading

from corpus.builds.reader import load_manifest
from reliability.builds import articles, build_here, lines, outcome_in_child
from reliability.figure import Effort, Figure, spread

NAME = "damaged-input cases"
TARGET = "all: good documents kept, bad ones named, right exit code"
GOOD = 40
"""Documents of each good file."""
RECORDS = 30
"""Records of a damaged file, before the damage."""
TEXT_BYTES = 600
CONFIG = """\
name: damaged
sources: [{path: in, content: text}]
stages: [{stage: split, test: 0.1}]
output: {path: work/damaged}
"""
_NUMBER = re.compile(r"Wagon (\d+) of the night train")


class Damage(NamedTuple):
    """A damaged file."""

    file: str
    what: str
    data: bytes


def whole(shape: stress_reading.Shape) -> bytes:
    """Return a file of a shape with whole records."""
    rows = stress_reading.rows(TEXT_BYTES)
    records = [shape.record(row) for row, _ in zip(rows, range(RECORDS), strict=False)]
    return b"".join([shape.head, *records, shape.tail])


def damages(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what may happen to the bytes of any file."""
    middle = len(data) // 2
    noise = random.Random("noise").randbytes(3000)  # noqa: S311  (no secret)
    yield "cut off", data[: middle + 7]
    yield "cut off at a fifth", data[: len(data) // 5]
    yield "the beginning lost", data[middle + 70 :]
    yield "a bad byte", data[:middle] + b"\xff" + data[middle + 1 :]
    yield "a NUL byte", data[:middle] + b"\0" + data[middle + 1 :]
    yield "3 kB of noise inside", data[:middle] + noise + data[middle:]
    yield "zeros from the middle on", data[:middle] + bytes(len(data) - middle)
    yield "noise after the end", data + noise
    yield "empty", b""


def compressions() -> dict[str, Callable[[bytes], bytes]]:
    """Return the functions that compress, by file extension."""
    return {
        "gz": lambda data: gzip.compress(data, 6, mtime=0),
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda data: pa.compress(data, "zstd", asbytes=True),
    }


def containers() -> Iterator[tuple[str, bytes]]:
    """Yield files that are not sequences of records."""
    rows = [row for row, _ in zip(stress_reading.rows(TEXT_BYTES), range(RECORDS), strict=False)]
    table = pa.Table.from_pylist(rows)
    out = io.BytesIO()
    pq.write_table(table, out, compression="none", row_group_size=10)
    yield "table.parquet", out.getvalue()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=10)
    yield "table.arrow", sink.getvalue().to_pybytes()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for row in rows:
            file.writestr(f"{row['id']}.txt", row["text"])
    yield "pages.zip", out.getvalue()


def cases() -> list[Damage]:
    """Return every damaged file."""
    found = []
    for shape in stress_reading.SHAPES:
        data = whole(shape)
        deep = ("100,000 deep", data + b"\n" + shape.deep + b"\n")
        found += [Damage(shape.name, what, bytes_) for what, bytes_ in (*damages(data), deep)]
    plain = whole(stress_reading.SHAPES[0])
    for extension, compress in compressions().items():
        name = f"lines.jsonl.{extension}"
        found += [Damage(name, what, damaged) for what, damaged in damages(compress(plain))]
        found.append(Damage(name, "not compressed", plain))
    for name, data in containers():
        found += [Damage(name, what, damaged) for what, damaged in damages(data)]
    return found


def kept_documents(build: Path, file: str) -> tuple[int, int]:
    """Return the numbers of documents of the good files, and of the damaged file.

    Of the latter, an intact text counts once, however often the file has it. An altered one counts
    as well: where a format has no checksum, nobody can know that a letter was another one.
    """
    good, altered, numbers = 0, 0, set()
    texts = {int(row["id"][1:]): row["text"] for row in _originals()}
    for shard in sorted((build / "data").rglob("*.parquet")):
        for row in pq.read_table(shard, columns=["source", "text"]).to_pylist():
            if row["source"].partition("::")[0].rpartition("/")[2] != file and (
                row["source"] in ("1.jsonl", "9.jsonl")
            ):
                good += 1
            elif (number := _NUMBER.search(row["text"])) and (
                texts.get(int(number[1])) in row["text"]
            ):
                numbers.add(int(number[1]))
            else:
                altered += 1
    return good, len(numbers) + altered


def _originals() -> list[dict[str, Any]]:
    rows = stress_reading.rows(TEXT_BYTES)
    return [
        row | {"text": row["text"].strip()} for row, _ in zip(rows, range(RECORDS), strict=False)
    ]


def is_named(manifest: dict[str, Any], file: str) -> bool:
    """Return whether a manifest counts skipped records of a file, or lists it as not read."""
    inputs = [entry for entry in manifest["inputs"] if file in entry["source"]]
    others = {key: value for key, value in manifest.items() if key not in ("inputs", "config")}
    return any(entry.get("skipped") for entry in inputs) or file in json.dumps(others)


def judge(folder: Path, case: Damage) -> str:
    """Build with a damaged file; return what is wrong; empty if nothing is."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "1.jsonl").write_bytes(lines(articles(1000, 1000 + GOOD, sentences=2)))
    (folder / "in" / "9.jsonl").write_bytes(lines(articles(2000, 2000 + GOOD, sentences=2)))
    (folder / "in" / case.file).write_bytes(case.data)
    config = folder / "damaged.yaml"
    config.write_text(CONFIG)
    message = folder.with_name("message")
    code, why = outcome_in_child(lambda: build_here(config, "on_error=0.99"), message)
    if code == 3:
        return "" if case.file in why else f"exit 3 without the name of the file: {why}"
    if code:
        return f"exit {code}: {why}"
    build = folder / "work" / "damaged"
    good, kept = kept_documents(build, case.file)
    if good != 2 * GOOD:
        return f"{2 * GOOD - good} documents of good files are missing"
    rejects, removed = (
        [row["source"] for row in pq.read_table(path).to_pylist() if case.file in row["source"]]
        for path in (build / "ledger" / "rejected.parquet", build / "ledger" / "removed.parquet")
    )
    named = bool(rejects or removed) or is_named(load_manifest(build).to_json(), case.file)
    if kept < RECORDS and not named and case.what != "empty":
        return f"{kept} of {RECORDS} documents are kept, and nothing names the file"
    if rejects:
        code, why = outcome_in_child(lambda: build_here(config, "on_error=0", force=True), message)
        if code != 3 or case.file not in why:
            return f"with an error budget of 0: exit {code}: {why}"
    return ""


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of all damaged files."""
    every = cases()
    chosen = [every[i - 1] for i in spread(len(every), effort.choose(quick=12, full=len(every)))]
    faults = [(case, judge(effort.scratch / "case", case)) for case in chosen]
    wrong = [f"{case.file}, {case.what}: {fault}" for case, fault in faults if fault]
    measured = f"{len(chosen) - len(wrong)} of {len(chosen)}"
    return [Figure(NAME, TARGET, measured, not wrong, tuple(wrong))]
