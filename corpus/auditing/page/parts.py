"""HTML building blocks that several sections of the audit page share.

All functions return HTML. Text from documents must pass through `safe_text`, `quote` or
`corpus.markup.html` on its way into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from corpus.auditing.measure.bottom_k import EXCERPT_CHARACTERS
from corpus.auditing.page.word_diff import Piece, word_diff
from corpus.auditing.report import Document
from corpus.markup import html

CHART_HEAD = '<span class="hide">chart</span>'
"""Head of a column of bars: only screen readers need it."""

COLUMN_CLASSES = {"t": "", "w": ' class="word"', "n": ' class="n"', "c": ' class="chart"'}
"""Kinds of table columns: text, a single word, a number, a chart."""


class Row(NamedTuple):
    """A table row: its cells as HTML, and its CSS class."""

    cells: Sequence[str]
    css_class: str = ""


def safe_text(value: object) -> str:
    """Return text from a document, escaped, with its writing direction isolated."""
    return f"<bdi>{html(value)}</bdi>"


def table(heads: Sequence[str], rows: Sequence[Row], kinds: str, caption: str) -> str:
    """Return a table; `kinds` has a letter for each column, a key of `COLUMN_CLASSES`.

    The caption is for screen readers. Columns without a head contain charts.
    """
    classes = [COLUMN_CLASSES[kind] for kind in kinds]
    head = "".join(
        f'<th scope="col"{css_class}>{html(title) or CHART_HEAD}</th>'
        for css_class, title in zip(classes, heads, strict=True)
    )
    lines = [
        f"<tr{f' class={row.css_class!r}' if row.css_class else ''}>"
        + "".join(
            f"<td{css_class}>{cell}</td>"
            for css_class, cell in zip(classes, row.cells, strict=True)
        )
        + "</tr>"
        for row in rows
    ]
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody>"
    label = html(caption)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{label}"><table>'
        f'<caption class="hide">{label}</caption>{body}</table></div>'
    )


def folded(summary: str, body: str) -> str:
    """Return a part that opens when its summary is clicked, or nothing if the body is empty."""
    return f"<details><summary>{summary}</summary>{body}</details>" if body else ""


def document_details(document: Document, *, note: str = "") -> str:
    """Return a folded document: title and key facts, and inside the beginning of its text.

    `note` is HTML that replaces the number of characters among the key facts.
    """
    values = [document.get(key) for key in ("split", "language", "publisher", "date")]
    line = " · ".join(
        [
            note or f"{document['characters']:,} characters",
            *(safe_text(value) for value in values if value),
        ]
    )
    heading = safe_text(document.get("title") or document.get("id") or "a document")
    excerpt = document["excerpt"] or ""
    ellipsis = "…" if document.get("characters", 0) > len(excerpt) else ""
    places = [document.get(key) for key in ("id", "source", "url")]
    origin = " · ".join(safe_text(place) for place in places if place)
    return folded(
        f'{heading} <span class="quiet">{line}</span>',
        f'{quote(excerpt, ellipsis)}<p class="quiet origin">{origin}</p>',
    )


def quote(text: str | None, ellipsis: str = "") -> str:
    """Return the beginning of a text as a preformatted block."""
    return f'<pre dir="auto">{html(text or "", lines=True)}{ellipsis}</pre>'


def side_by_side(left: tuple[str, str | None], right: tuple[str, str | None]) -> str:
    """Return two texts side by side, with the words in which they differ marked.

    Each side is a heading (HTML) and a text.
    """
    texts = [left[1] or "", right[1] or ""]
    truncated = max(map(len, texts)) >= EXCERPT_CHARACTERS
    columns = "".join(
        f'<div><p class="quiet">{heading}</p>'
        f'<pre dir="auto">{_marked(pieces, truncated=truncated)}</pre></div>'
        for (heading, _), pieces in zip((left, right), word_diff(*texts), strict=True)
    )
    return f'<div class="two">{columns}</div>'


def _marked(pieces: Sequence[Piece], *, truncated: bool) -> str:
    """Return the pieces of a text; the end of a truncated text is not marked as a difference."""
    escaped = [(html(piece.text, lines=True), piece.differs) for piece in pieces]
    if truncated and escaped:
        escaped[-1] = (escaped[-1][0] + "…", False)
    return "".join(f"<mark>{text}</mark>" if differs else text for text, differs in escaped)
