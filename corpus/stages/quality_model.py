"""Score each text with a classifier of your own; remove texts below a minimum score.

    stages:
      - stage: quality_model
        model: quality.npz                  # made by `corpus train-quality GOOD BAD`
        min_score: 0.3
        languages: [en]                     # only these are judged; all are measured

The score is the probability that a text is like the good documents, if good and bad ones were
equally frequent. A text without words has no score, and is kept. Every text is measured once: a
changed `min_score` reads no text again. With `output.signals: true`, the scores are a column of the
shards. The page docs/quality-model.md says how to train a model, and how to read its report.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from corpus.classifier.observations import QualityScore, quality_score
from corpus.documents import LANGUAGE, optional, remove
from corpus.observations import Observation
from corpus.sources.columns.observation import Column
from corpus.stages.base import ThresholdStage
from corpus.stages.thresholds import Threshold

_LANGUAGE = Column(name=LANGUAGE, kind="text")


class QualityModel(ThresholdStage):
    """Remove texts that a classifier of the user's own finds bad."""

    reasons: ClassVar[dict[str, str]] = {
        "low_score": "the score of the quality classifier is below min_score",
    }

    stage: Literal["quality_model"] = "quality_model"

    model: Path | None = None
    """The model file of `corpus train-quality`, relative to the config. If not set, nothing is
    measured."""

    min_score: float | None = Field(None, ge=0, le=1)
    """Minimum score of a text to keep. If not set, texts are scored and nothing is removed."""

    languages: tuple[str, ...] | None = Field(None, min_length=1)
    """Languages whose documents are judged, as codes of the column `language`; all if not set."""

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Self:
        """Refuse a minimum without a model; store the folder of the config."""
        self._folder = Path((info.context or {}).get("folder", "."))
        if self.model is None and self.min_score is not None:
            raise ValueError("`min_score` needs `model`, the file of `corpus train-quality`")
        return self

    def files(self) -> tuple[Path, ...]:
        """Return the model file. Raises ConfigError or InputError if it is not a model."""
        score = self._score()
        return () if score is None else (score.model,)

    def kernels(self) -> None:
        """Load the model, and compile the kernel or load it from the cache."""
        from corpus.classifier.model import read_model
        from corpus.classifier.score import score_texts

        for file in self.files():
            score_texts(pa.array(["word"], pa.large_string()), read_model(file))

    def observes(self) -> tuple[Observation, ...]:
        """Return the score, and the language if only some are judged."""
        score = self._score()
        if score is None:
            return ()
        return (score, _LANGUAGE) if self.languages else (score,)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the minimum score, if there is one."""
        score = self._score()
        if score is None or self.min_score is None:
            return ()
        title = "score of the quality classifier"
        return (
            Threshold(
                "low_score",
                "min_score",
                score.name,
                title,
                min=self.min_score,
                languages=self.languages,
            ),
        )

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements; rows below the minimum score are marked."""
        score = self._score()
        if score is None or self.min_score is None:
            return measured
        judged = None
        if self.languages is not None:
            observed = optional(measured, _LANGUAGE.column, pa.string())
            languages = pc.coalesce(optional(measured, LANGUAGE, pa.string()), observed)
            judged = pc.is_in(languages, pa.array(self.languages, pa.string()))
        return mark_low_scores(measured, score, self.min_score, judged)

    def _score(self) -> QualityScore | None:
        return None if self.model is None else quality_score(self._folder / self.model)


def mark_low_scores(
    measured: pa.RecordBatch,
    observation: QualityScore,
    min_score: float,
    judged: pa.BooleanArray | None = None,
) -> pa.RecordBatch:
    """Return the measurements; rows that are `judged` and score below the minimum are marked.

    A row without a score is not marked.
    """
    scores = measured.column(observation.name)
    low = pc.fill_null(pc.less(scores.cast(pa.float64()), min_score), fill_value=False)
    if judged is not None:
        low = pc.and_(low, judged)
    evidence = pc.round(scores, 4).cast(pa.string())
    return remove(measured, low, because="low_score", evidence=evidence, score=scores)
