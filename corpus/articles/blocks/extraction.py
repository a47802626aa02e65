"""From an HTML page to its main content: keep the blocks that are probable enough, and join them.

The threshold is chosen for each page to maximise the expected F1 over its words, as for lines of
text (`corpus.articles.lines.decoding`). Blocks are kept one by one: an article may be split, a
forum has many posts, and a list between two paragraphs belongs to them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Numbers
from corpus.articles.blocks.features import ReadPage, read_page
from corpus.articles.blocks.model import BlockModel, load, score_page
from corpus.articles.blocks.tags import NUMBER
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.decoding import expected_f1, threshold
from corpus.articles.lines.extraction import Line
from corpus.articles.metadata.metadata import ArticleMetadata
from corpus.articles.result import NO_METADATA, PageResult


class BlockDecoding(NamedTuple):
    """How high the probability of a block must be for the block to be kept."""

    min_threshold: float
    max_threshold: float
    """Bounds of the threshold that maximises the expected F1 of the page."""
    factor: float
    """The threshold is raised by this factor."""


DECODINGS = {
    "precision": BlockDecoding(0.4, 0.65, 1.15),
    "balanced": BlockDecoding(0.2, 0.5, 1.15),
    "recall": BlockDecoding(0.1, 0.25, 1.0),
}
BALANCED = DECODINGS["balanced"]
MIN_HIGHEST = 0.1
"""If no block reaches the threshold, those near the highest probability are kept, from here on."""
_HEADINGS = np.array([NUMBER[f"h{level}"] for level in range(1, 7)])


def page_bytes(page: str) -> bytes:
    """Return a page as the bytes that `read_page` expects."""
    return page.encode("utf-8", "replace").replace(b"\0", b"")


def choose_blocks(probabilities: Numbers, counts: Numbers, decoding: BlockDecoding) -> Flags:
    """Return which blocks to keep, given their probabilities and their numbers of words."""
    limit = threshold(probabilities, counts, decoding.min_threshold, decoding.max_threshold)
    kept: Flags = probabilities >= limit * decoding.factor
    highest = float(probabilities.max(initial=0))
    if not kept.any() and highest >= MIN_HIGHEST:
        kept = probabilities >= highest / 2
    return kept


def texts_of(page: ReadPage) -> list[str]:
    """Return the text of each block."""
    raw = page.blocks.text.tobytes()
    spans = page.blocks.spans.tolist()
    return [raw[start:stop].decode("utf-8", "replace") for start, stop in spans]


def without_repeated_headings(page: ReadPage, texts: list[str], kept: Flags) -> Flags:
    """Return the kept blocks without headings that repeat the one before: pages print theirs twice.

    A headline above the article and the same headline on its first page are one headline.
    """
    is_heading = np.isin(page.walk.tag[page.blocks.node], _HEADINGS)
    result, before = kept.copy(), ""
    for i in np.flatnonzero(kept & is_heading).tolist():
        result[i] = texts[i] != before
        before = texts[i]
    return result


def read_blocks_of(
    html: str,
    *,
    decoding: BlockDecoding = BALANCED,
    metadata: ArticleMetadata = NO_METADATA,
    model: BlockModel | None = None,
) -> PageResult:
    """Return the main content of an HTML page, or the reason why there is none."""
    page = read_page(page_bytes(html), (model or load()).characters)
    if not len(page.blocks.node):
        return PageResult(reason="empty", metadata=metadata)
    probabilities = score_page(page, model or load())
    texts = texts_of(page)
    kept = choose_blocks(probabilities, page.table[:, WORDS], decoding)
    if not kept.any():
        return PageResult.without_article(probabilities, metadata)
    sizes = (page.blocks.spans[:, 1] - page.blocks.spans[:, 0]).astype(np.float32)
    confidence = expected_f1(probabilities, sizes, kept)
    removed = 1 - float(sizes[kept].sum(dtype=np.float64) / sizes.sum(dtype=np.float64))
    kept = without_repeated_headings(page, texts, kept)
    return PageResult(
        "\n".join(text for text, is_kept in zip(texts, kept.tolist(), strict=True) if is_kept),
        metadata,
        removed_ratio=removed,
        confidence=confidence,
    )


def lines(html: str, *, decoding: BlockDecoding = BALANCED) -> list[Line]:
    """Return each block of an HTML page, its probability and whether it is kept."""
    page = read_page(page_bytes(html), load().characters)
    if not len(page.blocks.node):
        return []
    probabilities = score_page(page, load())
    texts = texts_of(page)
    kept = choose_blocks(probabilities, page.table[:, WORDS], decoding)
    kept = without_repeated_headings(page, texts, kept)
    return [
        Line(text, is_kept, probability, "body" if is_kept else "boilerplate")
        for text, is_kept, probability in zip(
            texts, kept.tolist(), probabilities.tolist(), strict=True
        )
    ]
