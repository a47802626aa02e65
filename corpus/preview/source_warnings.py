"""What is probably wrong with the settings of one source, judged by its first records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.builds.summary import UnparsedDates
from corpus.errors import CorpusError
from corpus.markup import count_of
from corpus.pipeline.check_sources import check_text_columns
from corpus.preview.columns import TABLE_FORMATS, missing_columns
from corpus.preview.first_records import FirstRecords
from corpus.sources import File
from corpus.sources.columns.synonyms import columns_setting

if TYPE_CHECKING:
    from corpus.config.model import Config

MAX_NAMES = 8
SCHEMA_FORMATS = frozenset({"csv", "parquet", "huggingface"})
"""Formats in which all records of a file have the same columns."""


@dataclass(frozen=True)
class SourceRecords:
    """The first records of a source."""

    config: Config
    index: int
    """The number of the source in the config, from 0."""

    files: Sequence[File]
    records: FirstRecords
    names: Sequence[str]
    """The columns that the records have, by their names in the source."""

    filled: set[str]
    """Our columns that have a value."""

    @property
    def place(self) -> str:
        """Return where the source is in the config."""
        return f"sources[{self.index}]"

    @property
    def is_table(self) -> bool:
        """Return whether the records have named columns."""
        return TABLE_FORMATS.issuperset(format for file in self.files for format in file.formats)

    @property
    def has_one_schema(self) -> bool:
        """Return whether the columns of the first record are those of all."""
        (first, *others) = self.files
        return not others and not first.is_archive and first.format in SCHEMA_FORMATS


def text_column_error(source: SourceRecords) -> CorpusError | None:
    """Return the error of a build if none of these records has the text column."""
    try:
        check_text_columns(source.config, {(source.index, ""): source.records.total})
    except CorpusError as error:
        return error
    return None


def errors_of(source: SourceRecords) -> Iterator[CorpusError]:
    """Yield why a build would surely stop because of this source."""
    error = text_column_error(source)
    if error and (source.records.is_all or source.has_one_schema):
        yield error


def warnings_of(source: SourceRecords) -> Iterator[str]:
    """Yield what is probably a mistake in the settings, or a loss within the records."""
    total, records = source.records.total, source.records
    error = text_column_error(source)
    if error and not any(errors_of(source)):
        yield f"{error} (of the {records.records:,} records that were read)"
    elif records.empty_texts and not error:
        n = count_of(records.empty_texts, "record")
        lacking = (
            f", {total.no_text_column:,} of them without the column" if total.no_text_column else ""
        )
        yield (
            f"{source.place}: {n} of {records.records:,} without a text{lacking}; a build removes "
            "them (read: empty)"
        )
    if source.is_table and records.documents and not total.no_text_column:
        yield from _missing_columns(source)
    if total.unparsed_dates:
        path, examples = source.config.sources[source.index].path, list(total.unparsed_examples)
        unparsed = UnparsedDates(path, total.unparsed_dates, total.dates, examples)
        yield f"{source.place}: {unparsed.notice}"


def _missing_columns(source: SourceRecords) -> Iterator[str]:
    """Yield each configured column that no record fills, with the one that was probably meant."""
    settings, names = source.config.sources[source.index], source.names
    listed = ", ".join(f"`{name}`" for name in names[:MAX_NAMES])
    more = ", ..." if len(names) > MAX_NAMES else ""
    for ours, theirs, near in missing_columns(settings, names, source.filled):
        hint = f"; did you mean `{columns_setting({ours: near})}`?" if near else ""
        yield (
            f"{source.place}.columns.{ours}: no record has a value in `{theirs}`; there are "
            f"{listed}{more}{hint}"
        )
    for name in sorted(set(settings.extra_columns or ()) - set(names)):
        yield f"{source.place}.extra_columns: no record has the column `{name}`"
