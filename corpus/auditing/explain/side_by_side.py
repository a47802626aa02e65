"""Show what a stage did to a text: the lines of a page, changed lines, two texts side by side.

Side by side, sentences that both texts have are joined by `=`. In all others, words that the other
side does not have are marked as `wdiff` marks them: `[-on the left-]`, `{+on the right+}`.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from corpus.auditing.page.word_diff import word_diff
from corpus.terminal import format_value, safe, width

if TYPE_CHECKING:
    from corpus.articles.lines.extraction import Line

MAX_PAGE_LINES = 400
MAX_REASON_LINES = 100
"""Lines of reasons shown; a block with the reasons of the block before has none of its own."""
MAX_CHANGED_LINES = 24
MAX_COMPARED_LINES = 3_000
"""Lines of a text that are compared; the time grows with their square."""

MAX_SIDE_BY_SIDE_LINES = 40
MAX_SENTENCES = 2_000
MAX_LINE_CHARACTERS = 80
MIN_SHOWN_DIFFERENCE = 20
"""Characters shown before the first difference of two long lines, and from it on."""

MIN_COLUMNS = 20

_REASON_INDENT = 19
"""Columns before a reason: it stands below the probability of its block."""

MIN_LIKELY_PROBABILITY = 0.5
"""Minimum probability of a line that is likely to be part of the article."""

_END = ".!?\u3002\uff01\uff1f"
_CLOSING = "\"')\\]\u201d\u2019\xbb"
_SENTENCE = re.compile(
    rf"[^\n](?:[^\n{_END}]++|[{_END}]++(?![{_CLOSING}]*+(?:\s|$)))*+(?:[{_END}]++[{_CLOSING}]*+)?"
)
"""A sentence ends with the line, or with signs that a space follows: not in "3.14" or "a.m.?x"."""


def page_lines(lines: Sequence[Line], *, columns: int = 100) -> Iterator[str]:
    """Yield a row for each line of a page: its role, its probability, and why it is kept or not.

    A block of HTML has a second row: what spoke for it (+) and what against it (-), compared with
    the other blocks of the page.

    Lines are kept so that the expected F1 of the page is highest. A doubtful page therefore keeps
    less likely lines than a clear one. A likely line is removed if it is too far from the article.
    """
    kept = sum(line.kept for line in lines)
    yield f"    {kept:,} of {len(lines):,} lines kept; role, probability of article text, verdict:"
    before, n_reasons = list[str](), 0
    for line in lines[:MAX_PAGE_LINES]:
        head = f"    {' ' if line.kept else '-'} {line.role:<11}  {line.probability:4.2f}  "
        head += f"{_why(line):<8}  "
        room = max(MIN_COLUMNS, min(MAX_LINE_CHARACTERS, columns - len(head)))
        yield head + _fitting(format_value(line.text, max_characters=room), room)
        reasons = _reasons(line, columns)
        if reasons != before and n_reasons < MAX_REASON_LINES:
            n_reasons += len(reasons)
            yield from reasons
        before = reasons
    if rest := Counter(line.kept for line in lines[MAX_PAGE_LINES:]):
        yield f"    ... and {rest[True]:,} more lines kept, {rest[False]:,} removed"


def _fitting(text: str, room: int) -> str:
    """Return a text, cut to the columns that there are; wide characters take two."""
    while width(text) > room:
        text = text[: -1 - max(1, (width(text) - room) // 2)] + "…"
    return text


def _reasons(line: Line, columns: int) -> list[str]:
    """Return what spoke for a block, and what against it."""
    parts = (("+", line.reasons_for), ("-", line.reasons_against))
    room = max(MIN_COLUMNS, columns - _REASON_INDENT - 2)
    return [
        f"{' ' * _REASON_INDENT}{sign} {_fitting(safe('; '.join(reasons)), room)}"
        for sign, reasons in parts
        if reasons
    ]


def _why(line: Line) -> str:
    """Return in one word why a line is kept or removed."""
    if line.kept:
        return "likely" if line.probability >= MIN_LIKELY_PROBABILITY else "doubtful"
    return "unlikely" if line.probability < MIN_LIKELY_PROBABILITY else "isolated"


def changed_lines(before: str, after: str) -> Iterator[str]:
    """Yield the lines that a stage removed (-), added (+) or rewrote (both)."""
    old, new = (
        [line.strip() for line in text.splitlines()[:MAX_COMPARED_LINES] if line.strip()]
        for text in (before, after)
    )
    changes, unchanged = [], 0
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            unchanged += b - a
            continue
        removed, added = old[a:b], new[c:d]
        if kind == "replace" and len(removed) == len(added):
            pairs = [_from_difference(*pair) for pair in zip(removed, added, strict=True)]
            removed, added = [x for x, _ in pairs], [y for _, y in pairs]
        for sign, lines in (("-", removed), ("+", added)):
            texts = (format_value(line, max_characters=MAX_LINE_CHARACTERS) for line in lines)
            changes += [f"    {sign} {text}" for text in texts]
    yield from changes[:MAX_CHANGED_LINES]
    if len(changes) > MAX_CHANGED_LINES:
        yield f"    ... and {len(changes) - MAX_CHANGED_LINES:,} more lines"
    if changes:
        yield f"    {unchanged:,} line{'' if unchanged == 1 else 's'} unchanged"


def _from_difference(before: str, after: str) -> tuple[str, str]:
    """Return two lines from a little before their first difference, if it would not be shown."""
    pairs = enumerate(zip(before, after, strict=False))
    same = next((i for i, (x, y) in pairs if x != y), min(len(before), len(after)))
    if same < MAX_LINE_CHARACTERS - MIN_SHOWN_DIFFERENCE:
        return before, after
    start = same - MIN_SHOWN_DIFFERENCE
    return f"…{before[start:]}", f"…{after[start:]}"


def side_by_side(
    left: str, right: str, *, heads: tuple[str, str] = ("", ""), columns: int = 100
) -> list[str]:
    """Return the sentences of two texts in two columns: `=` joins equal ones, `~` all others."""
    half = max(MIN_COLUMNS, (columns - 3) // 2)
    lines = [f"{heads[0]:{half}}   {heads[1]}"] if any(heads) else []
    for sign, a, b in _aligned(_sentences(left), _sentences(right)):
        for i, (x, y) in enumerate(zip_longest(_wrapped(a, half), _wrapped(b, half), fillvalue="")):
            pad = " " * (half - width(x))
            lines.append(f"{x}{pad} {sign if i == 0 else ' '} {y}".rstrip())
    more = len(lines) - MAX_SIDE_BY_SIDE_LINES
    if more <= 0:
        return lines
    return [*lines[:MAX_SIDE_BY_SIDE_LINES], f"... and {more:,} more lines"]


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, with single spaces between words."""
    sentences = [" ".join(sentence.split()) for sentence in _SENTENCE.findall(text)]
    return [sentence for sentence in sentences if sentence][:MAX_SENTENCES]


def _aligned(left: list[str], right: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of sentences: equal ones, and what is between them on either side."""
    match = SequenceMatcher(None, left, right, autojunk=False)
    for kind, a, b, c, d in match.get_opcodes():
        for x, y in zip_longest(left[a:b], right[c:d], fillvalue=""):
            if kind == "equal":
                yield "=", x, y
            else:
                yield "~", *_marked(x, y)


def _marked(left: str, right: str) -> tuple[str, str]:
    """Return two sentences with the words marked that they do not share."""
    left_parts, right_parts = word_diff(left, right)
    return (
        "".join(f"[-{part}-]" if differs else part for part, differs in left_parts),
        "".join(f"{{+{part}+}}" if differs else part for part, differs in right_parts),
    )


def _wrapped(text: str, columns: int) -> list[str]:
    # A wide character takes two columns, so half as many fit.
    fits = columns if width(text) == len(text) else columns // 2
    return textwrap.wrap(safe(text), fits) or [""]
