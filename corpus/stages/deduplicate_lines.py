"""Cut lines that many documents have out of all but one of them: notices, appeals, biographies.

    stages:
      - stage: deduplicate
      - stage: deduplicate_lines
        documents: 3          # from so many documents with the line on
        words: 10             # shorter lines are left alone
        keep: first           # the earliest document keeps it; or none

A line is a paragraph: what stands between two line breaks. Two are the same if they have the same
words, whatever their case and punctuation. The first document is the one with the earliest date,
and of one date, or without, the one whose id has the lowest hash; it keeps the line as often as it
has it. A document with nothing but such lines goes; it keeps none, so nothing is lost with it.

Put it behind `deduplicate`, or every copy of a text loses all its lines to the first. It is left
out by default: a quotation that three papers print is no boilerplate. What it cuts is listed in
`ledger/lines.parquet`: the document, where the line began in the text as it was then and how long
it was, in characters, a hash of its words, how many documents have it, and which one keeps it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from corpus.documents import CUT, DATE, KEY, TEXT, column
from corpus.observations import CorpusView, Observation
from corpus.similarity import lines, observations
from corpus.similarity.decisions import Removals, decoded_metrics, encode_decisions, ids
from corpus.stages.base import CUTS, CorpusStage
from corpus.stages.cut_lines import without_cuts

ONLY = "only_repeated_lines"

SHOWN = 10
"""Lines that are told one by one."""


class DeduplicateLines(CorpusStage):
    """Cut lines that many documents have."""

    changes_text: ClassVar[bool] = True
    reasons: ClassVar[dict[str, str]] = {
        ONLY: "all of its lines are in other documents as well (the evidence keeps the first)"
    }

    stage: Literal["deduplicate_lines"] = "deduplicate_lines"

    documents: int = Field(3, ge=2)
    """How many documents must have a line for it to be cut."""

    words: int = Field(10, ge=1)
    """A line of fewer words stays: headings, datelines, `Yes.`."""

    keep: Literal["first", "none"] = "first"
    """Whether the earliest document keeps the line, or nobody does."""

    @property
    def _lines(self) -> lines.Lines:
        return lines.Lines(words=self.words)

    @property
    def _date(self) -> observations.Column:
        return observations.Column(name=DATE, kind="date")

    def observes(self) -> tuple[Observation, ...]:
        """Return the lines of each document, and its date."""
        return (self._lines, *([self._date] if self.keep == "first" else []))

    def kernels(self) -> None:
        """Compile, or load from the cache, all that observing and deciding call."""
        from corpus.similarity.precompile import precompile

        precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which lines are cut from which documents, and who has nothing else."""
        from corpus.similarity.ranked_documents import numbers

        size = int(corpus.starts[-1])
        found = lines.repeated_lines(
            *(corpus, self._lines, self._order(corpus)),
            min_documents=self.documents,
            keep_first=self.keep == "first",
        )
        cut = np.bincount(found.row, minlength=size)
        held = [part.column(self._lines.lines).value_lengths() for part in corpus.parts]
        counted = numbers(pa.chunked_array(held, pa.int32()))
        short = numbers(corpus.column(self._lines.others))
        goes = np.flatnonzero((cut > 0) & (cut == counted) & (short == 0))
        first = np.searchsorted(found.row, goes)
        evidence = self._names(corpus, found.keeper[first])
        because, share = [ONLY] * len(goes), np.ones(len(goes))
        stays = ~np.isin(found.row, goes)
        rest = lines.RepeatedLines(
            *(each[stays] for each in (found.row, found.line, found.documents, found.keeper))
        )
        lists = self._cut(corpus, rest)
        metrics = _figures(found, rest, int(counted[corpus.alive].sum()), lists)
        said = encode_decisions(corpus, Removals(goes, because, evidence, share), metrics)
        return column(said, CUTS, lists, lists.type)

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents without the lines that were cut, those with no others marked."""
        documents = super().apply(documents, decisions)
        texts = documents.column(TEXT)
        return column(documents, TEXT, without_cuts(texts, decisions.column(CUTS)), texts.type)

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many lines were cut, from how many documents, and the most frequent ones."""
        return decoded_metrics(decisions)

    def _order(self, corpus: CorpusView) -> NDArray[np.int64]:
        """Return the rows alive, those first that keep what they share with others."""
        from corpus.similarity.ranked_documents import halves, numbers

        rows = np.flatnonzero(corpus.alive)
        upper, lower = halves(corpus.column(KEY))
        if self.keep == "none":
            return rows[np.lexsort((lower[rows], upper[rows]))]
        dates = numbers(corpus.column(self._date.column), np.float64)[rows]
        return rows[np.lexsort((lower[rows], upper[rows], dates))]  # NaN, a missing one, is last

    def _names(self, corpus: CorpusView, rows: NDArray[np.int64]) -> pa.Array:
        """Return the ids of rows, null for -1."""
        if self.keep == "none":
            return pa.nulls(len(rows), pa.string())
        return ids(corpus, rows)

    def _cut(self, corpus: CorpusView, found: lines.RepeatedLines) -> pa.Array:
        """Return for each document the list of what is cut from it."""
        size = int(corpus.starts[-1])
        name = self._lines.lines
        if len(found.line) == 0:
            return pa.array([[]] * size, CUT)
        every = pa.chunked_array([part.column(name).flatten() for part in corpus.parts])
        told = pa.concat_arrays(every.take(pa.array(found.line)).chunks)
        fields = list(CUT.value_type)
        values = [
            *(told.field(name) for name in ("begin", "characters", "hash")),
            pa.array(found.documents),
            self._names(corpus, found.keeper),
        ]
        ends = np.concatenate([[0], np.cumsum(np.bincount(found.row, minlength=size))])
        return pa.ListArray.from_arrays(
            pa.array(ends.astype(np.int32)), pa.StructArray.from_arrays(values, fields=fields)
        )


def _figures(
    found: lines.RepeatedLines, rest: lines.RepeatedLines, counted: int, cut: pa.Array
) -> dict[str, object]:
    """Return the figures: `found` is all that is repeated, `rest` what is cut from texts."""
    told = pa.Table.from_struct_array(cut.flatten()).select(["hash", "documents", "kept_in"])
    most = (
        told.group_by("hash", use_threads=False)
        .aggregate([("documents", "max"), ("kept_in", "first")])
        .rename_columns(["hash", "documents", "kept_in"])
        .sort_by([("documents", "descending"), ("hash", "ascending")])
    )
    characters = pc.sum(cut.flatten().field("characters")).as_py()
    return {
        "lines": counted,
        "repeated": most.num_rows,
        "cut": len(rest.line),
        "cut_characters": characters or 0,
        "cut_from": len(np.unique(rest.row)),
        "gone_with_documents": len(found.line) - len(rest.line),
        "most_repeated": [
            row | {"hash": row["hash"].hex()} for row in most.slice(0, SHOWN).to_pylist()
        ],
    }
