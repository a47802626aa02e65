"""Find and replace personal data in a column of texts.

The kernel finds the candidates, Python checks these alone. Where something was replaced, the new
text is searched again, because a shorter text brings words that name a number nearer to it. So
redacting a text twice gives the same as redacting it once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from corpus import arrow_buffers
from corpus.privacy.detect import Match, Wanted, check_candidate, without_overlaps
from corpus.privacy.kinds import Type
from corpus.privacy.replace import Method, is_surrogate, replacement
from corpus.privacy.windows import AFTER, BEFORE, make_window

MAX_ROUNDS = 16
"""How often a text is searched at most. Two rounds are usual: the second finds nothing."""

BYTES_PER_CHARACTER = 4


class Rule(NamedTuple):
    """What to do with a type."""

    method: Method = "placeholder"
    placeholder: str | None = None
    """The text of the placeholder; None for the usual one."""


class Redacted(NamedTuple):
    """A text after redaction, and what was found in it."""

    text: str
    matches: list[Match]
    """Spans of the text before."""


def find_in_column(texts: pa.Array, wanted: Wanted) -> dict[int, list[Match]]:
    """Return the personal data of each text that has some, by the number of its row."""
    from corpus.privacy.candidates.scan import scan  # numba is slow to import

    data, offsets = arrow_buffers.texts(texts)
    found: dict[int, list[Match]] = {}
    row, counted_to, position = -1, 0, 0
    candidates = scan(texts)
    order = np.lexsort((candidates[:, 0], candidates[:, 3], candidates[:, 2], candidates[:, 1]))
    for kind, k, begin, end in candidates[order].tolist():
        first, last = int(offsets[k]), int(offsets[k + 1])
        window = make_window(
            kind,
            _decode(data, max(first, begin - BYTES_PER_CHARACTER * BEFORE), begin),
            _decode(data, begin, end),
            _decode(data, end, min(last, end + BYTES_PER_CHARACTER * AFTER)),
        )
        if k != row:
            row, counted_to, position = k, first, 0
        matches = list(check_candidate(window, 0, wanted))
        if matches:
            position += int(np.count_nonzero(data[counted_to:begin] & 0xC0 != 0x80))
            counted_to = begin
            found.setdefault(k, []).extend(
                Match(type, position + a, position + b) for type, a, b in matches
            )
    return {k: without_overlaps(matches, wanted) for k, matches in found.items()}


def _decode(data: np.ndarray, begin: int, end: int) -> str:
    return data[begin:end].tobytes().decode(errors="ignore")


def redact_texts(
    texts: pa.Array, wanted: Wanted, rules: Mapping[Type, Rule]
) -> dict[int, Redacted]:
    """Return the new text, and what was found, of each text with personal data.

    The keys are numbers of rows. A type without a rule has the default one.
    """
    edits: dict[int, _Edits] = {}
    rows = list(range(len(texts)))
    for _ in range(MAX_ROUNDS):
        found = find_in_column(texts, wanted)
        changed = []
        for k, matches in found.items():
            row = rows[k]
            if row not in edits:
                edits[row] = _Edits(texts[k].as_py())
            if edits[row].add(matches, rules):
                changed.append(row)
        if not changed:
            break
        rows = changed
        texts = pa.array([edits[row].text for row in rows], pa.large_string())
    return {
        row: Redacted(each.text, [piece.original for piece in each.pieces])
        for row, each in sorted(edits.items())
        if each.pieces
    }


class _Piece(NamedTuple):
    """A replacement in the present text, and the span of the original text that it stands for."""

    begin: int
    end: int
    original: Match


@dataclass
class _Edits:
    """A text, and what was found and replaced in it so far."""

    text: str
    pieces: list[_Piece] = field(default_factory=list)
    """In the order of the text. What is kept is a piece, too."""

    def add(self, matches: Sequence[Match], rules: Mapping[Type, Rule]) -> bool:
        """Replace what is new among the matches; return whether the text has changed.

        A match that overlaps earlier replacements takes them in.
        """
        pieces: list[_Piece] = []
        parts: list[str] = []
        end, grown, next_piece = 0, 0, 0
        text, is_changed = self.text, False
        for type, begin, stop in matches:
            first = bisect_right(self.pieces, begin, lo=next_piece, key=lambda piece: piece.end)
            last = bisect_left(self.pieces, stop, lo=first, key=lambda piece: piece.begin)
            if begin < end or self._is_known(type, begin, stop, first, last, rules):
                continue
            if last > first:
                begin = min(begin, self.pieces[first].begin)  # noqa: PLW2901
                stop = max(stop, self.pieces[last - 1].end)  # noqa: PLW2901
            pieces += [_moved(piece, grown) for piece in self.pieces[next_piece:first]]
            original = Match(type, self._original(begin, first), self._original(stop, last))
            new = replacement(type, text[begin:stop], *rules.get(type, Rule()))  # type: ignore[arg-type, call-overload]
            pieces.append(_Piece(begin + grown, begin + grown + len(new), original))
            parts += [text[end:begin], new]
            is_changed |= new != text[begin:stop]
            end, grown, next_piece = stop, grown + len(new) - (stop - begin), last
        pieces += [_moved(piece, grown) for piece in self.pieces[next_piece:]]
        self.pieces, self.text = pieces, "".join([*parts, text[end:]])
        return is_changed

    def _is_known(
        self, type: str, begin: int, stop: int, first: int, last: int, rules: Mapping[Type, Rule]
    ) -> bool:
        """Return whether a match is a surrogate, or what was found and kept before."""
        if rules.get(type, Rule()).method == "surrogate":  # type: ignore[call-overload]
            return is_surrogate(type, self.text[begin:stop])  # type: ignore[arg-type]
        return last > first and self.pieces[first][:2] == (begin, stop)

    def _original(self, position: int, n_before: int) -> int:
        """Return the position in the original text; `n_before` pieces end at or before it."""
        if not n_before:
            return position
        piece = self.pieces[n_before - 1]
        return position - piece.end + piece.original.end


def _moved(piece: _Piece, by: int) -> _Piece:
    return _Piece(piece.begin + by, piece.end + by, piece.original)
