"""A column of pages to a column of articles: which lines stay, and how they are joined.

A kept line loses its indentation and what follows it. Where the page had a blank line between two
kept lines, or anything that went, a blank line parts them; else they stand on lines that follow
each other. So an article keeps the page's own paragraphs.

A page is judged as a whole up to a megabyte or 16,384 lines; beyond that in stretches, each as a
page of its own, so that memory has a bound.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus.articles.arrays import Bytes, Flags, Numbers, Offsets
from corpus.articles.decoding import best_article, threshold
from corpus.articles.metadata import HEAD_LINES, TAIL_LINES, describe, marked_lines
from corpus.articles.model import Model, judge, load, score_of
from corpus.articles.reading import Read
from corpus.buffers import texts
from corpus.kernels import njit

MOST_BYTES = 1 << 20
MOST_LINES = 1 << 14
MOST_SURE = 5.0
"""What one line can weigh against the cost of a gap, in log-odds."""


class Decoding(NamedTuple):
    """How sure a line must be to stay."""

    low: float = 0.3
    high: float = 0.5
    """The bounds of the probability from which a line stays."""
    gap_cost: float = 0.25
    """What each line of a gap within the article costs, in log-odds."""


BALANCED = Decoding()
DECODINGS = {
    "precision": Decoding(0.55, 0.75),
    "balanced": BALANCED,
    "recall": Decoding(0.1, 0.25),
}


@njit
def _cut(data: Bytes, start: int, stop: int) -> int:
    """Return where a stretch of `MOST_BYTES` and `MOST_LINES` ends: after a line end, or at `stop`.

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
def decode_lines(likely: Numbers, counts: Numbers, chances: Numbers, decoding: Decoding) -> Flags:
    """Return whether each line stays, of its probability and its words."""
    limit = threshold(likely, counts, decoding.low, decoding.high)
    score = score_of(limit, chances)
    gains = np.empty(likely.size, np.float64)
    for i in range(likely.size):
        gain = score_of(likely[i], chances) - score
        gains[i] = MOST_SURE if gain > MOST_SURE else -MOST_SURE if gain < -MOST_SURE else gain
    return best_article(gains, decoding.gap_cost)


def choose(
    data: Bytes, start: int, stop: int, model: Model, decoding: Decoding
) -> tuple[Offsets, Numbers, Flags]:
    """Return the lines of a page: spans (int64[n_lines, 2]), probabilities, whether they stay."""
    found: list[tuple[Offsets, Numbers, Flags]] = []
    while start < stop or not found:
        end = _cut(data, start, stop)
        likely, counts, spans = judge(data, start, end, model)
        found.append((spans, likely, decode_lines(likely, counts, model.chances, decoding)))
        start = end
    if len(found) == 1:
        return found[0]
    spans, chances, kept = (np.concatenate(parts) for parts in zip(*found, strict=True))
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
            page = data[start:stop].tobytes()
            yield _article(page, spans - start, rows, metadata=metadata, as_of=as_of)
        elif len(spans):
            surest = f"{len(spans)} lines, the likeliest at {chances.max():.2f}"
            yield Read(removed_ratio=1.0, reason="no_article", evidence=surest)
        else:
            yield Read(reason="empty")


def _article(
    page: bytes, spans: Offsets, rows: Offsets, *, metadata: bool, as_of: date | None
) -> Read:
    """Return the lines in `rows` joined, and what the lines around them say."""
    body = _lines(page, spans[rows])
    gaps = zip(spans[rows[:-1], 1].tolist(), spans[rows[1:], 0].tolist(), strict=True)
    parts = ["\n" if page.count(b"\n", *gap) < 2 else "\n\n" for gap in gaps]
    text = "".join(piece for pair in zip(body, [*parts, ""], strict=True) for piece in pair)
    sizes = spans[:, 1] - spans[:, 0]
    ratio = 1 - int(sizes[rows].sum()) / int(sizes.sum())
    if not metadata:
        return Read(text, removed_ratio=ratio)
    first, after = int(rows[0]), int(rows[-1]) + 1
    found = describe(
        _lines(page, spans[max(0, first - HEAD_LINES) : first]),
        body,
        _lines(page, spans[after : after + TAIL_LINES]),
        marked_lines(page[int(spans[after - 1, 1]) :]),
        as_of=as_of,
    )
    return Read(text, found, removed_ratio=ratio)


def _lines(page: bytes, spans: Offsets) -> list[str]:
    """Return the text of each span."""
    return [page[start:stop].decode("utf-8", "replace") for start, stop in spans.tolist()]


class Line(NamedTuple):
    """A line of a page, and what the model makes of it."""

    text: str
    kept: bool
    chance: float


def lines(page: str, *, decoding: Decoding = BALANCED) -> list[Line]:
    """Return each line of a page that is not blank: its text, whether it stays, how likely."""
    data = page.encode("utf-8", "replace")
    raw = np.frombuffer(data, np.uint8)
    spans, chances, kept = choose(raw, 0, raw.size, load(), decoding)
    found = zip(_lines(data, spans), kept.tolist(), chances.tolist(), strict=True)
    return [Line(*line) for line in found]
