"""Two texts beside each other, so that a person sees what they share.

Sentences that both have stand side by side with `=` between them. In others, what the other side
has not is marked as `wdiff` does: `[-on the left-]`, `{+on the right+}`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from corpus.auditing.page.word_diff import word_diff
from corpus.terminal import safe, width

MOST_LINES = 40
MOST_PARTS = 2_000
_END = ".!?\u3002\uff01\uff1f"
_CLOSING = "\"')\\]\u201d\u2019\xbb"
_PART = re.compile(rf"[^\n]+?(?:[{_END}]+[{_CLOSING}]*(?=\s|$)|(?=\n|$))")


def side_by_side(
    left: str, right: str, *, heads: tuple[str, str] = ("", ""), columns: int = 100
) -> list[str]:
    """Return lines with the sentences of both texts, `=` between equal ones, `~` between others."""
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
            if kind == "equal":
                yield "=", x, y
            else:
                yield "~", *_marked(x, y)


def _marked(left: str, right: str) -> tuple[str, str]:
    """Return two sentences with the words that they do not share marked."""
    one, other = word_diff(left, right)
    return (
        "".join(f"[-{part}-]" if other_there else part for part, other_there in one),
        "".join(f"{{+{part}+}}" if other_there else part for part, other_there in other),
    )


def _wrapped(text: str, wide: int) -> list[str]:
    # Wide characters take two columns; half as many of them fit.
    fits = wide if width(text) == len(text) else wide // 2
    return textwrap.wrap(safe(text), fits) or [""]
