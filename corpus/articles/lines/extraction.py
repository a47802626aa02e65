"""Turn a column of pages into articles: select the lines to keep, and join them.

A kept line loses the white space around it. Two kept lines are separated by a blank line if there
was one between them on the page, or a removed line; else the second follows on the next line. So an
article keeps the paragraphs of its page.

A page is decoded as a whole up to 1 MB or 16,384 lines. A longer page is decoded in stretches, each
like a page of its own, so that memory is bounded.
"""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Sums
from corpus.arrow_buffers import texts
from corpus.articles.confidence.model import line_confidence
from corpus.articles.content_kind.description import PageDescription
from corpus.articles.content_kind.model import most_probable, text_kinds
from corpus.articles.lines.decoding import expected_f1, threshold, viterbi
from corpus.articles.lines.model import Model, load, score_of, score_pages
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.classifiers import RankedLines
from corpus.articles.metadata.metadata import Page, read_metadata
from corpus.articles.metadata.nearby_lines import PageLines
from corpus.articles.reasons import Reasons
from corpus.articles.result import NO_METADATA, PageResult
from corpus.kernels import njit, njit_without_allocation

MAX_STRETCH_BYTES = 1 << 20
MAX_STRETCH_LINES = 1 << 14
BATCH_PAGES, BATCH_BYTES = 128, 1 << 20
"""Maximum number of pages, and of their bytes, that take each step together."""
MAX_GAIN = 5.0
"""Maximum gain or loss of one line, in log-odds, to be weighed against the cost of a gap."""
_LINE_FEED = 10


class Decoding(NamedTuple):
    """How high the probability of a line must be for the line to be kept."""

    min_threshold: float = 0.3
    max_threshold: float = 0.5
    """Bounds of the threshold, which depends on the page."""
    gap_cost: float = 0.1
    """Cost of each line of a gap within the main content, in log-odds; less for a short line.
    A higher cost would force one contiguous article, and so lose posts of a forum, parts of a list
    and split articles."""


BALANCED = Decoding()
DECODINGS = {
    "precision": Decoding(0.55, 0.75),
    "balanced": BALANCED,
    "recall": Decoding(0.1, 0.25),
}


@njit
def _stretch_end(data: Bytes, start: int, stop: int) -> int:
    """Return where a stretch that begins at `start` ends: after a line feed, or at `stop`.

    It has at most `MAX_STRETCH_BYTES` and `MAX_STRETCH_LINES`, unless a single line is longer.
    """
    lines, end = 0, start
    for at in range(start, stop):
        if data[at] == _LINE_FEED:
            end = at + 1
            lines += 1
            if lines == MAX_STRETCH_LINES:
                return end
        if at - start >= MAX_STRETCH_BYTES and end > start:
            return end
    return stop


@njit_without_allocation
def _decode_lines(
    probabilities: Numbers,
    counts: Numbers,
    table: Numbers,
    decoding: Decoding,
    gains: Sums,
    previous: Bytes,
    kept: Flags,
) -> None:
    """Fill in what `decode_lines` returns; `gains` and `previous` are buffers."""
    limit = threshold(probabilities, counts, decoding.min_threshold, decoding.max_threshold)
    score = score_of(limit, table)
    for i in range(probabilities.size):
        gain = score_of(probabilities[i], table) - score
        gains[i] = MAX_GAIN if gain > MAX_GAIN else -MAX_GAIN if gain < -MAX_GAIN else gain
    viterbi(gains, counts, decoding.gap_cost, previous, kept)


def decode_lines(
    probabilities: Numbers, counts: Numbers, table: Numbers, decoding: Decoding
) -> Flags:
    """Return which lines to keep, given their probabilities and their numbers of words.

    `table` is `Model.probabilities`.
    """
    n = probabilities.size
    gains, previous, kept = np.empty(n), np.empty((n, 4), np.uint8), np.empty(n, np.bool_)
    _decode_lines(probabilities, counts, table, decoding, gains, previous, kept)
    return kept


