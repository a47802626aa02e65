"""Which columns of a file of a benchmark have the question, the options and the answer.

Names are configured, or the usual ones. A usual column counts if any record of the file has a text
in it, as it is or within a list or an object. So neither a first record without a value nor a
number in a column called `answer` decides.

Every column is read as an extra column of a source, which may have any type. A *layout column* is
an exception: some formats need the name of a column with a text to find the records of a file, such
as those in `{"version": 1, "examples": [...]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from corpus.contamination.benchmark import (
    ANSWER_COLUMNS,
    OPTION_COLUMNS,
    QUESTION_COLUMNS,
    Benchmark,
)
from corpus.documents import RESERVED, TEXT
from corpus.errors import InputError
from corpus.sources import File, Reject, Source, read, split_into_chunks
from corpus.sources.columns.extra import original_values
from corpus.sources.columns.names import STANDARD_COLUMNS, unreserved_name

USUAL_COLUMNS = {"question": QUESTION_COLUMNS, "choices": OPTION_COLUMNS, "answer": ANSWER_COLUMNS}
"""The usual columns of each setting of a benchmark."""

_NO_COLUMN = "\0"
"""A name that no column has."""

_FORMATS_WITHOUT_COLUMNS = ("text", "html", "warc")


class ItemColumns(NamedTuple):
    """The columns of one file that make up an item, and how to read them."""

    source: Source
    layout: str
    question: tuple[str, ...]
    choices: tuple[str, ...]
    answer: tuple[str, ...]

    def texts(self, documents: pa.RecordBatch, names: Sequence[str]) -> list[list[str]]:
        """Return the texts in columns, row by row, those in lists and objects included."""
        rows: list[list[str]] = [[] for _ in range(documents.num_rows)]
        for name in names:
            values = _values(documents, name, self.source, self.layout)
            for row, value in zip(rows, values, strict=True):
                row.extend(_texts(value))
        return rows


def item_columns(benchmark: Benchmark, file: File) -> ItemColumns:
    """Return the columns of a file of a benchmark; every record is read to choose them.

    Raises `InputError` for a record that cannot be read, and for a configured column that no record
    has.
    """
    survey = _survey(benchmark, file)
    chosen: dict[str, tuple[str, ...]] = {}
    for setting, usual in USUAL_COLUMNS.items():
        taken = {name for names in chosen.values() for name in names}
        free = [(name,) for name in usual if name in survey.with_text and name not in taken]
        configured = _configured(benchmark, setting)
        if missing := [name for name in configured if name not in survey.present]:
            raise _no_column(benchmark, file, setting, missing[0])
        chosen[setting] = configured or next(iter(free), ())
    if not chosen["question"]:
        raise _no_column(benchmark, file, "question", None)
    names = tuple(dict.fromkeys(name for names in chosen.values() for name in names))
    return ItemColumns(_source(benchmark, survey.layout, names), survey.layout, **chosen)


def refuse_rejects(benchmark: Benchmark, rejects: Sequence[Reject]) -> None:
    """Raise `InputError` for the first record that cannot be read."""
    for reject in rejects:
        place = reject.source if reject.record is None else f"{reject.source}:{reject.record}"
        raise InputError(
            f"benchmark {benchmark.name!r}: {place}: {reject.reason}; every item must be readable, "
            "because it may be in the corpus: repair the file"
        )


class _Survey(NamedTuple):
    """What the records of a file have."""

    layout: str
    present: frozenset[str]
    """Those of the columns looked for that have a value in any record."""

    with_text: frozenset[str]
    """Those that have a text in any record."""


def _survey(benchmark: Benchmark, file: File) -> _Survey:
    """Return which columns a file has, read with the first layout column that suits it."""
    questions = _configured(benchmark, "question") or QUESTION_COLUMNS
    names = dict.fromkeys(
        name
        for setting, usual in USUAL_COLUMNS.items()
        for name in _configured(benchmark, setting) or usual
    )
    layouts = (TEXT,) if file.format in _FORMATS_WITHOUT_COLUMNS else (*names, _NO_COLUMN)
    surveys: list[_Survey] = []
    rejects: list[Reject] = []
    for layout in layouts:
        survey = _surveyed(file, _source(benchmark, layout, tuple(names)), layout, names)
        if isinstance(survey, Reject):
            rejects.append(survey)
        elif survey.with_text.intersection(questions):
            return survey
        else:
            surveys.append(survey)
    if not surveys:
        of_records = [reject for reject in rejects if reject.record is not None]
        refuse_rejects(benchmark, of_records[-1:] or rejects[:1])
    return surveys[0]


def _surveyed(file: File, source: Source, layout: str, names: Iterable[str]) -> _Survey | Reject:
    """Return which columns the records of a file have, or the first record that is rejected."""
    present, with_text = set[str](), set[str]()
    for chunk in split_into_chunks([file], source):
        for documents, rejects, _ in read(chunk, source):
            if rejects:
                return rejects[0]
            for name in names:
                if name not in with_text:
                    values = _values(documents, name, source, layout)
                    present |= {name} if any(value is not None for value in values) else set()
                    with_text |= {name} if any(map(_texts, values)) else set()
    return _Survey(layout, frozenset(present), frozenset(with_text))


def _source(benchmark: Benchmark, layout: str, names: tuple[str, ...] | None) -> Source:
    """Return how to read a file: its layout column as the text, the names as extra columns."""
    columns = {name: f"{_NO_COLUMN}{name}" for name in STANDARD_COLUMNS} | {TEXT: layout}
    if layout == TEXT:
        del columns[TEXT]
    extra = names and tuple(dict.fromkeys(n for name in names for n in (name, _root(name))))
    return Source(path=benchmark.path, content="text", columns=columns, extra_columns=extra)


def _configured(benchmark: Benchmark, setting: str) -> tuple[str, ...]:
    value = getattr(benchmark, setting)
    return () if value is None else (value,) if isinstance(value, str) else value


def _root(name: str) -> str:
    return name.partition(".")[0]


def _values(documents: pa.RecordBatch, name: str, source: Source, layout: str) -> list[Any]:
    """Return the values of a column, or of a field of one, row by row."""
    if name == layout:
        return list(documents.column(TEXT).to_pylist())
    for stored, *fields in ([name], name.split(".")):
        index = documents.schema.get_field_index(unreserved_name(stored, source))
        if index >= 0:
            values = original_values(documents.column(index), documents.schema.field(index))
            return [_field(value, fields) for value in values]
    return [None] * documents.num_rows


def _field(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _texts(value: Any) -> list[str]:
    """Return every text in a value, in order."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in values for text in _texts(each)]


def _no_column(benchmark: Benchmark, file: File, setting: str, name: str | None) -> InputError:
    """Return the error for a column that is not in a file, with the columns near its beginning."""
    wanted = "column with questions" if name is None else f"column {name!r}"
    remedy = f"name it with `{setting}`" if name is None else f"correct `{setting}`"
    return InputError(
        f"benchmark {benchmark.name!r}: {file.name} has no {wanted} (its columns: "
        f"{', '.join(_first_columns(benchmark, file)) or 'none'}); {remedy}"
    )


def _first_columns(benchmark: Benchmark, file: File) -> list[str]:
    """Return the names of the columns in the first records of a file, sorted."""
    source = _source(benchmark, _NO_COLUMN, None)
    for chunk in split_into_chunks([file], source):
        for documents, *_ in read(chunk, source):
            own = [n for n in documents.schema.names if n not in RESERVED]
            if own:
                return sorted(n.removesuffix("_source") for n in own)
    return []
