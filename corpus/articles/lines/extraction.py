"""A column of pages to a column of articles: which lines stay, and how they are joined.

A kept line loses its indentation and what follows it. Where the page had a blank line between two
kept lines, or anything that went, a blank line parts them; else they stand on lines that follow
each other. So an article keeps the page's own paragraphs.

A page is judged as a whole up to a megabyte or 16,384 lines; beyond that in stretches, each as a
page of its own, so that memory has a bound.
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Sums
from corpus.arrow_buffers import texts
from corpus.articles.lines.decoding import expected_f1, threshold, walk
from corpus.articles.lines.model import Model, judge, load, score_of
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.classifiers import RankedLines
from corpus.articles.metadata.metadata import Page, read_metadata
from corpus.articles.metadata.nearby_lines import CharacterTables, PageLines
from corpus.articles.result import NOTHING, Read
from corpus.kernels import njit

MOST_BYTES = 1 << 20
MOST_LINES = 1 << 14
MOST_PAGES = 128
"""Pages that take each step together."""
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
def _decode_lines(
    likely: Numbers,
    counts: Numbers,
    chances: Numbers,
    decoding: Decoding,
    gains: Sums,
    came: Bytes,
    kept: Flags,
) -> None:
    """Fill in what `decode_lines` returns."""
    limit = threshold(likely, counts, decoding.low, decoding.high)
    score = score_of(limit, chances)
    for i in range(likely.size):
        gain = score_of(likely[i], chances) - score
        gains[i] = MOST_SURE if gain > MOST_SURE else -MOST_SURE if gain < -MOST_SURE else gain
    walk(gains, decoding.gap_cost, came, kept)


def decode_lines(likely: Numbers, counts: Numbers, chances: Numbers, decoding: Decoding) -> Flags:
    """Return whether each line stays, of its probability and its words."""
    n = likely.size
    gains, came, kept = np.empty(n), np.empty((n, 4), np.uint8), np.empty(n, np.bool_)
    _decode_lines(likely, counts, chances, decoding, gains, came, kept)
    return kept


def choose(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model, decoding: Decoding
) -> Iterator[PageLines]:
    """Yield the lines of each page, given where it starts and stops, and which of them stay."""
    pages = [_stretches(data, *bound) for bound in bounds]
    judged = judge(data, itertools.chain.from_iterable(pages), model)
    for page in pages:
        found = []
        for likely, counts, spans in itertools.islice(judged, len(page)):
            kept = decode_lines(likely, counts, model.chances, decoding)
            found.append(PageLines(spans, likely, kept))
        yield found[0] if len(found) == 1 else _joined(found)


def _stretches(data: Bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """Return where the stretches of a page start and stop: one at least."""
    found = [(start, _cut(data, start, stop))]
    while found[-1][1] < stop:
        found.append((found[-1][1], _cut(data, found[-1][1], stop)))
    return found


def _joined(stretches: Sequence[PageLines]) -> PageLines:
    """Return the lines of all stretches as those of one page."""
    spans, chances, kept = (np.concatenate(parts) for parts in zip(*stretches, strict=True))
    return PageLines(spans, chances, kept)


def read_pages(
    pages: pa.Array,
    *,
    model: Model | None = None,
    decoding: Decoding = BALANCED,
    metadata: bool = True,
    as_of: date | None = None,
) -> Iterator[Read]:
    """Yield what came of each page of a column of texts.

    Some pages together take each step: the arrays of the model and the rules of the metadata would
    drive each other out of the processor's caches at every page, for a third of the time.
    """
    data, offsets = texts(pages)
    model = model or load()
    for bounds in _together(offsets):
        judged = list(choose(data, bounds, model, decoding))
        asked = iter(_ask(data, judged, model) if metadata else ())
        for (start, stop), (spans, chances, kept) in zip(bounds, judged, strict=True):
            if kept.any():
                page = Page(data[start:stop].tobytes(), spans - start, kept)
                yield _article(page, chances, next(asked, ()), as_of=as_of)
            elif len(spans):
                surest = f"{len(spans)} lines, the likeliest at {chances.max():.2f}"
                yield Read(removed_ratio=1.0, reason="no_article", evidence=surest)
            else:
                yield Read(reason="empty")


def _together(offsets: Offsets) -> Iterator[list[tuple[int, int]]]:
    """Yield the bounds of the pages that take each step together: some, of not too many bytes."""
    bounds: list[tuple[int, int]] = []
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if bounds and (len(bounds) == MOST_PAGES or stop - bounds[0][0] > MOST_BYTES):
            yield bounds
            bounds = []
        bounds.append((start, stop))
    if bounds:
        yield bounds


def _ask(data: Bytes, judged: Sequence[PageLines], model: Model) -> list[tuple[RankedLines, ...]]:
    """Return which lines of each page that has an article may say something about it."""
    pages = [page for page in judged if page.kept.any()]
    characters = CharacterTables(model.kinds, model.falls)
    return classifiers.rank_lines(
        data, pages, characters=characters, classifiers=classifiers.load()
    )


def _article(
    page: Page, chances: Numbers, likely: tuple[RankedLines, ...], *, as_of: date | None
) -> Read:
    """Return the lines that are kept, joined, and what the likely lines around them say."""
    spans, kept = page.spans, page.kept
    text = np.empty(len(page.data) + len(spans), np.uint8)
    size = _join(np.frombuffer(page.data, np.uint8), spans, kept, text)
    sizes = spans[:, 1] - spans[:, 0]
    ratio = 1 - int(sizes[kept].sum()) / int(sizes.sum())
    sure = expected_f1(chances, sizes.astype(np.float32), kept)
    found = read_metadata(page, likely, as_of=as_of).metadata if likely else NOTHING
    joined = text[:size].tobytes().decode("utf-8", "replace")
    return Read(joined, found, removed_ratio=ratio, confidence=sure)


@njit
def _join(page: Bytes, spans: Offsets, kept: Flags, text: Bytes) -> int:
    """Write the lines that are kept to `text`, as the page parts them; return how many bytes."""
    size, after = 0, -1
    for i in range(kept.size):
        if not kept[i]:
            continue
        start, stop = spans[i, 0], spans[i, 1]
        if after >= 0:
            ends = 0
            for at in range(after, start):
                ends += page[at] == 10
            for _ in range(ends if ends < 2 else 2):
                text[size] = 10
                size += 1
        for at in range(start, stop):
            text[size] = page[at]
            size += 1
        after = stop
    return size


def _lines(page: bytes, spans: Offsets) -> list[str]:
    """Return the text of each span."""
    return [page[start:stop].decode("utf-8", "replace") for start, stop in spans.tolist()]


class Line(NamedTuple):
    """A line of a page, and what the model makes of it."""

    text: str
    kept: bool
    chance: float
    role: str
    """`title`, `byline`, `date`, `publisher` or `url` where it is read for that; else `body` if it
    stays and `site_boilerplate` if not."""


def lines(page: str, *, decoding: Decoding = BALANCED, as_of: date | None = None) -> list[Line]:
    """Return each line of a page that is not blank: its text, whether it stays, how likely."""
    data, model = page.encode("utf-8", "replace"), load()
    raw = np.frombuffer(data, np.uint8)
    ((spans, chances, kept),) = choose(raw, [(0, raw.size)], model, decoding)
    roles: dict[int, str] = {}
    if kept.any():
        (likely,) = _ask(raw, [PageLines(spans, chances, kept)], model)
        roles = read_metadata(Page(data, spans, kept), likely, as_of=as_of).roles
    return [
        Line(text, keep, chance, roles.get(row, "body" if keep else "site_boilerplate"))
        for row, (text, keep, chance) in enumerate(
            zip(_lines(data, spans), kept.tolist(), chances.tolist(), strict=True)
        )
    ]
