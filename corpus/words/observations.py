"""What the stage `filter` measures of a text: the number of its words and of its characters."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT, optional
from corpus.observations import Observation


class WordCount(Observation):
    """The number of words of a text."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the column."""
        return {"word_count": "number of words"}

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return `word_count` (int64)."""
        from corpus.words.count import count_words

        texts = optional(documents, TEXT, pa.large_string()).fill_null("")
        return {"word_count": pa.array(count_words(texts), pa.int64())}


class CharacterCount(Observation):
    """The number of characters (code points) of a text."""

    def reads(self) -> tuple[str, ...]:
        """Return the column of the text."""
        return (TEXT,)

    def signals(self) -> dict[str, str]:
        """Return the column."""
        return {"character_count": "number of characters"}

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return `character_count` (int64)."""
        texts = optional(documents, TEXT, pa.large_string()).fill_null("")
        return {"character_count": pc.utf8_length(texts).cast(pa.int64())}
