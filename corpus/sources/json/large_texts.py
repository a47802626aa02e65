"""Parse a large line of JSON without a Python string of its text.

orjson copies the line, and Python's string of a text has up to four bytes a character: a text of
200 MB with one emoji takes 800 MB. So the text is cut out of the line, the rest is parsed, and the
text becomes UTF-8 piece by piece.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import orjson

from corpus.documents import TEXT
from corpus.sources.columns.names import source_column
from corpus.sources.json.brackets import SPACE, STRING
from corpus.sources.json.text import parse
from corpus.sources.settings import Source

LARGE_LINE = 1 << 24
"""Bytes of a line from which its text is not parsed with the rest."""

_IN_PLACE_OF_TEXT = b'"the text is parsed apart"'
_PIECE = re.compile(
    rb"(?:[^\\]{1,1024}+|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.){1,1024}+", re.DOTALL
)
"""About a megabyte of a string, or 1,024 escapes; a pair of surrogates is not divided."""


def column_to_parse_apart(source: Source) -> str | None:
    """Return the column of the text; None if another column is read from it, too, as a string."""
    name = source_column(source, TEXT)
    others = (theirs for ours, theirs in source.columns.items() if ours != TEXT)
    return None if name in others else name


def parse_with_text(line: bytes, text_column: str | None) -> Any:
    """Return the value on a line; the text of a large object is UTF-8, as bytes, if it can be.

    Raises ValueError with the reason if there is no value.
    """
    if text_column is None:
        return parse(line)
    if len(line) >= LARGE_LINE and (text := _find_text(line, text_column)):
        begin, end = text
        try:
            value = parse(b"".join([line[:begin], _IN_PLACE_OF_TEXT, line[end:]]))
            if _has_its_place(value, text_column) and _IN_PLACE_OF_TEXT not in line:
                value[text_column] = _to_utf8(line, begin + 1, end - 1)
                return value
        except ValueError:
            pass  # the error of the whole line names the right place
    return parse(line)


def _find_text(line: bytes, text_column: str) -> tuple[int, int] | None:
    """Return where the largest string behind a name of the text column begins and ends."""
    name = re.escape(orjson.dumps(text_column))
    strings = re.finditer(name + SPACE + rb":" + SPACE + rb"(" + STRING + rb")", line)
    spans = [match.span(1) for match in strings]
    return max(spans, key=lambda span: span[1] - span[0], default=None)


def _has_its_place(value: Any, text_column: str) -> bool:
    """Return whether the text that was cut out is the one of the object, not of one within it."""
    is_object = isinstance(value, dict)
    return is_object and value.get(text_column) == _IN_PLACE_OF_TEXT[1:-1].decode()


def _to_utf8(line: bytes, begin: int, stop: int) -> bytes:
    """Return a string of JSON, without its quotes, as UTF-8; raises ValueError if it is damaged."""
    text = BytesIO()
    while begin < stop:
        piece = _PIECE.match(line, begin, stop)
        end = piece.end() if piece else stop
        while end < stop and line[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        if end <= begin:
            raise ValueError("not valid UTF-8")
        text.write(orjson.loads(b"".join([b'"', line[begin:end], b'"'])).encode())
        begin = end
    return text.getvalue()
