"""Tag each document with its language and script; keep only the languages you want.

    stages:
      - stage: language
        keep: [en, de]

Every document gets these columns: `language` (ISO 639-1 as on the Hub: `zh`, `nb`, `tl`; else ISO
639-3), `language_script` (ISO 15924: `Latn`, `Cyrl`, `Hans`), `language_score`, the probability
that the language is correct, and `language_second`, the second most likely language. With
`paragraphs: true`, `language_shares` has the shares of the languages in a mixed document, as JSON:
`{"de": 0.71, "en": 0.29}`.

If the score is below `min_score`, or the text is in an unsupported language, the language is `und`.
A text without letters is `zxx`. Without `keep` and `drop`, nothing is removed; both may include
`und` and `zxx`.

`corpus/languages/codes.py` lists the languages. `corpus/languages/own_model.md` says which ones are
often confused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from corpus.documents import column, remove
from corpus.languages.backends import Backend, refuse_renamed
from corpus.languages.codes import TAGS, UNDETERMINED, unknown_code_message
from corpus.observations import Observation
from corpus.stages.base import ThresholdStage
from corpus.stages.thresholds import Threshold

if TYPE_CHECKING:
    from corpus.languages.identify import Options
    from corpus.languages.observations import LanguageShares, LikeliestLanguage


def _known(code: str) -> str:
    """Return a code that documents can be tagged with; raise `ValueError` for another one."""
    if code not in TAGS:
        raise ValueError(unknown_code_message(code))
    return code


Code = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(TAGS)})]
"""A code of the column `language`; editors complete it from the schema."""


class Language(ThresholdStage):
    """Tag documents with their language; remove those in unwanted languages."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [
            ("language", pa.string()),
            ("language_script", pa.string()),
            ("language_score", pa.float32()),
            ("language_second", pa.string()),
            ("language_shares", pa.string()),
        ]
    )
    reasons: ClassVar[dict[str, str]] = {
        "other_language": "its language is not in `keep`, or it is in `drop`",
        "unsure_language": "its language is uncertain: the score is below min_score",
    }

    stage: Literal["language"] = "language"

    backend: Annotated[Backend, BeforeValidator(refuse_renamed)] = "ensemble"
    """Which language detector to use: `ensemble` (three models with fitted weights),
    `langdetect_profiles` (only langdetect's profiles, fast), `langdetect` (the original package),
    `lingua` (for short texts; an extra package) or `fasttext` (your own model file)."""

    model: Path | None = None
    """The model file of the backend `fasttext`, relative to the config."""

    keep: tuple[Code, ...] | None = Field(None, min_length=1)
    """Languages to keep, as codes of the column `language`; all other documents are removed."""

    drop: tuple[Code, ...] = ()
    """Languages to remove; documents in all other languages are kept."""

    min_score: float = Field(0.27, ge=0, le=1)
    """Minimum probability that the language is correct; below it, the language is `und`. Texts of
    fewer than 20 letters need twice this score."""

    min_scores: dict[Code, Annotated[float, Field(ge=0, le=1)]] = Field({})
    """Minimum score of single languages, in place of `min_score`."""

    sample: int = Field(600, ge=100, le=10_000)
    """Maximum number of characters examined; longer texts are sampled in four evenly spaced
    slices."""

    paragraphs: bool = False
    """Also tag each paragraph, and store the share of letters in each language."""

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Self:
        """Refuse settings that contradict each other; store the folder of the config."""
        self._folder = Path((info.context or {}).get("folder", "."))
        both = [code for code in self.keep or () if code in self.drop]
        if both:
            raise ValueError(f"{both[0]!r} is both in keep and in drop; take it out of one of them")
        if (self.model is not None) != (self.backend == "fasttext"):
            raise ValueError(
                "`model` is the model file of `backend: fasttext`: set both, or neither"
            )
        return self

    def _options(self) -> Options:
        """Return the settings as options of `identify`."""
        from corpus.languages.identify import Options

        scores = (self.min_score, dict(self.min_scores))
        return Options(self.backend, self.sample, *scores, self._model_file())

    def _model_file(self) -> Path | None:
        return None if self.model is None else self._folder / self.model

    def files(self) -> tuple[Path, ...]:
        """Return the user's model file, if any. Raises EnvironmentFault if it is missing."""
        if self.model is None:
            return ()
        from corpus.languages.external_backends import existing_model_file

        return (existing_model_file(self._folder / self.model),)

    def kernels(self) -> None:
        """Load the models, and compile the kernels by tagging two texts that need all of them."""
        from corpus.languages.identify import identify

        texts = pa.array(["word", "x"], pa.large_string())
        identify(texts, self._options())
        if self.paragraphs:
            from corpus.languages.paragraphs import language_shares

            language_shares(texts, self._options())

    def observes(self) -> tuple[Observation, ...]:
        """Return the likeliest language of the text, and of its paragraphs if they are tagged."""
        return (self._likeliest(), self._shares()) if self.paragraphs else (self._likeliest(),)

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the minimum score, if a language below it is unwanted."""
        if self.keep is None and UNDETERMINED not in self.drop:
            return ()
        if self.keep is not None and UNDETERMINED in self.keep:
            return ()
        score = self._likeliest().names[2]
        title = "probability that the likeliest language is correct"
        return (Threshold("unsure_language", "min_score", score, title, min=self.min_score),)

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements with tags; those in unwanted languages are marked."""
        from corpus.languages.identify import tags as tags_of

        tags = tags_of(self._likeliest().measured(measured), self._options())
        shares = pa.nulls(measured.num_rows, pa.string())
        if self.paragraphs:
            shares = measured.column(self._shares().name)
        columns = (tags.language, tags.script, tags.score, tags.second, shares)
        for field, values in zip(self.adds, columns, strict=True):
            measured = column(measured, field.name, values, field.type)
        if self.keep is None and not self.drop:
            return measured
        unwanted = pc.is_in(tags.language, pa.array(self.drop, pa.string()))
        if self.keep is not None:
            kept = pc.is_in(tags.language, pa.array(self.keep, pa.string()))
            unwanted = pc.or_(unwanted, pc.invert(kept))
        unsure = pc.equal(tags.language, UNDETERMINED)
        measured = remove(
            measured,
            pc.and_(unwanted, unsure),
            because="unsure_language",
            evidence=tags.likeliest,
            score=tags.score,
        )
        return remove(
            measured,
            unwanted,
            because="other_language",
            evidence=tags.language,
            score=tags.score,
        )

    def _likeliest(self) -> LikeliestLanguage:
        from corpus.languages.observations import LikeliestLanguage, backend_code

        return LikeliestLanguage(
            backend=self.backend,
            characters=self.sample,
            model=self._model_file(),
            code=backend_code(self.backend, self._model_file()),
        )

    def _shares(self) -> LanguageShares:
        from corpus.languages.observations import LanguageShares, backend_code

        return LanguageShares(
            backend=self.backend,
            characters=self.sample,
            model=self._model_file(),
            code=backend_code(self.backend, self._model_file()),
            min_score=self.min_score,
            min_scores=tuple(sorted(self.min_scores.items())),
        )
