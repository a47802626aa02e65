"""Measure how fast pages of text are read, with and without metadata."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus.articles.lines.extraction import read_pages
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

RUNS = 3


class Speed(NamedTuple):
    """MB of text per second of CPU time on one core: the best of `RUNS` runs."""

    size: float
    """MB of text that were read."""
    normalisation: float
    page_model: float
    with_metadata: float
    """Normalisation, page model and metadata together."""


def measure_speed(pages: Sequence[str]) -> Speed:
    """Return how fast pages of text are read."""
    column = pa.array(pages, pa.large_string())
    size = sum(len(page.encode()) for page in pages) / 1e6
    list(read_pages(normalise(column[:2], steps=EVERY_STEP & ~LAYOUT)))
    best = [float("inf")] * 3
    for _ in range(RUNS):
        times = [time.process_time()]
        ready = normalise(column, steps=EVERY_STEP & ~LAYOUT)
        times.append(time.process_time())
        for metadata in (False, True):
            for _result in read_pages(ready, metadata=metadata):
                pass
            times.append(time.process_time())
        seconds = np.diff(times)
        costs = (seconds[0], seconds[1], seconds[0] + seconds[2])
        best = [min(pair) for pair in zip(best, costs, strict=True)]
    return Speed(size, *(size / cost for cost in best))


def speed_text(speed: Speed) -> Iterator[str]:
    """Yield the speed on one core."""
    both = 1 / (1 / speed.normalisation + 1 / speed.page_model)
    yield (
        f"{speed.size:.0f} MB of pages on one core of a shared machine: normalisation "
        f"{speed.normalisation:.0f} MB/s, page model {speed.page_model:.1f} MB/s, both "
        f"{both:.1f} MB/s, with metadata {speed.with_metadata:.1f} MB/s."
    )
