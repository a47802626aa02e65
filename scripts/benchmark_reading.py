"""Measure the speed of reading JSONL, Parquet and WARC beside an older commit, in one run.

    python scripts/benchmark_reading.py [--before COMMIT] [--megabytes 40] [--times 5]

The texts are random words. Each measurement is a process of its own that hashes the files of a
folder, splits them into chunks and reads them all, twice; the CPU time of the second time counts.
The two versions take turns. What is printed is the median, as megabytes of the files per second.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

BEFORE = "c95ba3c"
"""The last commit before lines of JSON were read by columns."""

ROWS_PER_WARC = 1000

PROJECT = Path(__file__).parent.parent

MEASURE = """
import sys, time
from pathlib import Path
from corpus import sources
from corpus.progress import silent
from corpus.sources.files.inputs import find_inputs, hash_inputs
source = sources.Source(path=sys.argv[1])
def read_all():
    inputs, rows = hash_inputs(find_inputs([source], Path("/")).inputs, silent()), 0
    for chunk in sources.split_into_chunks([item.file for item in inputs], source):
        for batch in sources.read(chunk, source):
            rows += batch[0].num_rows
            assert not batch[1], batch[1][0]
    return rows
read_all() if len(sys.argv) > 2 else None
start = time.process_time()
rows = read_all()
print(time.process_time() - start, rows)
"""


def records(megabytes: float) -> Iterator[dict[str, str]]:
    """Yield articles of about 3 kB, until they have the given size."""
    random_numbers = random.Random(7)  # noqa: S311  (no secret)
    letters = "abcdefghijklmnoprstuvwz"
    words = [
        "".join(random_numbers.choices(letters, k=random_numbers.randint(2, 9)))
        for _ in range(5000)
    ]
    size, number = 0, 0
    while size < megabytes * 1e6:
        text = "\n".join(
            " ".join(random_numbers.choices(words, k=random_numbers.randint(20, 90)))
            for _ in range(9)
        )
        yield {
            "id": f"a{number}",
            "text": text,
            "title": " ".join(random_numbers.choices(words, k=7)),
            "url": f"https://vale.example/{number}",
            "date": f"20{number % 20 + 10}-0{number % 9 + 1}-1{number % 10}T08:30:00Z",
        }
        size, number = size + len(text), number + 1


def write_folders(folder: Path, megabytes: float) -> list[Path]:
    """Write the same articles as JSONL, Parquet and WARC, a folder each; return the folders.

    Each WARC file has about 3 MB: before, the time for a file grew with the square of its size.
    """
    rows = list(records(megabytes))
    folders = [folder / name for name in ("jsonl", "parquet", "warc")]
    for each in folders:
        each.mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folders[0] / "news.jsonl").write_text(lines, encoding="utf-8")
    table = pa.Table.from_pylist(rows)
    parquet.write_table(table, folders[1] / "news.parquet", row_group_size=2000)
    for start in range(0, len(rows), ROWS_PER_WARC):
        pages = b"".join(map(_warc_record, rows[start : start + ROWS_PER_WARC]))
        (folders[2] / f"news-{start}.warc").write_bytes(pages)
    return folders


def _warc_record(row: dict[str, str]) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>\n" for line in row["text"].split("\n"))
    page = f"<html><head><title>{row['title']}</title></head><body>{paragraphs}</body></html>"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {row['url']}\r\n"
        f"WARC-Date: {row['date']}\r\nWARC-Record-ID: <urn:uuid:{row['id']}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def measure(tree: Path, path: Path) -> tuple[float, int]:
    """Return the CPU seconds in which the version in `tree` reads a folder, and its documents."""
    command = [sys.executable, "-c", MEASURE, str(path), "warm"]
    result = subprocess.run(
        command, cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True, check=True
    )
    seconds, rows = result.stdout.split()
    return float(seconds), int(rows)


def main() -> None:
    """Print megabytes per second of each format, before and now."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT")
    parser.add_argument("--megabytes", type=float, default=40)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    git = ["git", "-C", str(PROJECT)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = folder / "before"
        subprocess.run(
            [*git, "worktree", "add", "--detach", "-f", str(before), options.before],
            check=True,
            capture_output=True,
        )
        try:
            print(f"MB/s of CPU time, median of {options.times}; before is {options.before}")
            print(f"{'':10}{'before':>10}{'now':>10}{'ratio':>8}{'range of now':>16}")
            for path in write_folders(folder, options.megabytes):
                print(_compare(path, before, options.times), flush=True)
        finally:
            command = [*git, "worktree", "remove", "--force", str(before)]
            subprocess.run(command, check=True, capture_output=True)


def _compare(path: Path, before: Path, times: int) -> str:
    """Return a line with the speeds of both versions for one file."""
    size = sum(file.stat().st_size for file in path.iterdir()) / 1e6
    old, new = [], []
    for _ in range(times):
        (old_seconds, old_rows), (new_seconds, new_rows) = (
            measure(tree, path) for tree in (before, PROJECT)
        )
        if old_rows != new_rows:
            raise SystemExit(f"{path.name}: {old_rows} documents before, {new_rows} now")
        old.append(size / old_seconds)
        new.append(size / new_seconds)
    old_speed, new_speed = statistics.median(old), statistics.median(new)
    return (
        f"{path.name:10}{old_speed:10.1f}{new_speed:10.1f}{new_speed / old_speed:8.2f}"
        f"{min(new):9.1f} to {max(new):.1f}"
    )


if __name__ == "__main__":
    main()
