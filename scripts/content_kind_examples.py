"""Pages whose kind is known, as the model of the content kind describes them.

A page is one example as HTML, and one for each way to dump it to text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from article_pages import CHARACTER_TABLES, VIEWS

from corpus.articles.blocks.extraction import page_bytes
from corpus.articles.blocks.features import ReadPage, fill_features, read_page
from corpus.articles.content_kind.description import PageDescription
from corpus.articles.content_kind.html_page import describe_html
from corpus.articles.content_kind.model import KINDS
from corpus.articles.content_kind.text_page import describe_text
from corpus.articles.html.visible_text import visible_text
from corpus.articles.lines.scan import scan
from corpus.articles.normalise.kernels import EVERY_STEP, LAYOUT
from corpus.articles.normalise.normalise import normalise

NEWS_WEIGHT = 0.5
"""Weight of a news page: all of them are articles, and WCXB has many already."""


class Example(NamedTuple):
    """A page, or one way to dump it to text, whose kind is known."""

    id: str
    site: str
    source: str
    language: str
    kind: int
    view: str
    weight: float
    page: PageDescription


def html_example(row: dict[str, Any], source: str, html: str) -> Example | None:
    """Return the description of an HTML page; None if it has no blocks."""
    page = read_page(page_bytes(html), CHARACTER_TABLES)
    if not len(page.table):
        return None
    return example(row, source, "html", described_html(page), 1.0)


def described_html(page: ReadPage) -> PageDescription:
    """Return the description of a page; the model uses no cues, so any will do."""
    no_cues = np.zeros(len(page.table), np.float32)
    fill_features(page, no_cues, no_cues)
    return describe_html(page)


def example(
    row: dict[str, Any], source: str, view: str, page: PageDescription, weight: float
) -> Example:
    """Return an example of the page of a row."""
    kind = KINDS.index(row["type"] if source == "wcxb" else "article")
    weight *= 1.0 if source == "wcxb" else NEWS_WEIGHT
    language = (row.get("lang") or "?")[:2]
    return Example(row["id"], row["site"], source, language, kind, view, weight, page)


def text_examples(row: dict[str, Any], source: str, html: str) -> Iterator[Example]:
    """Yield the description of each way to dump a page to text."""
    if source == "news":
        views = {view: row[view] for view in VIEWS if row.get(view, "").strip()}
    else:
        page = read_page(page_bytes(html), CHARACTER_TABLES)
        raw = page.blocks.text.tobytes()
        texts = [raw[a:b].decode("utf-8", "replace") for a, b in page.blocks.spans.tolist()]
        views = {"visible": visible_text(html), "blocks": "\n".join(texts)}
        views = {view: text for view, text in views.items() if text.strip()}
    for view, text in views.items():
        column = normalise(pa.array([text], pa.large_string()), steps=EVERY_STEP & ~LAYOUT)
        raw_text = np.frombuffer(column[0].as_py().encode(), np.uint8)
        lines = scan(raw_text, 0, raw_text.size, CHARACTER_TABLES)
        if len(lines.counters):
            page_of_text = describe_text(lines)
            yield example(row, source, view, page_of_text, 1 / len(views))
