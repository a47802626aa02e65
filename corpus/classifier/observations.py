"""What a stage measures with a classifier: the score of a document's text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pydantic import Field

from corpus.documents import TEXT, optional
from corpus.errors import InputError
from corpus.observations import Observation


class QualityScore(Observation):
    """The score that a model of `corpus train-quality` gives a text."""

    model: Path = Field(exclude=True)
    """The file of the model; where it lies does not change what is measured."""

    sha256: str
    """The hash of the file: a model with other bytes is another measurement."""

    @property
    def name(self) -> str:
        """Return the name of its column, which depends on the model."""
        return f"quality_score_{self.sha256[:8]}"

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the column."""
        return {self.name: "quality score of the text, 0 to 1, by the classifier in its name"}

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the score (float32), null for a text without words.

        Raises InputError if the file of the model has changed.
        """
        from corpus.classifier.model import read_model
        from corpus.classifier.score import score_texts

        model = read_model(self.model)
        if model.sha256 != self.sha256:
            raise InputError(f"{self.model}: the model changed since the build began; build again")
        texts = optional(documents, TEXT, pa.large_string()).fill_null("")
        return {self.name: score_texts(texts, model)}


def quality_score(model: Path) -> QualityScore:
    """Return the measurement with the model in a file; raises what `read_model` raises."""
    from corpus.classifier.model import read_model

    return QualityScore(model=model, sha256=read_model(model).sha256)
