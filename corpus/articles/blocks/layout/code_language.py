"""The programming language of code, from class names of the code and of what is around it."""

from __future__ import annotations

import re

from corpus.articles.blocks.tags import PRE
from corpus.articles.blocks.walk_state import Walk

MAX_NAME_BYTES = 200
MAX_LEVELS_ABOVE = 2
"""Elements around a `pre` whose class names may tell the language."""
_MARKED = re.compile(
    r"(?<![\w-])(?:language-|lang-|highlight-source-|highlight-text-|brush:\s*)"
    r"([A-Za-z][\w+#.-]{0,29})"
)
"""GitHub, highlight.js, Prism, Jekyll, SyntaxHighlighter."""
_BEHIND = re.compile(r"(?<![\w-])(?:sourceCode|hljs|prettyprint)\s+([A-Za-z][\w+#.-]{0,29})")
"""Pandoc and highlight.js: the name of the language alone."""
_SPHINX = re.compile(r"(?<![\w-])highlight-([A-Za-z][\w+#.-]{0,29})\s+notranslate")
_NO_LANGUAGE = {"none", "default", "notranslate", "plaintext", "text", "plain", "nohighlight"}


def language_of(names: str) -> str:
    """Return the language that class names tell, in lower case; empty if they tell none.

    >>> language_of("highlight highlight-source-python")
    'python'
    >>> language_of("code-block wide")
    ''
    """
    for pattern in (_MARKED, _SPHINX, _BEHIND):
        match = pattern.search(names)
        if match and match[1].lower() not in _NO_LANGUAGE:
            return match[1].lower().rstrip(".-")
    return ""


def code_languages(html: bytes, walk: Walk) -> dict[int, str]:
    """Return the language of each `pre` that tells one, by its node."""
    languages: dict[int, str] = {}
    for node in (walk.tag == PRE).nonzero()[0].tolist():
        start, stop = walk.layout[node].tolist()
        names = [html[start : min(stop, start + MAX_NAME_BYTES)].decode("utf-8", "replace")]
        above = node
        for _ in range(1 + MAX_LEVELS_ABOVE):
            start, stop = walk.name_offsets[above : above + 2].tolist()
            names.append(walk.names[start:stop].tobytes().decode("utf-8", "replace"))
            above = max(0, int(walk.parent[above]))
        language = next(filter(None, map(language_of, names)), "")
        if language:
            languages[node] = language
    return languages
