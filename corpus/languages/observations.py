"""What the stage `language` measures of a document: its most likely language, with its score."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pydantic import Field

from corpus.documents import TEXT
from corpus.languages.backends import Backend
from corpus.observations import Observation

if TYPE_CHECKING:
    from corpus.languages.identify import Measured


class LikeliestLanguage(Observation):
    """The most likely language of a text, whatever its score; script, score and second language."""

    backend: Backend
    characters: int
    model: Path | None = Field(None, exclude=True)
    """The file of the model; a build depends on its content, which the stage hashes."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of its columns, in the order of `identify.Measured`."""
        prefix = _prefix(self)
        fields = ("likeliest", "script", "score", "second", "letters")
        return tuple(f"{prefix}_{field}" for field in fields)

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the columns of `identify.Measured`."""
        from corpus.languages.identify import Options, measure

        options = Options(self.backend, self.characters, model=self.model)
        return dict(zip(self.names, measure(documents.column(TEXT), options), strict=True))

    def measured(self, observed: pa.RecordBatch) -> Measured:
        """Return its columns."""
        from corpus.languages.identify import Measured

        return Measured(*(observed.column(name) for name in self.names))


class LanguageShares(Observation):
    """The share of each language in a text, by paragraph."""

    backend: Backend
    characters: int
    model: Path | None = Field(None, exclude=True)
    """The file of the model; a build depends on its content, which the stage hashes."""

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
