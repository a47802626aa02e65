"""Measure the memory that each process of a build needs, and write the tables of `docs/memory.md`.

    python scripts/measure_memory.py [--documents 100000 400000 1600000] [--records]
        [--folder SCRATCH] [--write]

- *Per document*: corpora of short, distinct texts are built (`deduplicate` and `split`, one
  worker, shards of 32 MB). The slope is the growth between the two largest corpora, in bytes per
  document.
- *Single records* (`--records`): a file of each format has one record of 200 MB.

Anonymous memory (`RssAnon`) is what a process has allocated. Memory of mapped files (`RssFile`,
`RssShmem`) is counted apart: the system can take it back at any time. Every process is looked at
100 times a second, so a peak that lasts less than that may be missed; `VmHWM`, the kernel's own
peak of both kinds together, is not. With `--write`, the tables between the marks in the page are
replaced; what people wrote around them is not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
REPORT = PROJECT / "docs" / "memory.md"
SECONDS_BETWEEN_LOOKS = 0.01
MEGABYTE = 1_000_000
FIELDS = ("RssAnon", "RssFile", "RssShmem", "VmHWM")

STAGES = {
    "compare": "[{stage: deduplicate}, {stage: split, test: 0.02}]",
    "clean": "[{stage: clean}]",
}


BEGIN, END = "<!-- {} -->", "<!-- end of {} -->"
"""Around a part of the page that this script writes; the rest is written by people."""


class Memory(NamedTuple):
    """The peaks of one role (parent, fork server or worker) in one phase, in bytes."""

    anonymous: int = 0
    mapped: int = 0
    together: int = 0
    """The highest `VmHWM` seen, which includes earlier phases of the same process."""

    def highest(self, other: Memory) -> Memory:
        """Return the higher of each peak."""
        return Memory(*map(max, self, other))


class Run(NamedTuple):
    """A finished build."""

    exit_code: int
    seconds: float
    """Processor time of all its processes."""

    peaks: dict[tuple[str, str], Memory]
    """By phase and role."""

    output: str


def measure_build(folder: Path, source: str, stages: str) -> Run:
    """Build a corpus of the file `source` in `folder` with one worker, and watch its processes."""
    config = folder / "memory.yaml"
    content = "" if stages == "clean" else ", content: text"
    config.write_text(
        f"name: memory\nsources: [{{path: '{source}'{content}}}]\n"
        f"stages: {STAGES[stages]}\noutput: {{path: build, shard_size: 32MB}}\n"
        "on_error: 1.0\n"
    )
    command = [sys.executable, "-m", "corpus", "build", str(config), "--jobs", "1"]
    before = os.times()
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as build:
        phases = _Phases(build.stderr)
        peaks: dict[tuple[int, str], Memory] = defaultdict(Memory)
        while build.poll() is None:
            phase = phases.number
            for role, memory in processes(build.pid):
                peaks[phase, role] = peaks[phase, role].highest(memory)
            time.sleep(SECONDS_BETWEEN_LOOKS)
        output = build.stdout.read() if build.stdout else ""
        lines = phases.finished()
    after = os.times()
    seconds = sum(after[2:4]) - sum(before[2:4])
    named = {(phases.name(phase), role): memory for (phase, role), memory in peaks.items()}
    return Run(build.returncode, seconds, named, output + "".join(lines))


class _Phases:
    """The phases of a build, from the lines that it prints at the end of each."""

    def __init__(self, stderr: Iterable[str] | None) -> None:
        self.lines: list[str] = []
        self._ends: list[str] = []
        self._reader = threading.Thread(target=self._read, args=[stderr])
        self._reader.start()

    @property
    def number(self) -> int:
        """How many phases have ended."""
        return len(self._ends)

    def name(self, number: int) -> str:
        """Return the name of a phase: the first words of its line."""
        return [*self._ends, "publish"][min(number, len(self._ends))]

    def finished(self) -> list[str]:
        """Return all lines, when there are no more."""
        self._reader.join()
        return self.lines

    def _read(self, stderr: Iterable[str] | None) -> None:
        for line in stderr or ():
            self.lines.append(line)
            if " in " in line and ":" in line:  # not one of the lines while a phase runs
                self._ends.append(line.partition(":")[0])


def processes(parent: int) -> Iterator[tuple[str, Memory]]:
    """Yield role and memory of each process of a build that runs now."""
    yield from _memory_of(parent, "parent")
    for child in children(parent):
        yield from _memory_of(child, "fork server")
        for worker in children(child):
            yield from _memory_of(worker, "worker")


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that run now."""
    with contextlib.suppress(OSError):
        return [
            int(child)
            for path in Path(f"/proc/{process}/task").glob("*/children")
            for child in path.read_text().split()
        ]
    return []


