"""What a config says about a benchmark: its name, its files and their columns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from corpus.credentials import refuse_credentials
from corpus.settings import Settings

ColumnName = Annotated[str, Field(min_length=1)]

QUESTION_COLUMNS = (
    "question",
    "problem",
    "prompt",
    "query",
    "instruction",
    "input",
    "ctx",
    "sentence",
    "text",
)
"""Where a question is if the config names no column; the first one with a text in a file counts."""

OPTION_COLUMNS = ("choices", "options", "endings")
ANSWER_COLUMNS = ("answer", "answers", "solution", "canonical_solution", "target", "output")


class Benchmark(Settings):
    """A benchmark whose items must not be in the corpus."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    """Name of the benchmark, as evidence and card show it."""

    path: Annotated[str, Field(min_length=1)]
    """The files of the benchmark, relative to the config: a file, a glob, or a folder such as a
    clone of a dataset from the Hub. All formats of sources can be read."""

    question: ColumnName | Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None = None
    """Column of the question, or several columns: `[passage, question]`. A dot selects a nested
    field. Default: the first of `question`, `problem`, `prompt`, `query`, `instruction`, `input`,
    `ctx`, `sentence` and `text` that has a text in any record of the file."""

    choices: ColumnName | Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None = None
    """Column of the options, a list or a text with one option a line; or several columns. Default:
    `choices`, `options` or `endings`, if one of them has texts."""

    answer: ColumnName | Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None = None
    """Column of the answer; an answer that is one of the options is not searched for by itself.
    Default: the first of `answer`, `answers`, `solution`, `canonical_solution`, `target` and
    `output` that has a text in any record of the file."""

    version: str | None = None
    """Version of the benchmark, for card and audit. Default: the beginning of the SHA-256 of its
    files."""

    @field_validator("path")
    @classmethod
    def _local(cls, path: str) -> str:
        """Refuse a URI: what a build depends on must be in files that do not change."""
        refuse_credentials(path)
        if "://" in path:
            raise ValueError("must be local: download the benchmark, and give the folder")
        return path
