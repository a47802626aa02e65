"""Carry documents through the stages of one pass: what a worker does.

A pass is a run of document stages and the group of corpus stages that observe behind it. The first
pass reads pieces of the sources; a later one reads the pieces of the pass before and applies what
has been decided on them. Both write pieces. After every stage the same rows must be there: nothing
can be lost by a stage, only removed with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import Changes, record_changes
from corpus.documents import (
    ID_IS_GIVEN,
    LANGUAGE,
    RECORD,
    RECORD_HASH,
    SOURCE,
    SPLIT,
    TEXT,
    remove,
    split_removed,
)
from corpus.observations import compute_observations
from corpus.pipeline.apply_stage import check_stage_output, ledger
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import (
    BYTES,
    REJECTED_DETAIL,
    REMOVED_DETAIL,
    Piece,
    gather,
    write_piece,
)
from corpus.stages.base import CorpusStage

READ = "read"
"""The name, in the ledger, of what happens before the first stage."""

EMPTY = "empty"


@dataclass
class PieceResult:
    """What a worker has made so far of one piece."""

    kept: list[pa.RecordBatch] = field(default_factory=list)
    observed: list[pa.RecordBatch] = field(default_factory=list)
    removed: list[pa.Table] = field(default_factory=list)
    rejected: list[tuple[str, int | None, str, int]] = field(default_factory=list)
    changed: Changes = field(default_factory=dict)

    def add(self, segment: Segment, documents: pa.RecordBatch) -> None:
        """Carry a batch through the segment and keep what becomes of it."""
        for stage in segment.documents:
            before, after = documents, stage.apply(documents)
            documents, gone = check_stage_output(stage, before, after)
            self.removed.append(gone)
            record_changes(stage.stage, before, after, self.changed)
        if documents.num_rows:
            self.kept.append(documents)
            self.observed.append(_seen(documents, segment))

    def write(self, folder: Path, segment: Segment, **counts: Any) -> Piece:
        """Write the piece; the counts of its records stand in its summary."""
        removed = pa.concat_tables([REMOVED_DETAIL.empty_table(), *self.removed])
        rejected = pa.Table.from_pylist(
            [dict(zip(REJECTED_DETAIL.names, row, strict=True)) for row in self.rejected],
            REJECTED_DETAIL,
        )
        documents = gather(self.kept)
        kept = documents.num_rows
        summary = counts | {
            "kept": kept,
            "removed": removed.num_rows,
            "rejected": rejected.num_rows,
            "changed": self.changed,
            "filled": [
                name for name in documents.schema.names if documents.column(name).null_count < kept
            ],
        }
        observed = pa.Table.from_batches(
            self.observed or [_seen(pa.RecordBatch.from_pylist([], gather([]).schema), segment)]
        )
        return write_piece(
            folder,
            documents=documents,
            observed=observed,
            removed=removed,
            rejected=rejected,
            summary=summary,
        )


def _seen(documents: pa.RecordBatch, segment: Segment) -> pa.RecordBatch:
    """Return what is to be known of each document before the next decision."""
    seen = compute_observations(documents, segment.observations)
    seen = seen.append_column(BYTES, pc.binary_length(documents.column(TEXT)))
    for name in (RECORD_HASH, ID_IS_GIVEN, RECORD, SPLIT, LANGUAGE):
        if name in documents.schema.names:
            seen = seen.append_column(name, documents.column(name))
    return seen


@dataclass(frozen=True)
class FirstPassTask:
    """The first pass over one piece of input: a picklable task."""

    segment: Segment
    source: Any
    piece: Any
    folder: Path


def run_first_pass(task: FirstPassTask) -> Piece:
    """Read a piece of input, carry its documents through the first segment, and write the piece."""
    from corpus.sources import read

    found = PieceResult()
    records = 0
    content: dict[str, int] = {}
    counts: dict[str, list[int]] = {}
    for documents, rejects in read(task.piece, task.source):
        records += documents.num_rows + len(rejects)
        for name, digests in _by_source(documents):
            content[name] = (content.get(name, 0) + sum(digests)) % (1 << 128)
            counts.setdefault(name, [0, 0])[0] += len(digests)
        for reject in rejects:
            name = reject.source
            counts.setdefault(name, [0, 0])[1] += 1
            found.rejected.append((name, reject.record, reject.reason, reject.bytes))
        blank = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(documents.column(TEXT), "")), "")
        kept, gone = split_removed(remove(documents, blank, because=EMPTY))
        found.removed.append(ledger(READ, gone, pa.array([0] * gone.num_rows, pa.int64())))
        if kept.num_rows:
            found.add(task.segment, kept)
    return found.write(
        task.folder,
        task.segment,
        read=records,
        inputs={
            name: {"records": n, "rejected": bad, "content": f"{content.get(name, 0):032x}"}
            for name, (n, bad) in sorted(counts.items())
        },
    )


def _by_source(documents: pa.RecordBatch) -> Iterator[tuple[str, list[int]]]:
    """Yield each source of a batch with its documents' digests as numbers, to be summed."""
    names = documents.column(SOURCE)
    for name in pc.unique(names).to_pylist():
        digests = documents.column(RECORD_HASH).filter(pc.equal(names, name)).to_pylist()
        yield name, [int.from_bytes(digest, "big") for digest in digests]


@dataclass(frozen=True)
class ReplayTask:
    """A later pass over one piece of the pass before: a picklable task."""

    decided: tuple[CorpusStage, ...]
    decisions: Path
    segment: Segment
    piece: Piece
    folder: Path


def run_later_pass(task: ReplayTask) -> Piece:
    """Apply what was decided on a piece, carry it through the next segment, write it anew."""
    from corpus.pipeline.apply_stage import apply, open_decisions

    found = PieceResult()
    fates = open_decisions(task.decisions)
    for first_row, last_row in zip(task.piece.starts[:-1], task.piece.starts[1:], strict=True):
        batch = task.piece.documents(first_row, last_row).combine_chunks().to_batches()[0]
        kept, gone = apply(task.decided, batch, fates.slice(first_row, last_row - first_row))
        found.removed += gone
        if kept.num_rows:
            found.add(task.segment, kept)
    return found.write(task.folder, task.segment)
