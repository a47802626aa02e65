"""The settings of `clean`: the steps of normalisation, and how HTML is read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpus.settings import Settings


class Normalise(Settings):
    """Steps of text normalisation; `corpus.articles.normalise` documents each."""

    mojibake: bool = True
    """Repair text that was decoded with the wrong encoding (mojibake)."""
    entities: bool = True
    """Replace HTML entities by the characters they stand for."""
    composed: bool = True
    """Compose letters and combining marks (Unicode NFC)."""
    lines: bool = True
    """Replace every kind of line end by a line feed."""
    controls: bool = True
    """Remove control characters."""
    zero_width: bool = True
    """Remove zero-width characters, except joiners in scripts that need them."""
    soft_hyphens: bool = True
    """Remove soft hyphens."""
    spaces: bool = True
    """Replace each run of white space by one space; remove it at the ends of lines."""
    blank_lines: bool = True
    """Keep at most one blank line in a row, and none at the start or end of a text."""


class Html(Settings):
    """How to read HTML, and limits for one page."""

    engine: Literal["blocks", "trafilatura", "resiliparse"] = "blocks"
    """Extractor of the main content: `blocks` is the block model, which reads pages of all kinds.
    `trafilatura` and `resiliparse` are there for comparison; `keep` has no effect on them, and they
    have no `clean_confidence`."""
    most_bytes: int = Field(default=8_000_000, gt=0)
    """Maximum number of bytes; a larger page is removed (`too_large`). A typical page
    has 1 % of it."""
    most_tags: int = Field(default=100_000, gt=0)
    """Maximum number of tags; a page with more is removed (`too_large`). Parsing it could
    take over ten seconds."""
    most_depth: int = Field(default=250, gt=0, le=250)
    """Maximum nesting depth for `trafilatura` and `resiliparse`; a deeper page is removed
    (`bad_html`), because their parsers lose deeper content. `blocks` reads any depth."""

    text_from_scripts: bool = False
    """Take the text from JSON (JSON-LD or `__NEXT_DATA__`) if the markup has less than half of it,
    as on pages that a script builds. The column `clean_text_source` marks such documents:
    `json_ld` or `next_data`. No model judges their text. Needs `engine: blocks`."""
