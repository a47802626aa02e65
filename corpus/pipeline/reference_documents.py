"""Documents that are not of the corpus, to compare it with: an earlier build, a benchmark's set.

A path is a build's folder, whose shards are read, or whatever a source may name: Parquet, JSONL,
CSV, a folder of them, in which the README and metadata of a data set are passed over. Their texts
are taken as they stand. Nothing of them gets into the build but their ids, as evidence; what they
hold is part of the build's identity.
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

from corpus.builds.reader import manifest_at
from corpus.documents import ID, KEY, TEXT
from corpus.errors import InputError
from corpus.observations import CorpusView, Observation, compute_observations
from corpus.pipeline.sorted_runs import (
    REJECTED_DETAIL,
    REMOVED_DETAIL,
    FetchFromRuns,
    SortedRun,
    write_run,
)
from corpus.similarity.observations import Column
from corpus.sources import Piece as Cut
from corpus.sources import Reject, Source, find, pieces, read
from corpus.sources.column_names import OURS, spare
from corpus.sources.rows import is_without
from corpus.sources.sidecar_files import data_of

_READ = pa.schema([(ID, pa.string()), (TEXT, pa.large_string()), (KEY, pa.binary(16))])
_EMPTY = pa.RecordBatch.from_pylist([], _READ)


@dataclass(frozen=True)
class ReferenceDocuments:
    """Opens other documents by path: `CorpusView.elsewhere` of a build."""

    base: Path
    """What paths are relative to."""

    scratch: Path
    """A folder of its own, for their texts as they were read."""

    spread: Callable[..., Iterator[Any]] = map

    def __call__(self, path: str, observations: Iterable[Observation]) -> CorpusView:
        """Return what is observed of the documents at a path; `InputError` if there are none."""
        asked = tuple(observations)
        source = _source(path, self.base, _columns(asked))
        name = json.dumps([path, [[type(o).__name__, o.model_dump(mode="json")] for o in asked]])
        folder = self.scratch / hashlib.sha256(name.encode()).hexdigest()[:16]
        cut = enumerate(pieces(data_of(find(source, self.base))[0], source))
        task = partial(_kept, source=source, observations=asked, folder=folder)
        kept = [piece for piece in self.spread(task, cut) if piece.rows]
        if not kept:
            raise InputError(
                f"{path}: no document could be read there to compare with; "
                f"name a build, or files with a column {TEXT!r}"
            )
        parts = [piece.observed() for piece in kept]
        alive = np.ones(sum(piece.rows for piece in kept), np.bool_)
        return CorpusView(parts, FetchFromRuns(tuple(kept)), alive, parallel_map=self.spread)


def fingerprint(path: str, base: Path) -> str:
    """Return a SHA-256 of what the files at a path hold, whatever they are called."""
    from corpus.sources.filesystems import open_file
    from corpus.storage import CHUNK

    found = []
    for file in data_of(find(_source(path, base), base))[0]:
        digest = hashlib.sha256()
        with open_file(file.path) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        found.append(digest.hexdigest())
    return hashlib.sha256("".join(sorted(found)).encode()).hexdigest()


def _source(path: str, base: Path, columns: Sequence[str] = ()) -> Source:
    """Return how to read what a path names, with these other columns."""
    if manifest_at(base / path):
        path = f"{path}/data"
    return Source(path=path, content="text", extra_columns=tuple(columns))


def _columns(observations: Iterable[Observation]) -> list[str]:
    """Return the names of the columns, beside a document's text, that are asked for."""
    return [one.name for one in observations if isinstance(one, Column)]


def _kept(
    task: tuple[int, Cut], *, source: Source, observations: tuple[Observation, ...], folder: Path
) -> SortedRun:
    """Read a piece, observe its documents, and keep both on disk."""
    number, cut = task
    batches = []
    for batch, rejects in read(cut, source):
        if amiss := [reject for reject in rejects if not is_without(reject.reason, TEXT)]:
            raise InputError(_unread(amiss[0]))
        others = {
            name: found
            for name in _columns(observations)
            if (found := name if name in OURS else spare(name, source)) in batch.schema.names
        }
        columns = {field.name: batch.column(field.name).cast(field.type) for field in _READ}
        columns |= {own: batch.column(name) for own, name in others.items()}
        batches.append(pa.record_batch(columns).filter(columns[TEXT].is_valid()))
    documents = pa.Table.from_batches([batch.select(_READ.names) for batch in batches], _READ)
    seen = [compute_observations(batch, observations) for batch in batches or [_EMPTY]]
    return write_run(
        folder / f"{number:06d}",
        documents=documents,
        observed=pa.Table.from_batches(seen),
        removed=REMOVED_DETAIL.empty_table(),
        rejected=REJECTED_DETAIL.empty_table(),
        summary={},
    )


def _unread(reject: Reject) -> str:
    """Return why nothing is compared: a document that cannot be read might be one to remove."""
    place = reject.source if reject.record is None else f"{reject.source}, record {reject.record}"
    return (
        f"{place}: {reject.reason}; what is compared with must all be readable: "
        "mend the file, or leave the record out of it"
    )
