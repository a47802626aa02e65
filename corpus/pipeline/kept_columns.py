"""The columns of the documents that are kept: which have a value, and their types.

A run lists the columns of all its documents. If some of them are removed when the stages decide,
their columns are listed again without them: a removed document affects no column of the corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import TEXT
from corpus.observations import MappedParts
from corpus.pipeline.apply_stage import decision_column, open_decisions
from corpus.pipeline.arrow_files import arrow_file
from corpus.pipeline.decide import Decisions
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.kept_documents import is_kept
from corpus.pipeline.run_columns import RUN_COLUMNS, list_columns
from corpus.pipeline.sorted_runs import SortedRun, concatenate, map_batch
from corpus.stages.base import DecidingStage


class KeptColumns(NamedTuple):
    """The columns of the kept documents of all runs."""

    filled: set[str]
    """The columns that have a value."""

    lists: MappedParts
    """The extra columns of each run (`RUN_COLUMNS`), sorted by name."""


@dataclass(frozen=True)
class _Task:
    run: SortedRun
    decisions: Path
    stages: tuple[DecidingStage, ...]
    file: Path


def list_kept_columns(decisions: Decisions, engine: Engine, folder: Path) -> KeptColumns:
    """Return the columns of the kept documents; the lists that are new are in `folder`."""
    tasks = [
        _Task(run, file, decisions.stages, folder / f"{index:06d}.arrow")
        for index, (run, file) in enumerate(zip(decisions.runs, decisions.files, strict=True))
    ]
    filled: set[str] = set()
    openers = []
    for task, found in zip(tasks, map_or_raise(engine, _list_columns, tasks), strict=True):
        filled.update(found)
        openers.append(partial(map_batch, task.file) if task.file.exists() else task.run.columns)
    return KeptColumns(filled, MappedParts(tuple(openers)))


def _list_columns(task: _Task) -> Sequence[str]:
    """Return which columns of a run have a value; list them again if a document is removed."""
    decisions = open_decisions(task.decisions)
    kept = is_kept(len(task.stages), decisions)
    filled = [
        name
        for i, stage in enumerate(task.stages)
        for name in stage.adds.names
        if _is_filled(decisions, decision_column(i, name), kept)
    ]
    if kept.true_count == len(kept):
        return [*filled, *task.run.summary()["filled"]]
    names = [name for name in task.run.schema().names if name != TEXT]
    table = task.run.documents(0, task.run.rows, names).filter(kept)
    documents = concatenate([batch for batch in table.to_batches() if batch.num_rows])
    listed = list_columns(documents)
    with arrow_file(task.file, RUN_COLUMNS) as out:
        out.write_batch(listed.combine_chunks().to_batches()[0] if listed.num_rows else _NONE)
    columns = zip(documents.schema.names, documents.columns, strict=True)
    return [*filled, *(name for name, values in columns if values.null_count < len(values))]


def _is_filled(decisions: pa.RecordBatch, name: str, kept: pa.Array) -> bool:
    """Return whether a decided column has a value; one that is made of the text always counts."""
    if name not in decisions.schema.names:
        return True
    return bool(pc.any(pc.and_(kept, decisions.column(name).is_valid())).as_py())


_NONE = pa.RecordBatch.from_pylist([], RUN_COLUMNS)
