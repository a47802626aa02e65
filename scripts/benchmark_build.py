"""Measure whole builds: processor time by pass, memory, small commands, other tools beside them.

    python scripts/benchmark_build.py TEXTS.jsonl [--documents 19000 100000 400000]
        [--before CHECKOUT] [--peer NAME=COMMAND]... [--hard] [--runs 3] [--folder SCRATCH]
        [--write]

TEXTS has lines with `text`, and perhaps `src`. The corpora are made of its sentences, mixed within
a source, so that few documents are similar. Each build has the stages language, deduplicate and
split, one worker, and kernels that are compiled. With `--before`, every measurement is made with
the other checkout as well, in turn. COMMAND is the command of another tool in an environment of
its own; `{input}` and `{output}` are replaced in it, and it gets TEXTS as they are.

With `--hard`, inputs that are hard for their shape are built as well, each in two sizes: rows of
many columns, many small files, one text of many megabytes, and the first thousand records of one
large file of lines.

Times are processor times of all processes of a command, those that outlive it included; the median
of the runs, and their range. Memory is the highest proportional share (PSS) of one process, looked
at 20 times a second. With `--write`, the tables of `docs/speed.md` are replaced.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import platform
import random
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import IO, NamedTuple

from measure_memory import children

PROJECT = Path(__file__).resolve().parent.parent
REPORT = PROJECT / "docs" / "speed.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"
SECONDS_BETWEEN_LOOKS = 0.05
MEGABYTE = 1_000_000
ADDED_DOCUMENTS = 100
WARM_UP_DOCUMENTS = 25_000
PR_SET_CHILD_SUBREAPER = 36
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

CONFIG = """\
name: speed
sources: [{path: in/*.jsonl}]
stages: [language, deduplicate, {stage: split, test: 0.02}]
output: {path: build}
"""


class Run(NamedTuple):
    """What one command took."""

    seconds: float
    """Processor time of all its processes."""

    wall: float
    phases: dict[str, float]
    """Processor time up to the end of each phase that a build names."""

    worker: int
    """The highest PSS of one worker in bytes."""

    parent: int
    """The highest PSS of the first process in bytes."""


def become_subreaper() -> None:
    """Adopt every process that outlives its parent, so that its processor time is counted."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_seconds() -> float:
    """Wait for every child that is left, and return the processor time of all so far."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: Sequence[str], checkout: Path, folder: Path) -> Run:
    """Run a command in a folder, with the package of a checkout. Raises `SystemExit`."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, began = children_seconds(), time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        watch = _Watch(process)
        watch.join()
    wall = time.perf_counter() - began
    seconds = children_seconds() - before
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)}: exit code {process.returncode}\n{watch.output}")
    return Run(seconds, wall, watch.phases, watch.worker, watch.parent)


class _Watch:
    """Watches a command: the processor time at the end of each phase, and the highest memory."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.phases: dict[str, float] = {}
        self.worker = self.parent = 0
        self.output = ""
        self._process = process
        self._threads = [
            threading.Thread(target=self._read, args=[process.stdout]),
            threading.Thread(target=self._look),
        ]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until the command ends."""
        for thread in self._threads:
            thread.join()

    def _read(self, lines: IO[bytes]) -> None:
        for line in lines:
            text = line.decode(errors="replace")
            self.output += text
            if found := re.match(r"(.+?): (?:[0-9].* )?in [0-9.]+ (?:s|min|h)\b", text):
                self.phases[found[1]] = sum(map(_seconds_of, _tree(self._process.pid)))

    def _look(self) -> None:
        """Look at the processes until the first one has ended, without collecting it."""
        pid = self._process.pid
        while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            self.parent = max(self.parent, _pss(pid))
            workers = [worker for child in children(pid) for worker in children(child)]
            self.worker = max(self.worker, *map(_pss, workers), 0)
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _tree(process: int) -> Iterator[int]:
    yield process
    for child in children(process):
        yield from _tree(child)


def _seconds_of(process: int) -> float:
    """Return the processor time of a process and of those of its children that have ended."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / CLOCK_TICKS
    return 0.0


def _pss(process: int) -> int:
    with contextlib.suppress(OSError):
        sizes = Path(f"/proc/{process}/smaps_rollup").read_text()
        found = re.search(r"^Pss: +(\d+)", sizes, re.MULTILINE)
        return int(found[1]) << 10 if found else 0
    return 0


def write_documents(texts: Path, folder: Path, documents: int) -> None:
    """Write a corpus of mixed sentences as `in/a.jsonl`, and one more file as `more.jsonl`."""
    by_source: dict[str, list[list[str]]] = defaultdict(list)
    with texts.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            sentences = [each for each in re.split(r"(?<=[.!?])\s+", record["text"]) if each]
            if sentences:
                by_source[record.get("src", "")].append(sentences)
    generator = random.Random(documents)  # noqa: S311  no secret
    sources = sorted(by_source)
    weights = [len(by_source[source]) for source in sources]
    (folder / "in").mkdir(parents=True)
    with (
        (folder / "in" / "a.jsonl").open("w", encoding="utf-8") as first,
        (folder / "more.jsonl").open("w", encoding="utf-8") as more,
    ):
        for number in range(documents + ADDED_DOCUMENTS):
            articles = by_source[generator.choices(sources, weights)[0]]
            size, parts = len(" ".join(generator.choice(articles))), list[str]()
            while sum(map(len, parts)) < size:
                article = generator.choice(articles)
                begin = generator.randrange(len(article))
                parts += article[begin : begin + 3]
            line = json.dumps({"id": f"d{number}", "text": " ".join(parts)}, ensure_ascii=False)
            (first if number < documents else more).write(line + "\n")


def corpus(*arguments: str) -> list[str]:
    """Return a command of the package."""
    return [sys.executable, "-P", "-m", "corpus", *arguments]


def measure_size(
    texts: Path, scratch: Path, documents: int, checkouts: dict[str, Path], runs: int
) -> Iterator[str]:
    """Yield the rows of one size: the build by pass, memory, one more file, small commands."""
    measured: dict[tuple[str, str], list[Run]] = defaultdict(list)
    size = 0.0
    for _ in range(runs):
        for name, checkout in checkouts.items():
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                folder = Path(place)
                write_documents(texts, folder, documents)
                size = (folder / "in" / "a.jsonl").stat().st_size / MEGABYTE
                (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")
                build = corpus("build", "c.yaml", "--jobs", "1")
                measured["all passes", name].append(run(build, checkout, folder))
                measured["unchanged", name].append(run(build, checkout, folder))
                measured["`corpus check`", name].append(
                    run(corpus("check", "c.yaml"), checkout, folder)
                )
                (folder / "more.jsonl").rename(folder / "in" / "b.jsonl")
                title = f"one more file of {ADDED_DOCUMENTS} documents"
                measured[title, name].append(run(build, checkout, folder))
    for what in dict.fromkeys(what for what, _ in measured):
        for name in checkouts:
            done = measured[what, name]
            yield _row(documents, size, what, name, done)
            if what == "all passes":
                yield from _phase_rows(documents, size, name, done)


def _row(documents: int, size: float, what: str, name: str, done: Sequence[Run]) -> str:
    seconds = [each.seconds for each in done]
    middle = median(seconds)
    return (
        f"| {documents:,} | {what} | {name} | {middle:.1f} ({min(seconds):.1f} to "
        f"{max(seconds):.1f}) | {100 * middle / size:.1f} | {size / middle:.0f} | "
        f"{max(each.worker for each in done) / MEGABYTE:,.0f} | "
        f"{max(each.parent for each in done) / MEGABYTE:,.0f} |"
    )


def _phase_rows(documents: int, size: float, name: str, done: Sequence[Run]) -> Iterator[str]:
    before = [0.0] * len(done)
    for phase in done[0].phases:
        ends = [each.phases.get(phase, 0.0) for each in done]
        seconds = median(end - begin for begin, end in zip(before, ends, strict=True))
        before = ends
        speed = f"{size / seconds:.0f}" if seconds > 0 else ""
        yield (
            f"| {documents:,} | … {phase} | {name} | {seconds:.1f} | {100 * seconds / size:.1f} | "
            f"{speed} | | |"
        )


def _write_wide_rows(folder: Path, size: int) -> None:
    """Write records with a hundred columns."""
    with (folder / "in" / "wide.jsonl").open("w", encoding="utf-8") as out:
        for number in range(size):
            columns = {f"column{k}": number % (k + 2) if k % 2 else f"v{k}" for k in range(100)}
            text = " ".join(f"w{(number * 31 + k * k) % 50021}" for k in range(60))
            out.write(json.dumps({"id": f"d{number}", "text": text} | columns) + "\n")


def _write_small_files(folder: Path, size: int) -> None:
    """Write files with one record each."""
    for number in range(size):
        text = " ".join(f"w{(number * 31 + k * k) % 50021}" for k in range(200))
        line = json.dumps({"id": f"d{number}", "text": text})
        (folder / "in" / f"{number:06d}.json").write_text(line + "\n", encoding="utf-8")


def _write_large_text(folder: Path, size: int) -> None:
    """Write one record whose text has so many megabytes."""
    with (folder / "in" / "text.jsonl").open("w", encoding="utf-8") as out:
        out.write('{"id": "d", "text": "')
        for number in range(size * 10_000):  # a hundred characters each
            words = (f"word{(number * 37 + k * k) % 99991:05d}" for k in range(9))
            out.write(f"{' '.join(words)}. ".ljust(100)[:100])
        out.write('"}\n')


def _write_large_file(folder: Path, size: int) -> None:
    """Write a file of lines of so many gigabytes."""
    block = "".join(
        json.dumps({"text": " ".join(f"w{(n * 31 + k * k) % 50021}" for k in range(200))}) + "\n"
        for n in range(5000)
    )
    with (folder / "in" / "large.jsonl").open("w", encoding="utf-8") as out:
        for _ in range(size * 1_000_000_000 // len(block)):
            out.write(block)


HARD = {
    "rows of 100 columns": (_write_wide_rows, (10_000, 40_000), ()),
    "files of one record": (_write_small_files, (12_500, 50_000), ()),
    "megabytes in one text": (_write_large_text, (25, 100), ()),
    "gigabytes of lines, `--limit 1000`": (_write_large_file, (5, 20), ("--limit", "1000")),
}
"""For each hard input: what writes it, two sizes, and the options of the build."""


def measure_hard(scratch: Path, checkouts: dict[str, Path]) -> Iterator[str]:
    """Yield a row for each hard input in each size: processor time and memory."""
    for what, (write, sizes, options) in HARD.items():
        for size in sizes:
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                folder = Path(place)
                (folder / "in").mkdir()
                write(folder, size)
                (folder / "c.yaml").write_text(
                    CONFIG.replace("in/*.jsonl", "in/*"), encoding="utf-8"
                )
                for name, checkout in checkouts.items():
                    done = run(corpus("build", "c.yaml", "--jobs", "1", *options), checkout, folder)
                    yield (
                        f"| {size:,} {what} | {name} | {done.seconds:.1f} | "
                        f"{done.worker / MEGABYTE:,.0f} | {done.parent / MEGABYTE:,.0f} |"
                    )
                    for made in ("build", ".corpus-cache", ".build"):
                        shutil.rmtree(folder / made, ignore_errors=True)


def measure_peers(
    texts: Path, scratch: Path, peers: dict[str, str], checkouts: dict[str, Path], runs: int
) -> Iterator[str]:
    """Yield a row for each other tool, and one for our own build of the same texts."""
    size = texts.stat().st_size / MEGABYTE
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(runs):
        for name, command in peers.items():
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                filled = command.format(input=texts.resolve(), output=Path(place, "out"))
                seconds[name].append(run(shlex.split(filled), PROJECT, Path(place)).seconds)
        for name, checkout in checkouts.items():
            with tempfile.TemporaryDirectory(dir=scratch) as place:
                config = CONFIG.replace("in/*.jsonl", str(texts.resolve()))
                Path(place, "c.yaml").write_text(config, encoding="utf-8")
                build = corpus("build", "c.yaml", "--jobs", "1")
                seconds[f"corpus ({name})"].append(run(build, checkout, Path(place)).seconds)
    for name, times in seconds.items():
        yield (
            f"| {name} | {median(times):.1f} ({min(times):.1f} to {max(times):.1f}) | "
            f"{size / median(times):.1f} |"
        )


def report(sizes: Sequence[str], hard: Sequence[str], peers: Sequence[str]) -> str:
    """Return the measured part of the page."""
    machine = f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores"
    place = f"({machine}, Python {platform.python_version()})"
    head = ["documents", "what", "version", "processor seconds (range)", "per 100 MB", "MB/s"]
    lines = [
        f"Measured on {time.strftime('%Y-%m-%d')} {place}, load {os.getloadavg()[0]:.1f}.",
        "",
        f"| {' | '.join([*head, 'worker MB', 'parent MB'])} |",
        "|--:|---|---|--:|--:|--:|--:|--:|",
        *sizes,
    ]
    if hard:
        head = ["input", "version", "processor seconds", "worker MB", "parent MB"]
        lines += ["", f"| {' | '.join(head)} |", "|---|---|--:|--:|--:|", *hard]
    if peers:
        lines += ["", "| tool | processor seconds (range) | MB/s |", "|---|--:|--:|", *peers]
    return "\n".join([BEGIN, "", *lines, "", END])


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("texts", type=Path)
    parser.add_argument("--documents", type=int, nargs="*", default=[19_000, 100_000, 400_000])
    parser.add_argument("--before", type=Path, help="a checkout to compare with")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--hard", action="store_true", help="build hard inputs as well")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="for scratch files")
    parser.add_argument("--write", action="store_true", help="replace the tables of docs/speed.md")
    arguments = parser.parse_args()
    become_subreaper()
    checkouts = {"before": arguments.before.resolve()} if arguments.before else {}
    checkouts["now"] = PROJECT
    with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
        scratch = Path(place)
        for checkout in checkouts.values():  # compile the kernels, those for large files included
            list(measure_size(arguments.texts, scratch, WARM_UP_DOCUMENTS, {"": checkout}, 1))
        sizes = []
        for documents in arguments.documents:
            for row in measure_size(arguments.texts, scratch, documents, checkouts, arguments.runs):
                sizes.append(row)
                print(row, flush=True)
        hard = []
        for row in measure_hard(scratch, checkouts) if arguments.hard else ():
            hard.append(row)
            print(row, flush=True)
        peers = dict(each.split("=", 1) for each in arguments.peer)
        compared = (
            list(measure_peers(arguments.texts, scratch, peers, checkouts, arguments.runs))
            if peers
            else []
        )
    text = report(sizes, hard, compared)
    print(text)
    if arguments.write:
        page = REPORT.read_text(encoding="utf-8")
        begin, end = page.index(BEGIN), page.index(END) + len(END)
        REPORT.write_text(page[:begin] + text + page[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
