"""Read the documents of anybody's files, as an audit takes them: files of every kind that we read.

What a source says of a document in columns that a build would fill by itself (its language, where
it came from, its split) is taken as it is. A record that cannot be read is counted and named, and
so is a file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ID, ID_IS_GIVEN, LANGUAGE_COLUMNS, RECORD, SOURCE, TEXT
from corpus.errors import InputError
from corpus.sources.chunks import Reject
from corpus.sources.extra_columns import as_texts

SCORE = "language_score"

_KEYWORD = "train|training|test|testing|eval|evaluation|validation|valid|val|dev"
SPLIT = re.compile(rf"(?:^|[-._/ ])({_KEYWORD})(?=[-._/ 0-9]|$)")
"""Where a file's name says which split it is: the words that `datasets` looks for."""

SAME = {"training": "train", "testing": "test", "eval": "test", "evaluation": "test"}
SAME |= {"valid": "validation", "val": "validation", "dev": "validation"}

SPLITS = {name: SAME.get(name, name) for name in _KEYWORD.split("|")}
"""What a column `split` may say, and what we call it."""

SHOWN = 5
"""Unreadable records that are told one by one."""

ENOUGH = 10_000
"""Records without a text after which nobody believes any more that the column is the right one."""

TOGETHER, MOST = 8 << 20, 64
"""Bytes of text, and batches, that are counted together."""

NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?\s*$"


@dataclass
class Files:
    """What was found to read, and what of it could not be read."""

    kinds: Counter[str] = field(default_factory=Counter)
    """Files of each format."""

    bytes: int = 0
    documents: int = 0
    records: int = 0
    """Those that could not be read; a file, or the rest of one, counts as one."""

    lost: int = 0
    """Bytes of files that could not be read."""

    first: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """The names of files that are about the data, and no data."""

    def add(self, documents: int, rejects: Sequence[Reject]) -> None:
        """Count what was read, and what could not be, and tell the first few."""
        self.documents += documents
        self.records += len(rejects)
        self.lost += sum(reject.bytes for reject in rejects if reject.record is None)
        self.first += [_told(reject) for reject in rejects[: SHOWN - len(self.first)]]

    def to_json(self) -> dict[str, Any]:
        """Return what stands in audit.json as `unread`; a file that was lost weighs its bytes."""
        records = self.records / max(self.records + self.documents, 1)
        share = min(1.0, max(records, self.lost / max(self.bytes, 1)))
        skipped = [name[:200] for name in self.skipped[:SHOWN]]
        told = {"records": self.records, "share": round(share, 6), "first": self.first}
        return told | {"skipped": skipped}


def documents(
    path: str, *, text: str, files: Files
) -> Iterator[tuple[str, Sequence[pa.RecordBatch]]]:
    """Yield the documents of what lies under a path, some megabytes of one split at a time.

    `text` is the column with the text; `files` is told what was read. Raises InputError where there
    is nothing to read, or nothing that has a text.
    """
    from corpus.sources import Source, find_files, read, split_into_chunks
    from corpus.sources.sidecar_files import split_sidecar_files

    source = Source(path=path, columns={} if text == TEXT else {TEXT: text})
    found, files.skipped = split_sidecar_files(find_files(source, Path()))
    files.kinds.update(file.format for file in found)
    files.bytes = sum(file.bytes for file in found)
    waiting: dict[str, list[pa.RecordBatch]] = {}
    for piece in split_into_chunks(found, source):
        for batch, rejects in read(piece, source):
            files.add(batch.num_rows, rejects)
            if not files.documents and files.records >= ENOUGH:
                raise InputError(unreadable(path, text, files))
            for split, part in by_split(batch):
                waiting.setdefault(split, []).append(own_columns(part))
            for split in [split for split, parts in waiting.items() if _enough(parts)]:
                yield split, _joined(waiting.pop(split))
    for split, parts in waiting.items():
        yield split, _joined(parts)
    if files.records and not files.documents:
        raise InputError(unreadable(path, text, files))


def _enough(parts: Sequence[pa.RecordBatch]) -> bool:
    """Return whether to count these together: merging what was counted takes time, too."""
    return sum(part.column(TEXT).nbytes for part in parts) >= TOGETHER or len(parts) >= MOST


def _joined(parts: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Return the same documents in as few batches as their columns allow."""
    return [
        batch
        for _, alike in groupby(parts, key=lambda part: part.schema)
        for batch in pa.Table.from_batches(alike).combine_chunks().to_batches()
    ]


def unreadable(path: str, text: str, files: Files) -> str:
    """Return that nothing could be read, why, and what to do."""
    first = files.first[0]
    of_text = f": {text!r} is " in first
    hint = "; --text names the column that holds the text" if of_text else ""
    many = f"none of {files.records:,} records" if files.records > 1 else "nothing"
    return f"{path}: {many} could be read; {first}{hint}"


def _told(reject: Reject) -> str:
    """Return where a record is that could not be read, and why."""
    number = f":{reject.record}" if reject.record else ""
    return f"{reject.source[:200]}{number}: {reject.reason}"[:400]


def split_of(path: Path) -> str:
    """Return the split that the name of a file, or of a folder above it, says; else `train`."""
    found = SPLIT.findall(path.as_posix().lower())
    return SPLITS[found[-1]] if found else "train"


def by_split(documents: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the documents of a batch by the split that they are in.

    That is what a column `split` says, where it has the name of one; else what the name of the file
    says. What a source calls `split` is `split_source` here.
    """
    files = documents.column(SOURCE)
    of_files = {name: split_of(Path(name)) for name in pc.unique(files).to_pylist()}
    if "split_source" not in documents.schema.names and len(set(of_files.values())) == 1:
        yield next(iter(of_files.values())), documents
        return
    said = as_texts(documents, "split_source").to_pylist()
    splits = [
        SPLITS.get((own or "").strip().lower()) or of_files[file]
        for own, file in zip(said, files.to_pylist(), strict=True)
    ]
    for split in dict.fromkeys(splits):
        yield split, documents.filter(pa.array([each == split for each in splits]))


def own_columns(documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the documents, what a build would fill by itself as the data have it.

    A source sets such columns aside, as `language_source`. A document without an id of its own has
    the name of its file and the number of its record: so it can be found.
    """
    columns = dict(zip(documents.schema.names, documents.columns, strict=True))
    files, numbers = columns[SOURCE], columns[RECORD].cast(pa.string())
    places = pc.binary_join_element_wise(files, numbers, ":")
    columns[ID] = pc.if_else(columns[ID_IS_GIVEN], columns[ID], places)
    for name in (SOURCE, "split", *LANGUAGE_COLUMNS):
        if columns.pop(f"{name}_source", None) is not None:
            told = as_texts(documents, f"{name}_source")
            columns[name] = pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)
    if SCORE in columns:
        columns[SCORE] = _numbers(columns[SCORE])
    columns[SOURCE] = pc.coalesce(columns[SOURCE], files)
    return pa.record_batch({n: values for n, values in columns.items() if n[0] != "_"})


def _numbers(texts: pa.Array) -> pa.Array:
    """Return the numbers that texts are; a text that is none is null."""
    good = pc.match_substring_regex(texts, NUMBER)
    sound = pc.if_else(good, pc.utf8_trim_whitespace(texts), pa.scalar(None, pa.string()))
    return sound.cast(pa.float64())
