"""Count tokens with the tokenizer of a model, a local file `tokenizer.json`.

This needs the package `tokenizers`, which reads the file but runs nothing in it: no code, no
network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
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
"""Texts that are strings of Python at a time."""

BATCH_CHARACTERS = 1_000_000
"""Characters encoded together, about: an encoding takes some 50 bytes for each of them."""

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
            for parts in _batches(texts):
                encodings = self._encode([part for _, part in parts])
                for (row, _), encoding in zip(parts, encodings, strict=True):
                    counts[start + row] += len(encoding)
        return counts

    def _encode(self, texts: list[str]) -> list[Any]:
        """Return the encodings; raise ConfigError if the tokenizer cannot encode every text."""
        try:
            return list(self.encoder.encode_batch(texts, add_special_tokens=False))
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001  the package panics
            raise _as_fault_of_the_file(
                error,
                f"{self.name}: the tokenizer cannot encode every text",
                "with a token for unknown words",
            ) from None

    def to_json(self) -> TokenizerFile:
        """Return what audit.json records of the tokenizer."""
        return {"name": self.name, "sha256": self.sha256}


def _parts(text: str) -> Iterator[str]:
    for start in range(0, len(text), MAX_ENCODED_CHARACTERS):
        yield text[start : start + MAX_ENCODED_CHARACTERS]


def _batches(texts: Sequence[str | None]) -> Iterator[list[tuple[int, str]]]:
    """Yield the parts of texts, each with the number of its text, about a million characters."""
    batch: list[tuple[int, str]] = []
    characters = 0
    for row, text in enumerate(texts):
        for part in _parts(text or ""):
            batch.append((row, part))
            characters += len(part)
            if characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    if batch:
        yield batch


def _as_fault_of_the_file(error: BaseException, what: str, how: str) -> BaseException:
    """Return the error to raise if the package failed: also a panic, which is no `Exception`."""
    if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
        return error
    why = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return ConfigError(f"{what} ({why}); name a {FILE_NAME} that was saved {how}")


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
        encoder.no_truncation()
        encoder.no_padding()
        if getattr(encoder.model, "dropout", None):
            encoder.model.dropout = None  # it would cut words at random
        encoder.encode("The first text, 1 of 2.", add_special_tokens=False)
    except BaseException as error:  # noqa: BLE001  the package panics
        raise _as_fault_of_the_file(
            error, f"{path}: not a tokenizer", "by the package tokenizers"
        ) from None
    return Tokenizer(path.name, hashlib.sha256(raw).hexdigest(), encoder)
