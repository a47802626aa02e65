"""Read what is huge, deep or repetitive: memory is bounded, time grows with the size.

Each input is read in a process of its own. Memory is the peak of that process. Time is measured by
`growth_of_time.py`.
"""

from __future__ import annotations

import bz2
import functools
import gzip
import lzma
from collections.abc import Callable, Iterator

import pyarrow as pa
import stress_reading

from reliability import growth_of_time
from reliability.figure import Effort, Figure, spread

NAME_MEMORY = "bombs, 200 MB line, 100,000-deep JSON: peak memory"
MAX_MEGABYTES = 1024


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


def measure(effort: Effort) -> list[Figure]:
    """Return the figures of memory and time."""
    return [memory(effort), *growth_of_time.measure(effort)]
