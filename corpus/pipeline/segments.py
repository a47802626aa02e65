"""The passes that a list of stages needs: document stages, then corpus stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.observations import Observation
from corpus.stages.base import CorpusStage, DocumentStage, Stage


@dataclass(frozen=True)
class Segment:
    """One pass: document stages, then the corpus stages that observe what they leave."""

    documents: tuple[DocumentStage, ...]
    corpus: tuple[CorpusStage, ...]

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Return every distinct observation that the corpus stages ask for."""
        return tuple(dict.fromkeys(o for stage in self.corpus for o in stage.observes()))


def segments(stages: Sequence[Stage]) -> list[Segment]:
    """Return the passes that these stages need; the last leaves only to decide and to write."""
    found: list[Segment] = []
    alone: list[DocumentStage] = []
    group: list[CorpusStage] = []
    for stage in stages:
        if group and (isinstance(stage, DocumentStage) or any(s.changes_text for s in group)):
            found.append(Segment(tuple(alone), tuple(group)))
            alone, group = [], []
        (alone if isinstance(stage, DocumentStage) else group).append(stage)  # type: ignore[arg-type]
    return [*found, Segment(tuple(alone), tuple(group))]
