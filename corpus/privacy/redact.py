"""Find and replace personal data in a column of texts.

The kernel finds the candidates, Python checks these alone. Where something was replaced, the new
text is searched again, because a shorter text brings words that name a number nearer to it. So
redacting a text twice gives the same as redacting it once.

Texts stay UTF-8 in Arrow's buffers: a text of 60 MB with one emoji would be a string of 240 MB. A
round writes all changed texts into one new buffer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import arrow_buffers
from corpus.privacy.detect import Match, Wanted, check_candidate, without_overlaps
from corpus.privacy.kinds import Type
from corpus.privacy.replace import Method, is_surrogate, replacement
from corpus.privacy.windows import AFTER, BEFORE, make_window

MAX_ROUNDS = 16
"""How often a text is searched at most. Two rounds are usual: the second finds nothing."""

BYTES_PER_CHARACTER = 4

COUNTED_BYTES = 1 << 16
"""Bytes of a text that are counted at a time."""


class Rule(NamedTuple):
    """What to do with a type."""

    method: Method = "placeholder"
    placeholder: str | None = None
    """The text of the placeholder; None for the usual one."""


class Redacted(NamedTuple):
    """A text after redaction, and what was found in it."""

    data: memoryview
    """The text in UTF-8."""

    matches: list[Match]
    """Spans of the text before."""

    @property
    def text(self) -> str:
        """The text as a string."""
        return str(self.data, "utf-8")


class _Span(NamedTuple):
    """Bytes of a text."""

    begin: int
    end: int


def find_in_column(texts: pa.Array, wanted: Wanted) -> dict[int, list[Match]]:
    """Return the personal data of each text that has some, by the number of its row."""
    return {k: list(found) for k, found in _find(*arrow_buffers.texts(texts), wanted).items()}


def _find(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], wanted: Wanted
) -> dict[int, dict[Match, _Span]]:
    """Return the personal data of each text that has some, in its order, with its bytes."""
    from corpus.privacy.candidates.scan import scan_buffers  # numba is slow to import

    found: dict[int, dict[Match, _Span]] = {}
    row, counted_to, position = -1, 0, 0
    candidates = scan_buffers(data, offsets)
    order = np.lexsort((candidates[:, 0], candidates[:, 3], candidates[:, 2], candidates[:, 1]))
    for kind, k, begin, end in candidates[order].tolist():
        first, last = int(offsets[k]), int(offsets[k + 1])
        before = _decode(data, max(first, begin - BYTES_PER_CHARACTER * BEFORE), begin)
        core = _decode(data, begin, end)
        after = _decode(data, end, min(last, end + BYTES_PER_CHARACTER * AFTER))
        if k != row:
            row, counted_to, position = k, first, 0
        matches = list(check_candidate(make_window(kind, before, core, after), 0, wanted))
        if matches:
            position += _count_characters(data, counted_to, begin)
            counted_to = begin
            spans, start = found.setdefault(k, {}), begin - first
            for type, a, b in matches:
                span = _Span(*(start + _bytes_to(x, before, core + after) for x in (a, b)))
                spans[Match(type, position + a, position + b)] = span
    return {
        k: {match: spans[match] for match in without_overlaps(spans, wanted)}
        for k, spans in found.items()
    }


def _decode(data: NDArray[np.uint8], begin: int, end: int) -> str:
    return data[begin:end].tobytes().decode(errors="ignore")


def _bytes_to(characters: int, before: str, after: str) -> int:
    """Return how many bytes a number of characters is from the border of two texts; may be < 0."""
    if characters < 0:
        return -len(before[characters:].encode())
    return len(after[:characters].encode())


def _count_characters(data: NDArray[np.uint8], begin: int, end: int) -> int:
    """Return the number of characters in these bytes."""
    return sum(
        int(np.count_nonzero(data[i : min(i + COUNTED_BYTES, end)] & 0xC0 != 0x80))
        for i in range(begin, end, COUNTED_BYTES)
    )


def redact_texts(
    texts: pa.Array, wanted: Wanted, rules: Mapping[Type, Rule]
) -> dict[int, Redacted]:
    """Return the new text, and what was found, of each text with personal data.

    The keys are numbers of rows. A type without a rule has the default one.
    """
    data, offsets = arrow_buffers.texts(texts)
    originals = data.data
    edits: dict[int, _Edits] = {}
    rows: list[int] | range = range(len(texts))
    present, bounds = data, offsets
    for _ in range(MAX_ROUNDS):
        parts: dict[int, list[bytes | memoryview]] = {}
        for k, found in _find(present, bounds, wanted).items():
            row = rows[k]
            if row not in edits:
                edits[row] = _Edits(originals[offsets[row] : offsets[row + 1]])
            if new := edits[row].add(found, rules):
                parts[row] = new
        if not parts:
            break
        rows = list(parts)
        bounds = np.cumsum([0, *(sum(map(len, new)) for new in parts.values())])
        joined = memoryview(b"".join(part for new in parts.values() for part in new))
        for i, row in enumerate(rows):
            edits[row].text = joined[bounds[i] : bounds[i + 1]]
        present = np.frombuffer(joined, np.uint8)
        bounds.flags.writeable = False  # or numba would compile the kernel again
    return {
        row: Redacted(each.text, _in_characters(data[offsets[row] :], each.pieces))
        for row, each in sorted(edits.items())
        if each.pieces
    }


class _Piece(NamedTuple):
    """A replacement in the present text, and what it stands for, in bytes."""

    begin: int
    end: int
    type: str
    original: _Span
    """Of the original text."""


def _in_characters(data: NDArray[np.uint8], pieces: Iterable[_Piece]) -> list[Match]:
    """Return the originals of the pieces of a text, which begins the data, in characters."""
    matches = []
    counted_to = position = 0
    for piece in pieces:
        begin, end = piece.original
        position += _count_characters(data, counted_to, begin)
        characters = _count_characters(data, begin, end)
        matches.append(Match(piece.type, position, position + characters))
        counted_to, position = end, position + characters
    return matches


@dataclass
class _Edits:
    """A text in UTF-8, and what was found and replaced in it so far."""

    text: memoryview
    pieces: list[_Piece] = field(default_factory=list)
    """In the order of the text. What is kept is a piece, too."""

    def add(
        self, matches: Mapping[Match, _Span], rules: Mapping[Type, Rule]
    ) -> list[bytes | memoryview] | None:
        """Replace what is new among the matches; return the parts of the new text.

        None if the text is the same. A match that overlaps earlier replacements takes them in.
        """
        pieces: list[_Piece] = []
        parts: list[bytes | memoryview] = []
        end, grown, next_piece = 0, 0, 0
        is_changed = False
        for (type, _, _), (begin, stop) in matches.items():
            first = bisect_right(self.pieces, begin, lo=next_piece, key=lambda piece: piece.end)
            last = bisect_left(self.pieces, stop, lo=first, key=lambda piece: piece.begin)
            if begin < end or self._is_known(type, begin, stop, first, last, rules):
                continue
            if last > first:
                begin = min(begin, self.pieces[first].begin)  # noqa: PLW2901
                stop = max(stop, self.pieces[last - 1].end)  # noqa: PLW2901
            pieces += [_moved(piece, grown) for piece in self.pieces[next_piece:first]]
            original = _Span(self._original(begin, first), self._original(stop, last))
            old = str(self.text[begin:stop], "utf-8")
            new = replacement(type, old, *rules.get(type, Rule()))  # type: ignore[arg-type, call-overload]
            data = new.encode()
            pieces.append(_Piece(begin + grown, begin + grown + len(data), type, original))
            parts += [self.text[end:begin], data]
            is_changed |= new != old
            end, grown, next_piece = stop, grown + len(data) - (stop - begin), last
        pieces += [_moved(piece, grown) for piece in self.pieces[next_piece:]]
        self.pieces = pieces
        return [*parts, self.text[end:]] if is_changed else None

    def _is_known(
        self, type: str, begin: int, stop: int, first: int, last: int, rules: Mapping[Type, Rule]
    ) -> bool:
        """Return whether a match is a surrogate, or what was found and kept before."""
        if rules.get(type, Rule()).method == "surrogate":  # type: ignore[call-overload]
            return is_surrogate(type, str(self.text[begin:stop], "utf-8"))  # type: ignore[arg-type]
        return last > first and self.pieces[first][:2] == (begin, stop)

    def _original(self, position: int, n_before: int) -> int:
        """Return the position in the original text; `n_before` pieces end at or before it."""
        if not n_before:
            return position
        piece = self.pieces[n_before - 1]
        return position - piece.end + piece.original.end


def _moved(piece: _Piece, by: int) -> _Piece:
    return piece._replace(begin=piece.begin + by, end=piece.end + by)
