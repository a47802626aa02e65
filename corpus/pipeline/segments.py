"""The passes over the corpus that a list of stages needs.

For example, `clean, language, deduplicate, split` is one segment: `clean` changes each document and
everything is measured, then `language`, `deduplicate` and `split` decide on the measurements. A
document stage after a deciding stage starts a new segment, which costs one more pass over the
documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.observations import Observation
from corpus.stages.base import (
    CorpusStage,
    DecidingStage,
    DocumentStage,
    Stage,
    ThresholdStage,
)
from corpus.stages.own_mistakes import naming_mistakes_of


@dataclass(frozen=True)
class Segment:
    """The stages of one pass: document stages, then those that decide on what is observed."""

    document_stages: tuple[DocumentStage, ...]
    deciding_stages: tuple[DecidingStage, ...]

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Return every distinct observation of documents that the deciding stages need."""
        return tuple(
            dict.fromkeys(
                observation
                for i, stage in enumerate(self.deciding_stages)
                for observation in observations_of(stage)
                if not self._is_decided(observation, i)
            )
        )

    def decided_observations(self, i: int) -> tuple[Observation, ...]:
        """Return what deciding stage number `i` observes of the decisions of the ones before it."""
        stage = self.deciding_stages[i]
        return tuple(each for each in observations_of(stage) if self._is_decided(each, i))

    def _is_decided(self, observation: Observation, i: int) -> bool:
        read = observation.reads()
        return bool(read) and _names_added(self.deciding_stages[:i]).issuperset(read or ())


def _names_added(stages: Sequence[Stage]) -> set[str]:
    return {field.name for stage in stages for field in stage.adds}


def observations_of(stage: DecidingStage) -> tuple[Observation, ...]:
    """Return what a stage observes."""
    with naming_mistakes_of(stage):
        return tuple(stage.observes())


def segments(stages: Sequence[Stage]) -> list[Segment]:
    """Return the segments of these stages, at least one.

    A segment ends before a document stage, and after a corpus stage that changes texts: the stages
    after it must observe the changed texts. It also ends before a stage that observes the columns
    of a deciding stage together with others. So what a threshold stage measures is always kept, and
    a changed threshold repeats no earlier stage.
    """
    finished: list[Segment] = []
    document_stages: list[DocumentStage] = []
    deciding: list[DecidingStage] = []
    for stage in stages:
        if deciding and not _can_decide_after(deciding, stage):
            finished.append(Segment(tuple(document_stages), tuple(deciding)))
            document_stages, deciding = [], []
        if isinstance(stage, ThresholdStage | CorpusStage):
            deciding.append(stage)
        else:
            document_stages.append(stage)  # type: ignore[arg-type]
    return [*finished, Segment(tuple(document_stages), tuple(deciding))]


def _can_decide_after(earlier: Sequence[DecidingStage], stage: Stage) -> bool:
    """Return whether all that a stage needs is observed before the `earlier` stages decide."""
    if not isinstance(stage, ThresholdStage | CorpusStage):
        return False
    if any(each.changes_text for each in earlier):
        return False
    decided = _names_added(earlier)
    tags = any(isinstance(each, ThresholdStage) and each.adds for each in earlier)
    reads = [observation.reads() for observation in observations_of(stage)]
    return all(
        decided.issuperset(read) or decided.isdisjoint(read) if read else not tags for read in reads
    )
