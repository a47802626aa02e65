"""Two texts beside each other, so that a person sees what they share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from corpus.terminal import safe, width

MOST_LINES = 40
MOST_PARTS = 2_000
MOST_WORDS = 400
"""How many words of a sentence are compared."""

ALIKE = 0.3
"""What two sentences must share, twice what agrees over both, for their words to be compared."""

_END = ".!?\u3002\uff01\uff1f"
_CLOSING = "\"')\\]\u201d\u2019\xbb"
_PART = re.compile(rf"[^\n]+?(?:[{_END}]+[{_CLOSING}]*(?=\s|$)|(?=\n|$))")

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORDS = re.compile(rf"(?:[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s]+)\s*")


def side_by_side(
    left: str, right: str, *, heads: tuple[str, str] = ("", ""), columns: int = 100
) -> list[str]:
    """Return lines with the sentences of both texts, `=` between equal ones, `~` between others.

    Of two sentences that stand beside each other and share words, those are in brackets that the
    other one has not: `on [Monday]`.
    """
    wide = max(20, (columns - 3) // 2)
    lines = [f"{heads[0]:{wide}}   {heads[1]}"] if any(heads) else []
    for sign, a, b in _aligned(_parts(left), _parts(right)):
        for i, (x, y) in enumerate(zip_longest(_wrapped(a, wide), _wrapped(b, wide), fillvalue="")):
            pad = " " * (wide - width(x))
            lines.append(f"{x}{pad} {sign if i == 0 else ' '} {y}".rstrip())
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], f"... and {more:,} more lines"]


def _parts(text: str) -> list[str]:
    """Return the sentences of a text, spaces between words made one."""
    found = [" ".join(part.split()) for part in _PART.findall(text)]
    return [part for part in found if part][:MOST_PARTS]


def _aligned(left: list[str], right: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of parts: equal ones, then what stands on either side between them."""
    match = SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in match.get_opcodes():
        for x, y in zip_longest(left[a:b], right[c:d], fillvalue=""):
            yield ("=", x, y) if kind == "equal" else ("~", *_words_marked(x, y))


def _words_marked(left: str, right: str) -> tuple[str, str]:
    """Return two sentences, the words in brackets that only one has; as they are if too few agree.

    In writing without spaces each character is a word.
    """
    one, other = (_WORDS.findall(text)[:MOST_WORDS] for text in (left, right))
    plain, beside = ([word.strip() for word in words] for words in (one, other))
    match = SequenceMatcher(None, plain, beside, autojunk=False)
    if match.ratio() < ALIKE:
        return left, right
    marked = ["", ""]
    for kind, a, b, c, d in match.get_opcodes():
        for side, words in enumerate((one[a:b], other[c:d])):
            marked[side] += "".join(words) if kind == "equal" else _bracketed("".join(words))
    rest = ["".join(_WORDS.findall(text)[MOST_WORDS:]) for text in (left, right)]
    return marked[0] + rest[0], marked[1] + rest[1]


def _bracketed(text: str) -> str:
    """Return a text in brackets, the spaces behind it outside."""
    said = text.rstrip()
    return f"[{said}]{text[len(said) :]}" if said else text


def _wrapped(text: str, wide: int) -> list[str]:
    # Wide characters take two columns; half as many of them fit.
    fits = wide if width(text) == len(text) else wide // 2
    return textwrap.wrap(safe(text), fits) or [""]
