"""Decide the format of a file: by the config, by its extension, or by its first bytes.

Pages are saved under any name, and only some XML files have articles.
"""

from __future__ import annotations

from collections.abc import Callable

from corpus.sources.files.page_detection import begins_like_page, has_query, may_be_page
from corpus.sources.formats import format_of_name
from corpus.sources.settings import Format, Source
from corpus.sources.xml.stream import has_articles


def format_of_file(
    name: str, head: Callable[[], bytes], source: Source, *, in_folder: bool
) -> Format | None:
    """Return the format of a file; None if it has none that is known, or another one than wanted.

    With the setting `format`, a file that was named or matched by a glob has this format. A file in
    a folder or in an archive has it unless its extension says otherwise. `head` gives the first
    bytes; it is only called if the name is not enough.
    """
    by_name = format_of_name(name)
    if has_query(name) and begins_like_page(head()):  # the end of a URL is not an extension
        by_name = "html"
    if source.format:
        return source.format if not in_folder or by_name in (None, source.format) else None
    if by_name == "xml":
        return _format_of_xml(head())
    if by_name is None and may_be_page(name) and begins_like_page(head()):
        return "html"
    return by_name


def _format_of_xml(head: bytes) -> Format | None:
    """Return the format of an XML file: `xml` if it has articles, `html` if it is a page."""
    if has_articles(head):
        return "xml"
    return "html" if begins_like_page(head) else None