def choose_lines(
    probabilities: Numbers, counts: Numbers, table: Numbers, decoding: Decoding
) -> Flags:
    """Return which lines to keep: also those that a stricter setting keeps.

    A lower threshold alone would not keep them: two passages that are far apart cost a gap, so a
    longer and less certain passage could replace a short one.
    """
    kept = decode_lines(probabilities, counts, table, decoding)
    for stricter in DECODINGS.values():
        if stricter.min_threshold > decoding.min_threshold:
            kept |= decode_lines(probabilities, counts, table, stricter)
    return kept


def choose(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model, decoding: Decoding
) -> Iterator[PageLines]:
    """Yield the lines of each page, and which of them to keep.

    `bounds` is where each page starts and stops, in bytes.
    """
    for lines, _ in _choose_described(data, bounds, model, decoding):
        yield lines


def _choose_described(
    data: Bytes, bounds: Iterable[tuple[int, int]], model: Model, decoding: Decoding
) -> Iterator[tuple[PageLines, PageDescription]]:
    """Yield what `choose` yields, and what the kind of each page is read from: its beginning."""
    pages = [_stretches(data, *bound) for bound in bounds]
    scored = score_pages(data, itertools.chain.from_iterable(pages), model)
    for page in pages:
        stretches, descriptions = [], []
        for probabilities, counts, spans, description in itertools.islice(scored, len(page)):
            kept = choose_lines(probabilities, counts, model.probabilities, decoding)
            stretches.append(PageLines(spans, probabilities, kept))
            descriptions.append(description)
        lines = stretches[0] if len(stretches) == 1 else _concatenated(stretches)
        yield lines, descriptions[0]


