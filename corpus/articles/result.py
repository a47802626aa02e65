"""The result of reading one page, whether it was text or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from corpus.array_types import Numbers
from corpus.articles.metadata.metadata import ArticleMetadata

NO_METADATA = ArticleMetadata()


@dataclass(frozen=True)
class PageResult:
    """The article of a page and its metadata, or the reason why there is no article."""

    text: str = ""
    metadata: ArticleMetadata = NO_METADATA
    removed_ratio: float | None = None
    """Share of the visible bytes of the page that were removed; None if it was not read."""
    confidence: float | None = None
    """The word F1 that is expected of the text, by pages like it; None if no model chose it."""
    text_source: str | None = None
    """Where the text comes from if not from the markup: `json_ld` or `next_data`."""
    content_kind: str | None = None
    """The most probable kind of the page, one of `KINDS`; None if it cannot be said."""
    content_kind_probability: float | None = None
    reason: str | None = None
    evidence: str | None = None

    @classmethod
    def without_article(
        cls, probabilities: Numbers, metadata: ArticleMetadata = NO_METADATA
    ) -> Self:
        """Return the result of a page without any kept line."""
        highest = f"{len(probabilities)} lines, highest probability {probabilities.max():.2f}"
        return cls(metadata=metadata, removed_ratio=1.0, reason="no_article", evidence=highest)
