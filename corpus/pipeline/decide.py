"""Decide what becomes of the documents that a pass left, once, for the whole corpus.

First the ids: of several records with the same id of the user's the one with the smallest digest
stays, and equal records without an id are numbered. Then every corpus stage of the pass decides in
turn, on what the ones before left alive. What they said is written beside each piece, row by row,
for the next pass to apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpus import storage
from corpus.documents import (
    ID,
    ID_IS_GIVEN,
    KEY,
    LANGUAGE,
    RECORD,
    RECORD_HASH,
    REPEATED,
    SOURCE,
    SPLIT,
    TRAIN,
    column,
    halves,
)
from corpus.observations import CorpusView
from corpus.pipeline.engine import Engine, spread
from corpus.pipeline.reference_documents import ReferenceDocuments
from corpus.pipeline.sorted_runs import BYTES, Fetch, Piece
from corpus.stages.base import CorpusStage

ALONE = 1_000_000
"""Up to so many documents are decided on by one worker."""


@dataclass
class Decided:
    """What has been decided on every document of a pass."""

    stages: tuple[CorpusStage, ...]
    pieces: tuple[Piece, ...]
    files: tuple[Path, ...]
    """The decisions, one file for each piece."""

    keys: NDArray[np.uint64]
    """uint64[n_documents]: the first half of each key."""

    bytes: NDArray[np.int64]
    """int64[n_documents]: the size of each text, UTF-8."""

    alive: NDArray[np.bool_]
    splits: pa.ChunkedArray
    """The split of each document (string); all train without a split stage."""

    languages: pa.ChunkedArray | None = None
    """The language of each document (string), where a stage has tagged it."""

    metrics: list[dict[str, object]] = field(default_factory=list)
    repeated: list[tuple[str, int, str]] = field(default_factory=list)
    """(source, record, reason) of each record whose id another one keeps."""


@dataclass(frozen=True)
class Decide:
    """A decision that a worker makes alone: a picklable task."""

    stages: tuple[CorpusStage, ...]
    pieces: tuple[Piece, ...]
    seed: int
    folder: Path
    base: Path
    """What paths in the config are relative to."""
    first: bool


def decide(
    stages: tuple[CorpusStage, ...],
    pieces: tuple[Piece, ...],
    engine: Engine,
    seed: int,
    folder: Path,
    *,
    base: Path,
    first: bool,
) -> Decided:
    """Let every stage decide, and write what they said beside the pieces.

    A small corpus is decided on one worker, which has the kernels loaded; a large one here, and
    what the stages spread goes to all workers.
    """
    pieces = tuple(piece for piece in pieces if piece.rows)
    task = Decide(stages, pieces, seed, folder, base, first)
    if sum(piece.rows for piece in pieces) <= ALONE:
        (decided,) = spread(engine, _decided, [task])
        return decided
    return _decided(task, partial(spread, engine))


def _decided(task: Decide, spread: Callable[..., Iterator[Any]] = map) -> Decided:
    parts = [piece.observed() for piece in task.pieces]
    fetch = Fetch(task.pieces)
    n = sum(part.num_rows for part in parts)
    alive = np.ones(n, np.bool_)
    pairs = _keys(parts)
    repeated: list[tuple[int, tuple[str, int, str]]] = []
    if task.first:
        parts, repeated = _name(parts, pairs, alive, fetch)

    reference_documents = ReferenceDocuments(task.base, task.folder / "elsewhere", spread)
    space = partial(storage.disk_array, task.folder)
    said: list[pa.RecordBatch] = []
    metrics: list[dict[str, object]] = []
    for stage in task.stages:
        seen = CorpusView(parts, fetch, alive.copy(), task.seed, spread, reference_documents, space)
        decisions = stage.decide(seen) if n else _nothing(stage)
        said.append(decisions)
        metrics.append(stage.metrics(decisions))
        alive &= decisions.column("reason").is_null().to_numpy(zero_copy_only=False)

    return Decided(
        task.stages,
        task.pieces,
        _write(task.folder, said, parts, alive_at_start=_not(repeated, n)),
        pairs[:, 0],
        _concatenated(parts, BYTES),
        alive,
        _splits(said, parts, n),
        _languages(parts),
        metrics,
        [reason for _, reason in repeated],
    )


def _keys(parts: Sequence[pa.RecordBatch]) -> NDArray[np.uint64]:
    found = [halves(part.column(KEY)) for part in parts if part.num_rows]
    return np.concatenate(found) if found else np.zeros((0, 2), np.uint64)


def _concatenated(parts: Sequence[pa.RecordBatch], name: str) -> NDArray[np.int64]:
    found = [part.column(name).to_numpy() for part in parts if part.num_rows]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _not(repeated: list[tuple[int, tuple[str, int, str]]], n: int) -> NDArray[np.bool_]:
    rows = np.ones(n, np.bool_)
    rows[[row for row, _ in repeated]] = False
    return rows


def _name(
    parts: list[pa.RecordBatch],
    pairs: NDArray[np.uint64],
    alive: NDArray[np.bool_],
    fetch: Fetch,
) -> tuple[list[pa.RecordBatch], list[tuple[int, tuple[str, int, str]]]]:
    """Return the parts with equal records numbered, and the rows that repeat an id: they die."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    same = np.all(pairs[order][1:] == pairs[order][:-1], axis=1)
    if not same.any():
        return parts, []
    seen = CorpusView(parts, fetch, alive)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    groups = [order[a : b + 1] for a, b in edges.reshape(-1, 2)]
    rows = np.concatenate(groups)
    base = {
        name: seen.column(name).take(pa.array(rows)).to_pylist()
        for name in (ID_IS_GIVEN, RECORD_HASH, ID)
    }
    where = {int(row): i for i, row in enumerate(rows)}

    names: dict[int, str] = {}
    losers: list[int] = []
    for group in groups:
        at = [where[int(row)] for row in group]
        if any(base[ID_IS_GIVEN][i] for i in at):
            ranked = sorted(
                zip(at, group, strict=True), key=lambda x: (base[RECORD_HASH][x[0]], x[1])
            )
            losers += [int(row) for _, row in ranked[1:]]
        else:
            names |= {int(r): f"{base[ID][at[0]]}-{k + 1}" for k, r in enumerate(group) if k}
    return _renamed(parts, names), _repeats(seen, losers, alive)


