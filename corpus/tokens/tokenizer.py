"""Count tokens with the tokenizer of a model, a local file `tokenizer.json`.

This needs the package `tokenizers`, which reads the file but runs nothing in it: no code, no
network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus.errors import ConfigError, EnvironmentFault
from corpus.version import install_hint

MAX_ENCODED_CHARACTERS = 100_000
"""Characters encoded at once. Cutting a longer text there may change its count by one token."""

BATCH_TEXTS = 256
"""Texts encoded together."""

FILE_NAME = "tokenizer.json"


class TokenizerFile(TypedDict):
    """The file of the tokenizer that counted the tokens."""

    name: str
    sha256: str


def tokenizer_of(manifest: Mapping[str, Any]) -> TokenizerFile | None:
    """Return the tokenizer with which a build counted tokens; None if no stage is `tokens`."""
    for stage in manifest["stages"]:
        if stage["stage"] == "tokens" and (file := stage.get("metrics", {}).get("tokenizer")):
            return TokenizerFile(name=file["name"], sha256=file["sha256"])
    return None


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer, and the file it was read from."""

    name: str
    sha256: str
    encoder: Any
    """`tokenizers.Tokenizer`."""

    def __call__(self, column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
        """Return the number of tokens of each text, without special tokens: int64[n_texts]."""
        counts = np.zeros(len(column), np.int64)
        for start in range(0, len(column), BATCH_TEXTS):
            texts = column.slice(start, BATCH_TEXTS).to_pylist()
            parts = [(row, part) for row, text in enumerate(texts) for part in _parts(text or "")]
            strings = [part for _, part in parts]
            encodings = self.encoder.encode_batch(strings, add_special_tokens=False)
            for (row, _), encoding in zip(parts, encodings, strict=True):
                counts[start + row] += len(encoding)
        return counts

    def to_json(self) -> TokenizerFile:
        """Return what audit.json records of the tokenizer."""
        return {"name": self.name, "sha256": self.sha256}


def _parts(text: str) -> Iterator[str]:
    for start in range(0, len(text), MAX_ENCODED_CHARACTERS):
        yield text[start : start + MAX_ENCODED_CHARACTERS]


def load_tokenizer(path: str | Path) -> Tokenizer:
    """Return the tokenizer in a file, or in the folder of a model.

    Processes that have read it keep it until it changes. Raises EnvironmentFault if the package is
    missing, ConfigError if the file is not a tokenizer.
    """
    path = tokenizer_file(Path(path))
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return _load(path, (status.st_size, status.st_mtime_ns, status.st_ino))


def tokenizer_file(path: Path) -> Path:
    """Return the file of a tokenizer, given as a file or as the folder of a model."""
    return path / FILE_NAME if path.is_dir() else path


def _unreadable(path: Path, error: Exception) -> ConfigError:
    why = getattr(error, "strerror", None) or "not a path"
    return ConfigError(
        f"{path}: cannot be read ({why}); name a {FILE_NAME}, or the folder of a model"
    )


@lru_cache(maxsize=4)
def _load(path: Path, _stamp: tuple[int, int, int]) -> Tokenizer:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        from tokenizers import Tokenizer as Encoder
    except ImportError as error:
        raise EnvironmentFault(
            "counting tokens needs the package tokenizers, which is not installed; "
            f"run: {install_hint('tokenizers')}"
        ) from error
    try:
        encoder = Encoder.from_buffer(raw)
    except Exception as error:
        raise ConfigError(
            f"{path}: not a tokenizer ({str(error).splitlines()[0][:200]}); "
            f"name a {FILE_NAME} that was saved by the package tokenizers"
        ) from error
    encoder.no_truncation()
    encoder.no_padding()
    return Tokenizer(path.name, hashlib.sha256(raw).hexdigest(), encoder)
