"""What the stage `tokens` measures of a document: the number of its tokens."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pyarrow as pa
from pydantic import Field

from corpus.documents import TEXT, optional
from corpus.errors import InputError
from corpus.observations import Observation
from corpus.tokens.tokenizer import load_tokenizer, tokenizer_file


class TokenCount(Observation):
    """The number of tokens of a text."""

    tokenizer: Path = Field(exclude=True)
    """The file of the tokenizer; where it lies does not change what is measured."""

    sha256: str
    """The hash of the file: a tokenizer with other bytes is another measurement."""

    version: str
    """The version of the package `tokenizers`."""

    @property
    def name(self) -> str:
        """Return the name of its column, which depends on the tokenizer."""
        return f"token_count_{self.sha256[:8]}"

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the number of tokens (int64), without special tokens.

        Raises InputError if the file of the tokenizer has changed.
        """
        tokenizer = load_tokenizer(self.tokenizer)
        if tokenizer.sha256 != self.sha256:
            raise InputError(
                f"{self.tokenizer}: the tokenizer changed since the build began; build again"
            )
        texts = optional(documents, TEXT, pa.large_string())
        return {self.name: pa.array(tokenizer(texts), pa.int64())}


def token_count(tokenizer: Path) -> TokenCount:
    """Return the measurement with a tokenizer; raises what `load_tokenizer` raises."""
    return TokenCount(
        tokenizer=tokenizer_file(tokenizer),
        sha256=load_tokenizer(tokenizer).sha256,
        version=metadata.version("tokenizers"),
    )
