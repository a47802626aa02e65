"""From an HTML page to its main content: keep the blocks that are probable enough, and join them.

The threshold is chosen for each page to maximise the expected F1 over its words, as for lines of
text (`corpus.articles.lines.decoding`). Every setting of `keep` has the same threshold and only
bounds it, so `recall` keeps what `balanced` keeps, and `balanced` what `precision` keeps. Blocks
are kept one by one: an article may be split, a forum has many posts, and a list between two
paragraphs belongs to them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corpus.array_types import Flags, Numbers
from corpus.articles.blocks.features import ReadPage, read_page
from corpus.articles.blocks.layout.segments import Segment, TextMarkup, joined, segments
from corpus.articles.blocks.model import BlockModel, load, score_page
from corpus.articles.blocks.tags import H1, NUMBER
from corpus.articles.confidence.model import block_confidence
from corpus.articles.content_kind.model import most_probable
from corpus.articles.lines.counters import WORDS
from corpus.articles.lines.decoding import expected_f1, threshold
from corpus.articles.lines.extraction import Line
from corpus.articles.metadata.metadata import ArticleMetadata
from corpus.articles.result import NO_METADATA, PageResult


class BlockDecoding(NamedTuple):
    """How high the probability of a block must be for the block to be kept."""

    min_threshold: float
    max_threshold: float
    """Bounds of the threshold that maximises the expected F1 of the page. A stricter setting has
    higher bounds, and no lower factor."""
    factor: float
    """The threshold is raised by this factor."""


DECODINGS = {
    "precision": BlockDecoding(0.4, 0.65, 1.15),
    "balanced": BlockDecoding(0.2, 0.5, 1.15),
    "recall": BlockDecoding(0.1, 0.25, 1.0),
}
BALANCED = DECODINGS["balanced"]
LOWEST_THRESHOLD = min(decoding.min_threshold for decoding in DECODINGS.values())
HIGHEST_THRESHOLD = max(decoding.max_threshold for decoding in DECODINGS.values())
MAX_HEADINGS = 20
"""First-level headings that may be the title."""
MIN_HIGHEST = 0.3
"""If no block is this probable, the page has no main content."""
MIN_REPEATED_WORDS = 12
"""A paragraph of this many words that stands on the page already is not kept again."""
_HEADINGS = np.array([NUMBER[f"h{level}"] for level in range(1, 7)])


def page_bytes(page: str) -> bytes:
    """Return a page as the bytes that `read_page` expects."""
    return page.encode("utf-8", "replace").replace(b"\0", b"")


def choose_blocks(probabilities: Numbers, counts: Numbers, decoding: BlockDecoding) -> Flags:
    """Return which blocks to keep, given their probabilities and their numbers of words.

    If none reaches the threshold, those with the highest probability are kept.
    """
    highest = probabilities.max(initial=np.float32(0))
    if highest < MIN_HIGHEST:
        return np.zeros(probabilities.size, np.bool_)
    best = threshold(probabilities, counts, LOWEST_THRESHOLD, HIGHEST_THRESHOLD)
    limit = min(max(best, decoding.min_threshold), decoding.max_threshold) * decoding.factor
    kept: Flags = probabilities >= min(np.float32(limit), highest)
    return kept


class Extraction(NamedTuple):
    """The blocks of a page, and which of them are its main content."""

    page: ReadPage
    texts: list[str]
    """The text of each block; preformatted text and blocks with line breaks have several lines."""
    probabilities: Numbers
    kept: Flags

    def headings(self) -> list[str]:
        """Return the texts of the first-level headings that are kept, then of the others."""
        is_heading = self.page.walk.tag[self.page.blocks.node] == H1
        rows = [*np.flatnonzero(is_heading & self.kept), *np.flatnonzero(is_heading & ~self.kept)]
        return [" ".join(self.texts[row].split()) for row in rows[:MAX_HEADINGS]]

    def segments(self, markup: TextMarkup = "plain") -> list[Segment]:
        """Return the kept blocks as they stand in the text."""
        return segments(self.page, self.kept, self.texts, markup)

    def text(self, markup: TextMarkup = "plain") -> str:
        """Return the main content, one block after the other."""
        return joined(self.segments(markup))


def extract_blocks(
    html: str, *, decoding: BlockDecoding = BALANCED, model: BlockModel | None = None
) -> Extraction:
    """Return the blocks of an HTML page with their probabilities, and which of them to keep."""
    model = model or load()
    page = read_page(page_bytes(html), model.characters)
    texts = texts_of(page)
    if not texts:
        return Extraction(page, [], np.zeros(0, np.float32), np.zeros(0, np.bool_))
    probabilities = score_page(page, model)
    kept = choose_blocks(probabilities, page.table[:, WORDS], decoding)
    return Extraction(page, texts, probabilities, without_repeats(page, texts, kept))


def texts_of(page: ReadPage) -> list[str]:
    """Return the text of each block."""
    raw = page.blocks.text.tobytes()
    spans = page.blocks.spans.tolist()
    return [raw[start:stop].decode("utf-8", "replace") for start, stop in spans]


def without_repeats(page: ReadPage, texts: list[str], kept: Flags) -> Flags:
    """Return the kept blocks without those that repeat another.

    A page may print its headline above the article, and again inside of it; so a heading that
    repeats the heading before is dropped. Some pages have their article twice, for small and for
    large screens; so a paragraph of `MIN_REPEATED_WORDS` that stands above is dropped. A block of
    several lines is not: a song repeats its chorus, and code may repeat itself.
    """
    is_heading = np.isin(page.walk.tag[page.blocks.node], _HEADINGS)
    is_long = page.table[:, WORDS] >= MIN_REPEATED_WORDS
    result, before, above = kept.copy(), "", set[str]()
    for i in np.flatnonzero(kept).tolist():
        text = texts[i]
        if is_heading[i]:
            result[i] = text != before
            before = text
        elif is_long[i] and "\n" not in text:
            result[i] = text not in above
            above.add(text)
    return result


def result_of(
    extraction: Extraction,
    kinds: Numbers | None = None,
    metadata: ArticleMetadata = NO_METADATA,
    *,
    markup: TextMarkup = "plain",
) -> PageResult:
    """Return the main content of a page, or the reason why there is none.

    `kinds` are the probabilities of the kinds of the page (`html_kinds`), if they are known.
    """
    if not extraction.texts:
        return PageResult(reason="empty", metadata=metadata)
    probabilities, kept = extraction.probabilities, extraction.kept
    if not kept.any():
        return PageResult.without_article(probabilities, metadata)
    spans = extraction.page.blocks.spans
    sizes = spans[:, 1] - spans[:, 0]
    expected = expected_f1(probabilities, extraction.page.table[:, WORDS], kept)
    kind, kind_probability = most_probable(kinds)
    return PageResult(
        extraction.text(markup),
        metadata,
        removed_ratio=1 - int(sizes[kept].sum()) / int(sizes.sum()),
        confidence=block_confidence(expected, kinds),
        content_kind=kind,
        content_kind_probability=kind_probability,
    )


def lines(extraction: Extraction, markup: TextMarkup = "plain") -> list[Line]:
    """Return each block of an HTML page, its probability, whether it is kept, and why.

    A block that is kept stands as in the text, with its markup.
    """
    from corpus.articles.blocks.reasons import reasons_of
    from corpus.articles.reasons import Reasons

    texts = extraction.texts.copy()
    if not texts:
        return []
    for segment in extraction.segments(markup):
        texts[segment.block] = segment.text
    reasons = reasons_of(extraction.page, load())
    reasons += [Reasons()] * (len(texts) - len(reasons))
    kept, probabilities = extraction.kept.tolist(), extraction.probabilities.tolist()
    rows = zip(texts, kept, probabilities, reasons, strict=True)
    return [
        Line(text, is_kept, probability, "body" if is_kept else "boilerplate", *why)
        for text, is_kept, probability, why in rows
    ]
