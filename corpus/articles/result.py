"""What came of a page, whichever way it was read."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.articles.metadata.metadata import ArticleMetadata

NOTHING = ArticleMetadata()


@dataclass(frozen=True)
class Read:
    """The article of a page with what the page says about it, or the reason why there is none."""

    text: str = ""
    found: ArticleMetadata = NOTHING
    removed_ratio: float | None = None
    """The share of the page's visible bytes that went; None of what never was a page."""
    confidence: float | None = None
    """The F1 that the line model expects of the lines it kept; None where it was not asked."""
    reason: str | None = None
    evidence: str | None = None
