"""The lines of texts: what each says, which of them many documents have, a text without them.

A line is what stands between two line breaks; in a cleaned article it is a paragraph. Two lines are
the same if they have the same words (`words.content`), whatever their case and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import PositiveInt

from corpus.arrow_buffers import strings, texts
from corpus.documents import TEXT, halves
from corpus.observations import CorpusView, Observation

LINE = pa.struct([("hash", pa.binary(16)), ("begin", pa.int64()), ("characters", pa.int64())])
"""A line that counts: what it says, where it begins, in characters, and how long it is."""

PIECE = 1 << 20
"""Bytes of text that are cut into lines at a time; a line itself may be longer."""

ENTRIES = 1 << 23
"""Lines that are sorted at a time (about 1 GB)."""

_GAP = re.compile(r"(?:[^\S\n]*\n)+")
"""The end of a line, and the blank lines behind it."""


class Lines(Observation):
    """The lines of a text that have so many words, and how many it has of fewer."""

    words: PositiveInt = 10

    @property
    def lines(self) -> str:
        """Return the name of the column: a list of `LINE`."""
        return f"lines_{self.words}"

    @property
    def others(self) -> str:
        """Return the name of the column of the number of lines of fewer words, but some."""
        return f"short_lines_{self.words}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the lines that count, in order, and the number of the others (int64)."""
        pieces = list(map(self._of_piece, _pieces(documents.column(TEXT))))
        owner = np.concatenate([np.zeros(0, np.int64), *(piece.owner for piece in pieces)])
        characters = np.concatenate([np.zeros(0, np.int64), *(p.characters for p in pieces)])
        counted = np.concatenate([np.zeros(0, np.int64), *(piece.counted for piece in pieces)])
        short = np.concatenate([np.zeros(0, np.int64), *(piece.short for piece in pieces)])
        # where each piece begins in its text
        ahead = np.cumsum(characters) - characters
        ahead -= ahead[np.searchsorted(owner, owner)]
        found = pa.concat_arrays([pa.array([], LINE), *(piece.lines for piece in pieces)]).flatten()
        found[1] = pc.add(found[1], pa.array(np.repeat(ahead, counted)))
        of_document = [
            np.bincount(owner, weights=some, minlength=documents.num_rows).astype(np.int64)
            for some in (counted, short)
        ]
        before = np.concatenate([[0], np.cumsum(of_document[0])]).astype(np.int32)
        lines = pa.StructArray.from_arrays(found, fields=list(LINE))
        return {
            self.lines: pa.ListArray.from_arrays(pa.array(before), lines),
            self.others: pa.array(of_document[1]),
        }

    def _of_piece(self, piece: tuple[pa.LargeStringArray, NDArray[np.int64]]) -> _Found:
        """Return the lines of some pieces of texts, whose documents are given."""
        from corpus.similarity.content_hash import contents, word_counts

        some, owner = piece
        split = pc.split_pattern(some, "\n")
        starts, lines = split.offsets.to_numpy().astype(np.int64), split.flatten()
        starts = starts - starts[0]
        sizes = pc.utf8_length(lines).to_numpy().astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(sizes + 1)])
        begins = ends[:-1] - np.repeat(ends[starts[:-1]], np.diff(starts))
        words = word_counts(lines)
        counts = words >= self.words
        kept = pa.array(np.flatnonzero(counts))
        before = np.concatenate([[0], np.cumsum(counts)])[starts]
        short = np.concatenate([[0], np.cumsum((words > 0) & ~counts)])[starts]
        parts = [contents(lines.take(kept)), pa.array(begins[counts]), pa.array(sizes[counts])]
        found = pa.StructArray.from_arrays(parts, fields=list(LINE))
        characters = pc.utf8_length(some).to_numpy().astype(np.int64)
        return _Found(owner, characters, np.diff(before), np.diff(short), found)


class _Found(NamedTuple):
    """The lines of some pieces of texts: of each its document, and how many of what it has."""

    owner: NDArray[np.int64]
    characters: NDArray[np.int64]
    counted: NDArray[np.int64]
    short: NDArray[np.int64]
    lines: pa.StructArray


def _pieces(
    column: pa.Array,
) -> Iterator[tuple[pa.LargeStringArray, NDArray[np.int64]]]:
    """Yield texts, about `PIECE` bytes at a time, with their documents' numbers.

    A longer text is cut behind a line break: of what is hostile, a break each byte, a line takes 80
    bytes, and so no more than a piece's lines do at a time.
    """
    data, offsets = texts(column)
    ends, owner = [], []
    for number, (at, end) in enumerate(pairwise(offsets.tolist())):
        cut = at
        while end - cut > PIECE and (cut := _behind_break(data, cut + PIECE, end)) < end:
            ends.append(cut)
            owner.append(number)
        ends.append(end)
        owner.append(number)
    borders = np.array([offsets[0], *ends], np.int64)
    turn = (borders[1:] - borders[0]) // PIECE
    for some in np.split(np.arange(len(owner)), np.flatnonzero(np.diff(turn)) + 1):
        if len(some):
            places = borders[some[0] : some[-1] + 2]
            held = strings(data[places[0] : places[-1]], places - places[0])
            yield held, np.array(owner, np.int64)[some]


