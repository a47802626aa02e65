"""Follow the brackets of a JSON value to its end, without parsing it.

Regular expressions step from bracket to bracket. Three rules notice damage close to its place: a
string ends on its line and is followed by `:`, `,` or a closing bracket; a value nested in an
object follows a colon; brackets match.
"""

from __future__ import annotations

import re

from corpus.sources.json.text import MAX_DEPTH

SPACE = rb"[ \t\r\n]*+"
STRING = rb'"[^"\\\r\n\x1e]*+(?:\\[^\r\n\x1e][^"\\\r\n\x1e]*+)*+"'
_CLOSED_STRINGS = rb'(?:[^"{}\[\]\x1e]*+' + STRING + SPACE + rb'(?=[:,}\]]))*+[^"{}\[\]\x1e]*+'
_TO_NEXT_BRACKET = re.compile(_CLOSED_STRINGS + rb"([{}\[\]])")
UNFINISHED = re.compile(
    _CLOSED_STRINGS
    + rb'(?:"[^"\\\r\n\x1e]*+(?:\\[^\r\n\x1e][^"\\\r\n\x1e]*+)*+\\?|'
    + STRING
    + SPACE
    + rb")?\Z"
)
"""Matches up to the end of a buffer that ends inside a value."""

_CLOSERS = {ord("{"): ord("}"), ord("["): ord("]")}


class DamagedError(Exception):
    """The bytes at a position of the buffer cannot continue a JSON value."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def advance(
    buffer: bytes, at: int, stack: bytearray, *, max_depth: int = MAX_DEPTH
) -> tuple[int, bool]:
    """Go from a position inside a value towards its end; `stack` has the brackets to close.

    Returns the position reached and whether the value ends there; otherwise the buffer ended.
    Raises DamagedError, also for a value that is nested too deeply.
    """
    while True:
        match = _TO_NEXT_BRACKET.match(buffer, at)
        if match is None:
            if UNFINISHED.match(buffer, at) is None:
                raise DamagedError(at)
            return at, False
        position = match.end() - 1
        bracket = buffer[position]
        if bracket not in _CLOSERS:
            if not stack or stack.pop() != bracket:
                raise DamagedError(position)
            if not stack:
                return position + 1, True
        else:
            may_open = not stack or _may_open(buffer, at, position, stack[-1])
            if not may_open or len(stack) == max_depth:
                raise DamagedError(position)
            stack.append(_CLOSERS[bracket])
        at = position + 1


def _may_open(buffer: bytes, at: int, position: int, closer: int) -> bool:
    """Return whether a bracket may open a value: in an object only after a colon."""
    before = buffer[position - 1] if position > at else 0
    if before in b" \t\r\n":
        before = (buffer[at:position].rstrip() or b"\0")[-1]
    return before == ord(":") if closer == ord("}") else before in b",\0"
