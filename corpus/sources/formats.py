"""The formats that can be read: one line each. A format is a module that keeps this protocol.

To add one: write the module, name it here and in `settings.Format`, and list a file of it in
`tests/sources/test_contract.py`, whose suite it must pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from corpus.sources import csv_rows, html, huggingface, json_lines, parquet, text, warc
from corpus.sources.batches import Read
from corpus.sources.chunks import File, Piece
from corpus.sources.settings import Format, Source


class FormatModule(Protocol):
    """What a module that reads a format has."""

    @property
    def EXTENSIONS(self) -> tuple[str, ...]:  # noqa: N802, a constant of the module
        """The endings of its files' names, in lower case."""

    @property
    def GROUPED(self) -> bool:  # noqa: N802, a constant of the module
        """Whether a file is one document, so that a piece may hold many."""

    def cut(self, file: File, source: Source) -> Iterator[Piece]:
        """Yield the pieces of a file; however it is cut, they hold the same records."""

    def count(self, piece: Piece, source: Source) -> int:
        """Return how many records a piece has, without parsing them where that can be told."""

    def read(self, piece: Piece, source: Source) -> Iterator[Read]:
        """Yield batches of documents, with what could not be read beside them."""


FORMATS: dict[Format, FormatModule] = {
    "text": text,
    "jsonl": json_lines,
    "csv": csv_rows,
    "parquet": parquet,
    "html": html,
    "warc": warc,
    "huggingface": huggingface,
}

EXTENSIONS: dict[str, Format] = {
    ending: name for name, module in FORMATS.items() for ending in module.EXTENSIONS
}
"""Which format a name's ending means."""
