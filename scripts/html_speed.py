"""Measure how fast HTML pages are read by each engine, and how much memory that takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import article_baselines as baselines
from stress_articles import memory_of, reset_peak

from corpus.articles.html.extract import read_html

OURS = "`engine: blocks`"
SPEED_STEP = 13
"""One of this many pages is read to measure the speed."""
WARM_UP = 40


class Speed(NamedTuple):
    """What reading some pages costs with one reader."""

    pages_per_second: float
    """By CPU time, on one core."""
    memory: int
    """Bytes that reading adds to the memory of the process, at the peak."""


def measure_speed(pages: Sequence[str]) -> Mapping[str, Speed]:
    """Return the speed of each reader on some HTML pages, with metadata.

    Each page is read by all readers in turn, so that other work on the machine slows all alike.
    """
    readers: dict[str, Callable[[str], object]] = {
        OURS: partial(read_html, engine="blocks"),
        "`engine: trafilatura`": partial(read_html, engine="trafilatura"),
        "`engine: resiliparse`": partial(read_html, engine="resiliparse"),
        "trafilatura alone": baselines.trafilatura_with_metadata,
        "trafilatura alone, fast": partial(baselines.trafilatura_with_metadata, fast=True),
    }
    seconds = dict.fromkeys(readers, 0.0)
    for i, html in enumerate([*pages[:WARM_UP], *pages]):
        for name, read in readers.items():
            start = time.process_time()
            read(html)
            if i >= WARM_UP:  # before, kernels are compiled and models are loaded
                seconds[name] += time.process_time() - start
    return {
        name: Speed(len(pages) / seconds[name], peak_memory(read, pages))
        for name, read in readers.items()
    }


def speed_table(speeds: Mapping[str, Speed], pages: Sequence[str]) -> Iterator[str]:
    """Yield the table of speeds."""
    yield "| reader | pages per second and core | times as long as ours | MB of memory |"
    yield "|---|--:|--:|--:|"
    for name, speed in speeds.items():
        ratio = speeds[OURS].pages_per_second / speed.pages_per_second
        memory = speed.memory / 1e6
        yield f"| {name} | {speed.pages_per_second:.0f} | {ratio:.1f} | {memory:.0f} |"
    size = sum(len(html) for html in pages) / len(pages) / 1000
    yield ""
    yield (
        f"{len(pages)} pages of {size:.0f} kB on average, with metadata. CPU time on a shared "
        "machine: the ratios are more certain than the speeds. Memory is what is added while the "
        "pages are read, once everything is loaded."
    )


def peak_memory(read: Callable[[str], object], sample: Sequence[str]) -> int:
    """Return the bytes that reading some pages adds to the memory of a process, at the peak."""
    reading, writing = os.pipe()
    if not os.fork():
        before = reset_peak()
        for html in sample:
            read(html)
        os.write(writing, str(memory_of("VmHWM") - before).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as pipe:
        return int(pipe.read() or 0)
