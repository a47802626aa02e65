"""Measure what lies in a folder: a build, somebody's Parquet, or anything a source can read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpus.audit import Audit
from corpus.audit.counting import measure
from corpus.audit.held import AUDIT
from corpus.audit.statistics import Statistics
from corpus.audit.tokens import Tokenizer, load
from corpus.audit.whole import of_documents
from corpus.build import read_manifest
from corpus.documents import ID, LANGUAGE_COLUMNS, SOURCE, TEXT, optional
from corpus.errors import ConfigError, InputError
from corpus.progress import Progress, silent
from corpus.sources.pieces import Reject
from corpus.sources.places import is_uri

STRINGS = ("id", "text", "title", "publisher", "url", "source", "language")
"""Columns that are counted as strings."""

SPLIT = re.compile(r"(?:^|[-._/ ])(train|validation|valid|dev|test)(?=[-._/ ]|$)")
"""Where a file's name says which split it is."""

SAME = {"valid": "validation", "dev": "validation"}

UNREAD = 5
"""Unreadable records that are told one by one."""


@dataclass(frozen=True)
class Looking:
    """How documents are looked at."""

    text: str
    """The column with the text."""

    seed: int
    tokenizer: Tokenizer | None
    progress: Progress

    def count(self, documents: pa.RecordBatch, split: str) -> Statistics:
        """Return what there is to count in some documents of a split, and say so."""
        found = measure(
            documents,
            split=split,
            seed=self.seed,
            budget=AUDIT,
            exactly=True,
            tokenizer=self.tokenizer,
        )
        size = pc.sum(pc.binary_length(documents.column(TEXT))).as_py() or 0
        self.progress.advance(documents=documents.num_rows, bytes=size)
        return found