def _renamed(parts: list[pa.RecordBatch], names: dict[int, str]) -> list[pa.RecordBatch]:
    """Return the parts with these rows' ids replaced."""
    if not names:
        return parts
    starts = np.cumsum([0, *(part.num_rows for part in parts)])
    rows = np.array(sorted(names), np.int64)
    found = list(parts)
    for index in np.unique(np.searchsorted(starts, rows, side="right") - 1):
        ids = parts[index].column(ID).to_pylist()
        low, high = np.searchsorted(rows, (starts[index], starts[index + 1]))
        for row in rows[low:high]:
            ids[row - starts[index]] = names[int(row)]
        found[index] = column(parts[index], ID, ids, pa.string())
    return found


def _repeats(
    seen: CorpusView, losers: list[int], alive: NDArray[np.bool_]
) -> list[tuple[int, tuple[str, int, str]]]:
    """Return the rows whose id another record keeps, with what the ledger says of each."""
    if not losers:
        return []
    rows = np.array(sorted(losers), np.int64)
    alive[rows] = False
    told = seen.documents(rows, [ID, SOURCE, RECORD]).to_pylist()
    return [
        (
            int(row),
            (
                who[SOURCE],
                who[RECORD],
                (
                    f"the id {who[ID]!r} is given more than once; "
                    "the record whose hash is smallest keeps it"
                ),
            ),
        )
        for row, who in zip(rows, told, strict=True)
    ]


def _nothing(stage: CorpusStage) -> pa.RecordBatch:
    from corpus.stages.base import DECISION

    return pa.RecordBatch.from_pylist([], pa.schema([*DECISION, *stage.adds]))


def _splits(said: list[pa.RecordBatch], parts: list[pa.RecordBatch], n: int) -> pa.ChunkedArray:
    """Return the split of each document: just decided, or carried along since an earlier pass."""
    for decisions in said:
        if SPLIT in decisions.schema.names:
            return pa.chunked_array([decisions.column(SPLIT)])
    if parts and SPLIT in parts[0].schema.names:
        return pa.chunked_array([part.column(SPLIT) for part in parts])
    return pa.chunked_array([pa.array([TRAIN] * n, pa.string())])


def _languages(parts: list[pa.RecordBatch]) -> pa.ChunkedArray | None:
    if not parts or LANGUAGE not in parts[0].schema.names:
        return None
    return pa.chunked_array([part.column(LANGUAGE) for part in parts])


def _write(
    folder: Path,
    said: list[pa.RecordBatch],
    parts: list[pa.RecordBatch],
    *,
    alive_at_start: NDArray[np.bool_],
) -> tuple[Path, ...]:
    """Write for each piece its documents' ids, which repeat one, and each stage's decisions."""
    from pyarrow import ipc

    folder.mkdir(parents=True, exist_ok=True)
    files, row = [], 0
    for index, batch in enumerate(parts):
        columns = {
            ID: batch.column(ID),
            REPEATED: pa.array(~alive_at_start[row : row + batch.num_rows]),
        }
        for i, decisions in enumerate(said):
            piece = decisions.slice(row, batch.num_rows)
            columns |= {f"{i}/{name}": piece.column(name) for name in piece.schema.names}
        row += batch.num_rows
        table = pa.record_batch(columns)
        files.append(folder / f"{index:06d}.arrow")
        with ipc.new_file(str(files[-1]), table.schema) as out:
            out.write_batch(table)
    return tuple(files)
