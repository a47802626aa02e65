"""Count tokens as a model would: by its tokenizer, a file `tokenizer.json` that lies beside it.

    corpus audit build/news --tokenizer path/to/tokenizer.json

Without one, tokens are estimated from the bytes of the texts. Needs the package `tokenizers`, which
reads the file and runs nothing in it: no code, no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.errors import ConfigError, EnvironmentFault

LONGEST = 100_000
"""Characters that are encoded at once. A longer text is cut there, which may cost it a token."""

BATCH = 256
"""Texts that are encoded together."""

FILE = "tokenizer.json"


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer, and the file it was read from."""

    name: str
    sha256: str
    encoder: Any
    """`tokenizers.Tokenizer`."""

    def __call__(self, column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
        """Return how many tokens each text has (int64[n_texts]), special ones not among them."""
        found = np.zeros(len(column), np.int64)
        for start in range(0, len(column), BATCH):
            texts = column.slice(start, BATCH).to_pylist()
            parts = [(row, part) for row, text in enumerate(texts) for part in _parts(text or "")]
            held = self.encoder.encode_batch([p for _, p in parts], add_special_tokens=False)
            for (row, _), encoding in zip(parts, held, strict=True):
                found[start + row] += len(encoding)
        return found

    def to_json(self) -> dict[str, str]:
        """Return what is told of it in audit.json."""
        return {"name": self.name, "sha256": self.sha256}


def _parts(text: str) -> Iterator[str]:
    for start in range(0, len(text), LONGEST):
        yield text[start : start + LONGEST]


def load(path: str | Path) -> Tokenizer:
    """Return the tokenizer of a file, or of the folder of a model.

    Raises EnvironmentFault where the package is missing, ConfigError where it is no tokenizer.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() else path
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror}); name a {FILE}, or the folder of a model"
        ) from error
    try:
        from tokenizers import Tokenizer as Encoder
    except ImportError as error:
        raise EnvironmentFault(
            "to count tokens by a tokenizer, the package tokenizers is needed, which is not "
            "installed; run: pip install 'corpus[tokenizers]'"
        ) from error
    try:
        encoder = Encoder.from_buffer(raw)
    except Exception as error:
        raise ConfigError(
            f"{path}: no tokenizer ({str(error).splitlines()[0][:200]}); "
            f"name a {FILE} as the package tokenizers writes it"
        ) from error
    encoder.no_truncation()
    encoder.no_padding()
    return Tokenizer(path.name, hashlib.sha256(raw).hexdigest(), encoder)
