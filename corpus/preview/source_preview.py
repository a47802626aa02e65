"""What a build would read of one source, judged by its first records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.documents import ID, ID_IS_GIVEN, RECORD_HASH
from corpus.errors import CorpusError
from corpus.pipeline.check_sources import (
    inferred_date_formats,
    with_date_formats,
)
from corpus.preview.columns import (
    TABLE_FORMATS,
    ColumnPreview,
    available_names,
    column_previews,
    proposed_columns,
)
from corpus.preview.first_records import FirstRecords, first_records
from corpus.preview.source_warnings import SourceRecords, errors_of, warnings_of
from corpus.sources import File, Reject
from corpus.sources.files.skipped import SkippedFile
from corpus.sources.notes import FileNotes
from corpus.sources.settings import Format

if TYPE_CHECKING:
    from corpus.config.model import Config


@dataclass(frozen=True)
class DatePreview:
    """The dates of the first records."""

    parsed: int = 0
    unparsed: int = 0
    unparsed_examples: tuple[str, ...] = ()
    ambiguous: int = 0
    """Dates such as 05/03/2019."""

    inferred_format: str | None = None
    """How ambiguous dates are read, because of the other dates; None if nothing decides."""


@dataclass(frozen=True)
class SourcePreview:
    """What a build would read of one source, judged by its first records."""

    path: str
    files: int
    bytes: int
    formats: tuple[Format, ...]
    skipped_files: tuple[SkippedFile, ...] = ()
    """The files beside them that are not read."""

    records: int = 0
    """The number of records that were read for this preview: documents and unreadable ones."""

    is_all: bool = False
    """Whether these are all records of the source."""

    columns: tuple[ColumnPreview, ...] = ()
    proposed_columns: Mapping[str, str] = field(default_factory=dict)
    """Columns of ours that are empty, with the column of the source that could fill them."""

    dates: DatePreview = DatePreview()
    rejects: tuple[Reject, ...] = ()
    """The records among them that cannot be read."""

    skipped: Mapping[str, int] = field(default_factory=dict)
    """Records that are not documents, by reason."""

    documents: int = 0
    """The number of records among them that are documents."""

    empty_texts: int = 0
    """Documents without a text, which a build removes."""

    repeated_ids: int = 0
    """Documents whose id another document with other content has."""

    warnings: tuple[str, ...] = ()
    errors: tuple[CorpusError, ...] = ()
    """Why a build would surely stop."""

    notes: FileNotes = field(default_factory=FileNotes)

    @property
    def example(self) -> dict[str, str]:
        """Return the first document with a text: each column's value, in one line."""
        return {column.name: column.example for column in self.columns}


def preview_source(
    config: Config, index: int, files: Sequence[File], skipped_files: Sequence[SkippedFile] = ()
) -> SourcePreview:
    """Return the preview of the source with this number. Reads at most a few megabytes."""
    source = config.sources[index]
    formats = tuple(sorted({format for file in files for format in file.formats}))
    size = sum(file.bytes for file in files)
    try:
        records = first_records(files, source)
        inferred = inferred_date_formats(config, {(index, ""): records.total}).get(index)
        if inferred:
            source = with_date_formats(config, {index: inferred}).sources[index]
            records = first_records(files, source)
    except CorpusError as error:
        return SourcePreview(
            source.path, len(files), size, formats, tuple(skipped_files), errors=(error,)
        )
    columns = column_previews(records, source)
    filled = {column.name for column in columns if column.name != ID or column.source_name}
    total = records.total
    names = available_names(records, source) if TABLE_FORMATS.issuperset(formats) else []
    read = SourceRecords(config, index, files, records, names, filled)
    proposed = proposed_columns(source, names, filled) if records.documents else {}
    return SourcePreview(
        source.path,
        len(files),
        size,
        formats,
        tuple(skipped_files),
        records=records.records,
        is_all=records.is_all,
        columns=columns,
        proposed_columns={} if total.no_text_column else proposed,
        dates=_dates(total, inferred),
        rejects=tuple(records.rejects),
        skipped=dict(records.skipped.most_common()),
        documents=records.documents,
        empty_texts=records.empty_texts,
        repeated_ids=_repeated_ids(records),
        warnings=tuple(warnings_of(read)),
        errors=tuple(errors_of(read)),
        notes=total,
    )


def _dates(total: FileNotes, inferred: str | None) -> DatePreview:
    return DatePreview(
        total.dates, total.unparsed_dates, total.unparsed_examples, total.ambiguous, inferred
    )


def _repeated_ids(records: FirstRecords) -> int:
    """Return the number of documents whose id another one with other content has."""
    hashes: dict[str, set[bytes]] = {}
    for batch in records.batches:
        rows = batch.select([ID, RECORD_HASH, ID_IS_GIVEN]).to_pylist()
        for row in rows:
            if row[ID_IS_GIVEN]:
                hashes.setdefault(row[ID], set()).add(row[RECORD_HASH])
    return sum(len(different) for different in hashes.values() if len(different) > 1)


def reasons_of(rejects: Sequence[Reject]) -> list[tuple[str, int]]:
    """Return each reason with its first place and the number of records, most frequent first."""
    first: dict[str, str] = {}
    for reject in rejects:
        record = "" if reject.record is None else f", record {reject.record:,}"
        first.setdefault(reject.reason, f"{reject.source}{record}: {reject.reason}")
    counts = Counter(reject.reason for reject in rejects)
    return [(first[reason], n) for reason, n in counts.most_common()]
