"""The lines of texts: what each says, which of them many documents have, a text without them.

A line is what stands between two line breaks; in a cleaned article it is a paragraph. Two lines are
the same if they have the same words (`words.content`), whatever their case and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import PositiveInt

from corpus.documents import TEXT, halves
from corpus.stages.observed import Observation, Observed

LINE = pa.struct([("hash", pa.binary(16)), ("begin", pa.int64()), ("characters", pa.int64())])
"""A line that counts: what it says, where it begins, in characters, and how long it is."""

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
        from corpus.similarity.contents import contents, word_counts

        split = pc.split_pattern(pc.fill_null(documents.column(TEXT), ""), "\n")
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
        return {
            self.lines: pa.ListArray.from_arrays(pa.array(before.astype(np.int32)), found),
            self.others: pa.array(np.diff(short)),
        }


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
    corpus: Observed, observed: Lines, rank: NDArray[np.int64], turn: int, turns: int
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
    corpus: Observed, observed: Lines, order: NDArray[np.int64], *, documents: int, keep: bool
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