def _behind_break(data: NDArray[np.uint8], at: int, end: int) -> int:
    """Return where the next line begins, from `at` on; the end if none does."""
    for start in range(at, end, PIECE):
        found = np.flatnonzero(data[start : min(end, start + PIECE)] == ord("\n"))
        if len(found):
            return start + int(found[0]) + 1
    return end


@dataclass(frozen=True)
class Repeated:
    """Lines to be cut, in the order of their documents' rows, then of the text."""

    row: NDArray[np.int64]
    """int64[n]: the row of the document."""

    line: NDArray[np.int64]
    """int64[n]: which of all lines that count, numbered through the parts."""

    documents: NDArray[np.int64]
    """int64[n]: how many documents have it."""

    keeper: NDArray[np.int64]
    """int64[n]: the row of the document that keeps it; -1 if none does."""


def _entries(
    corpus: CorpusView, observed: Lines, rank: NDArray[np.int64], turn: int, turns: int
) -> Iterator[NDArray[np.uint64]]:
    """Yield uint64[n, 4] for each part: hash (two numbers), rank of the document, line."""
    at = 0
    for part, start in zip(corpus.parts, corpus.starts[:-1].tolist(), strict=True):
        column = part.column(observed.lines)
        ends = column.offsets.to_numpy().astype(np.int64)
        found = column.values.slice(int(ends[0]), int(ends[-1] - ends[0]))
        upper, lower = halves(found.field("hash")).T
        owner = rank[start + np.repeat(np.arange(part.num_rows), np.diff(ends))]
        mine = np.flatnonzero((owner >= 0) & (lower % np.uint64(turns) == turn))
        line = (at + mine).astype(np.uint64)
        yield np.stack([upper[mine], lower[mine], owner[mine].astype(np.uint64), line], axis=1)
        at += len(found)


def repeated(
    corpus: CorpusView, observed: Lines, order: NDArray[np.int64], *, documents: int, keep: bool
) -> Repeated:
    """Return the lines that so many documents have; with `keep`, not those of the first that does.

    `order` has the rows of the documents that count, the first first. A line that a document has
    twice is one of that document.
    """
    rank = np.full(int(corpus.starts[-1]), -1, np.int64)
    rank[order] = np.arange(len(order))
    total = sum(len(part.column(observed.lines).flatten()) for part in corpus.parts)
    turns = total // ENTRIES + 1
    found = [np.zeros((0, 4), np.int64)]
    for turn in range(turns):
        some = np.concatenate(
            [np.zeros((0, 4), np.uint64), *_entries(corpus, observed, rank, turn, turns)]
        )
        some = some[np.lexsort((some[:, 2], some[:, 1], some[:, 0]))]
        found.append(_cut(some, documents, keep=keep))
    every = np.concatenate(found)
    every = every[np.argsort(every[:, 1], kind="stable")]
    owner, keeper = order[every[:, 0]], every[:, 3]
    return Repeated(
        owner, every[:, 1], every[:, 2], np.where(keeper < 0, -1, order[keeper]) if keep else keeper
    )


def _cut(entries: NDArray[np.uint64], documents: int, *, keep: bool) -> NDArray[np.int64]:
    """Return rank, line, documents, keeper's rank of the sorted entries to cut: int64[n, 4]."""
    if len(entries) == 0:
        return np.zeros((0, 4), np.int64)
    upper, lower, rank, line = entries.T
    first = np.append(True, (upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1]))
    another = first | np.append(True, rank[1:] != rank[:-1])
    starts = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    held = np.add.reduceat(another.astype(np.int64), starts)[group]
    keeper = rank[starts][group]
    cut = held >= documents
    if keep:
        cut &= rank != keeper
    kept_by = keeper[cut].astype(np.int64) if keep else np.full(int(cut.sum()), -1, np.int64)
    return np.stack(
        [rank[cut].astype(np.int64), line[cut].astype(np.int64), held[cut], kept_by], axis=1
    )


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text without some of its lines, given by (begin, characters) in rising order.

    A line goes with its break and the blank lines behind it.
    """
    found, at = [], 0
    for begin, characters in spans:
        found.append(text[at:begin])
        gap = _GAP.match(text, begin + characters)
        at = gap.end() if gap else begin + characters
    rest = "".join([*found, text[at:]])
    return rest.rstrip() if at == len(text) else rest
