"""Parse the beginning of a JSON text, which may be incomplete or damaged."""

from __future__ import annotations

import re
from typing import Any

import orjson

from corpus.sources.json.text import parse

CLOSERS = {b"{": b"}", b"[": b"]"}
_TOKEN = re.compile(rb'"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"|["{}\[\],:]')

_MAX_CUTS = 4
"""How often a text is shortened to the part before an error."""

_MAX_DEPTH = 200
"""Depth at which parsing stops; records deeper than this are rare."""


def parse_or_none(line: bytes) -> Any:
    """Return the value of a JSON text, or None if it is invalid."""
    try:
        return parse(line)
    except ValueError:
        return None


def parse_start(text: bytes) -> tuple[Any, int | None]:
    """Return the first value of a text, and where its brackets are closed.

    A value that does not end, or is damaged, is returned up to its last whole part, with null for a
    value that does not end there: `{"a": 1, "b": "x` gives `{"a": 1, "b": None}` and None.
    """
    prefix, end = _closed_start(text)
    for _ in range(_MAX_CUTS):
        if (value := parse_or_none(prefix)) is not None:
            return value, end
        prefix, _ = _closed_start(prefix[: _error_position(prefix)])
    return None, end


def _error_position(text: bytes) -> int:
    """Return the number of bytes before the first error in a JSON text."""
    try:
        orjson.loads(text.decode())
    except UnicodeDecodeError as error:
        return error.start
    except orjson.JSONDecodeError as error:
        return len(error.doc[: error.pos].encode())
    return 0


def _closed_start(text: bytes) -> tuple[bytes, int | None]:
    """Return the first value of a text with its open brackets closed, and where it ends."""
    open_brackets: list[bytes] = []
    cut, closing = 0, b""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in CLOSERS:
            if len(open_brackets) == _MAX_DEPTH:
                break
            open_brackets.append(CLOSERS[token])
            cut, closing = match.end(), b""
        elif token in (b"}", b"]"):
            if not open_brackets or open_brackets.pop() != token:
                break
            cut, closing = match.end(), b""
            if not open_brackets:
                return text[:cut], cut
        elif token == b",":
            cut, closing = match.start(), b""
        elif token == b":":
            cut, closing = match.end(), b" null"
        elif token == b'"':
            break
    return b"".join([text[:cut], closing, *reversed(open_brackets)]), None
