"""Read the documents of any files for an audit: every format that corpus can read.

Some columns are filled by a build itself, such as the language, the source or the split. Here they
are taken as the files have them. Records and files that cannot be read are counted and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.report import Unread
from corpus.documents import ID, ID_IS_GIVEN, LANGUAGE_COLUMNS, RECORD, RESERVED, SOURCE, TEXT
from corpus.errors import InputError
from corpus.sources.batches import Skipped
from corpus.sources.chunks import Reject
from corpus.sources.columns.extra import as_texts
from corpus.sources.files.skipped import HIDDEN, SkippedFile
from corpus.sources.notes import FileNotes, notes_of

SCORE = "language_score"

_SPLIT_WORDS = "train|training|test|testing|eval|evaluation|validation|valid|val|dev"
SPLIT_IN_NAME = re.compile(rf"(?:^|[-._/ ])({_SPLIT_WORDS})(?=[-._/ 0-9]|$)")
"""The split in a file's name: the words that `datasets` looks for."""

SYNONYMS = {
    "training": "train",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
}
SPLIT_NAMES = {word: SYNONYMS.get(word, word) for word in _SPLIT_WORDS.split("|")}
"""The values that a column `split` may have, and our name for each."""

MAX_LISTED_NAMES = 5
"""Maximum number of unreadable records, and of skipped files, that are listed."""

MAX_UNREADABLE_RECORDS = 10_000
"""The audit stops if this many records have no text before the first document: the column is
wrong."""

GROUP_BYTES, GROUP_BATCHES = 8 << 20, 64
"""Bytes of text, and batches, that are measured together."""

NUMBER_PATTERN = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$"


@dataclass
class ReadStatistics:
    """What was read, and what could not be read."""

    formats: Counter[str] = field(default_factory=Counter)
    """Number of files of each format."""

    bytes: int = 0
    documents: int = 0
    unreadable: int = 0
    """Records that could not be read; a file, or the rest of one, counts as one."""

    unreadable_bytes: int = 0
    """Bytes of files that could not be read."""

    listed: list[str] = field(default_factory=list)
    """The first few unreadable records, each with the reason."""

    skipped: list[SkippedFile] = field(default_factory=list)
    """Files that are not read: a README, an unknown format."""

    skipped_records: Counter[str] = field(default_factory=Counter)
    """Records that are not documents, by reason."""

    def add(self, documents: int, rejects: Sequence[Reject], skipped: Skipped) -> None:
        """Count documents, rejects and skipped records, and list the first few rejects."""
        for reasons in skipped.values():
            self.skipped_records.update(reasons)
        self.documents += documents
        self.unreadable += len(rejects)
        self.unreadable_bytes += sum(reject.bytes for reject in rejects if reject.record is None)
        self.listed += [_line(reject) for reject in rejects[: MAX_LISTED_NAMES - len(self.listed)]]

    def to_json(self) -> Unread:
        """Return the section `unread` of audit.json; an unreadable file weighs its bytes."""
        by_records = self.unreadable / max(self.unreadable + self.documents, 1)
        share = min(1.0, max(by_records, self.unreadable_bytes / max(self.bytes, 1)))
        visible = [file for file in self.skipped if file.kind != HIDDEN]
        return {
            "records": self.unreadable,
            "share": round(share, 6),
            "first": self.listed,
            "skipped": [file.name[:200] for file in visible[:MAX_LISTED_NAMES]],
        }


MAX_LISTED_COLUMNS = 8


def read_documents(
    path: str, *, text: str, statistics: ReadStatistics
) -> Iterator[tuple[str, Sequence[pa.RecordBatch]]]:
    """Yield the documents of all files under a path: (split, some megabytes of its documents).

    `text` is the column with the text. `statistics` is updated. Raises InputError if there is
    nothing to read, or if no record has a text.
    """
    from corpus.sources import Source, find_files, read, split_into_chunks

    source = Source(path=path, columns={} if text == TEXT else {TEXT: text})
    files, skipped = find_files(source, Path())
    statistics.skipped = list(skipped)
    for file in files:
        statistics.formats.update(file.formats)
    statistics.bytes = sum(file.bytes for file in files)
    waiting: dict[str, list[pa.RecordBatch]] = {}
    for chunk in split_into_chunks(files, source):
        for read_batch in read(chunk, source):
            batch, without_text = _split_textless(read_batch.documents, text)
            rejects = [*read_batch.rejects, *without_text]
            statistics.add(batch.num_rows, rejects, read_batch.skipped)
            if not statistics.documents and statistics.unreadable >= MAX_UNREADABLE_RECORDS:
                raise InputError(nothing_readable(path, text, statistics))
            for split, part in by_split(batch):
                waiting.setdefault(split, []).append(with_own_columns(part))
            for split in [split for split, parts in waiting.items() if _is_full(parts)]:
                yield split, _joined(waiting.pop(split))
    for split, parts in waiting.items():
        yield split, _joined(parts)
    if statistics.unreadable and not statistics.documents:
        raise InputError(nothing_readable(path, text, statistics))


