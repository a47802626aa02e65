"""Regular expressions whose texts have a bounded length: how long, and what enforces it.

Only those that do not take linear time are listed.
"""

from __future__ import annotations

_BYLINE = (200, "parse_byline: MAX_LINE_CHARACTERS")
_COPYRIGHT = (300, "copyright_holder: MAX_LINE_CHARACTERS")
_LINE = (300, "Page.line: MAX_LINE_BYTES")
_MARKED = (400, "read_element: MAX_TEXT_CHARACTERS")
_DATE_LINE = (400, "find_dates: MAX_LINE_CHARACTERS")
_CONTENT_TYPE = (1_000, "pages: MAX_TYPE_CHARACTERS")

BOUNDS: dict[str, tuple[int, str]] = {
    "corpus.articles.html.markup_authors._LABEL": _MARKED,
    "corpus.articles.metadata.authors._AFTER_NAMES": _BYLINE,
    "corpus.articles.metadata.publishers._COPYRIGHT": _COPYRIGHT,
    "corpus.articles.metadata.publishers._LEGAL_FORM": _COPYRIGHT,
    "corpus.articles.metadata.titles._ELLIPSIS": _LINE,
    "corpus.articles.metadata.titles._SENTENCE_END": _LINE,
    "corpus.articles.metadata.timestamps._OTHER_DATE_LABEL": _DATE_LINE,
    "corpus.privacy.emails._LOCAL": (128, "candidates: MAX_LOCAL"),
    "corpus.sources.warc.pages._CHARSET": _CONTENT_TYPE,
    "corpus.sources.warc.pages._MEDIA_TYPE": _CONTENT_TYPE,
}
"""Characters at most, and the function and the constant that see to it."""

STRIPPED = {"corpus.signals.c4, /(^|\\s+)(\\S+)/": "lines: str.strip"}
"""Expressions whose texts have no spaces at their ends, and what sees to it."""
