"""Count the tokens of each document with the tokenizer of a model.

    stages:
      - stage: tokens
        tokenizer: tokenizer.json     # or the folder of a model, relative to the config

Each document gets the column `token_count`, without special tokens. Later stages can use it:

    - {stage: filter, columns: {token_count: {min: 50, max: 100000}}}
    - {stage: mix, by: language, temperature: 0.3, unit: tokens, budget: 10B}

Card, audit and summary then show counted tokens. Without this stage, the audit has estimates, and
says so. Nothing is removed.

It needs the package `tokenizers` (`pip install 'pagecorpus[tokenizers]'`), and comes after the
stages that change texts. Texts are read again only if they or the file of the tokenizer change.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import PrivateAttr, ValidationInfo, model_validator

from corpus.documents import column
from corpus.observations import Observation
from corpus.sources.columns.observation import Column, refuse_any_value
from corpus.stages.base import ThresholdStage

if TYPE_CHECKING:
    from corpus.tokens.observations import TokenCount

TOKEN_COUNT = "token_count"  # noqa: S105  (the name of a column)
_OWN_COUNT = Column(name=TOKEN_COUNT, kind="text")
"""The column of that name that the sources may have."""


class Tokens(ThresholdStage):
    """Count the tokens of each document with the tokenizer of a model."""

    adds: ClassVar[pa.Schema] = pa.schema([(TOKEN_COUNT, pa.int64())])

    stage: Literal["tokens"] = "tokens"

    tokenizer: Path
    """A file `tokenizer.json`, as the package `tokenizers` saves it, or the folder of a model with
    one; relative to the config."""

    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _store_folder(self, info: ValidationInfo) -> Self:
        """Store the folder of the config."""
        self._folder = Path((info.context or {}).get("folder", "."))
        return self

    def files(self) -> tuple[Path, ...]:
        """Return the file of the tokenizer. Raises what `load_tokenizer` raises."""
        return (self._count().tokenizer,)

    def kernels(self) -> None:
        """Load the tokenizer. Each worker uses one core, so it starts no threads of its own."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._count()

    def observes(self) -> tuple[Observation, ...]:
        """Return the number of tokens."""
        return (self._count(), _OWN_COUNT)

    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements with the number of tokens; none is marked."""
        refuse_any_value(measured.column(_OWN_COUNT.column), TOKEN_COUNT, stage=self.stage)
        counts = measured.column(self._count().name)
        return column(measured, TOKEN_COUNT, counts, pa.int64())

    def metrics(self, decisions: Iterable[pa.RecordBatch]) -> dict[str, object]:  # noqa: ARG002
        """Return the name and the hash of the file of the tokenizer."""
        count = self._count()
        return {"tokenizer": {"name": count.tokenizer.name, "sha256": count.sha256}}

    def _count(self) -> TokenCount:
        from corpus.tokens.observations import token_count

        return token_count(self._folder / self.tokenizer)
