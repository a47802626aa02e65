"""Tag each document with its language and script, and keep only the languages you want.

    stages:
      - stage: language
        keep: [en, de]

Every document gets three columns: `language` (ISO 639-1, as the Hub has it: `zh`, `nb`, `tl`,
`he`), `language_script` (ISO 15924: `Latn`, `Cyrl`, `Hans`) and `language_score`, the chance that
the language is right. Where that is less than `min_score`, or the language is none of the 62 we
know, it is `und`; a text without letters is `zxx`. Without `keep` and `drop` nothing is removed;
both may name `und` and `zxx` too.

How a language is told, and which are easily confused, stands in `corpus/languages/identify.py`.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field, model_validator

from corpus.documents import TEXT, column, remove
from corpus.languages.codes import TAGS, UNDETERMINED, hint
from corpus.stages.base import DocumentStage


def _known(code: str) -> str:
    """Return the code, if it is one that a document may be tagged with."""
    if code not in TAGS:
        raise ValueError(hint(code))
    return code


Code = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(TAGS)})]
"""A code of the column `language`; editors complete it from the schema."""


class Language(DocumentStage):
    """Tag documents with their language; remove those in others than the ones to keep."""

    adds: ClassVar[pa.Schema] = pa.schema(
        [
            ("language", pa.string()),
            ("language_script", pa.string()),
            ("language_score", pa.float32()),
        ]
    )
    reasons: ClassVar[dict[str, str]] = {
        "other_language": "its language is not among those to keep, or among those to drop",
        "unsure_language": "its language is not sure enough: the score is below min_score",
    }

    stage: Literal["language"] = "language"

    keep: tuple[Code, ...] | None = Field(None, min_length=1)
    """Languages to keep, by the codes of the column `language`; all other documents are removed."""

    drop: tuple[Code, ...] = ()
    """Languages to remove; documents in all others stay."""

    min_score: float = Field(0.5, ge=0, le=1)
    """Below this chance of being right, a document's language is `und`."""

    sample: int = Field(1000, ge=100, le=10_000)
    """Of a longer text, so many characters are looked at, in four slices spread over it."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Refuse a language that is both to keep and to drop."""
        both = [code for code in self.keep or () if code in self.drop]
        if both:
            raise ValueError(f"{both[0]!r} is both in keep and in drop; take it out of one of them")
        return self

    def kernels(self) -> None:
        """Load the profiles, and compile the kernel by tagging one word."""
        from corpus.languages.identify import identify

        identify(pa.array(["word"], pa.large_string()), characters=self.sample)

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with their tags, those in unwanted languages marked."""
        from corpus.languages.identify import identify

        tags = identify(documents.column(TEXT), characters=self.sample, min_score=self.min_score)
        for field, values in zip(self.adds, tags[:3], strict=True):
            documents = column(documents, field.name, values, field.type)
        if self.keep is None and not self.drop:
            return documents
        unwanted = pc.is_in(tags.language, pa.array(self.drop, pa.string()))
        if self.keep is not None:
            kept = pc.is_in(tags.language, pa.array(self.keep, pa.string()))
            unwanted = pc.or_(unwanted, pc.invert(kept))
        unsure = pc.equal(tags.language, UNDETERMINED)
        documents = remove(
            documents,
            pc.and_(unwanted, unsure),
            because="unsure_language",
            evidence=tags.likeliest,
            score=tags.score,
        )
        return remove(
            documents,
            unwanted,
            because="other_language",
            evidence=tags.language,
            score=tags.score,
        )
