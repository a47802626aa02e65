"""Carry documents through the stages of one pass: what a worker does.

A pass is a run of document stages and the group of corpus stages that observe behind it. The first
pass reads pieces of the sources; a later one reads the pieces of the pass before and applies what
has been decided on them. Both write pieces. After every stage the same rows must be there: nothing
can be lost by a stage, only removed with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import Changed, changed, excerpts
from corpus.documents import (
    DIGEST,
    EVIDENCE,
    GIVEN,
    ID,
    KEY,
    REASON,
    RECORD,
    SCORE,
    SOURCE,
    TEXT,
    part,
    reasons,
    remove,
)
from corpus.errors import StageContractError
from corpus.observations import Observation, observe
from corpus.pipeline.sorted_runs import BYTES, GONE, UNREAD, Piece, gather, write_piece
from corpus.stages.base import CorpusStage, DocumentStage, Stage

READ = "read"
"""The name, in the ledger, of what happens before the first stage."""

EMPTY = "empty"

LANGUAGE = "language"

SPLIT = "split"
"""The column that a split stage adds; it goes where the shards are written."""


@dataclass(frozen=True)
class Segment:
    """One pass: document stages, then the corpus stages that observe what they leave."""

    documents: tuple[DocumentStage, ...]
    corpus: tuple[CorpusStage, ...]

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Return every distinct observation that the corpus stages ask for."""
        return tuple(dict.fromkeys(o for stage in self.corpus for o in stage.observes()))


def segments(stages: Sequence[Stage]) -> list[Segment]:
    """Return the passes that these stages need; the last leaves only to decide and to write."""
    found: list[Segment] = []
    alone: list[DocumentStage] = []
    group: list[CorpusStage] = []
    for stage in stages:
        if group and (isinstance(stage, DocumentStage) or any(s.changes_text for s in group)):
            found.append(Segment(tuple(alone), tuple(group)))
            alone, group = [], []
        (alone if isinstance(stage, DocumentStage) else group).append(stage)  # type: ignore[arg-type]
    return [*found, Segment(tuple(alone), tuple(group))]


@dataclass
class Gathered:
    """What a worker has made so far of one piece."""

    kept: list[pa.RecordBatch] = field(default_factory=list)
    observed: list[pa.RecordBatch] = field(default_factory=list)
    removed: list[pa.Table] = field(default_factory=list)
    rejected: list[tuple[str, int | None, str, int]] = field(default_factory=list)
    changed: Changed = field(default_factory=dict)

    def add(self, segment: Segment, documents: pa.RecordBatch) -> None:
        """Carry a batch through the segment and keep what becomes of it."""
        for stage in segment.documents:
            before, after = documents, stage.apply(documents)
            documents, gone = settle(stage, before, after)
            self.removed.append(gone)
            changed(stage.stage, before, after, self.changed)
        if documents.num_rows:
            self.kept.append(documents)
            self.observed.append(_seen(documents, segment))

    def write(self, folder: Path, segment: Segment, **counts: Any) -> Piece:
        """Write the piece; the counts of its records stand in its summary."""
        removed = pa.concat_tables([GONE.empty_table(), *self.removed])
        rejected = pa.Table.from_pylist(
            [dict(zip(UNREAD.names, row, strict=True)) for row in self.rejected], UNREAD
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
    seen = observe(documents, segment.observations)
    seen = seen.append_column(BYTES, pc.binary_length(documents.column(TEXT)))
    for name in (DIGEST, GIVEN, RECORD, SPLIT, LANGUAGE):
        if name in documents.schema.names:
            seen = seen.append_column(name, documents.column(name))
    return seen


def settle(
    stage: Stage, before: pa.RecordBatch, after: pa.RecordBatch
) -> tuple[pa.RecordBatch, pa.Table]:
    """Return the documents that a stage leaves, and the ledger's rows for those it removed.

    Raises `StageContractError` if the rows are not the ones it was given, or a reason is none it
    declares.
    """
    same = before.num_rows == after.num_rows and before.column(KEY).equals(after.column(KEY))
    if not same or not before.column(ID).equals(after.column(ID)):
        raise StageContractError(
            f"stage {stage.stage!r} returned other rows than it was given; "
            "to leave a document out, mark it with corpus.documents.remove"
        )
    for name in (SOURCE, DIGEST, GIVEN, RECORD):
        if name not in after.schema.names or not after.column(name).equals(before.column(name)):
            raise StageContractError(
                f"stage {stage.stage!r} changed {name!r}, where a row comes from"
            )
    text = after.column(TEXT)
    if text.type != pa.large_string() or text.null_count:
        raise StageContractError(
            f"stage {stage.stage!r} left documents without text, or text of type {text.type}; "
            "to leave a document out, mark it with corpus.documents.remove"
        )
    said = pc.unique(reasons(after).drop_null()).to_pylist()
    if unknown := sorted(set(said) - set(stage.reasons)):
        raise StageContractError(
            f"stage {stage.stage!r} removed documents for {unknown[0]!r}, "
            "which is not among its `reasons`"
        )
    kept, gone = part(after)
    sizes = before.filter(pc.is_valid(reasons(after))) if gone.num_rows else gone
    return kept, ledger(stage.stage, gone, pc.utf8_length(sizes.column(TEXT)))


def ledger(stage: str, gone: pa.RecordBatch, characters: pa.Array) -> pa.Table:
    """Return the ledger's rows (`GONE`) for marked documents; `characters` they had before."""
    n = gone.num_rows
    if n == 0:
        return GONE.empty_table()
    columns = {
        ID: gone.column(ID),
        SOURCE: gone.column(SOURCE),
        "record": pa.array([digest.hex() for digest in gone.column(DIGEST).to_pylist()]),
        "stage": pa.array([stage] * n),
        "reason": gone.column(REASON),
        "evidence": gone.column(EVIDENCE),
        "score": gone.column(SCORE),
        KEY: gone.column(KEY),
        GIVEN: gone.column(GIVEN),
        "characters": characters,
        "excerpt": excerpts(gone, gone.column(REASON)),
    }
    return pa.Table.from_arrays(
        [pc.cast(columns[field.name], field.type) for field in GONE], schema=GONE
    )


@dataclass(frozen=True)
class First:
    """The first pass over one piece of input: a picklable task."""

    segment: Segment
    source: Any
    piece: Any
    folder: Path


def first(task: First) -> Piece:
    """Read a piece of input, carry its documents through the first segment, and write the piece."""
    from corpus.sources import read

    found = Gathered()
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
        kept, gone = part(remove(documents, blank, because=EMPTY))
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
        digests = documents.column(DIGEST).filter(pc.equal(names, name)).to_pylist()
        yield name, [int.from_bytes(digest, "big") for digest in digests]


@dataclass(frozen=True)
class Later:
    """A later pass over one piece of the pass before: a picklable task."""

    decided: tuple[CorpusStage, ...]
    decisions: Path
    segment: Segment
    piece: Piece
    folder: Path


def later(task: Later) -> Piece:
    """Apply what was decided on a piece, carry it through the next segment, write it anew."""
    from corpus.pipeline.decide import apply, open_decisions

    found = Gathered()
    fates = open_decisions(task.decisions)
    for first_row, last_row in zip(task.piece.starts[:-1], task.piece.starts[1:], strict=True):
        batch = task.piece.documents(first_row, last_row).combine_chunks().to_batches()[0]
        kept, gone = apply(task.decided, batch, fates.slice(first_row, last_row - first_row))
        found.removed += gone
        if kept.num_rows:
            found.add(task.segment, kept)
    return found.write(task.folder, task.segment)
