"""Lines of texts: their content hashes, the lines that many documents share, and their removal.

A line is the text between two line breaks; in a cleaned article it is a paragraph. Two lines are
equal if they have the same words (`corpus.words.definition.content`), whatever their case and
punctuation. Lines of code and tables in Markdown are not compared (`corpus.similarity.code_lines`).
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
from corpus.similarity.code_lines import without_code_lines

LINE = pa.struct([("hash", pa.binary(16)), ("begin", pa.int64()), ("characters", pa.int64())])
"""A line: its content hash, where it begins, and its length; both in characters."""

PIECE_BYTES = 1 << 20
"""Bytes of text that are split into lines at a time; a single line may be longer."""

MAX_SORTED_LINES = 1 << 23
"""Lines that are sorted at a time (about 1 GB)."""

_GAP = re.compile(r"(?:[^\S\n]*\n)+")
"""The end of a line and the blank lines after it."""


class Lines(Observation):
    """The lines of a text with at least `words` words, and how many non-empty lines have fewer."""

    words: PositiveInt = 10

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    @property
    def lines(self) -> str:
        """Return the name of the column of lines: a list of `LINE`."""
        return f"lines_{self.words}"

    @property
    def others(self) -> str:
        """Return the name of the column of the number of shorter lines that have words."""
        return f"short_lines_{self.words}"

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the lines with enough words, in order, and the number of the others (int64)."""
        pieces = [self._split(piece) for piece in _pieces(documents.column(TEXT))]
        none = [np.zeros(0, np.int64)]
        document = np.concatenate([*none, *(piece.document for piece in pieces)])
        characters = np.concatenate([*none, *(piece.characters for piece in pieces)])
        n_lines = np.concatenate([*none, *(piece.n_lines for piece in pieces)])
        n_short = np.concatenate([*none, *(piece.n_short for piece in pieces)])
        # where each piece begins in its text
        start = np.cumsum(characters) - characters
        start -= start[np.searchsorted(document, document)]
        columns = pa.concat_arrays([pa.array([], LINE), *(p.lines for p in pieces)]).flatten()
        columns[1] = pc.add(columns[1], pa.array(np.repeat(start, n_lines)))
        per_document = [
            np.bincount(document, weights=count, minlength=documents.num_rows).astype(np.int64)
            for count in (n_lines, n_short)
        ]
        offsets = np.concatenate([[0], np.cumsum(per_document[0])]).astype(np.int32)
        lines = pa.StructArray.from_arrays(columns, fields=list(LINE))
        compared = pa.ListArray.from_arrays(pa.array(offsets), lines)
        columns = without_code_lines(documents.column(TEXT), compared, pa.array(per_document[1]))
        return dict(zip((self.lines, self.others), columns, strict=True))

    def _split(self, piece: _Piece) -> _SplitPiece:
        """Return the lines of a piece."""
        from corpus.similarity.content_hash import content_hashes
        from corpus.words.count import count_words

        split = pc.split_pattern(piece.texts, "\n")
        starts, lines = split.offsets.to_numpy().astype(np.int64), split.flatten()
        starts = starts - starts[0]
        sizes = pc.utf8_length(lines).to_numpy().astype(np.int64)
        ends = np.concatenate([[0], np.cumsum(sizes + 1)])
        begins = ends[:-1] - np.repeat(ends[starts[:-1]], np.diff(starts))
        words = count_words(lines)
        long = words >= self.words
        n_long = np.concatenate([[0], np.cumsum(long)])[starts]
        n_short = np.concatenate([[0], np.cumsum((words > 0) & ~long)])[starts]
        hashes = content_hashes(lines.take(pa.array(np.flatnonzero(long))))
        columns = [hashes, pa.array(begins[long]), pa.array(sizes[long])]
        return _SplitPiece(
            piece.document,
            pc.utf8_length(piece.texts).to_numpy().astype(np.int64),
            np.diff(n_long),
            np.diff(n_short),
            pa.StructArray.from_arrays(columns, fields=list(LINE)),
        )


class _Piece(NamedTuple):
    """Parts of texts, and the number of the document of each."""

    texts: pa.LargeStringArray
    document: NDArray[np.int64]


class _SplitPiece(NamedTuple):
    """The lines of a piece; for each part its document, characters, long and short lines."""

    document: NDArray[np.int64]
    characters: NDArray[np.int64]
    n_lines: NDArray[np.int64]
    n_short: NDArray[np.int64]
    lines: pa.StructArray


def _pieces(column: pa.Array) -> Iterator[_Piece]:
    """Yield the texts in pieces of about `PIECE_BYTES`.

    A longer text is cut after a line break. This bounds the memory for hostile texts: if every byte
    is a line break, a line takes 80 bytes, but only for the lines of one piece.
    """
    data, offsets = texts(column)
    ends, document = [], []
    for number, (start, end) in enumerate(pairwise(offsets.tolist())):
        cut = start
        while end - cut > PIECE_BYTES and (cut := _after_break(data, cut + PIECE_BYTES, end)) < end:
            ends.append(cut)
            document.append(number)
        ends.append(end)
        document.append(number)
    bounds = np.array([offsets[0], *ends], np.int64)
    piece = (bounds[1:] - bounds[0]) // PIECE_BYTES
    for parts in np.split(np.arange(len(document)), np.flatnonzero(np.diff(piece)) + 1):
        if len(parts):
            inside = bounds[parts[0] : parts[-1] + 2]
            parts_of_texts = strings(data[inside[0] : inside[-1]], inside - inside[0])
            yield _Piece(parts_of_texts, np.array(document, np.int64)[parts])


