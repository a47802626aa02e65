"""Read an HTML page: its main content and its metadata, by one of three engines.

The block model reads the page itself (see `corpus.articles.blocks`). Trafilatura and resiliparse
are there for comparison: their text is returned as it is, whatever `keep` is. Pages above the
limits are refused before they are parsed (see `corpus.articles.html.limits`).

Reading needs no network and no clock: a page is a string, and dates are read from its markup. The
parser neither fetches nor expands what a page refers to (entities, frames, images).
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from corpus.articles.html.limits import DEFAULT_LIMITS, Limits, refusal
from corpus.articles.html.visible_text import parsable, visible_text
from corpus.articles.lines.extraction import Line
from corpus.articles.metadata.metadata import ArticleMetadata
from corpus.articles.metadata.timestamps import parse_timestamp, plausible_date, published_at
from corpus.articles.metadata.urls import valid_url
from corpus.articles.result import PageResult
from corpus.errors import CorpusError

if TYPE_CHECKING:
    from corpus.articles.blocks.layout.segments import TextMarkup

Engine = Literal["blocks", "trafilatura", "resiliparse"]
Keep = Literal["precision", "balanced", "recall"]

_MAX_DATE = "2100-01-01"  # the default of trafilatura is today, and no build may depend on that


def read_html(
    page: str,
    *,
    engine: Engine = "blocks",
    limits: Limits = DEFAULT_LIMITS,
    keep: Keep = "balanced",
    as_of: date | None = None,
    markup: TextMarkup = "plain",
    text_from_scripts: bool = False,
    metadata: bool = True,
) -> PageResult:
    """Return the main content of an HTML page with its metadata, or the reason why there is none.

    `keep`, `markup` and `text_from_scripts` are for the block model only, and only it has a
    confidence. The reason is `empty` if nothing on the page is visible. Without `metadata`, none is
    read.
    """
    refused = refusal(page.encode("utf-8", "replace"), limits=limits, any_depth=engine == "blocks")
    if refused:
        reason, evidence = refused
        return PageResult(reason=reason, evidence=evidence)
    if not page.strip():
        return PageResult(reason="empty")
    try:
        if engine == "blocks":
            from corpus.articles.html.blocks import read_blocks_page

            return read_blocks_page(
                page,
                keep=keep,
                as_of=as_of,
                markup=markup,
                text_from_scripts=text_from_scripts,
                metadata=metadata,
            )
        return _read(parsable(page), engine=engine, as_of=as_of, metadata=metadata)
    except (ImportError, MemoryError, CorpusError):
        raise  # faults of the environment, not of the page
    except RecursionError:
        return PageResult(reason="bad_html", evidence="nested too deeply")
    except Exception as error:  # noqa: BLE001  a parser must not stop a run: the page is removed
        return PageResult(reason="bad_html", evidence=f"{type(error).__name__}")


def _read(page: str, *, engine: Engine, as_of: date | None, metadata: bool) -> PageResult:
    """Return the text that trafilatura or resiliparse selects; raises whatever the parsers raise.

    The share that they removed is that of the visible bytes.
    """
    text, found = _ENGINES[engine](page, as_of, metadata=metadata)
    visible = visible_text(page)
    if not visible:
        return PageResult(reason="empty", metadata=found)
    if not text.strip():
        evidence = f"{engine} selects none of {len(visible.splitlines())} lines"
        return PageResult(reason="no_article", evidence=evidence, metadata=found, removed_ratio=1.0)
    kept, total = (sum(len(w.encode()) for w in part.split()) for part in (text, visible))
    return PageResult(text, found, removed_ratio=max(0.0, 1 - kept / total))


def lines(
    page: str,
    *,
    keep: Keep = "balanced",
    markup: TextMarkup = "plain",
    text_from_scripts: bool = False,
) -> list[Line]:
    """Return each block of an HTML page, as the block model judges it.

    Raises what the parser raises, so it is only for pages that `read_html` can read.
    """
    from corpus.articles.html.blocks import block_lines

    return block_lines(page, keep=keep, markup=markup, text_from_scripts=text_from_scripts)


def _trafilatura(page: str, as_of: date | None, *, metadata: bool) -> tuple[str, ArticleMetadata]:
    """Return text and metadata by trafilatura, without its slow fallback extractors."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    import trafilatura

    document = trafilatura.bare_extraction(
        page,
        fast=True,
        include_comments=False,
        with_metadata=metadata,
        date_extraction_params={
            "original_date": True,
            "extensive_search": False,
            "max_date": _MAX_DATE,
        },
    )
    if document is None:
        return "", ArticleMetadata()
    if not metadata:
        return document.text or "", ArticleMetadata()
    found = ArticleMetadata(
        title=document.title or None,
        author=document.author or None,
        publisher=document.sitename or None,
        date=_published(page, document.date, as_of),
        url=valid_url(document.url),
    )
    return document.text or "", found


_META_TAGS = {
    "title": ('meta[property="og:title"]', 'meta[name="twitter:title"]'),
    "author": ('meta[name="author"]',),
    "publisher": ('meta[property="og:site_name"]',),
    "date": ('meta[property="article:published_time"]', 'meta[name="date"]'),
    "url": ('meta[property="og:url"]',),
}
"""Where resiliparse reads metadata: the first of each that has content."""


def _resiliparse(page: str, as_of: date | None, *, metadata: bool) -> tuple[str, ArticleMetadata]:
    """Return text and metadata by resiliparse: four times as fast as trafilatura, less accurate."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(page)
    text = extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False)
    if not metadata:
        return text, ArticleMetadata()
    values: dict[str, str | None] = {}
    for name, selectors in _META_TAGS.items():
        nodes = (tree.head.query_selector(css) for css in selectors) if tree.head else ()
        contents = (node.getattr("content") for node in nodes if node is not None)
        values[name] = next((" ".join(content.split()) for content in contents if content), None)
    found = ArticleMetadata(
        title=values["title"] or " ".join((tree.title or "").split()) or None,
        author=values["author"],
        publisher=values["publisher"],
        date=_published(page, values["date"], as_of),
        url=valid_url(values["url"]),
    )
    return text, found


def _published(page: str, day: str | None, as_of: date | None) -> datetime | None:
    """Return when the article was published, to the minute if the page has that, if plausible."""
    return plausible_date(published_at(page, parse_timestamp(day or "")), as_of=as_of)


_ENGINES = {"trafilatura": _trafilatura, "resiliparse": _resiliparse}
