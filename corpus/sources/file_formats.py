"""Decide the format of a file: by the config, by its extension, or because it is a saved page."""

from __future__ import annotations

from collections.abc import Callable

from corpus.sources.formats import format_of_name
from corpus.sources.page_detection import has_query, is_page, may_be_page
from corpus.sources.settings import Format, Source


def format_of_file(
    name: str, path_or_data: Callable[[], str | bytes], source: Source, *, in_folder: bool
) -> Format | None:
    """Return the format of a file; None if it has none that is known, or another one than wanted.

    With the setting `format`, a file that was named or matched by a glob has this format. A file in
    a folder or in an archive has it unless its extension says otherwise. `path_or_data` gives what
    to look into; only a file whose name may be that of a saved page is opened.
    """
    known = format_of_name(name)
    if has_query(name) and is_page(path_or_data()):  # the end of a URL is not an extension
        known = "html"
    if source.format:
        return source.format if not in_folder or known in (None, source.format) else None
    if known is None and may_be_page(name) and is_page(path_or_data()):
        return "html"
    return known
