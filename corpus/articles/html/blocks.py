"""Read an HTML page by the block model: its main content, and its metadata from markup and text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from corpus.array_types import Flags, Numbers
from corpus.articles.blocks.extraction import (
    DECODINGS,
    Extraction,
    extract_blocks,
    lines,
    result_of,
)
from corpus.articles.blocks.layout.segments import TextMarkup
from corpus.articles.blocks.model import BlockModel, load
from corpus.articles.blocks.tags import H1
from corpus.articles.content_kind.model import KINDS, html_kinds, most_probable
from corpus.articles.html.markup_authors import Place, is_near
from corpus.articles.html.markup_metadata import markup_metadata
from corpus.articles.html.script_text import script_extraction
from corpus.articles.lines.extraction import Line
from corpus.articles.metadata import classifiers
from corpus.articles.metadata.metadata import (
    ArticleMetadata,
    MetadataResult,
    Page,
    read_metadata,
)
from corpus.articles.metadata.nearby_lines import LinesOfPages, PageLines
from corpus.articles.result import NO_METADATA, PageResult

BLOCKS_BELOW_HEADLINE = 6


def read_blocks_page(
    html: str,
    *,
    keep: str = "balanced",
    as_of: date | None = None,
    markup: TextMarkup = "plain",
    text_from_scripts: bool = False,
    model: BlockModel | None = None,
    metadata: bool = True,
) -> PageResult:
    """Return the main content and the metadata of a page, or the reason why it has none.

    With `text_from_scripts`, the text may come from JSON (see `corpus.articles.html.script_text`).
    Without it, the evidence of a page without main content names such a text. Without `metadata`,
    none is read.
    """
    model = model or load()
    extraction = extract_blocks(html, decoding=DECODINGS[keep], model=model)
    kinds = html_kinds(extraction.page)
    found = _metadata(extraction, kinds, as_of=as_of) if metadata else NO_METADATA
    in_script = None
    if text_from_scripts or not extraction.kept.any():
        in_script = script_extraction(html, extraction, model.characters)
    if text_from_scripts:
        return _result(extraction, kinds, found, markup, in_script)
    return _naming_script(result_of(extraction, kinds, found, markup=markup), in_script)


def _metadata(
    extraction: Extraction, kinds: Numbers | None, *, as_of: date | None
) -> ArticleMetadata:
    """Return the metadata that the markup of a page gives, and its text where that is silent."""
    place = place_of(extraction)
    return markup_metadata(
        extraction.page.markup,
        extraction.headings(),
        place,
        lambda: text_metadata(extraction, as_of=as_of),
        is_article=lambda: most_probable(kinds)[0] in (None, KINDS[0]),
        below_headline=below_headline(extraction, place),
        as_of=as_of,
    )


def _naming_script(result: PageResult, in_script: tuple[Extraction, str] | None) -> PageResult:
    """Return a result whose evidence names the text in JSON that was not taken, if there is any."""
    if in_script is None:
        return result
    own, source = in_script
    where = f"{len(own.text()):,} characters of text in {source} (html.text_from_scripts: true)"
    return replace(result, evidence="; ".join(filter(None, (result.evidence, where))))


def _result(
    extraction: Extraction,
    kinds: Numbers | None,
    metadata: ArticleMetadata,
    markup: TextMarkup,
    in_script: tuple[Extraction, str] | None,
) -> PageResult:
    """Return the main content, of the markup or of a script, with the metadata of the page."""
    if in_script is None:
        return result_of(extraction, kinds, metadata, markup=markup)
    own, source = in_script
    kind, probability = most_probable(kinds)
    return PageResult(
        own.text(markup),
        metadata,
        text_source=source,
        content_kind=kind,
        content_kind_probability=probability,
    )


def place_of(extraction: Extraction) -> Place:
    """Return where on its page the main content is."""
    kept = np.flatnonzero(extraction.kept)
    if not kept.size:
        return Place(-1, -1, -1)
    nodes = extraction.page.blocks.node[: kept[0] + 1]
    headings = np.flatnonzero(extraction.page.walk.tag[nodes] == H1)
    return Place(int(headings[-1]) if headings.size else -1, int(kept[0]), int(kept[-1]))


def below_headline(extraction: Extraction, place: Place) -> list[str]:
    """Return the texts of the blocks below the headline, where byline and date usually are."""
    start = place.headline + 1
    return extraction.texts[start : start + BLOCKS_BELOW_HEADLINE] if place.headline >= 0 else []


def _with_headline(extraction: Extraction, place: Place) -> Flags:
    """Return which blocks are kept, with the headline above them.

    The headline is often only the title of a page, but byline and date are near it.
    """
    kept = extraction.kept.copy()
    if place.headline >= 0:
        kept[place.headline] = True
    return kept


def text_metadata(extraction: Extraction, *, as_of: date | None) -> MetadataResult:
    """Return the metadata that the text of a page gives, read as in a page dumped to text.

    A byline far from the headline is not sure to be the author's: it may be of a teaser.
    """
    place = place_of(extraction)
    rows = [
        (line, is_kept, probability, block)
        for block, (text, is_kept, probability) in enumerate(
            zip(
                extraction.texts,
                _with_headline(extraction, place).tolist(),
                extraction.probabilities.tolist(),
                strict=True,
            )
        )
        for line in text.split("\n")
        if line.strip()
    ]
    kept = np.array([is_kept for _, is_kept, _, _ in rows], np.bool_)
    if not kept.any():
        return MetadataResult(NO_METADATA, {})
    encoded = [line.encode("utf-8", "replace") for line, _, _, _ in rows]
    ends = np.cumsum([len(line) + 1 for line in encoded]) - 1
    starts = ends - [len(line) for line in encoded]
    spans = np.stack([starts, ends], 1).astype(np.int64)
    data = b"\n".join(encoded)
    probabilities = np.array([probability for _, _, probability, _ in rows], np.float32)
    (ranked,) = classifiers.rank_lines(
        np.frombuffer(data, np.uint8),
        LinesOfPages.of_one(PageLines(spans, probabilities, kept)),
        characters=load().characters,
        classifiers=classifiers.load(),
    )
    result = read_metadata(Page(data, spans, kept), ranked, as_of=as_of)
    bylines = [rows[row][3] for row, role in result.roles.items() if role == "byline"]
    near = all(is_near(block, place) for block in bylines)
    return result._replace(is_sure_author=result.is_sure_author and near)


def block_lines(
    html: str,
    *,
    keep: str = "balanced",
    markup: TextMarkup = "plain",
    text_from_scripts: bool = False,
) -> list[Line]:
    """Return each block of a page, its probability and whether it is kept.

    If the text comes from a script, its blocks follow, and no block of the markup is kept.
    """
    model = load()
    extraction = extract_blocks(html, decoding=DECODINGS[keep], model=model)
    in_script = script_extraction(html, extraction, model.characters) if text_from_scripts else None
    if in_script is None:
        return lines(extraction, markup)
    own, _ = in_script
    unused = extraction._replace(kept=np.zeros_like(extraction.kept))
    return lines(unused) + lines(own, markup)
