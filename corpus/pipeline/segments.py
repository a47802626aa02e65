"""The passes over the corpus that a list of stages needs.

For example, `clean, language, deduplicate, split` is one segment: `clean` and `language` run on
each document, then `deduplicate` and `split` decide on the documents that these left. A document
stage after a corpus stage starts a new segment, which costs one more pass over the documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.observations import Observation
from corpus.stages.base import CorpusStage, DocumentStage, Stage
from corpus.stages.own_mistakes import naming_mistakes_of


@dataclass(frozen=True)
class Segment:
    """The stages of one pass: document stages, then the corpus stages that observe their output."""

    document_stages: tuple[DocumentStage, ...]
    corpus_stages: tuple[CorpusStage, ...]

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Return every distinct observation that the corpus stages need."""
        return tuple(dict.fromkeys(o for stage in self.corpus_stages for o in _observes(stage)))


def _observes(stage: CorpusStage) -> tuple[Observation, ...]:
    with naming_mistakes_of(stage):
        return tuple(stage.observes())


def segments(stages: Sequence[Stage]) -> list[Segment]:
    """Return the segments of these stages, at least one.

    A segment ends before a document stage, and after a corpus stage that changes texts: the stages
    after it must observe the changed texts.
    """
    finished: list[Segment] = []
    document_stages: list[DocumentStage] = []
    corpus_stages: list[CorpusStage] = []
    for stage in stages:
        texts_changed = any(earlier.changes_text for earlier in corpus_stages)
        if corpus_stages and (isinstance(stage, DocumentStage) or texts_changed):
            finished.append(Segment(tuple(document_stages), tuple(corpus_stages)))
            document_stages, corpus_stages = [], []
        if isinstance(stage, DocumentStage):
            document_stages.append(stage)
        else:
            corpus_stages.append(stage)  # type: ignore[arg-type]
    return [*finished, Segment(tuple(document_stages), tuple(corpus_stages))]
