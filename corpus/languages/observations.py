"""What the stage `language` measures of a document: its most likely language, with its score."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
from pydantic import Field

from corpus import storage
from corpus.documents import TEXT
from corpus.languages.backends import EXTRA_PACKAGES, Backend
from corpus.observations import Observation
from corpus.sources.files.stamps import FileStamp, file_stamp

if TYPE_CHECKING:
    from corpus.languages.identify import Measured


class BackendCode(NamedTuple):
    """What an external backend runs."""

    version: str = ""
    """The version of its package, if there is an extra one."""

    model: str = ""
    """The SHA-256 of the file of its model."""


def backend_code(backend: Backend, model: Path | None) -> BackendCode:
    """Return the version of the package of a backend, and the hash of its model.

    Both are "" if they are missing: an error of the stage says so.
    """
    version = ""
    for name in EXTRA_PACKAGES.get(backend, ()):
        with suppress(metadata.PackageNotFoundError):
            version = version or f"{name} {metadata.version(name)}"
    return BackendCode(version, _hash(model, file_stamp(str(model))) if model else "")


@lru_cache(maxsize=16)
def _hash(path: Path, _stamp: FileStamp | None) -> str:
    try:
        return storage.sha256(path)
    except OSError:
        return ""


class LikeliestLanguage(Observation):
    """The most likely language of a text, whatever its score; script, score and second language."""

    backend: Backend
    characters: int
    model: Path | None = Field(None, exclude=True)
    """The file of the model; where it lies does not change what is measured."""

    code: BackendCode = BackendCode()

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
    """The file of the model; where it lies does not change what is measured."""

    code: BackendCode = BackendCode()
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
