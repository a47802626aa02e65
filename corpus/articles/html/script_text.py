"""The text of an article in the JSON of a page, for pages whose markup does not have it.

Some sites send only a teaser as markup, and the text in JSON-LD (`articleBody`) or in the data that
a script builds the page from (`__NEXT_DATA__`). Markup in it is read by the same walk as a page.

The work is bounded: scripts of more than `MAX_SCRIPT_BYTES` are not read, JSON nested deeper than
its parser allows is not read, and at most `MAX_VALUES` values are looked at.
"""

from __future__ import annotations

import html as html_entities
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import orjson

from corpus.articles.blocks.extraction import Extraction, page_bytes, texts_of
from corpus.articles.blocks.features import read_page
from corpus.articles.characters import CharacterTables

JSON_LD, NEXT_DATA = "json_ld", "next_data"
"""Where a text may come from."""
MIN_CHARACTERS = 200
"""A shorter text is not taken from JSON."""
MIN_RATIO = 2
"""The text in JSON must have this many times the characters of the markup's main content."""
MAX_SCRIPT_BYTES = 4_000_000
MAX_VALUES = 50_000
_TEXT_KEYS = {
    "articlebody", "body", "bodyhtml", "bodytext", "content", "contenthtml", "fulltext", "html",
    "maintext", "text", "value",
}  # fmt: skip
"""Names of the values that have text in the data of a script, in lower case without separators."""
_NEXT_DATA = re.compile(r"<script\b[^<>]{0,300}?\bid\s*=\s*[\"']?__NEXT_DATA__\b[^<>]{0,300}>")
"""The start tag alone: a search for the end from each start would take quadratic time."""
_MARKUP = re.compile(r"</?(?:p|br|div|h[1-6]|ul|ol|li|span|strong|em|a|img|figure|table)\b[^<>]*>")
_ESCAPED_MARKUP = re.compile(r"&lt;/?(?:p|br|div|h[1-6]|ul|ol|li)\b")


class ScriptText(NamedTuple):
    """A text in the JSON of a page, and where it was."""

    html: str
    source: str


def script_text(page: str, linked_data: Iterable[str]) -> ScriptText | None:
    """Return the longest text of an article in the JSON of a page; None if there is none.

    `linked_data` are the scripts with JSON-LD, which go first: their text has a name of its own.
    """
    bodies = (text for script in linked_data for text in _texts(_parsed(script), {"articlebody"}))
    body = max(bodies, key=len, default="")
    if len(body) >= MIN_CHARACTERS:
        return ScriptText(_as_html(body), JSON_LD)
    match = _NEXT_DATA.search(page) if "__NEXT_DATA__" in page else None
    stop = page.find("</script", match.end()) if match else -1
    if match and stop >= 0:
        data = _parsed(page[match.end() : stop])
        body = max(_texts(data, _TEXT_KEYS), key=len, default="")
        if len(body) >= MIN_CHARACTERS:
            return ScriptText(_as_html(body), NEXT_DATA)
    return None


def script_extraction(
    page: str, extraction: Extraction, characters: CharacterTables
) -> tuple[Extraction, str] | None:
    """Return the text in JSON as blocks that are all kept, and its source.

    None if the page has no such text, or if its markup has at least half of it.
    """
    found = script_text(page, extraction.page.markup.scripts)
    if found is None:
        return None
    read = read_page(page_bytes(found.html), characters)
    texts = texts_of(read)
    ones = np.ones(len(texts), np.float32)
    own = Extraction(read, texts, ones, ones > 0)
    enough = len(own.text()) >= max(MIN_CHARACTERS, MIN_RATIO * len(extraction.text()))
    return (own, found.source) if enough else None


def _parsed(script: str) -> Any:
    """Return the JSON of a script; None if it is damaged, too large or too deep."""
    if len(script) > MAX_SCRIPT_BYTES:
        return None
    try:
        return orjson.loads(script.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        try:  # line ends within the text are common, and no JSON
            return json.loads(script, strict=False)
        except (ValueError, RecursionError):
            return None


def _texts(value: Any, names: set[str]) -> Iterator[str]:
    """Yield each text below one of the names, and the texts of lists of paragraphs, joined."""
    queue = [value]
    for _ in range(MAX_VALUES):
        if not queue:
            return
        value = queue.pop()
        if isinstance(value, dict):
            queue.extend(reversed(value.values()))
            for name, own in value.items():
                if _is_text(name, own, names):
                    yield own
                elif isinstance(own, list) and _plain_name(name) in names:
                    yield "\n".join(part for part in own if isinstance(part, str))
        elif isinstance(value, list):
            queue.extend(reversed(value))
            yield "\n".join(_paragraphs(value, names))


def _paragraphs(items: list[Any], names: set[str]) -> Iterator[str]:
    """Yield the texts of the items of a list, such as `[{"type": "p", "text": "..."}, ...]`."""
    for item in items:
        if isinstance(item, dict):
            found = (own for name, own in item.items() if _is_text(name, own, names))
            yield from list(found)[:1]


def _is_text(name: str, value: Any, names: set[str]) -> bool:
    """Return whether a value is a text below one of the names."""
    return isinstance(value, str) and _plain_name(name) in names


def _plain_name(name: str) -> str:
    """Return a name in lower case, without separators: `body_html` is `bodyHtml`."""
    return name.lower().replace("_", "").replace("-", "")


def _as_html(text: str) -> str:
    """Return a text of a script as HTML; each line of plain text is a paragraph."""
    if _ESCAPED_MARKUP.search(text) and not _MARKUP.search(text):
        text = html_entities.unescape(text)
    if _MARKUP.search(text):
        return text
    return "".join(f"<p>{line}</p>" for line in text.replace("<", "&lt;").splitlines())
