"""The article of an HTML page, and what the page says about it, by trafilatura or by resiliparse.

Behind both stands the line model: see `corpus.articles.html.lines`.

Both run offline and without a clock: a page is a string, and dates are read from its markup. What
a page may cost is counted in bytes, tags and depth beforehand, so that no page, however large or
hostile, takes down a run or takes it over; a page beyond the limits is refused with the number
that was too large. The parser never fetches or expands what a page names (entities, frames,
images).
"""

# ruff: noqa: FURB136  (numba compiles min and max anew for each pair of types)

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes
from corpus.articles.lines.extraction import BALANCED, Decoding, Line
from corpus.articles.lines.model import Model
from corpus.articles.metadata.metadata import ArticleMetadata
from corpus.articles.metadata.timestamps import parse_timestamp, plausible_date, published_at
from corpus.articles.metadata.urls import valid_url
from corpus.articles.result import Read
from corpus.kernels import njit

Engine = Literal["trafilatura", "resiliparse"]

Codes = NDArray[np.uint64]

PARSER_DEPTH = 250
"""libxml2 stops reading at 256 levels, and would lose the rest of the page."""

_LATEST = "2100-01-01"  # trafilatura's own default is today, which no build may depend on


@dataclass(frozen=True)
class Limits:
    """What a page of HTML may cost."""

    bytes: int = 8_000_000
    tags: int = 100_000
    depth: int = PARSER_DEPTH


def _code(name: str) -> int:
    """Return the first eight letters of a tag's name as one number, as the kernel reads it."""
    return int.from_bytes(name.encode()[:8], "big")


_VOID = np.array(
    [
        *(_code(name) for name in ("area", "base", "br", "col", "embed", "hr", "img", "input")),
        *(_code(name) for name in ("link", "meta", "p", "param", "source", "track", "wbr")),
    ],
    np.uint64,
)
"""Elements that hold nothing, and paragraphs, which any block closes."""
_SIBLINGS = np.array(
    [_code(x) for x in ("dd", "dt", "li", "option", "tbody", "td", "tfoot", "th", "thead", "tr")],
    np.uint64,
)
"""Elements that the next of their kind closes."""
_RAW = np.array([_code("script"), _code("style")], np.uint64)
"""Elements whose content is not markup."""


@njit
def _name(data: Bytes, at: int) -> tuple[np.uint64, int]:
    """Return the tag name at a byte as one number, and where it ends."""
    code, start = np.uint64(0), at
    while at < data.size:
        byte = data[at] | 0x20
        if not (0x61 <= byte <= 0x7A or 0x30 <= data[at] <= 0x39):
            break
        if at - start < 8:
            code = (code << np.uint64(8)) | np.uint64(byte)
        at += 1
    return code, at


@njit
def _holds(codes: Codes, code: np.uint64) -> bool:
    """Return whether a name is among some."""
    found = False
    for i in range(codes.size):
        found = found or codes[i] == code
    return found


@njit
def _nesting(
    data: Bytes, most: int, void: Codes, siblings: Codes, raw: Codes, stack: Codes
) -> tuple[int, int]:
    """Return what `nesting` does; `stack` has room for the open tags."""
    depth, deepest, tags, at, skipping = 0, 0, 0, 0, np.uint64(0)
    while at + 1 < data.size:
        if data[at] != 0x3C:
            at += 1
            continue
        closes = data[at + 1] == 0x2F
        code, at = _name(data, at + 1 + closes)
        if code == 0 or (skipping and not (closes and code == skipping)):
            continue
        skipping = np.uint64(0)
        if closes:
            for i in range(depth):
                if stack[depth - 1 - i] == code:
                    depth -= i + 1
                    break
            continue
        tags += 1
        if _holds(void, code):
            continue
        if _holds(raw, code):
            skipping = code
            continue
        if depth and stack[depth - 1] == code and _holds(siblings, code):
            continue
        if depth > most:
            return tags, depth
        stack[depth] = code
        depth += 1
        deepest = depth if depth > deepest else deepest
    return tags, deepest


def nesting(data: Bytes, most: int, void: Codes, siblings: Codes, raw: Codes) -> tuple[int, int]:
    """Return how many tags open, and how deep they nest (at most `most`); costs one pass."""
    return _nesting(data, most, void, siblings, raw, np.empty(most + 1, np.uint64))


def refusal(data: bytes, *, limits: Limits = Limits()) -> tuple[str, str] | None:
    """Return why a page is not parsed (reason, evidence), or None where it may be."""
    if len(data) > limits.bytes:
        return "too_large", f"{len(data)} bytes, at most {limits.bytes}"
    depth = min(limits.depth, PARSER_DEPTH)
    tags, deepest = nesting(np.frombuffer(data, np.uint8), depth, _VOID, _SIBLINGS, _RAW)
    if tags > limits.tags:
        return "too_large", f"{tags} tags, at most {limits.tags}"
    if deepest > depth:
        return "bad_html", f"nested more than {depth} deep"
    return None