def measured(
    path: str | Path,
    *,
    text: str = TEXT,
    seed: int = 0,
    thorough: bool = True,
    tokenizer: str | Path | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Return the audit of a build, of Parquet files, or of what a source can read there."""
    told = load(tokenizer) if tokenizer is not None else None
    how = Looking(text, seed, told, progress or silent())
    how.progress.start("audit", bytes=0)
    close = partial(of_documents, thorough=thorough, tokenizer=told.to_json() if told else None)
    if is_uri(str(path)):
        return _of_source(str(path), str(path).rstrip("/").rpartition("/")[2], how, close)
    path = Path(path)
    manifest = read_manifest(path) if path.is_dir() else None
    if manifest:
        shards = {split: told["shards"] for split, told in manifest["splits"].items()}
        files = [(path / shard, split) for split, names in shards.items() for shard in names]
        found = _parquet(files, path, how)
        audit = close(found, folder=path, manifest=manifest, before=_before(path))
        return Audit(manifest["name"], audit, manifest)
    name = path.resolve().name
    files = [(file, split_of(file.relative_to(path.parent))) for file in _parquet_files(path)]
    if files:
        return Audit(name, close(_parquet(files, path, how)))
    return _of_source(str(path.resolve()), name, how, close)


def _of_source(path: str, name: str, how: Looking, close: Callable[..., dict[str, Any]]) -> Audit:
    statistics, unread = _source(path, how)
    if unread.records and not statistics.counts:
        raise InputError(
            f"{path}: none of {unread.records:,} records could be read; {unread.first[0]}; "
            "--text names the column that holds the text"
        )
    return Audit(name, close(statistics, unread=unread.to_json()))


def _before(build: Path) -> dict[str, Any] | None:
    """Return the audit that a build made of itself, or None where it is gone."""
    import json

    try:
        found = json.loads((build / "audit" / "audit.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def split_of(path: Path) -> str:
    """Return the split that the name of a file, or of a folder above it, says; else `train`."""
    found = SPLIT.findall(path.as_posix().lower())
    return SAME.get(found[-1], found[-1]) if found else "train"


def _parquet_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix == ".parquet" else []
    below = (file for file in path.rglob("*.parquet") if file.is_file())
    return sorted(
        file for file in below if not any(p[0] in "._" for p in file.relative_to(path).parts)
    )


def _parquet(files: list[tuple[Path, str]], folder: Path, how: Looking) -> Statistics:
    found = Statistics()
    for path, split in files:
        where = path.relative_to(folder).as_posix() if path != folder else path.name
        try:
            with pq.ParquetFile(path) as file:
                row = 0
                for batch in file.iter_batches(batch_size=8192):
                    documents = conform(batch, text=how.text, where=where, row=row)
                    found = found.merge(how.count(documents, split))
                    row += batch.num_rows
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path}: cannot be read as Parquet: {error}") from error
    return found


def conform(documents: pa.RecordBatch, *, text: str, where: str, row: int) -> pa.RecordBatch:
    """Return the documents with the columns we count as we have them; theirs stay beside.

    Without an id of its own, a document has the name of its file and its number there, from 1 on,
    `row` rows having gone before.
    """
    columns = dict(zip(documents.schema.names, documents.columns, strict=True))
    if text not in columns:
        raise ConfigError(
            f"{where}: there is no column {text!r}; name the one with the text: {sorted(columns)}"
        )
    columns = {TEXT: columns.pop(text)} | columns
    for name in {*STRINGS, *LANGUAGE_COLUMNS[2:3]} & columns.keys():
        type = pa.string() if name in STRINGS else pa.float64()
        type = pa.large_string() if name == TEXT else type
        columns[name] = _cast(columns[name], type)
    numbers = pa.array(range(row + 1, row + 1 + documents.num_rows), pa.int64()).cast(pa.string())
    places = pc.binary_join_element_wise(where, numbers, ":")
    given = optional(pa.record_batch(columns), ID, pa.string())
    named = pa.repeat(pa.scalar(where), documents.num_rows)
    columns[ID] = pc.coalesce(given, places)
    return pa.record_batch({**columns, SOURCE: columns.get(SOURCE, named)})


def _cast(values: pa.Array, type: pa.DataType) -> pa.Array:
    """Return the values in another type, null where they have none: a list is no title."""
    try:
        return values.cast(type)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.nulls(len(values), type)


@dataclass
class Unread:
    """The records that could not be read."""

    records: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, rejects: Sequence[Reject]) -> None:
        """Count some more, and tell the first few."""
        self.records += len(rejects)
        self.first += [_told(reject) for reject in rejects[: UNREAD - len(self.first)]]

    def to_json(self) -> dict[str, Any]:
        """Return what stands in audit.json."""
        return {"records": self.records, "first": self.first}


def _source(path: str, how: Looking) -> tuple[Statistics, Unread]:
    """Measure the files that a source can read, and return its rejects beside."""
    from corpus.sources import Source, find, pieces, read

    source = Source(path=path, columns={} if how.text == TEXT else {TEXT: how.text})
    found, unread = Statistics(), Unread()
    for piece in pieces(find(source, Path()), source):
        for documents, rejects in read(piece, source):
            for split, part in _by_split(documents):
                found = found.merge(how.count(part, split))
            unread.add(rejects)
    return found, unread


def _told(reject: Reject) -> str:
    """Return where a record is that could not be read, and why."""
    number = f":{reject.record}" if reject.record else ""
    return f"{reject.source[:200]}{number}: {reject.reason}"[:400]


def _own_names(documents: pa.RecordBatch) -> pa.RecordBatch:
    """Return the documents, `language` and its score what the data say of them.

    A build tells languages itself, and a source sets aside what was said before, as
    `language_source`; an audit takes it as it is.
    """
    kinds = {"language": pa.string(), "language_score": pa.float64()}
    for name, kind in kinds.items():
        place = documents.schema.get_field_index(f"{name}_source")
        if place >= 0 and name not in documents.schema.names:
            values = _cast(documents.column(place), kind)
            documents = documents.set_column(place, name, values)
    return documents


def _by_split(documents: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the documents of a batch by the split that the names of their files say."""
    documents = _own_names(documents)
    of: dict[str, list[str]] = {}
    for name in pc.unique(documents.column(SOURCE)).to_pylist():
        of.setdefault(split_of(Path(name)), []).append(name)
    for split, names in of.items():
        yield split, documents.filter(pc.is_in(documents.column(SOURCE), pa.array(names)))
