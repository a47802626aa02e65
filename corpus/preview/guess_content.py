"""Guess what texts are: articles, pages dumped to text with their boilerplate, or HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.sources.settings import Content

MAX_TEXTS = 50
MAX_CHARACTERS = 50_000
"""Texts that are looked at, and characters of each."""

MIN_PAGE_LINES = 8
"""Lines that a page has at least, on average: an article with a few headings is not a page."""

MIN_SHORT_LINES = 0.5
"""Share of lines of a page that are menus, teasers and the like."""

MAX_SHORT_LINES = 0.2
"""Share of such lines in texts that surely are articles."""

MAX_SHORT_LINE_CHARACTERS = 60

_DOCUMENT = re.compile(
    r"(?is)\s*+(?:<\?xml[^>]*>\s*+)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b"
)
_TAG = re.compile(r"(?i)</(?:p|div|span|a|h[1-6]|li|ul|section|article|body)\s*>|<br\s*/?>")
_SENTENCE_END = re.compile(r"[.!?…:;,。！？؟۔।\"”»)\]]\s*$")  # noqa: RUF001  other scripts' own


def is_html(texts: Sequence[str]) -> bool:
    """Return whether at least half of the texts are HTML."""
    looked_at = texts[:MAX_TEXTS]
    return 2 * sum(map(_has_tags, looked_at)) >= len(looked_at) > 0


def _has_tags(text: str) -> bool:
    head = text[:MAX_CHARACTERS]
    return bool(_DOCUMENT.match(head)) or len(_TAG.findall(head)) >= 2


def guess_content(texts: Sequence[str], *, is_page_by_default: bool) -> Content:
    """Return what the texts are, judged by their lines: menus and teasers have short ones.

    Where the lines do not decide, `is_page_by_default` does.
    """
    if is_html(texts):
        return "html"
    lines = [
        line.strip()
        for text in texts[:MAX_TEXTS]
        for line in text[:MAX_CHARACTERS].splitlines()
        if line.strip()
    ]
    if not lines:
        return "page" if is_page_by_default else "text"
    short = sum(
        len(line) <= MAX_SHORT_LINE_CHARACTERS and not _SENTENCE_END.search(line) for line in lines
    )
    share, per_text = short / len(lines), len(lines) / len(texts[:MAX_TEXTS])
    if is_page_by_default:
        return "text" if share <= MAX_SHORT_LINES else "page"
    return "page" if share >= MIN_SHORT_LINES and per_text >= MIN_PAGE_LINES else "text"