def _split_textless(documents: pa.RecordBatch, text: str) -> tuple[pa.RecordBatch, list[Reject]]:
    """Return the documents that have a text, and a reject for each of the others."""
    texts = documents.column(TEXT)
    if not texts.null_count:
        return documents, []
    rejects = []
    notes = notes_of(documents)
    textless = documents.filter(texts.is_null())
    places = (textless.column(name).to_pylist() for name in (SOURCE, RECORD))
    for file, number in zip(*places, strict=True):
        note = notes.get(file, FileNotes())
        reason = f"{text!r} is null"
        if note.no_text_column and not note.null_texts:
            columns = ", ".join(map(repr, note.columns[:MAX_LISTED_COLUMNS])) or "no columns"
            reason = f"{text!r} is missing; the record has {columns}"
        rejects.append(Reject(file, number, reason))
    return documents.filter(texts.is_valid()), rejects


def _is_full(parts: Sequence[pa.RecordBatch]) -> bool:
    """Return whether to measure these now; measuring more at once means fewer merges."""
    size = sum(part.column(TEXT).nbytes for part in parts)
    return size >= GROUP_BYTES or len(parts) >= GROUP_BATCHES


def _joined(parts: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Return the same documents in as few batches as their schemas allow."""
    return [
        batch
        for _, same_schema in groupby(parts, key=lambda part: part.schema)
        for batch in pa.Table.from_batches(same_schema).combine_chunks().to_batches()
    ]


def nothing_readable(path: str, text: str, statistics: ReadStatistics) -> str:
    """Return an error message: nothing could be read, why, and what to do."""
    first = statistics.listed[0]
    is_column = f": {text!r} is " in first
    hint = "; --text names the column that holds the text" if is_column else ""
    n = statistics.unreadable
    subject = f"none of {n:,} records" if n > 1 else "nothing"
    return f"{path}: {subject} could be read; {first}{hint}"


def _line(reject: Reject) -> str:
    """Return the place of an unreadable record, and the reason."""
    number = f":{reject.record}" if reject.record else ""
    return f"{reject.source[:200]}{number}: {reject.reason}"[:400]


def split_of(path: Path) -> str:
    """Return the split in the name of a file or of a folder above it; `train` if there is none."""
    words = SPLIT_IN_NAME.findall(path.as_posix().lower())
    return SPLIT_NAMES[words[-1]] if words else "train"


def by_split(documents: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the documents of a batch by split.

    The split is the value of the column `split`, if that is the name of a split; otherwise it is
    taken from the file's name. Here the column `split` of a source is called `split_source`.
    """
    files = documents.column(SOURCE)
    by_file = {name: split_of(Path(name)) for name in pc.unique(files).to_pylist()}
    if "split_source" not in documents.schema.names and len(set(by_file.values())) == 1:
        yield next(iter(by_file.values())), documents
        return
    values = as_texts(documents, "split_source").to_pylist()
    splits = [
        SPLIT_NAMES.get((value or "").strip().lower()) or by_file[file]
        for value, file in zip(values, files.to_pylist(), strict=True)
    ]
    for split in dict.fromkeys(splits):
        yield split, documents.filter(pa.array([each == split for each in splits]))


def with_own_columns(documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the documents with the language, source and split that the files give.

    A source sets such columns aside, as `language_source`. A document without an id gets the name
    of its file and the number of its record as id, so that people can find it.
    """
    columns = dict(zip(documents.schema.names, documents.columns, strict=True))
    files, numbers = columns[SOURCE], columns[RECORD].cast(pa.string())
    places = pc.binary_join_element_wise(files, numbers, ":")
    columns[ID] = pc.if_else(columns[ID_IS_GIVEN], columns[ID], places)
    for name in (SOURCE, "split", *LANGUAGE_COLUMNS):
        if columns.pop(f"{name}_source", None) is not None:
            values = as_texts(documents, f"{name}_source")
            columns[name] = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
    if SCORE in columns:
        columns[SCORE] = _parse_numbers(columns[SCORE])
    columns[SOURCE] = pc.coalesce(columns[SOURCE], files)
    own = {n: values for n, values in columns.items() if n[:1] != "_" or n not in RESERVED}
    return pa.record_batch(own)


def _parse_numbers(texts: pa.Array) -> pa.Array:
    """Return the texts as numbers; null where a text is not a number."""
    is_number = pc.match_substring_regex(texts, NUMBER_PATTERN)
    numbers = pc.if_else(is_number, pc.utf8_trim_whitespace(texts), pa.scalar(None, pa.string()))
    return numbers.cast(pa.float64())