def read_html(
    page: str,
    *,
    engine: Engine = "trafilatura",
    limits: Limits = Limits(),
    decoding: Decoding = BALANCED,
    as_of: date | None = None,
    model: Model | None = None,
) -> Read:
    """Return the article of a page of HTML with its metadata, or the reason why it has none.

    The line model reads behind either engine: with trafilatura every line of the page, with
    resiliparse those that it leaves. A page is `empty` where nothing on it is visible.
    """
    from corpus.articles.html.lines import together

    refused = refusal(page.encode("utf-8", "replace"), limits=limits)
    if refused:
        reason, evidence = refused
        return Read(reason=reason, evidence=evidence)
    if not page.strip():
        return Read(reason="empty")
    page = _parsable(page)
    try:
        text, found = _ENGINES[engine](page, as_of)
        left = engine == "resiliparse"
        lines = text if left and text.strip() else visible(page)
        if not lines:
            return Read(reason="empty", found=found)
        if left and not text.strip():
            nothing = f"{engine} leaves none of {len(lines.splitlines())} lines"
            return Read(reason="no_article", evidence=nothing, found=found, removed_ratio=1.0)
        return together(lines, "" if left else text, found=found, decoding=decoding, model=model)
    except RecursionError:
        return Read(reason="bad_html", evidence="nested too deep")
    except Exception as fault:  # noqa: BLE001, a parser must not take down a run: the page is removed
        return Read(reason="bad_html", evidence=f"{type(fault).__name__}")


def lines(page: str, *, decoding: Decoding = BALANCED) -> list[Line]:
    """Return each visible line of a page of HTML, as `read_html` judges it behind trafilatura.

    Raises what the parsers do: it is for pages that `read_html` could read.
    """
    from corpus.articles.html.lines import weighed

    text, _ = _trafilatura(_parsable(page), None)
    return weighed(visible(page), text, decoding=decoding)


def visible(page: str) -> str:
    """Return the visible text of a page of HTML, a line for each block; nothing where none is."""
    from lxml.etree import ParserError

    from corpus.articles.html.lines import page_of

    try:
        return page_of(_parsable(page))
    except ParserError:  # of a document without an element, be it that it has a comment
        return ""


def _parsable(page: str) -> str:
    """Return a page without what no parser takes in a string."""
    return _DECLARATION.sub("", page.replace("\0", ""), count=1)


_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
"""Says the encoding of bytes that are decoded by now; lxml will not hear of it."""


def _trafilatura(page: str, as_of: date | None) -> tuple[str, ArticleMetadata]:
    """Return text and metadata by trafilatura, without its slow second opinion."""
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    import trafilatura

    document = trafilatura.bare_extraction(
        page,
        fast=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={
            "original_date": True,
            "extensive_search": False,
            "max_date": _LATEST,
        },
    )
    if document is None:
        return "", ArticleMetadata()
    found = ArticleMetadata(
        title=document.title or None,
        author=document.author or None,
        publisher=document.sitename or None,
        date=_published(page, document.date, as_of),
        url=valid_url(document.url),
    )
    return document.text or "", found


_META = {
    "title": ('meta[property="og:title"]', 'meta[name="twitter:title"]'),
    "author": ('meta[name="author"]',),
    "publisher": ('meta[property="og:site_name"]',),
    "date": ('meta[property="article:published_time"]', 'meta[name="date"]'),
    "url": ('meta[property="og:url"]',),
}
"""Where the quick engine reads metadata: the first of each that has a content."""


def _resiliparse(page: str, as_of: date | None) -> tuple[str, ArticleMetadata]:
    """Return text and metadata by resiliparse: ten times as fast, and less exact."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(page)
    text = extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False)
    said: dict[str, str | None] = {}
    for name, selectors in _META.items():
        nodes = (tree.head.query_selector(css) for css in selectors) if tree.head else ()
        contents = (node.getattr("content") for node in nodes if node is not None)
        said[name] = next((" ".join(content.split()) for content in contents if content), None)
    found = ArticleMetadata(
        title=said["title"] or " ".join((tree.title or "").split()) or None,
        author=said["author"],
        publisher=said["publisher"],
        date=_published(page, said["date"], as_of),
        url=valid_url(said["url"]),
    )
    return text, found


def _published(page: str, said: str | None, as_of: date | None) -> datetime | None:
    """Return when the article was published, to the minute where that is said, if plausible."""
    return plausible_date(published_at(page, parse_timestamp(said or "")), as_of=as_of)


_ENGINES = {"trafilatura": _trafilatura, "resiliparse": _resiliparse}