def _memory_of(process: int, role: str) -> Iterator[tuple[str, Memory]]:
    sizes = dict.fromkeys(FIELDS, 0)
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in sizes:
                sizes[name] = int(value.split()[0]) << 10
        anonymous, mapped, shared, peak = sizes.values()
        yield role, Memory(anonymous, mapped + shared, peak)


# corpora of many documents


def write_documents(path: Path, count: int) -> None:
    """Write a JSONL file of distinct texts of 12 random words."""
    import numpy as np

    with path.open("w") as out:
        for first in range(0, count, 10_000):
            words = np.random.default_rng(first).integers(1 << 28, 1 << 32, (10_000, 12))
            for number, row in enumerate(words[: count - first].tolist(), first):
                text = " ".join(f"{word:x}" for word in row)
                out.write(f'{{"id": "{number}", "text": "{text}"}}\n')


def measure_documents(scratch: Path, counts: list[int]) -> list[str]:
    """Return the rows of the table of memory per document, most in use first."""
    runs = []
    for count in sorted(counts):
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            write_documents(Path(folder, "documents.jsonl"), count)
            run = measure_build(Path(folder), "documents.jsonl", "compare")
            print(f"{count:,} documents: exit {run.exit_code}, {run.seconds:.0f} s", flush=True)
            if run.exit_code:
                raise SystemExit(run.output)
            runs.append((count, run))
    (fewer, small), (more, large) = runs[-2:]
    rows = [
        "| phase | process | "
        + " | ".join(f"{count:,}" for count, _ in runs)
        + " | anonymous, bytes per document | mapped, bytes per document |",
        "|---|---|" + "--:|" * (len(runs) + 2),
    ]
    for key, memory in large.peaks.items():
        if key[1] == "fork server" or key not in small.peaks:
            continue
        slopes = [
            (after - before) / (more - fewer)
            for before, after in zip(small.peaks[key][:2], memory[:2], strict=True)
        ]
        sizes = [run.peaks.get(key, Memory()) for _, run in runs]
        rows.append(
            f"| {key[0]} | {key[1]} | "
            + " | ".join(f"{_megabytes(m.anonymous)} + {_megabytes(m.mapped)}" for m in sizes)
            + f" | {slopes[0]:.0f} | {slopes[1]:.0f} |"
        )
    seconds = ", ".join(f"{run.seconds:.0f} s for {count:,}" for count, run in runs)
    return [*rows, "", f"Processor time of the whole builds: {seconds}."]


# single records


