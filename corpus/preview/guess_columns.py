"""Guess which column of a table is the text, the title or the date, from its name and values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from corpus.documents import AUTHOR, DATE, ID, PUBLISHER, TEXT, TITLE, URL
from corpus.sources.columns.synonyms import SYNONYMS, candidates, normalised
from corpus.sources.dates.parse import number_order, parse_dates

MIN_TEXT_CHARACTERS = 40
"""Average length of a column that is a text although its name is unknown."""

WEAK_NAMES = frozenset(SYNONYMS[TEXT][SYNONYMS[TEXT].index("page") :])
"""Names of columns that are the text only if no other column has longer strings."""


class NoTextError(Exception):
    """No column of a table can be the text; `names` are its columns."""

    def __init__(self, names: Sequence[str], reason: str = "") -> None:
        """Take the names of the columns, and why the file cannot be read, if it cannot."""
        super().__init__(reason)
        self.names, self.reason = names, reason


def text_column(values: Mapping[str, Sequence[Any]], current: str) -> str:
    """Return the text column: a known name, or else the one with the longest strings."""
    known = [name for name in candidates(TEXT, sorted(values)) if mean_length(values[name])]
    strong = [name for name in known if normalised(name) not in WEAK_NAMES]
    if current == TEXT and TEXT in values:
        return TEXT
    if strong:
        return strong[0]
    lengths = {
        name: 0 if _are_urls(column) else mean_length(column)
        for name, column in sorted(values.items())
    }
    best = max(lengths, key=lambda name: lengths[name])
    if known and lengths[known[0]] >= 0.5 * lengths[best]:
        return known[0]
    if lengths[best] < MIN_TEXT_CHARACTERS:
        if known:
            return known[0]
        raise NoTextError(sorted(values))
    return best


_URL = re.compile(r"\s*(\w+://|www\.|[\w-]+(\.[\w-]+)+/)")


def _are_urls(values: Sequence[Any]) -> bool:
    texts = [value for value in values if isinstance(value, str)]
    return 2 * sum("://" in text[:10] for text in texts) > len(texts)


def mean_length(values: Sequence[Any]) -> float:
    """Return the average length of the strings in a column; 0 if it has other values."""
    texts = [value for value in values if isinstance(value, str)]
    others = sum(value is not None for value in values) - len(texts)
    return 0 if others or not texts else sum(map(len, texts)) / len(texts)


def our_columns(values: Mapping[str, Sequence[Any]], text: str) -> dict[str, str]:
    """Return the source's name of each of our columns that it has; the text is already known."""
    columns = {TEXT: text}
    for ours in (TITLE, AUTHOR, PUBLISHER, DATE, URL, ID):
        free = sorted(set(values) - set(columns.values()))
        named = (theirs for theirs in candidates(ours, free) if fits(ours, values[theirs]))
        if theirs := next(named, None):
            columns[ours] = theirs
    return columns


def fits(name: str, values: Sequence[Any]) -> bool:
    """Return whether the values of a column can be what its name says."""
    present = [value for value in values if value not in (None, "", [])]
    if not present:
        return False
    if name == DATE:
        times, _ = parse_dates(present)
        ambiguous = sum(isinstance(value, str) and bool(number_order(value)) for value in present)
        return len(times) - times.null_count + ambiguous >= len(present) / 2
    texts = [value for value in present if isinstance(value, str)]
    if name == ID:
        return len({str(value) for value in present}) == len(values)
    if name == URL:
        return sum(_URL.match(value) is not None for value in texts) >= len(present) / 2
    is_short = sum(map(len, texts)) <= 300 * len(present)
    if name in (AUTHOR, TITLE):
        return is_short
    # of a publisher: `source` is often the path of a file, or the URL of the article
    return is_short and len(texts) == len(present) and not any("/" in text for text in texts)


def undecided_date(values: Sequence[Any]) -> str | None:
    """Return a date that may be two days, if no other date of the column decides."""
    orders = {value: number_order(value) for value in values if isinstance(value, str)}
    decided = {order for order in orders.values() if order in ("day_first", "month_first")}
    ambiguous = sorted(value for value, order in orders.items() if order == "ambiguous")
    return ambiguous[0] if ambiguous and len(decided) != 1 else None
