"""Find texts that are contained in a longer one: excerpts, briefs, the first part of a story.

    stages:
      - stage: containment
        share: 0.9            # minimum share of its shingles in the longer text
        remove: false         # true: remove it; false: only fill `contained_in`

A text is contained if at least `share` of its shingles, computed exactly, are in a longer text that
is not contained itself. Candidates come from a sample of one shingle in sixteen, so recall depends
on the length: with a share of 0.9, it is 0.9998 at 200 shingles, 0.996 at 100 and 0.94 at 50.
Shingles that many texts share, such as the boilerplate of a site, produce no candidates. Put this
stage after `deduplicate`: two equal texts contain each other, and the one with the higher hash of
its id counts as contained.
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
    """Mark or remove texts that are contained in a longer one."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [("contained_in", pa.string()), ("containment", pa.float64())]
    )
    reasons: ClassVar[dict[str, str]] = {
        "contained": "nearly all of its words are in a longer document (the evidence)"
    }

    stage: Literal["containment"] = "containment"

    share: float = Field(0.9, ge=0.5, le=1)
    """Minimum share of the shingles of a text that a longer text must contain."""

    remove: bool = False
    """Whether to remove contained texts; by default they are only marked."""

    shortest: int = Field(20, ge=1)
    """Minimum number of shingles; shorter texts are never marked, because a few words in a row
    occur in many texts."""

    words: int = Field(5, ge=1, le=64)
    """Words per shingle."""

    @property
    def _sample(self) -> observations.ShingleSample:
        return observations.ShingleSample(words=self.words)

    def observes(self) -> tuple[Observation, ...]:
        """Return the sample of shingles."""
        return (self._sample,)

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache."""
        from corpus.similarity.precompile import precompile

        precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which documents are contained, in which document, and their containment."""
        from corpus.similarity.containment import recall_by_size
        from corpus.similarity.ranked_documents import halves, numbers

        size = numbers(corpus.column(self._sample.shingles))
        rows = np.flatnonzero(corpus.alive & (size >= self.shortest))
        upper, lower = halves(corpus.column(KEY))
        rows = rows[np.lexsort((lower[rows], upper[rows], -size[rows]))]
        container, score, compared = self._containers(corpus, rows)
        contained = np.flatnonzero(container >= 0)
        names = ids(corpus, rows[container[contained]])
        position = np.full(int(corpus.starts[-1]), -1, np.int64)
        position[rows[contained]] = np.arange(len(contained))
        index = pa.array(position, mask=position < 0)
        metrics = {
            "contained": len(contained),
            "compared": compared,
            "recall": recall_by_size(self.share),
        }
        removed = contained if self.remove else contained[:0]
        because = ["contained"] * len(removed)
        evidence = names[: len(removed)]
        removals = Removals(rows[removed], because, evidence, score[removed])
        decided = encode_decisions(corpus, removals, metrics)
        decided = column(decided, "contained_in", names.take(index), pa.string())
        shares = pa.array(score[contained], pa.float64()).take(index)
        return column(decided, "containment", shares, pa.float64())

    def _containers(
        self, corpus: CorpusView, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], int]:
        """Return for each row, the longest first, the number of the row that contains it, or -1.

        Also returns the containment, and the number of compared pairs.
        """
        from corpus.similarity.candidates import earlier, later
        from corpus.similarity.compared_pairs import select_kept
        from corpus.similarity.comparing import similarities
        from corpus.similarity.containment import containment_candidates
        from corpus.similarity.jaccard import containments
        from corpus.similarity.ranked_documents import RankedDocuments

        ranks = np.full(int(corpus.starts[-1]), -1, np.int64)
        ranks[rows] = np.arange(len(rows))
        # `RankedDocuments` uses only `words` and `shingles`, which a sample also has
        documents = RankedDocuments(corpus, self._sample, rows)  # type: ignore[arg-type]
        container, score = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
        pair_parts, score_parts, compared = [np.zeros(0, np.uint64)], [np.zeros(0)], 0
        for pairs in containment_candidates(corpus, self._sample, ranks):
            scores = similarities(documents, pairs, measure=containments)
            compared += len(pairs)
            pair_parts.append(pairs[scores >= self.share])
            score_parts.append(scores[scores >= self.share])
        pairs, first = np.unique(np.concatenate(pair_parts), return_index=True)
        shares_of = np.concatenate(score_parts)[first]
        not_contained = np.ones(len(rows), np.bool_)
        select_kept(pairs, not_contained)
        matches = np.flatnonzero(not_contained[earlier(pairs)] & ~not_contained[later(pairs)])
        # the last value written wins: the highest share, then the longest text
        matches = matches[np.lexsort((-earlier(pairs)[matches], shares_of[matches]))]
        container[later(pairs)[matches]] = earlier(pairs)[matches]
        score[later(pairs)[matches]] = shares_of[matches]
        return container, score, compared

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the number of contained texts, and of compared pairs."""
        return decoded_metrics(decisions)
