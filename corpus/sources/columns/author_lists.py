"""Authors that a table has as the text of a list: `['Ada Quill', 'Ben Moss']`.

CSV has no lists. pandas, and scrapers that write with Python's csv module, put the list's text in
the field.
"""

from __future__ import annotations

import ast

import pyarrow as pa
import pyarrow.compute as pc

MAX_LIST_CHARACTERS = 10_000
_PATTERN = r"^\s*\[\s*(['\"].*['\"])?\s*\]\s*$"


def join_author_lists(authors: pa.Array) -> pa.Array:
    """Return the authors (string), with each list that is written as text joined by `; `.

    An empty list is null. A text that is not a list of strings is returned as it is.
    """
    is_list = pc.match_substring_regex(authors, _PATTERN)
    if not pc.any(is_list).as_py():
        return authors
    texts = [
        _join(author) if listed else author
        for author, listed in zip(authors.to_pylist(), is_list.to_pylist(), strict=True)
    ]
    return pa.array(texts, pa.string())


def _join(text: str) -> str | None:
    """Return the items of a list that is written as a Python or JSON literal."""
    try:
        items = ast.literal_eval(text.strip()) if len(text) <= MAX_LIST_CHARACTERS else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return text
    return "; ".join(item for item in items if item) or None
