"""What a regular expression repeats: texts that match each repeated part, and what comes before it.

What comes before it is also repeated itself: a search then starts again and again.

A part that can match the same text in two ways takes exponential time if what follows is missing,
as `(?:a|a)*b` in "aaa". Two parts side by side that match the same text take quadratic time.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

_PARSER: Any = importlib.import_module("re._parser")
_COMPILER: Any = importlib.import_module("re._compiler")
CHARACTERS = " a0A\t\n.,-:;/<>\"'()=é_|年"
"""Tried in turn for a part that allows several characters."""
MIN_REPETITIONS = 16
"""A part that may be repeated less often takes bounded time."""
VARIANTS = 80
"""Texts of a part at most: each alternative is taken twice, with and without what is optional."""


def repeated_parts(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Return pairs of texts of an expression: a beginning, and what may be repeated after it.

    Examples:
        >>> repeated_parts(re.compile("x(?:ab|c)*d"))
        [('', 'x'), ('x', 'ab'), ('x', 'c')]

    """
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    flags = pattern.flags & ~(re.UNICODE if is_bytes else 0)
    tree = _PARSER.parse(source, flags)
    return [each for each in dict.fromkeys(_parts(list(tree), "", flags)) if each[1]]


def _parts(nodes: list[Any], before: str, flags: int) -> Iterator[tuple[str, str]]:
    """Yield the beginnings and repeated texts of a sequence of nodes."""
    for place, (kind, value) in enumerate(nodes):
        beginning = before + _text(nodes[:place], 0, flags)
        name = str(kind)
        if name.endswith("_REPEAT"):
            _, most, body = value
            if most >= MIN_REPETITIONS:
                yield "", beginning
                texts = [_text(list(body), variant, flags) for variant in range(VARIANTS)]
                yield from ((beginning, text) for text in dict.fromkeys(texts))
            yield from _parts(list(body), beginning, flags)
        elif name == "SUBPATTERN":
            yield from _parts(list(value[3]), beginning, flags)
        elif name == "ATOMIC_GROUP":
            yield from _parts(list(value), beginning, flags)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _parts(list(value[1]), beginning, flags)
        elif name == "BRANCH":
            for alternative in value[1]:
                yield from _parts(list(alternative), beginning, flags)


def _text(nodes: list[Any], variant: int, flags: int) -> str:
    """Return a text that nodes match; the variant chooses alternatives, and what is optional."""
    parts = []
    for kind, value in nodes:
        name = str(kind)
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            parts.append(_character((kind, value), flags))
        elif name.endswith("_REPEAT"):
            least, _, body = value
            times = least or variant % 2
            parts.append(times * _text(list(body), variant, flags))
        elif name == "SUBPATTERN":
            parts.append(_text(list(value[3]), variant, flags))
        elif name == "ATOMIC_GROUP":
            parts.append(_text(list(value), variant, flags))
        elif name == "BRANCH":
            alternatives = value[1]
            chosen = alternatives[(variant // 2) % len(alternatives)]
            parts.append(_text(list(chosen), variant, flags))
    return "".join(parts)


def _character(node: tuple[Any, Any], flags: int) -> str:
    """Return a character that a node of one character matches; empty if none is found."""
    own = re.findall(r"(?:LITERAL|RANGE), \(?(\d+)", str(node))
    tree = _PARSER.SubPattern(_PARSER.State(), [node])
    matches = _COMPILER.compile(tree, flags).match
    choices = [*CHARACTERS, *(chr(int(each)) for each in own)]
    return next((each for each in choices if matches(each)), "")
