"""Read the first records of some files, within a fixed amount of work.

At most a few megabytes are read, however large the files are or whatever they expand to. A larger
file is cut: only its beginning is read. What the cut damaged is left out: the last record, and
faults at the end of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import DATE, RECORD, SOURCE, TEXT
from corpus.sources import Chunk, File, ReadBatch, Reject, Source, read
from corpus.sources.archives.chunks import begin_members
from corpus.sources.files.streams import Stream
from corpus.sources.formats import FORMATS
from corpus.sources.notes import FileNotes, add_notes, notes_of, without_notes

MAX_BYTES = 4 << 20
"""Decompressed bytes to read of one source."""

MAX_RECORDS = 100
"""Reading a large Parquet or Arrow file stops after the batch that reaches this number."""

MAX_FILES = 100

_IN_PLACE = ("parquet", "huggingface")
"""Formats that are read at any position: their first batch costs little, whatever their size."""


@dataclass
class FirstRecords:
    """The first records of some files, as a build would read them."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """Records that are not documents, by reason."""

    notes: dict[str, FileNotes] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """Names of the files that were read, as far as they were."""

    is_all: bool = True
    """Whether these are all records of the files."""

    @property
    def documents(self) -> int:
        """Return the number of documents."""
        return sum(batch.num_rows for batch in self.batches)

    @property
    def records(self) -> int:
        """Return the number of records: documents and rejects."""
        return self.documents + len(self.rejects)

    @property
    def empty_texts(self) -> int:
        """Return the number of documents without a text, which a build removes (read: empty)."""
        return sum(
            batch.num_rows - pc.sum(has_text(batch), min_count=0).as_py() for batch in self.batches
        )

    @property
    def total(self) -> FileNotes:
        """Return the notes on all files together."""
        total = FileNotes()
        for _, notes in sorted(self.notes.items()):
            total = total.plus(notes)
        return total

    def add(self, batch: ReadBatch) -> None:
        """Add a batch with its rejects, skipped records and notes."""
        documents, rejects, skipped = batch
        self.rejects += rejects
        for reasons in skipped.values():
            self.skipped.update(reasons)
        add_notes(self.notes, notes_of(documents))
        if documents.num_rows:
            valid = [documents.num_rows - documents.column(c).null_count for c in (TEXT, DATE)]
            name = documents.column(SOURCE)[0].as_py()
            add_notes(self.notes, {name: FileNotes(texts=valid[0], dates=valid[1])})
            self.batches.append(without_notes(documents))

    def drop_last(self) -> None:
        """Leave out what the cut of a file damaged: its last record, and the end of the file."""
        self.rejects = [reject for reject in self.rejects if reject.record is not None]
        last_document = self.batches[-1].column(RECORD)[-1].as_py() if self.batches else 0
        if self.rejects and (self.rejects[-1].record or 0) > last_document:
            self.rejects.pop()
        elif self.batches:
            self.batches[-1] = self.batches[-1].slice(0, self.batches[-1].num_rows - 1)

    def plus(self, more: FirstRecords) -> FirstRecords:
        """Return both together."""
        notes = dict(self.notes)
        add_notes(notes, more.notes)
        return FirstRecords(
            [*self.batches, *more.batches],
            [*self.rejects, *more.rejects],
            self.skipped + more.skipped,
            notes,
            [*self.files, *more.files],
            self.is_all and more.is_all,
        )


def has_text(documents: pa.RecordBatch) -> pa.Array:
    """Return which documents have a text that is not blank (bool[n_documents], without nulls)."""
    trimmed = pc.utf8_trim_whitespace(pc.fill_null(documents.column(TEXT), ""))
    return pc.not_equal(trimmed, "")


def first_records(
    files: Sequence[File], source: Source, *, max_bytes: int | None = None
) -> FirstRecords:
    """Return the first records of the files, of each format its own, in the order of the files."""
    total = FirstRecords()
    formats = sorted({file.format for file in files})
    for format in formats:
        same = [file for file in files if file.format == format]
        budget = (MAX_BYTES if max_bytes is None else max_bytes) // len(formats)
        total = total.plus(_of_one_format(same, source, budget))
    return total


def _of_one_format(files: Sequence[File], source: Source, max_bytes: int) -> FirstRecords:
    """Return the first records of files in one format."""
    total, left = FirstRecords(), max_bytes
    for file in files[:MAX_FILES]:
        if left <= 0:
            total.is_all = False
            break
        of_file = _of_archive if file.is_archive else _of_file
        more, n_bytes = of_file(file, source, left)
        total, left = total.plus(more), left - n_bytes
    total.is_all &= len(files) <= MAX_FILES
    return total


def _of_file(file: File, source: Source, max_bytes: int) -> tuple[FirstRecords, int]:
    """Return the first records of a file, and the number of bytes to subtract from the budget."""
    if file.format in _IN_PLACE:
        is_large = file.bytes > max_bytes
        limit = MAX_RECORDS if is_large else None
        return _read(Chunk((file,)), source, max_bytes, limit), file.bytes
    head, is_cut = _head(file, max_bytes)
    if not is_cut:
        return _read(Chunk((file,)), source, max_bytes), len(head)
    if FORMATS[file.format].ONE_DOCUMENT_PER_FILE:  # a part of a page is not its text
        return FirstRecords(files=[file.name], is_all=False), len(head)
    records = _read(Chunk((replace(file, data=head, bytes=len(head)),)), source, max_bytes)
    records.drop_last()
    records.is_all = False
    return records, len(head)


def _of_archive(archive: File, source: Source, max_bytes: int) -> tuple[FirstRecords, int]:
    """Return the first records of the first members of an archive, and their number of bytes."""
    total, left = FirstRecords(), max_bytes
    for chunk in begin_members(archive, source, max_bytes=2 * max_bytes):  # may be compressed
        if left <= 0:
            total.is_all = False
            break
        if chunk.damage is None:
            more, n_bytes = _of_file(chunk.file, source, left)
        else:
            more, n_bytes = _read(chunk, source, max_bytes), 0
        total, left = total.plus(more), left - n_bytes
    return total, max_bytes - left


def _read(
    chunk: Chunk, source: Source, max_bytes: int, max_records: int | None = None
) -> FirstRecords:
    """Return the records of a chunk, up to the batch that reaches one of the limits."""
    records, size = FirstRecords(files=[chunk.file.name]), 0
    for batch in read(chunk, source):
        records.add(batch)
        size += batch.documents.nbytes
        if size > 4 * max_bytes or (max_records and records.records >= max_records):
            records.is_all = False  # perhaps the file ends here, but that is not known
            break
    return records


def _head(file: File, max_bytes: int) -> tuple[bytes, bool]:
    """Return the decompressed beginning of a file, and whether there is more."""
    parts, size = [], 0
    try:
        for data in Stream(file.location):
            parts.append(data)
            size += len(data)
            if size > max_bytes:
                return b"".join(parts)[:max_bytes], True
    except OSError:
        pass  # `read` reports it as a reject
    return b"".join(parts), False