def _after_break(data: NDArray[np.uint8], start: int, end: int) -> int:
    """Return where the next line begins at or after `start`; `end` if there is none."""
    for begin in range(start, end, PIECE_BYTES):
        breaks = np.flatnonzero(data[begin : min(end, begin + PIECE_BYTES)] == ord("\n"))
        if len(breaks):
            return begin + int(breaks[0]) + 1
    return end


@dataclass(frozen=True)
class RepeatedLines:
    """Lines to be removed, ordered by the row of their document, then by position in the text."""

    row: NDArray[np.int64]
    """int64[n]: the row of the document."""

    line: NDArray[np.int64]
    """int64[n]: the number of the line among all observed lines of the corpus."""

    documents: NDArray[np.int64]
    """int64[n]: how many documents have the line."""

    keeper: NDArray[np.int64]
    """int64[n]: the row of the document that keeps the line; -1 if none does."""


def _entries(
    corpus: CorpusView, observed: Lines, rank: NDArray[np.int64], turn: int, turns: int
) -> Iterator[NDArray[np.uint64]]:
    """Yield uint64[n, 4] for each part: two halves of the hash, rank of the document, line."""
    first_line = 0
    for part, start in zip(corpus.parts, corpus.starts[:-1].tolist(), strict=True):
        column = part.column(observed.lines)
        ends = column.offsets.to_numpy().astype(np.int64)
        lines = column.values.slice(int(ends[0]), int(ends[-1] - ends[0]))
        upper, lower = halves(lines.field("hash")).T
        owner = rank[start + np.repeat(np.arange(part.num_rows), np.diff(ends))]
        in_turn = np.flatnonzero((owner >= 0) & (lower % np.uint64(turns) == turn))
        line = (first_line + in_turn).astype(np.uint64)
        owner = owner[in_turn].astype(np.uint64)
        yield np.stack([upper[in_turn], lower[in_turn], owner, line], axis=1)
        first_line += len(lines)


def repeated_lines(
    corpus: CorpusView,
    observed: Lines,
    order: NDArray[np.int64],
    *,
    min_documents: int,
    keep_first: bool,
) -> RepeatedLines:
    """Return the lines that at least `min_documents` documents have.

    `order` has the rows of the documents that count, in order of precedence. With `keep_first` the
    lines of the first document that has them are excluded. A line that a document has twice counts
    once.
    """
    rank = np.full(int(corpus.starts[-1]), -1, np.int64)
    rank[order] = np.arange(len(order))
    total = sum(len(part.column(observed.lines).flatten()) for part in corpus.parts)
    turns = total // MAX_SORTED_LINES + 1
    removed = [np.zeros((0, 4), np.int64)]
    for turn in range(turns):
        entries = np.concatenate(
            [np.zeros((0, 4), np.uint64), *_entries(corpus, observed, rank, turn, turns)]
        )
        entries = entries[np.lexsort((entries[:, 2], entries[:, 1], entries[:, 0]))]
        removed.append(_removed_lines(entries, min_documents, keep_first=keep_first))
    table = np.concatenate(removed)
    ranks, line, documents, keeper = table[np.argsort(table[:, 1], kind="stable")].T
    if keep_first:
        keeper = np.where(keeper < 0, -1, order[keeper])
    return RepeatedLines(order[ranks], line, documents, keeper)


def _removed_lines(
    entries: NDArray[np.uint64], min_documents: int, *, keep_first: bool
) -> NDArray[np.int64]:
    """Return int64[n, 4] for the sorted entries: rank, line, documents, rank of the keeper."""
    if len(entries) == 0:
        return np.zeros((0, 4), np.int64)
    upper, lower, rank, line = entries.T
    is_first = np.append(True, (upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1]))
    new_document = is_first | np.append(True, rank[1:] != rank[:-1])
    starts = np.flatnonzero(is_first)
    group = np.cumsum(is_first) - 1
    documents = np.add.reduceat(new_document.astype(np.int64), starts)[group]
    keeper = rank[starts][group]
    removed = documents >= min_documents
    if keep_first:
        removed &= rank != keeper
        kept_by = keeper[removed].astype(np.int64)
    else:
        kept_by = np.full(int(removed.sum()), -1, np.int64)
    ranks, lines = rank[removed].astype(np.int64), line[removed].astype(np.int64)
    return np.stack([ranks, lines, documents[removed], kept_by], axis=1)


def remove_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text without these lines, given by (begin, characters) in ascending order.

    A line is removed together with its line break and the blank lines after it.
    """
    kept, start = [], 0
    for begin, characters in spans:
        kept.append(text[start:begin])
        gap = _GAP.match(text, begin + characters)
        start = gap.end() if gap else begin + characters
    rest = "".join([*kept, text[start:]])
    return rest.rstrip() if start == len(text) else rest
