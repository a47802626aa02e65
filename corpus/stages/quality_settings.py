"""The settings of the stage `quality`: rule sets, bounds, and a classifier of the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, FiniteFloat

from corpus.classifier.observations import QualityScore, quality_score
from corpus.documents import remove
from corpus.settings import Settings
from corpus.stages.thresholds import Threshold

Number = Annotated[FiniteFloat, Field(strict=True)]
Code = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]+)*$")]


class Selection(Settings):
    """A rule set for documents in some languages."""

    languages: tuple[Code, ...] | None = Field(None, min_length=1)
    """Languages whose documents must follow the rules, as codes of the column `language`; all
    documents if not set."""


C4Variant = Literal["datatrove", "any_end"]


class C4Selection(Selection):
    """A variant of C4's rules for documents in some languages."""

    variant: C4Variant = "datatrove"
    """With `any_end`, lines may end in any character, as in FineWeb."""


GopherVariant = Literal["paper", "datatrove", "dolma"]


class GopherSelection(Selection):
    """A variant of Gopher's rules for documents in some languages."""

    variant: GopherVariant = "paper"
    """Whose reading of the rules to use."""


class RuleBounds(Settings):
    """New bounds of a rule; one that is not given keeps its published value."""

    min: Number | None = None
    """Smallest value to keep."""
    max: Number | None = None
    """Largest value to keep."""


LOW_SCORE = "low_score"
"""The reason for a removal by the classifier."""


class ModelSelection(Settings):
    """A classifier of `corpus train-quality`, and whom it removes."""

    path: Path
    """The model file of `corpus train-quality`, relative to the config."""

    min_score: float | None = Field(None, ge=0, le=1)
    """Minimum score of a text to keep. If not set, texts are scored and nothing is removed."""

    languages: tuple[Code, ...] | None = Field(None, min_length=1)
    """Languages whose documents are judged, as codes of the column `language`; all if not set."""

    def observation(self, folder: Path) -> QualityScore:
        """Return the measurement; raises ConfigError or InputError if the file is not a model."""
        return quality_score(folder / self.path)

    def thresholds(self, folder: Path) -> tuple[Threshold, ...]:
        """Return the minimum score, if there is one."""
        if self.min_score is None:
            return ()
        return (
            Threshold(
                LOW_SCORE,
                "model.min_score",
                self.observation(folder).name,
                "score of the quality classifier",
                min=self.min_score,
                languages=self.languages,
            ),
        )

    def mark(
        self, measured: pa.RecordBatch, folder: Path, where: pa.Array | pa.Scalar | None
    ) -> pa.RecordBatch:
        """Return the measurements; rows at `where` below the minimum score are marked.

        A row without a score is not marked.
        """
        if self.min_score is None or where is None:
            return measured
        scores = measured.column(self.observation(folder).name)
        low = pc.fill_null(pc.less(scores.cast(pa.float64()), self.min_score), fill_value=False)
        evidence = pc.round(scores, 4).cast(pa.string())
        return remove(
            measured, pc.and_(low, where), because=LOW_SCORE, evidence=evidence, score=scores
        )
