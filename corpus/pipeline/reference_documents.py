"""Read reference documents: an earlier build or a benchmark's test set to compare the corpus with.

A path is the folder of a build (its shards are read), or anything that a source can name: Parquet,
JSONL, CSV, or a folder of them, without a dataset's README and metadata. Texts are compared
unchanged. Only the ids of reference documents get into the build, as evidence. The content of the
files is part of the build's identity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from corpus.documents import ID, KEY, TEXT
from corpus.errors import InputError
from corpus.observations import CorpusView, MappedParts, Observation, compute_observations
from corpus.pipeline.sorted_runs import (
    REJECTED_DETAIL,
    REMOVED_DETAIL,
    FetchFromRuns,
    SortedRun,
    write_run,
)
from corpus.sources import Chunk, Reject, Source, find_files, read, split_into_chunks
from corpus.sources.columns.names import STANDARD_COLUMNS, unreserved_name
from corpus.sources.columns.observation import Column
from corpus.sources.files.filesystems import open_file
from corpus.storage import READ_BYTES

_DOCUMENT_COLUMNS = pa.schema([(ID, pa.string()), (TEXT, pa.large_string()), (KEY, pa.binary(16))])
_NO_DOCUMENTS = pa.RecordBatch.from_pylist([], _DOCUMENT_COLUMNS)


@dataclass(frozen=True)
class ReferenceDocuments:
    """Opens reference documents by path: a build's `CorpusView.reference_documents`."""

    base: Path
    """Relative paths are relative to this folder."""

    scratch: Path
    """A folder for the documents that were read; nothing else may use it."""

    parallel_map: Callable[..., Iterator[Any]] = map
    """Maps a function over tasks, possibly on several workers."""

    def __call__(self, path: str, observations: Iterable[Observation]) -> CorpusView:
        """Return the observations of the documents at a path; raises InputError if there are none.

        Documents whose text is missing are left out.
        """
        observations = tuple(observations)
        source = _source(path, _column_names(observations))
        folder = self.scratch / _folder_name(path, observations)
        chunks = enumerate(split_into_chunks(find_files(source, self.base).files, source))
        task = partial(_read_chunk, source=source, observations=observations, folder=folder)
        runs = [run for run in self.parallel_map(task, chunks) if run.rows]
        if not runs:
            raise InputError(
                f"{path}: no documents to compare with; "
                f"give a build, or files with a column {TEXT!r}"
            )
        observed = MappedParts(tuple(run.observed for run in runs))
        alive = np.ones(sum(run.rows for run in runs), np.bool_)
        return CorpusView(
            observed, FetchFromRuns(tuple(runs)), alive, parallel_map=self.parallel_map
        )


def fingerprint(path: str, base: Path) -> str:
    """Return a SHA-256 of the content of the files at a path, whatever their names."""
    hashes = []
    for file in find_files(_source(path), base).files:
        digest = hashlib.sha256()
        with open_file(file.path) as stream:
            while data := stream.read(READ_BYTES):
                digest.update(data)
        hashes.append(digest.hexdigest())
    return hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()


def _source(path: str, columns: Sequence[str] = ()) -> Source:
    """Return a source for a path. It keeps these extra columns."""
    return Source(path=path, content="text", extra_columns=tuple(columns))


def _folder_name(path: str, observations: tuple[Observation, ...]) -> str:
    """Return a name that is unique to a path and what is observed of it."""
    settings = [[type(o).__name__, o.model_dump(mode="json")] for o in observations]
    return hashlib.sha256(json.dumps([path, settings]).encode()).hexdigest()[:16]


def _column_names(observations: Iterable[Observation]) -> list[str]:
    """Return the names of the columns, other than the text, that the observations read."""
    return [observation.name for observation in observations if isinstance(observation, Column)]


def _read_chunk(
    task: tuple[int, Chunk], *, source: Source, observations: tuple[Observation, ...], folder: Path
) -> SortedRun:
    """Write the documents of a numbered chunk and their observations to disk, and return them."""
    number, chunk = task
    extra_names = _column_names(observations)
    batches = []
    for documents, rejects, _ in read(chunk, source):
        for reject in rejects:
            raise InputError(_unreadable_message(reject))
        batches.append(_with_text(documents, extra_names, source))
    selected = [batch.select(_DOCUMENT_COLUMNS.names) for batch in batches]
    observed = [compute_observations(batch, observations) for batch in batches or [_NO_DOCUMENTS]]
    return write_run(
        folder / f"{number:06d}",
        documents=pa.Table.from_batches(selected, _DOCUMENT_COLUMNS),
        observed=pa.Table.from_batches(observed),
        removed=REMOVED_DETAIL.empty_table(),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={},
    )


def _with_text(
    documents: pa.RecordBatch, extra_names: Iterable[str], source: Source
) -> pa.RecordBatch:
    """Return the documents that have a text, with id, text, key and these extra columns."""
    columns = {
        field.name: documents.column(field.name).cast(field.type) for field in _DOCUMENT_COLUMNS
    }
    for name in extra_names:
        stored = name if name in STANDARD_COLUMNS else unreserved_name(name, source)
        if stored in documents.schema.names:
            columns[name] = documents.column(stored)
    return pa.record_batch(columns).filter(columns[TEXT].is_valid())


def _unreadable_message(reject: Reject) -> str:
    """Return why the build stops: an unreadable reference document may match the corpus."""
    place = reject.source if reject.record is None else f"{reject.source}, record {reject.record}"
    return (
        f"{place}: {reject.reason}; every reference document must be readable, because it may "
        "match the corpus: repair the file"
    )