def _stretches(data: Bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """Return where the stretches of a page start and stop; there is at least one."""
    if stop - start < MAX_STRETCH_LINES:  # so it cannot have as many lines
        return [(start, stop)]
    stretches = [(start, _stretch_end(data, start, stop))]
    while stretches[-1][1] < stop:
        end = stretches[-1][1]
        stretches.append((end, _stretch_end(data, end, stop)))
    return stretches


def _concatenated(stretches: Sequence[PageLines]) -> PageLines:
    """Return the lines of all stretches as those of one page."""
    return PageLines(*(np.concatenate(parts) for parts in zip(*stretches, strict=True)))


def read_pages(
    pages: pa.Array,
    *,
    model: Model | None = None,
    decoding: Decoding = BALANCED,
    metadata: bool = True,
    as_of: date | Sequence[date | None] | None = None,
) -> Iterator[PageResult]:
    """Yield the result of each page of a column of texts.

    `as_of` is the latest possible date of an article, or that of each.

    Pages take each step in batches. One page at a time, the arrays of the model and the rules for
    the metadata would evict each other from the processor's caches, at a third more time.
    """
    data, offsets = texts(pages)
    model = model or load()
    latest = iter(as_of) if isinstance(as_of, Sequence) else itertools.repeat(as_of)
    for bounds in _batches(offsets):
        described = list(_choose_described(data, bounds, model, decoding))
        chosen = [lines for lines, _ in described]
        candidates = iter(_metadata_lines(data, chosen, model) if metadata else ())
        for (start, stop), (lines, description) in zip(bounds, described, strict=True):
            spans, probabilities, kept = lines
            last_day = next(latest)
            if kept.any():
                page = Page(data[start:stop].tobytes(), spans - start, kept)
                kinds = text_kinds(description)
                yield _article(page, probabilities, next(candidates, ()), kinds, as_of=last_day)
            elif len(spans):
                yield PageResult.without_article(probabilities)
            else:
                yield PageResult(reason="empty")


def _batches(offsets: Offsets) -> Iterator[list[tuple[int, int]]]:
    """Yield where the pages of each batch start and stop."""
    bounds: list[tuple[int, int]] = []
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if bounds and (len(bounds) == BATCH_PAGES or stop - bounds[0][0] > BATCH_BYTES):
            yield bounds
            bounds = []
        bounds.append((start, stop))
    if bounds:
        yield bounds


def _metadata_lines(
    data: Bytes, pages: Sequence[PageLines], model: Model
) -> list[tuple[RankedLines, ...]]:
    """Return, for each page with an article, the lines that may have its title, byline and date."""
    pages = [page for page in pages if page.kept.any()]
    return classifiers.rank_lines(
        data, pages, characters=model.characters, classifiers=classifiers.load()
    )


def _article(
    page: Page,
    probabilities: Numbers,
    candidates: tuple[RankedLines, ...],
    kinds: Numbers | None,
    *,
    as_of: date | None,
) -> PageResult:
    """Return the kept lines of a page, joined, and its metadata, read from the `candidates`."""
    spans, kept = page.spans, page.kept
    buffer = np.empty(len(page.data) + len(spans), np.uint8)
    n_bytes = _join(np.frombuffer(page.data, np.uint8), spans, kept, buffer)
    sizes = spans[:, 1] - spans[:, 0]
    expected = expected_f1(probabilities, sizes.astype(np.float32), kept)
    kind, kind_probability = most_probable(kinds)
    return PageResult(
        buffer[:n_bytes].tobytes().decode("utf-8", "replace"),
        read_metadata(page, candidates, as_of=as_of).metadata if candidates else NO_METADATA,
        removed_ratio=1 - int(sizes[kept].sum()) / int(sizes.sum()),
        confidence=line_confidence(expected, kinds),
        content_kind=kind,
        content_kind_probability=kind_probability,
    )


@njit_without_allocation
def _join(page: Bytes, spans: Offsets, kept: Flags, text: Bytes) -> int:
    """Write the kept lines to `text`, separated as on the page; return the number of bytes."""
    size, last_end = 0, -1
    for i in range(kept.size):
        if not kept[i]:
            continue
        start, stop = spans[i, 0], spans[i, 1]
        if last_end >= 0:
            line_feeds = 0
            for at in range(last_end, start):
                line_feeds += page[at] == _LINE_FEED
            for _ in range(line_feeds if line_feeds < 2 else 2):
                text[size] = _LINE_FEED
                size += 1
        for at in range(start, stop):
            text[size] = page[at]
            size += 1
        last_end = stop
    return size


class Line(NamedTuple):
    """A line of a page, whether it is kept, and why."""

    text: str
    kept: bool
    probability: float
    """The probability that it is part of the article."""
    role: str
    """`title`, `byline`, `date`, `publisher` or `url` if it was read as such; otherwise `body` if
    it is kept, and `boilerplate` if not."""
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    """What spoke for it and what against it, in words."""


def lines(page: str, *, decoding: Decoding = BALANCED, as_of: date | None = None) -> list[Line]:
    """Return each line of a page that is not blank, with the reasons for the first lines."""
    from corpus.articles.lines.reasons import reasons_of

    data, model = page.encode("utf-8", "replace"), load()
    raw = np.frombuffer(data, np.uint8)
    ((spans, probabilities, kept),) = choose(raw, [(0, raw.size)], model, decoding)
    roles: dict[int, str] = {}
    if kept.any():
        (candidates,) = _metadata_lines(raw, [PageLines(spans, probabilities, kept)], model)
        roles = read_metadata(Page(data, spans, kept), candidates, as_of=as_of).roles
    reasons = reasons_of(raw[: _stretch_end(raw, 0, raw.size)], probabilities, model)
    reasons += [Reasons()] * (len(spans) - len(reasons))
    rows = zip(spans.tolist(), kept.tolist(), probabilities.tolist(), reasons, strict=True)
    return [
        Line(
            data[start:stop].decode("utf-8", "replace"),
            is_kept,
            probability,
            roles.get(row, "body" if is_kept else "boilerplate"),
            *why,
        )
        for row, ((start, stop), is_kept, probability, why) in enumerate(rows)
    ]
