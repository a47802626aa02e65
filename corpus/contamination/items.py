"""Read the files of a benchmark into items: the segments of the question and of the answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus import storage
from corpus.contamination.benchmark import (
    ANSWER_COLUMNS,
    OPTION_COLUMNS,
    QUESTION_COLUMNS,
    Benchmark,
)
from corpus.documents import ID, ID_IS_GIVEN, RECORD, SOURCE, TEXT
from corpus.errors import InputError
from corpus.sources import Chunk, File, Reject, Source, find_files, read, split_into_chunks
from corpus.sources.columns.extra import JSON_METADATA
from corpus.sources.columns.names import STANDARD_COLUMNS, unreserved_name
from corpus.sources.files.stamps import file_stamp

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


def benchmark_files(benchmark: Benchmark, folder: Path) -> list[File]:
    """Return the files of a benchmark, by name; raises `InputError` if there are none."""
    source = Source(path=benchmark.path, content="text")
    return sorted(find_files(source, folder).files, key=lambda file: file.name)


def file_hash(path: str) -> str:
    """Return the SHA-256 of a file, computed again only if the file changes."""
    return _hash_of_stamped(path, file_stamp(path))


@lru_cache(maxsize=4096)
def _hash_of_stamped(path: str, _: object) -> str:
    return storage.sha256(Path(path))


def version_of(benchmark: Benchmark, folder: Path) -> str:
    """Return the version of a benchmark: as configured, or 12 hex digits of its files' hash."""
    if benchmark.version is not None:
        return benchmark.version
    hashes = "".join(file_hash(file.path) for file in benchmark_files(benchmark, folder))
    return hashlib.sha256(hashes.encode()).hexdigest()[:12]


def read_items(benchmark: Benchmark, folder: Path) -> Iterator[Item]:
    """Yield the items of a benchmark, file by file, in order.

    Raises `InputError` for a file or record that cannot be read, for a column that a file does not
    have, and if there are no items: what is not read would not be searched for.
    """
    n_items = 0
    for file in benchmark_files(benchmark, folder):
        columns = _Columns.of(benchmark, file)
        for chunk in split_into_chunks([file], columns.source):
            for item in _items_of_chunk(benchmark, chunk, columns):
                n_items += 1
                yield item
    if not n_items:
        raise InputError(f"benchmark {benchmark.name!r}: {benchmark.path} has no items")


class _Columns(NamedTuple):
    """The columns of one file that make up an item."""

    source: Source
    question: tuple[str, ...]
    choices: tuple[str, ...]
    answer: tuple[str, ...]

    @classmethod
    def of(cls, benchmark: Benchmark, file: File) -> _Columns:
        """Return the configured columns of a file, or the usual ones that it has."""
        question = _names(benchmark.question) or (_question_column(benchmark, file),)
        names = _column_names(benchmark, file, question[0])
        choices = _chosen(benchmark, file, "choices", OPTION_COLUMNS, names)
        answer = _chosen(benchmark, file, "answer", ANSWER_COLUMNS, names - {*question, *choices})
        _require(benchmark, file, "question", question, names)
        others = tuple(dict.fromkeys((*question[1:], *choices, *answer)))
        return cls(_source(benchmark, question[0], others), question, choices, answer)


