"""A column of pages to a column of articles: which lines stay, and how they are joined.

A kept line loses its indentation and what follows it. Where the page had a blank line between two kept
lines, or anything that went, a blank line parts them; else they stand on lines that follow each other. So
an article keeps the page's own paragraphs.

A page is judged as a whole up to a megabyte or 16,384 lines; beyond that in stretches, each as a page of its
own, so that memory has a bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.articles.decoding import best_runs, threshold
from corpus.articles.metadata import HEAD_LINES, describe
from corpus.articles.model import ODDS, Model, chances_of, judge, load
from corpus.articles.reading import Read
from corpus.buffers import texts
from corpus.kernels import njit

MOST_BYTES = 1 << 20
MOST_LINES = 1 << 14
MOST_SURE = 5.0
"""What one line can weigh against the cost of starting or ending a run, in log-odds."""


class Decoding(NamedTuple):
    """How sure a line must be to stay."""

    low: float = 0.3
    high: float = 0.5
    """The bounds of the probability from which a line stays."""
    switch: float = 0.5
    """What the start and the end of a run of kept lines cost each, in log-odds."""


BALANCED = Decoding()
DECODINGS = {
    "precision": Decoding(0.5, 0.7),
    "balanced": BALANCED,
    "recall": Decoding(0.1, 0.25),
}


@njit
def _cut(data, start, stop):
    """Return where a stretch of at most `MOST_BYTES` and `MOST_LINES` ends: after a line end, or at `stop`.

    A line longer than that is a stretch of its own.
    """
    lines, found = 0, start
    for at in range(start, stop):
        if data[at] == 10:
            found = at + 1
            lines += 1
            if lines == MOST_LINES:
                return found
        if at - start >= MOST_BYTES and found > start:
            return found
    return stop


@njit
def choose(data, start, stop, model, decoding):
    """Return the lines of a page: spans (int64[n_lines, 2]), probabilities and whether they stay."""
    spans = np.empty((0, 2), np.int64)
    chances, kept = np.empty(0, np.float32), np.empty(0, np.bool_)
    while start < stop:
        end = _cut(data, start, stop)
        scores, counts, lines = judge(data, start, end, model)
        likely = chances_of(scores, model.chances)
        limit = threshold(likely, counts, decoding.low, decoding.high)
        offset = -ODDS  # the score at the limit, read off the same table
        step = 2 * ODDS / (model.chances.size - 1)
        for i in range(model.chances.size):
            if model.chances[i] < limit:
                offset = -ODDS + (i + 0.5) * step
        gains = np.empty(scores.size, np.float64)
        for i in range(scores.size):
            gains[i] = min(max(scores[i] - offset, -MOST_SURE), MOST_SURE)
        stays = best_runs(gains, decoding.switch)
        spans = np.concatenate((spans, lines))
        chances = np.concatenate((chances, likely))
        kept = np.concatenate((kept, stays))
        start = end
    return spans, chances, kept


def read_pages(
    pages: pa.Array,
    *,
    model: Model | None = None,
    decoding: Decoding = BALANCED,
    metadata: bool = True,
    as_of: date | None = None,
) -> Iterator[Read]:
    """Yield what came of each page of a column of texts."""
    data, offsets = texts(pages)
    model = model or load()
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        spans, chances, kept = choose(data, start, stop, model, decoding)
        rows = np.flatnonzero(kept)
        if len(rows):
            yield _article(data, spans, rows, metadata=metadata, as_of=as_of)
        elif len(spans):
            surest = f"{len(spans)} lines, the likeliest at {chances.max():.2f}"
            yield Read(removed_ratio=1.0, reason="no_article", evidence=surest)
        else:
            yield Read(reason="empty")


def _article(
    data: NDArray[np.uint8],
    spans: NDArray[np.int64],
    rows: NDArray[np.int64],
    *,
    metadata: bool,
    as_of: date | None,
) -> Read:
    """Return the lines in `rows` joined, and what the lines around them say."""
    starts, ends = spans[rows, 0].tolist(), spans[rows, 1].tolist()
    body = _lines(data, spans[rows])
    parts = [_parts(data, end, start) for end, start in zip(ends[:-1], starts[1:], strict=True)]
    text = "".join(piece for pair in zip(body, [*parts, ""], strict=True) for piece in pair)
    sizes = spans[:, 1] - spans[:, 0]
    ratio = 1 - int(sizes[rows].sum()) / int(sizes.sum())
    if not metadata:
        return Read(text, removed_ratio=ratio)
    first, last = int(rows[0]), int(rows[-1])
    head = _lines(data, spans[max(0, first - HEAD_LINES) : first])
    tail = _lines(data, spans[last + 1 :])
    return Read(text, describe(head, body, tail, as_of=as_of), removed_ratio=ratio)


def _parts(data: NDArray[np.uint8], start: int, stop: int) -> str:
    """Return what parts two kept lines: a line end, or a blank line."""
    return "\n" if data[start:stop].tobytes().count(b"\n") < 2 else "\n\n"


def _lines(data: NDArray[np.uint8], spans: NDArray[np.int64]) -> list[str]:
    """Return the text of each span."""
    return [data[a:b].tobytes().decode("utf-8", "replace") for a, b in spans.tolist()]


class Line(NamedTuple):
    """A line of a page, and what the model makes of it."""

    text: str
    kept: bool
    chance: float


def lines(page: str, *, decoding: Decoding = BALANCED) -> list[Line]:
    """Return each line of a page that is not blank: its text, whether it stays, and its probability."""
    data = np.frombuffer(page.encode("utf-8", "replace"), np.uint8)
    spans, chances, kept = choose(data, 0, data.size, load(), decoding)
    return [Line(*line) for line in zip(_lines(data, spans), kept.tolist(), chances.tolist(), strict=True)]