def _repeated(start: bytes, middle: bytes, end: bytes, size: int) -> Iterator[bytes]:
    """Yield `size` bytes of text between a start and an end, a piece at a time."""
    piece = middle * (MEGABYTE // len(middle))
    yield start
    for _ in range(size // len(piece)):
        yield piece
    yield end


WORDS = b"One sentence of eight words repeats many times. "
LONG_LINE = WORDS * 1000 + b"\n"
GOOD = b'{"text": "A good document beside the large one."}'


def _parquet(path: Path, size: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = (WORDS * (size // len(WORDS))).decode()
    pq.write_table(pa.table({"text": pa.array(["A good document.", text])}), path)


def _warc(size: int) -> Iterator[bytes]:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>"
    body = size // MEGABYTE * (MEGABYTE // len(WORDS)) * len(WORDS)
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\n"
        b"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: "
    )
    return _repeated(head + b"%d\r\n\r\n" % (len(http) + body) + http, WORDS, b"\r\n\r\n", size)


class LargeRecord(NamedTuple):
    """A file with one large record."""

    file: str
    what: str
    stages: str
    write: Callable[[int], Iterator[bytes]] | None
    """Returns its bytes, given the size of the record; None for Parquet."""

    size: int = 200 * MEGABYTE


RECORDS = (
    LargeRecord("line.jsonl", "a line of JSON", "compare",
        lambda n: _repeated(GOOD + b'\n{"text": "', WORDS, b'"}\n' + GOOD + b"\n", n)),
    LargeRecord("escapes.jsonl", "a line of JSON with escapes", "compare",
        lambda n: _repeated(GOOD + b'\n{"text": "', rb"\u00e4\u00f6\n words ", b'"}\n', n)),
    LargeRecord("list.json", "a record in a JSON list", "compare",
        lambda n: _repeated(b"[" + GOOD + b',{"text": "', WORDS, b'"}]\n', n)),
    LargeRecord("text.txt", "a text file", "compare", lambda n: _repeated(b"", WORDS, b"\n", n)),
    LargeRecord("latin.txt", "a text file in Latin-1", "compare",
        lambda n: _repeated(b"", "Über große Flüsse. ".encode("latin-1"), b"\n", n)),
    LargeRecord("page.html", "an HTML page", "clean",
        lambda n: _repeated(b"<html><body><p>", WORDS + b"<p>", b"</body></html>", n)),
    LargeRecord("quote.csv", "an unclosed quote in CSV", "compare",
        lambda n: _repeated(b'text,id\ngood,1\n"', LONG_LINE, b"", n), 500 * MEGABYTE),
    LargeRecord("cell.csv", "a cell of CSV", "compare",
        lambda n: _repeated(b'text,id\ngood,1\n"', WORDS, b'",2\n', n)),
    LargeRecord("record.warc", "a WARC record", "clean", _warc),
    LargeRecord("cell.parquet", "a cell of Parquet", "compare", None),
)  # fmt: skip


def measure_records(scratch: Path, only: str) -> list[str]:
    """Return the rows of the table of single records."""
    rows = [
        "| file | record | worker | parent | exit | documents and rejects |",
        "|---|---|--:|--:|--:|---|",
    ]
    for record in RECORDS:
        if only not in record.file:
            continue
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            path = Path(folder, record.file)
            if record.write is None:
                _parquet(path, record.size)
            else:
                with path.open("wb") as out:
                    out.writelines(record.write(record.size))
            run = measure_build(Path(folder), record.file, record.stages)
        peaks: dict[str, Memory] = defaultdict(Memory)
        for (_, role), memory in run.peaks.items():
            peaks[role] = peaks[role].highest(memory)
        rows.append(
            f"| `{record.file}` | {record.what}, {record.size // MEGABYTE} MB | "
            f"{_megabytes(peaks['worker'].anonymous)} | {_megabytes(peaks['parent'].anonymous)} | "
            f"{run.exit_code} | {_outcome(run.output)} |"
        )
        print(rows[-1], f"{run.seconds:.0f} s", flush=True)
    return rows


def _outcome(output: str) -> str:
    """Return the counts of a build's summary, or the message why there is none."""
    counts = [
        " ".join(line.split()[:2])
        for line in output.splitlines()
        if line.split()[:1] and line.split()[0] in ("read", "train", "test", "removed", "rejected")
    ]
    counts = [count for count in counts if "/" not in count]
    return ", ".join(counts) or output.strip().splitlines()[-1][:120]


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"


def measured(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Return the lines of each part that was measured, by its name."""
    parts = {}
    if arguments.documents:
        parts["documents"] = measure_documents(arguments.folder, arguments.documents)
    if arguments.records:
        parts["records"] = measure_records(arguments.folder, arguments.only)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pyarrow", "numpy", "numba"))
    how = (
        f"Measured on {time.strftime('%d %B %Y')} with Python {platform.python_version()}, "
        f"{libraries}, on {platform.system()} ({platform.machine()}), "
        f"load {os.getloadavg()[2]:.0f}."
    )
    return {name: [how, "", *lines] for name, lines in parts.items()}


def replaced(page: str, name: str, lines: list[str]) -> str:
    """Return the page with these lines as the part of this name; raises ValueError without it."""
    begin, end = BEGIN.format(name), END.format(name)
    before, _, rest = page.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"{REPORT}: no lines {begin} and {end}; add them around the table")
    return "\n".join([before + begin, "", *lines, "", end + after])


def main() -> None:
    """Measure, print the tables, and write them into the page if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="*", default=[100_000, 400_000, 1_600_000])
    parser.add_argument("--records", action="store_true")
    parser.add_argument("--only", default="", help="only records whose file has this in its name")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    page = REPORT.read_text(encoding="utf-8")
    for name, lines in measured(arguments).items():
        print("\n".join(lines))
        page = replaced(page, name, lines)
    if arguments.write:
        REPORT.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
