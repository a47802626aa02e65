"""What the stage `language` measures of a document: its most likely language, with its score."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.documents import TEXT
from corpus.languages.backends import Backend
from corpus.observations import Observation

if TYPE_CHECKING:
    from corpus.languages.identify import Measured


class LikeliestLanguage(Observation):
    """The most likely language of a text, whatever its score; script, score and second language."""

    backend: Backend
    characters: int
    model: Path | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its columns, in the order of `identify.Measured`."""
        prefix = _prefix(self)
        fields = ("likeliest", "script", "score", "second", "letters")
        return tuple(f"{prefix}_{field}" for field in fields)

    @property
    def likeliest(self) -> str:
        """Return the name of the column of the most likely language."""
        return self.names[0]

    @property
    def confidence(self) -> str:
        """Return the name of the column of what is compared with a minimum score."""
        return f"{_prefix(self)}_confidence"

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the columns of `identify.Measured`, and the confidence."""
        from corpus.languages.identify import Options, confidence, measure

        options = Options(self.backend, self.characters, model=self.model)
        measured = measure(documents.column(TEXT), options)
        return {
            **dict(zip(self.names, measured, strict=True)),
            self.confidence: confidence(measured),
        }

    def measured(self, observed: pa.RecordBatch) -> Measured:
        """Return its columns."""
        from corpus.languages.identify import Measured

        return Measured(*(observed.column(name) for name in self.names))


class LanguageShares(Observation):
    """The share of each language in a text, by paragraph."""

    backend: Backend
    characters: int
    model: Path | None = None
    min_score: float
    min_scores: tuple[tuple[str, float], ...]
    """Each paragraph is tagged, so the minimum scores belong to what is measured."""

    @property
    def name(self) -> str:
        """Return the name of its column."""
        return f"{_prefix(self)}_shares"

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the shares as JSON (string), null for a text without letters."""
        from corpus.languages.identify import Options
        from corpus.languages.paragraphs import language_shares

        minimum = (self.min_score, dict(self.min_scores))
        options = Options(self.backend, self.characters, *minimum, self.model)
        return {self.name: language_shares(documents.column(TEXT), options)}


def _prefix(observation: Observation) -> str:
    """Return the beginning of the names of columns, which depends on the settings."""
    settings = observation.model_dump_json().encode()
    return f"language_{hashlib.sha256(settings).hexdigest()[:8]}"
