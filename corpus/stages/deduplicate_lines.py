"""Cut lines that many documents share: notices, appeals, author biographies.

    stages:
      - stage: deduplicate
      - stage: deduplicate_lines
        documents: 3          # minimum number of documents with the line
        words: 10             # shorter lines are kept
        keep: first           # the earliest document keeps the line; or none

A line is a paragraph: the text between two line breaks. Two lines are equal if they have the same
words, in any case and punctuation. The first document is the one with the earliest date; without a
date, or for equal dates, the one whose id has the lowest hash. It keeps every copy of the line. A
document that has no other lines is removed; such a document never keeps a line.

Put this stage after `deduplicate`; otherwise every copy of a text loses all of its lines to the
first. It is not a default stage: a quotation that three papers print is not boilerplate. The ledger
`ledger/lines.parquet` lists every line that was cut: the document, where the line began and how
long it was (in characters of the text at that time), a hash of its words, the number of documents
with the line, and the document that keeps it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from corpus.documents import CUT_LINES_TYPE, DATE, KEY, TEXT, column
from corpus.observations import CorpusView, Observation
from corpus.similarity import lines
from corpus.similarity.decisions import Removals, decoded_metrics, encode_decisions, ids
from corpus.sources.columns.observation import Column
from corpus.stages.base import CUT_LINES_COLUMN, CorpusStage
from corpus.stages.cut_lines import without_cuts

ONLY_REPEATED_LINES = "only_repeated_lines"

MAX_LINES_SHOWN = 10
"""Maximum number of lines in the metrics, the most frequent first."""


class DeduplicateLines(CorpusStage):
    """Cut lines that many documents share."""

    changes_text: ClassVar[bool] = True
    reasons: ClassVar[dict[str, str]] = {
        ONLY_REPEATED_LINES: (
            "all of its lines are also in other documents (the evidence keeps the first line)"
        )
    }

    stage: Literal["deduplicate_lines"] = "deduplicate_lines"

    documents: int = Field(3, ge=2)
    """Minimum number of documents with a line for it to be cut."""

    words: int = Field(10, ge=1)
    """Minimum number of words; shorter lines (headings, datelines, `Yes.`) are kept."""

    keep: Literal["first", "none"] = "first"
    """With `first`, the earliest document keeps the line; with `none`, every document loses it."""

    @property
    def _lines(self) -> lines.Lines:
        return lines.Lines(words=self.words)

    @property
    def _date(self) -> Column:
        return Column(name=DATE, kind="date")

    def observes(self) -> tuple[Observation, ...]:
        """Return the lines of each document, and its date."""
        return (self._lines, *([self._date] if self.keep == "first" else []))

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache."""
        from corpus.similarity.precompile import precompile

        precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which lines to cut, and which documents have no other lines."""
        from corpus.similarity.ranked_documents import numbers

        size = int(corpus.starts[-1])
        repeated = lines.repeated_lines(
            *(corpus, self._lines, self._order(corpus)),
            min_documents=self.documents,
            keep_first=self.keep == "first",
        )
        cut = np.bincount(repeated.row, minlength=size)
        lengths = [part.column(self._lines.lines).value_lengths() for part in corpus.parts]
        counted = numbers(pa.chunked_array(lengths, pa.int32()))
        short = numbers(corpus.column(self._lines.others))
        removed = np.flatnonzero((cut > 0) & (cut == counted) & (short == 0))
        first = np.searchsorted(repeated.row, removed)
        evidence = self._names(corpus, repeated.keeper[first])
        because, share = [ONLY_REPEATED_LINES] * len(removed), np.ones(len(removed))
        in_kept_document = ~np.isin(repeated.row, removed)
        columns = (repeated.row, repeated.line, repeated.documents, repeated.keeper)
        cut_lines = lines.RepeatedLines(*(values[in_kept_document] for values in columns))
        lists = self._cut(corpus, cut_lines)
        metrics = _metrics_of(repeated, cut_lines, int(counted[corpus.alive].sum()), lists)
        removals = Removals(removed, because, evidence, share)
        decided = encode_decisions(corpus, removals, metrics)
        return column(decided, CUT_LINES_COLUMN, lists, lists.type)

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents without the cut lines; those without other lines are marked."""
        documents = super().apply(documents, decisions)
        texts = documents.column(TEXT)
        return column(
            documents, TEXT, without_cuts(texts, decisions.column(CUT_LINES_COLUMN)), texts.type
        )

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many lines were cut, from how many documents, and the most frequent."""
        return decoded_metrics(decisions)

    def _order(self, corpus: CorpusView) -> NDArray[np.int64]:
        """Return the remaining rows in the order in which they keep shared lines."""
        from corpus.similarity.ranked_documents import halves, numbers

        rows = np.flatnonzero(corpus.alive)
        upper, lower = halves(corpus.column(KEY))
        if self.keep == "none":
            return rows[np.lexsort((lower[rows], upper[rows]))]
        dates = numbers(corpus.column(self._date.column), np.float64)[rows]
        return rows[np.lexsort((lower[rows], upper[rows], dates))]  # NaN, a missing date, is last

    def _names(self, corpus: CorpusView, rows: NDArray[np.int64]) -> pa.Array:
        """Return the ids of rows; all null with `keep: none`."""
        if self.keep == "none":
            return pa.nulls(len(rows), pa.string())
        return ids(corpus, rows)

    def _cut(self, corpus: CorpusView, repeated: lines.RepeatedLines) -> pa.Array:
        """Return for each document the list of its cut lines (`CUT_LINES_TYPE`)."""
        size = int(corpus.starts[-1])
        name = self._lines.lines
        if len(repeated.line) == 0:
            return pa.array([[]] * size, CUT_LINES_TYPE)
        all_lines = pa.chunked_array([part.column(name).flatten() for part in corpus.parts])
        cut = pa.concat_arrays(all_lines.take(pa.array(repeated.line)).chunks)
        fields = list(CUT_LINES_TYPE.value_type)
        values = [
            *(cut.field(name) for name in ("begin", "characters", "hash")),
            pa.array(repeated.documents),
            self._names(corpus, repeated.keeper),
        ]
        ends = np.concatenate([[0], np.cumsum(np.bincount(repeated.row, minlength=size))])
        return pa.ListArray.from_arrays(
            pa.array(ends.astype(np.int32)), pa.StructArray.from_arrays(values, fields=fields)
        )


def _metrics_of(
    repeated: lines.RepeatedLines, cut_lines: lines.RepeatedLines, counted: int, cut: pa.Array
) -> dict[str, object]:
    """Return the metrics; `cut_lines` are the repeated lines that were cut from kept texts."""
    table = pa.Table.from_struct_array(cut.flatten()).select(["hash", "documents", "kept_in"])
    most_frequent = (
        table.group_by("hash", use_threads=False)
        .aggregate([("documents", "max"), ("kept_in", "first")])
        .rename_columns(["hash", "documents", "kept_in"])
        .sort_by([("documents", "descending"), ("hash", "ascending")])
    )
    characters = pc.sum(cut.flatten().field("characters")).as_py()
    return {
        "lines": counted,
        "repeated": most_frequent.num_rows,
        "cut": len(cut_lines.line),
        "cut_characters": characters or 0,
        "cut_from": len(np.unique(cut_lines.row)),
        "gone_with_documents": len(repeated.line) - len(cut_lines.line),
        "most_repeated": [
            row | {"hash": row["hash"].hex()}
            for row in most_frequent.slice(0, MAX_LINES_SHOWN).to_pylist()
        ],
    }
