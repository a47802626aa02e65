"""Find texts that stand inside a longer one: an excerpt, a brief, the first part of a story.

    stages:
      - stage: containment
        share: 0.9            # how much of its shingles the longer text must have
        remove: false         # true: it goes; false: `contained_in` names the longer text

A text is contained if so much of it is in a longer one that is not contained itself, by the exact
share of its shingles. Candidates come from a sample of one shingle in sixteen, so of texts of a
hundred words or more nearly all are found (0.996 of those of 100 shingles with a share of 0.9,
0.9998 of those of 200); of shorter ones some are not (0.94 at 50). What counts is what a text does
not share with many others: the boilerplate of a site finds nobody. Put it behind `deduplicate`: two
texts that are equal contain each other, and the one whose id has the higher hash counts as
contained.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from corpus.documents import KEY, column
from corpus.observations import CorpusView, Observation
from corpus.similarity import observations
from corpus.similarity.decisions import Removals, decoded_metrics, encode_decisions, ids
from corpus.stages.base import CorpusStage


class Containment(CorpusStage):
    """Flag, or remove, texts that stand inside a longer one."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [("contained_in", pa.string()), ("containment", pa.float64())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "contained": "nearly all of its words are in a longer document (the evidence)"
    }

    stage: Literal["containment"] = "containment"

    share: float = Field(0.9, ge=0.5, le=1)
    """The share of a text's shingles that a longer text must have."""

    remove: bool = False
    """Whether a contained text goes; else it is only marked."""

    shortest: int = Field(20, ge=1)
    """A text of fewer shingles is never contained: a few words stand in many a text."""

    words: int = Field(5, ge=1, le=64)
    """Words in a shingle."""

    @property
    def _sample(self) -> observations.ShingleSample:
        return observations.ShingleSample(words=self.words)

    def observes(self) -> tuple[Observation, ...]:
        """Return the sample of shingles."""
        return (self._sample,)

    def kernels(self) -> None:
        """Compile, or load from the cache, all that observing and deciding call."""
        from corpus.similarity.precompile import precompile

        precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return who is contained, in which document, and with what share."""
        from corpus.similarity.containment import recall_by_size
        from corpus.similarity.ranked_documents import halves, numbers

        size = numbers(corpus.column(self._sample.shingles))
        rows = np.flatnonzero(corpus.alive & (size >= self.shortest))
        upper, lower = halves(corpus.column(KEY))
        rows = rows[np.lexsort((lower[rows], upper[rows], -size[rows]))]
        near, score, compared = self._inside(corpus, rows)
        goes = np.flatnonzero(near >= 0)
        names = ids(corpus, rows[near[goes]])
        place = np.full(int(corpus.starts[-1]), -1, np.int64)
        place[rows[goes]] = np.arange(len(goes))
        taken = pa.array(place, mask=place < 0)
        metrics = {
            "contained": len(goes),
            "compared": compared,
            "recall": recall_by_size(self.share),
        }
        gone = goes if self.remove else goes[:0]
        because = ["contained"] * len(gone)
        removals = Removals(rows[gone], because, names[: len(gone)], score[gone])
        said = encode_decisions(corpus, removals, metrics)
        said = column(said, "contained_in", names.take(taken), pa.string())
        shares = pa.array(score[goes], pa.float64()).take(taken)
        return column(said, "containment", shares, pa.float64())

    def _inside(
        self, corpus: CorpusView, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
        """Return for each of the rows, the longest first, the number of the one it is in, or -1.

        Then the share of it that is, and how many pairs were compared.
        """
        from corpus.similarity.candidates import earlier, later
        from corpus.similarity.compared_pairs import select_kept
        from corpus.similarity.comparing import similarities
        from corpus.similarity.containment import containment_candidates
        from corpus.similarity.jaccard import containments
        from corpus.similarity.ranked_documents import RankedDocuments

        ranks = np.full(int(corpus.starts[-1]), -1, np.int64)
        ranks[rows] = np.arange(len(rows))
        # only what a sample has as well is asked for: `words` and `shingles`
        documents = RankedDocuments(corpus, self._sample, rows)  # type: ignore[arg-type]
        near, score = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
        found, shares, compared = [np.zeros(0, np.uint64)], [np.zeros(0)], 0
        for pairs in containment_candidates(corpus, self._sample, ranks):
            scores = similarities(documents, pairs, measure=containments)
            compared += len(pairs)
            found.append(pairs[scores >= self.share])
            shares.append(scores[scores >= self.share])
        pairs, first = np.unique(np.concatenate(found), return_index=True)
        shares_of = np.concatenate(shares)[first]
        alone = np.ones(len(rows), np.bool_)
        select_kept(pairs, alone)
        told = np.flatnonzero(alone[earlier(pairs)] & ~alone[later(pairs)])
        # the last one written stays: the highest share, then the longest text
        told = told[np.lexsort((-earlier(pairs)[told], shares_of[told]))]
        near[later(pairs)[told]] = earlier(pairs)[told]
        score[later(pairs)[told]] = shares_of[told]
        return near, score, compared

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return how many texts are contained, and how many pairs were compared."""
        return decoded_metrics(decisions)
