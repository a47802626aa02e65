"""Read the files of a benchmark into items: the segments of the question and of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corpus.contamination.benchmark import Benchmark
from corpus.contamination.columns import ItemColumns, item_columns, refuse_rejects
from corpus.contamination.files import BenchmarkFiles
from corpus.documents import RECORD, SOURCE
from corpus.errors import InputError
from corpus.sources import Chunk, read, split_into_chunks

MAX_CHARACTERS = 20_000
"""Maximum length of a segment, in characters; the rest is not searched for."""

_LABEL = re.compile(r"\s*\(?[A-Za-z0-9][.):]\s+")
"""The label of an option: `A. `, `(b) `, `3) `."""


class Item(NamedTuple):
    """A record of a benchmark."""

    file: str
    """Name of its file below the fixed part of the benchmark's path."""

    record: int
    """Its number in the file, from 1."""

    question: tuple[str, ...]
    """The question and its options, as segments."""

    answer: tuple[str, ...]
    """The answer, if it is not one of the options."""


def read_items(contents: BenchmarkFiles) -> Iterator[Item]:
    """Yield the items of a benchmark, file by file, in order.

    Raises `InputError` for a file or record that cannot be read or has changed since it was hashed,
    for a column that a file does not have, and if there are no items: what is not read would not be
    searched for.
    """
    benchmark = contents.benchmark
    n_items = 0
    for file in contents.files:
        columns = item_columns(benchmark, file)
        for chunk in split_into_chunks([file], columns.source):
            for item in _items_of_chunk(benchmark, chunk, columns):
                n_items += 1
                yield item
    if not n_items:
        raise InputError(f"benchmark {benchmark.name!r}: {benchmark.path} has no items")


def _items_of_chunk(benchmark: Benchmark, chunk: Chunk, columns: ItemColumns) -> Iterator[Item]:
    for documents, rejects, _ in read(chunk, columns.source):
        refuse_rejects(benchmark, rejects)
        for source, record, question, choices, answer in zip(
            documents.column(SOURCE).to_pylist(),
            documents.column(RECORD).to_pylist(),
            columns.texts(documents, columns.question),
            columns.texts(documents, columns.choices),
            columns.texts(documents, columns.answer),
            strict=True,
        ):
            options = _options(choices)
            known = set(map(_unlabelled, options))
            yield Item(
                source,
                record,
                tuple(s[:MAX_CHARACTERS] for s in (*question, *options)) or ("",),
                tuple(s[:MAX_CHARACTERS] for s in answer if _unlabelled(s) not in known),
            )


def _options(values: Sequence[str]) -> list[str]:
    """Return the options, one for each line, without their labels."""
    return [_unlabelled(line) for value in values for line in value.splitlines()]


def _unlabelled(option: str) -> str:
    match = _LABEL.match(option)
    return option[match.end() :].strip() if match else option.strip()
