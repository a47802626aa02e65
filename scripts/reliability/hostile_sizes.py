"""Read and clean what is huge, deep or repetitive: memory is bounded, time grows with the size.

Each input is read or cleaned in a process of its own. Memory is the peak of that process. Time is
CPU time, at one size and at four times that size; a case whose time is below
MIN_SECONDS is not judged.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import lzma
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import stress_articles
import stress_reading

from corpus.stages.clean import Clean
from reliability.builds import PROJECT
from reliability.figure import Effort, Figure, spread

NAME_MEMORY = "bombs, 200 MB line, 100,000-deep JSON: peak memory"
NAME_TIME = "repetitive inputs for every reader and `clean`: CPU time of 4n to n"
MAX_MEGABYTES = 1024
MAX_RATIO = 6.0
SIZE_RATIO = 4
MIN_SECONDS = 0.3
"""CPU seconds below which a case is not judged: it is noise."""
TRIES = 3
"""Measurements of a case that seems to grow too fast; the lowest ratio counts, as noise adds."""
MAX_BYTES = 16_000_000
"""The smaller size of a file whose growth is measured, at most."""
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
}
"""Files of about `n` bytes."""


def bombs(megabytes: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield name, case and bytes of compressed files that are huge inside."""
    huge = b"a" * (megabytes * 1_000_000)
    yield "bomb.jsonl.gz", f"{megabytes} MB of one letter", gzip.compress(huge, 1)
    yield "bomb.jsonl.bz2", f"{megabytes} MB of one letter", bz2.compress(huge, 1)
    yield "bomb.jsonl.xz", f"{megabytes} MB of one letter", lzma.compress(huge, preset=0)
    yield "bomb.jsonl.zst", f"{megabytes} MB of one letter", pa.compress(huge, "zstd", asbytes=True)
    yield "bomb.html.gz", f"{megabytes} MB of one letter", gzip.compress(huge, 1)
    yield "bomb.csv.gz", f"{megabytes} MB of one letter", gzip.compress(huge, 1)
    yield "bomb.warc.gz", f"{megabytes} MB of one letter", gzip.compress(huge, 1)
    newlines = b"\n" * (megabytes * 300_000)
    yield "newlines.jsonl.gz", f"{megabytes * 3 // 10} MB of line feeds", gzip.compress(newlines, 1)


def huge_cases(megabytes: int) -> list[tuple[str, str, Callable[[], bytes]]]:
    """Return name, case and maker of each huge or deep file."""
    found: list[tuple[str, str, Callable[[], bytes]]] = []
    for shape in stress_reading.SHAPES:
        one = functools.partial(
            stress_reading.shape_bytes, shape, 1, text_bytes=megabytes * 1_000_000
        )
        found.append((shape.name, f"a record of {megabytes} MB", one))
        found.append((shape.name, "100,000 deep", functools.partial(_deep, shape)))
    for number, (name, case) in enumerate((name, case) for name, case, _ in bombs(0)):
        text = case.replace("0 MB", f"{5 * megabytes} MB", 1)
        found.append((name, text, functools.partial(_bomb, number, 5 * megabytes)))
    return found


def _deep(shape: stress_reading.Shape) -> bytes:
    return stress_reading.shape_bytes(shape, 30_000) + b"\n" + shape.deep + b"\n"


def _bomb(number: int, megabytes: int) -> bytes:
    return next(data for i, (_, _, data) in enumerate(bombs(megabytes)) if i == number)


def memory(effort: Effort) -> Figure:
    """Return the figure of peak memory."""
    every = huge_cases(20 if effort.quick else 200)
    chosen = [every[i - 1] for i in spread(len(every), effort.choose(quick=4, full=len(every)))]
    worst, wrong = 0.0, []
    for name, case, make in chosen:
        path = effort.scratch / name
        path.write_bytes(make())
        _, _, reasons, peak = stress_reading.measure(path)
        path.unlink()
        worst = max(worst, peak)
        if peak > MAX_MEGABYTES or not peak:
            wrong.append(f"{name}, {case}: peak {peak:,.0f} MB {' '.join(reasons)}")
    measured = f"{worst:,.0f} MB (of {len(chosen)} files, reading alone)"
    return Figure(NAME_MEMORY, "< 1 GiB", measured, not wrong, tuple(wrong))


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


def growth_of_readers(effort: Effort, size: int, largest: int) -> Iterator[tuple[str, float, str]]:
    """Yield name, ratio and fault of each repetitive file; the ratio is 0 if it is too quick.

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
        yield name, ratio, fault


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _ratio(small: float, large: float) -> float:
    return large / max(small, MIN_SECONDS) if large > MIN_SECONDS else 0.0


def growth_of_clean(size: int, trials: int) -> Iterator[tuple[str, float, str]]:
    """Yield name, ratio and fault of each repetitive page."""
    stage = Clean()
    stage.kernels()
    every = [("page", *item) for item in stress_articles.PAGE.items()]
    every += [("html", *item) for item in stress_articles.HTML.items()]
    for content in ("page", "html"):
        stress_articles.result_of(stage, "<p>" + stress_articles.LOREM, content)
    for index in spread(len(every), trials):
        content, name, make = every[index - 1]
        small = stress_articles.measure(stage, make(size), content)
        large = stress_articles.measure(stage, make(SIZE_RATIO * size), content)
        crash = next((c.result for c in (small, large) if c.result.startswith("CRASH")), "")
        yield f"clean, {content}: {name}", _ratio(small.seconds, large.seconds), crash


def time(effort: Effort) -> Figure:
    """Return the figure of the growth of time."""
    size = 300_000 if effort.quick else 1_000_000
    largest = size if effort.quick else MAX_BYTES
    seen = list(growth_of_readers(effort, size, largest))
    seen += growth_of_clean(size, effort.choose(quick=6, full=10_000))
    wrong = [
        f"{name}: {fault or f'time grew {ratio:.1f} times'}"
        for name, ratio, fault in seen
        if fault or ratio >= MAX_RATIO
    ]
    worst = max(ratio for _, ratio, _ in seen)
    measured = (
        f"{worst:.1f} (of {len(seen)} inputs, {size / 1e6:g} to {SIZE_RATIO * largest / 1e6:g} MB)"
    )
    return Figure(NAME_TIME, "< 6", measured, not wrong, tuple(wrong))


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of memory and time."""
    return [memory(effort), time(effort)]