def _names(setting: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if setting is None else (setting,) if isinstance(setting, str) else setting


def _source(benchmark: Benchmark, question: str, others: tuple[str, ...] | None) -> Source:
    columns = {} if question == TEXT else {TEXT: question}
    return Source(path=benchmark.path, content="text", columns=columns, extra_columns=others)


def _question_column(benchmark: Benchmark, file: File) -> str:
    """Return the first usual column of a question that has a text near the beginning of a file."""
    for name in QUESTION_COLUMNS:
        first = _first_batch(benchmark, file, name)
        if first is not None and first.column(TEXT).null_count < first.num_rows:
            return name
    columns = _column_names(benchmark, file, QUESTION_COLUMNS[0])
    raise InputError(
        f"benchmark {benchmark.name!r}: {file.name} has no column with questions (its columns: "
        f"{', '.join(sorted(columns)) or 'none'}); name it with `question`"
    )


def _first_batch(benchmark: Benchmark, file: File, question: str) -> pa.RecordBatch | None:
    """Return the first records of a file, all columns included; raises `InputError`."""
    source = _source(benchmark, question, None)
    for chunk in split_into_chunks([file], source):
        for documents, rejects, _ in read(chunk, source):
            _refuse(benchmark, rejects)
            if documents.num_rows:
                return documents
    return None


def _column_names(benchmark: Benchmark, file: File, question: str) -> set[str]:
    """Return the names of the columns in the first records of a file."""
    first = _first_batch(benchmark, file, question)
    if first is None:
        return set()
    filled = [name for name in first.schema.names if first.column(name).null_count < first.num_rows]
    names = {name.removesuffix("_source") for name in filled if not name.startswith("_")}
    made = {TEXT, SOURCE} | (set() if pc.any(first.column(ID_IS_GIVEN)).as_py() else {ID})
    return (names - made) | ({question} if TEXT in filled else set())


def _chosen(
    benchmark: Benchmark, file: File, setting: str, usual: Sequence[str], names: set[str]
) -> tuple[str, ...]:
    """Return the columns that a setting names, or the first usual one that a file has."""
    if configured := _names(getattr(benchmark, setting)):
        _require(benchmark, file, setting, configured, names)
        return configured
    return next(((name,) for name in usual if name in names), ())


def _require(
    benchmark: Benchmark, file: File, setting: str, wanted: Sequence[str], names: set[str]
) -> None:
    """Raise `InputError` for a configured column that no record at the beginning of a file has."""
    for name in wanted:
        if name.partition(".")[0] not in {each.partition(".")[0] for each in names}:
            raise InputError(
                f"benchmark {benchmark.name!r}: {file.name} has no column {name!r} (its columns: "
                f"{', '.join(sorted(names)) or 'none'}); correct `{setting}`"
            )


def _refuse(benchmark: Benchmark, rejects: Sequence[Reject]) -> None:
    """Raise `InputError` for the first record that cannot be read."""
    for reject in rejects:
        place = reject.source if reject.record is None else f"{reject.source}:{reject.record}"
        raise InputError(
            f"benchmark {benchmark.name!r}: {place}: {reject.reason}; every item must be readable, "
            "because it may be in the corpus: repair the file"
        )


def _items_of_chunk(benchmark: Benchmark, chunk: Chunk, columns: _Columns) -> Iterator[Item]:
    for documents, rejects, _ in read(chunk, columns.source):
        _refuse(benchmark, rejects)
        texts, records = documents.column(TEXT).to_pylist(), documents.column(RECORD).to_pylist()
        sources = documents.column(SOURCE).to_pylist()
        values = {
            name: _values(documents, name, columns.source)
            for name in dict.fromkeys((*columns.question[1:], *columns.choices, *columns.answer))
        }
        for row, text in enumerate(texts):
            question = [text or "", *(s for n in columns.question[1:] for s in values[n][row])]
            options = [s for name in columns.choices for s in _options(values[name][row])]
            answers = [s for name in columns.answer for s in values[name][row]]
            known = {_unlabelled(option) for option in options}
            yield Item(
                sources[row],
                records[row],
                tuple(s[:MAX_CHARACTERS] for s in (*question, *options)),
                tuple(s[:MAX_CHARACTERS] for s in answers if _unlabelled(s) not in known),
            )


def _values(documents: pa.RecordBatch, name: str, source: Source) -> list[list[str]]:
    """Return the texts in a column, those in lists and structs included, row by row."""
    stored = name if name in STANDARD_COLUMNS else unreserved_name(name, source)
    if stored not in documents.schema.names:
        return [[] for _ in range(documents.num_rows)]
    is_json = JSON_METADATA in (documents.schema.field(stored).metadata or {})
    return [_texts(_parsed(v) if is_json else v) for v in documents.column(stored).to_pylist()]


def _parsed(value: Any) -> Any:
    """Return the value that a JSON text stands for; the text itself if it is no JSON."""
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _texts(value: Any) -> list[str]:
    """Return every text in a value, in order."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in values for text in _texts(each)]


def _options(values: Sequence[str]) -> list[str]:
    """Return the options, one for each line, without their labels."""
    return [_unlabelled(line) for value in values for line in value.splitlines()]


def _unlabelled(option: str) -> str:
    match = _LABEL.match(option)
    return option[match.end() :].strip() if match else option.strip()
