"""Turn a column of pages into articles: the kept lines of each page, joined, and its metadata."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus.array_types import Bytes, Offsets
from corpus.arrow_buffers import texts
from corpus.articles.confidence.model import line_confidence
from corpus.articles.content_kind.model import most_probable
from corpus.articles.lines.article_texts import ArticleTexts, article_texts
from corpus.articles.lines.model import Model, load
from corpus.articles.lines.selection import (
    BALANCED,
    ChosenPages,
    Decoding,
    choose_pages,
    stretch_end,
)
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.classifiers import RankedLines
from corpus.articles.metadata.metadata import Page, read_metadata
from corpus.articles.metadata.nearby_lines import LinesOfPages
from corpus.articles.reasons import Reasons
from corpus.articles.result import NO_METADATA, PageResult

BATCH_PAGES, BATCH_BYTES = 256, 1 << 20
"""Maximum number of pages, and of their bytes, that take each step together."""


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

    Pages take each step in batches: a step costs some time by itself. One page at a time, the
    arrays of the model and the rules for the metadata would also evict each other from the
    processor's caches.
    """
    data, offsets = texts(pages)
    model = model or load()
    latest = iter(as_of) if isinstance(as_of, Sequence) else itertools.repeat(as_of)
    for bounds in _batches(offsets):
        chosen = choose_pages(data, bounds, model, decoding)
        ranked = _ranked_lines(data, chosen.pages, model) if metadata else itertools.repeat(())
        yield from _results(data, bounds, chosen, ranked, latest)


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


def _ranked_lines(
    data: Bytes, pages: LinesOfPages, model: Model
) -> Iterator[tuple[RankedLines, ...]]:
    """Return, for each page, the lines that may have its title, byline and date."""
    return iter(
        classifiers.rank_lines(
            data, pages, characters=model.characters, classifiers=classifiers.load()
        )
    )


def _results(
    data: Bytes,
    bounds: Sequence[tuple[int, int]],
    chosen: ChosenPages,
    ranked: Iterator[tuple[RankedLines, ...]],
    latest: Iterator[date | None],
) -> Iterator[PageResult]:
    """Yield the result of each page of a batch."""
    (spans, probabilities, kept), line_offsets = chosen.pages
    articles = article_texts(data, chosen.pages)
    own_spans = spans - np.repeat([start for start, _ in bounds], np.diff(line_offsets))[:, None]
    rows = itertools.pairwise(line_offsets.tolist())
    every = zip(bounds, rows, chosen.kinds, _measured(articles), strict=True)
    for (start, stop), (first, end), kinds, (text, kept_share, expected) in every:
        candidates, last_day = next(ranked), next(latest)
        if first == end:
            yield PageResult(reason="empty")
        elif not text:
            yield PageResult.without_article(probabilities[first:end])
        else:
            kind, kind_probability = most_probable(kinds)
            page = Page(data[start:stop].tobytes(), own_spans[first:end], kept[first:end])
            found = read_metadata(page, candidates, as_of=last_day) if candidates else None
            yield PageResult(
                text,
                found.metadata if found else NO_METADATA,
                removed_ratio=1 - kept_share,
                confidence=line_confidence(expected, kinds),
                content_kind=kind,
                content_kind_probability=kind_probability,
            )


def _measured(articles: ArticleTexts) -> Iterator[tuple[str, float, float]]:
    """Yield the text of each article, its share of the bytes of its page, and the expected F1."""
    joined = articles.text[: articles.offsets[-1]].tobytes()
    shares = articles.kept_bytes / np.maximum(articles.all_bytes, 1)
    bounds = itertools.pairwise(articles.offsets.tolist())
    measures = zip(bounds, shares.tolist(), articles.expected_f1.tolist(), strict=True)
    for (start, stop), share, expected in measures:
        yield joined[start:stop].decode("utf-8", "replace"), share, expected


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
    pages = choose_pages(raw, [(0, raw.size)], model, decoding).pages
    spans, probabilities, kept = pages.lines
    roles: dict[int, str] = {}
    if kept.any():
        (candidates,) = _ranked_lines(raw, pages, model)
        roles = read_metadata(Page(data, spans, kept), candidates, as_of=as_of).roles
    reasons = reasons_of(raw[: stretch_end(raw, 0, raw.size)], probabilities, model)
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
