"""Join the kept lines of each page to its article, and say how good the choice is likely to be.

A kept line loses the white space around it. Two kept lines are separated by a blank line if there
was one between them on the page, or a removed line; else the second follows on the next line. So an
article keeps the paragraphs of its page.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Bytes, Flags, Numbers, Offsets, Sums
from corpus.articles.lines.decoding import expected_f1
from corpus.articles.metadata.nearby_lines import LinesOfPages
from corpus.kernels import njit

_LINE_FEED = 10


class ArticleTexts(NamedTuple):
    """The articles of several pages; empty if no line is kept."""

    text: Bytes
    """All articles, one after the other."""
    offsets: Offsets
    """Where each article starts in `text` (int64[n_pages + 1])."""
    kept_bytes: Offsets
    """Bytes of the kept lines of each page."""
    all_bytes: Offsets
    """Bytes of all lines of each page."""
    expected_f1: Sums
    """The F1 that the model expects of each article."""


@njit
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
            for _ in range(min(2, line_feeds)):
                text[size] = _LINE_FEED
                size += 1
        for at in range(start, stop):
            text[size] = page[at]
            size += 1
        last_end = stop
    return size


@njit
def _join_pages(data: Bytes, pages: LinesOfPages, sizes: Numbers, texts: ArticleTexts) -> None:
    """Fill in what `article_texts` returns; `sizes` (float32[n_lines]) is a buffer."""
    (spans, probabilities, kept), line_offsets = pages
    text, offsets, kept_bytes, all_bytes, expected = texts
    for page in range(line_offsets.size - 1):
        first, stop = line_offsets[page], line_offsets[page + 1]
        for i in range(first, stop):
            size = spans[i, 1] - spans[i, 0]
            sizes[i] = size
            all_bytes[page] += size
            kept_bytes[page] += size if kept[i] else 0
        own, at = kept[first:stop], offsets[page]
        offsets[page + 1] = at + _join(data, spans[first:stop], own, text[at:])
        expected[page] = expected_f1(probabilities[first:stop], sizes[first:stop], own)


def article_texts(data: Bytes, pages: LinesOfPages) -> ArticleTexts:
    """Return the article of each page, as bytes."""
    spans, offsets = pages.lines.spans, pages.offsets
    n_pages, n_lines = offsets.size - 1, len(spans)
    # each article is at most as long as its lines, with two line feeds between
    n_bytes = int((spans[:, 1] - spans[:, 0]).sum()) + 2 * n_lines
    texts = ArticleTexts(
        text=np.empty(n_bytes, np.uint8),
        offsets=np.zeros(n_pages + 1, np.int64),
        kept_bytes=np.zeros(n_pages, np.int64),
        all_bytes=np.zeros(n_pages, np.int64),
        expected_f1=np.empty(n_pages),
    )
    _join_pages(data, pages, np.empty(n_lines, np.float32), texts)
    return texts
