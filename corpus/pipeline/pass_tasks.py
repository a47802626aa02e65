"""What a worker does in a pass: carry documents through the stages of one segment.

The first pass reads chunks of the sources. A later pass reads the runs of the pass before it and
applies what was decided on them. Both write sorted runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import Changes, record_changes
from corpus.documents import (
    DATE,
    EMPTY_REASON,
    ID_IS_GIVEN,
    LANGUAGE,
    PORTION,
    READ_STEP,
    RECORD,
    RECORD_HASH,
    REDACTED,
    SOURCE,
    SPLIT,
    TEXT,
    remove,
    split_removed,
)
from corpus.observations import compute_observations
from corpus.pipeline.apply_stage import (
    apply_and_check,
    kept_and_removed,
    open_decisions,
    removal_rows,
)
from corpus.pipeline.identity import check_watched
from corpus.pipeline.portions import with_portions
from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import (
    REJECTED_DETAIL,
    REMOVED_DETAIL,
    TEXT_BYTES,
    SortedRun,
    concatenate,
    discard_damaged,
    open_run,
    write_run,
)
from corpus.sources.files.stamps import WatchedFile
from corpus.sources.notes import FileNotes, add_notes, notes_of, without_notes
from corpus.stages.base import DecidingStage
from corpus.stages.own_mistakes import call_on_rows

if TYPE_CHECKING:
    from corpus.sources import Chunk, Reject, Source

_VISIBLE = r"[^\p{Cc}\p{Cf}\p{Z}]"
"""A character that can be seen: no control or format character, and no space."""

HASH_MODULUS = 1 << 128
"""Record hashes are summed modulo this, so that their order does not matter."""


@dataclass
class PassResult:
    """What a worker has made so far of one chunk or run."""

    kept: list[pa.RecordBatch] = field(default_factory=list)
    observed: list[pa.RecordBatch] = field(default_factory=list)
    removed: list[pa.Table] = field(default_factory=list)
    rejected: list[Reject] = field(default_factory=list)
    changed: Changes = field(default_factory=dict)

    def add(self, segment: Segment, documents: pa.RecordBatch) -> None:
        """Apply the document stages of a segment to a batch, observe it, and keep the results."""
        for stage in segment.document_stages:
            before = documents
            after, output = apply_and_check(stage, before)
            documents = output.kept
            self.removed.append(output.removed)
            if REDACTED not in stage.adds.names:  # what it replaces must not be shown
                record_changes(stage.stage, before, after, self.changed)
        if documents.num_rows:
            self.kept.append(documents)
            self.observed.append(_observe(documents, segment))

    def write(self, folder: Path, segment: Segment, **counts: Any) -> SortedRun:
        """Write the results as a sorted run, with `counts` in its summary."""
        removed = pa.concat_tables([REMOVED_DETAIL.empty_table(), *self.removed])
        rejected = pa.Table.from_pylist(
            [reject._asdict() for reject in self.rejected], REJECTED_DETAIL
        )
        added = {field.name for stage in segment.document_stages for field in stage.adds}
        documents = concatenate(self.kept, added)
        n_kept = documents.num_rows
        summary = counts | {
            "kept": n_kept,
            "removed": removed.num_rows,
            "rejected": rejected.num_rows,
            "changed": self.changed,
            "filled": [
                name
                for name in documents.schema.names
                if documents.column(name).null_count < n_kept
            ],
        }
        none_observed = pa.RecordBatch.from_pylist([], concatenate([]).schema)
        observed = pa.Table.from_batches(self.observed or [_observe(none_observed, segment)])
        return write_run(
            folder,
            documents=documents,
            observed=observed,
            removed=removed,
            rejected=rejected,
            summary=summary,
        )


def _observe(documents: pa.RecordBatch, segment: Segment) -> pa.RecordBatch:
    """Return everything that the next decision needs to know about each document."""
    observed = _compute_observations(documents, segment)
    observed = observed.append_column(TEXT_BYTES, pc.binary_length(documents.column(TEXT)))
    for name in (PORTION, RECORD_HASH, ID_IS_GIVEN, RECORD, SPLIT, LANGUAGE):
        if name in documents.schema.names:
            observed = observed.append_column(name, documents.column(name))
    return observed


def _compute_observations(documents: pa.RecordBatch, segment: Segment) -> pa.RecordBatch:
    """Return what the segment observes; if that fails, name the stage of the user's own."""
    try:
        return compute_observations(documents, segment.observations)
    except (Exception, SystemExit):
        for stage in segment.deciding_stages:
            observe_alone = partial(_observe_rows, stage, documents)
            call_on_rows(stage, documents, observe_alone)
        raise


def _observe_rows(
    stage: DecidingStage, documents: pa.RecordBatch, first: int, rows: int
) -> pa.RecordBatch:
    return compute_observations(documents.slice(first, rows), stage.observes())


@dataclass(frozen=True)
class FirstPassTask:
    """The first pass over one chunk of input: a picklable task."""

    segment: Segment
    source: Source
    chunk: Chunk
    folder: Path
    this_time: Path
    """The folder for rejects that no other build may use, because the machine may be the cause."""

    watched: tuple[WatchedFile, ...] = ()
    """Files that the stages depend on, which must not change before the run is written."""

    largest: Mapping[str, int] = field(default_factory=dict)
    """The size of the largest file of the same name, for each file that another source has larger:
    equal records have an equal portion."""


def run_first_pass(task: FirstPassTask) -> SortedRun:
    """Read a chunk of input, carry its documents through the first segment, and write a run."""
    from corpus.sources import read

    result = PassResult()
    records = 0
    content_sums: dict[str, int] = {}
    counts: dict[str, list[int]] = {}
    skipped: dict[str, Counter[str]] = {}
    notes: dict[str, FileNotes] = {}
    file_bytes = {file.name: file.bytes for file in task.chunk.files} | dict(task.largest)
    waiting = _Waiting()
    for batch, rejects, more_skipped in read(task.chunk, task.source):
        records += batch.num_rows + len(rejects)
        add_notes(notes, notes_of(batch))
        add_notes(notes, _count_values(batch))
        documents = with_portions(without_notes(batch), file_bytes)
        for name, total, n in _record_hashes(documents):
            content_sums[name] = (content_sums.get(name, 0) + total) % HASH_MODULUS
            counts.setdefault(name, [0, 0])[0] += n
        for reject in rejects:
            counts.setdefault(reject.source, [0, 0])[1] += 1
        for name, reasons in more_skipped.items():
            counts.setdefault(name, [0, 0])
            skipped.setdefault(name, Counter()).update(reasons)
        result.rejected += rejects
        kept, removed = _remove_blank(documents)
        result.removed.append(removed)
        for ready in waiting.add(kept):
            result.add(task.segment, ready)
    for ready in waiting.take():
        result.add(task.segment, ready)
    check_watched(task.watched)
    return result.write(
        task.folder,
        task.segment,
        read=records,
        inputs={
            name: {
                "records": n,
                "rejected": bad,
                "content": f"{content_sums.get(name, 0):032x}",
                "skipped": dict(sorted(skipped.get(name, {}).items())),
            }
            for name, (n, bad) in sorted(counts.items())
        },
        notes={name: note.to_json() for name, note in sorted(notes.items())},
    )


@dataclass
class _Waiting:
    """Small batches of equal columns, of which the stages get several at once."""

    _batches: list[pa.RecordBatch] = field(default_factory=list)
    _rows: int = 0
    _bytes: int = 0

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield the batches before this one, if they are enough or it has other columns."""
        from corpus.sources.chunks import BATCH_BYTES, BATCH_ROWS

        rows, size = self._rows + batch.num_rows, self._bytes + batch.nbytes
        has_other_columns = self._batches and not batch.schema.equals(
            self._batches[0].schema, check_metadata=True
        )
        if has_other_columns or rows > BATCH_ROWS or size > BATCH_BYTES:
            yield from self.take()
        if batch.num_rows:
            self._batches.append(batch)
            self._rows, self._bytes = self._rows + batch.num_rows, self._bytes + batch.nbytes

    def take(self) -> Iterator[pa.RecordBatch]:
        """Yield all that waits, as one batch."""
        batches, self._batches, self._rows, self._bytes = self._batches, [], 0, 0
        if batches:
            yield batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _count_values(documents: pa.RecordBatch) -> dict[str, FileNotes]:
    """Return how many documents of each file have a text and a date."""
    names = documents.column(SOURCE)
    if len(only := pc.unique(names)) == 1:  # as in most batches
        texts, dates = (len(names) - documents.column(name).null_count for name in (TEXT, DATE))
        return {only[0].as_py(): FileNotes(texts=texts, dates=dates)}
    has = {column: documents.column(column).is_valid() for column in (TEXT, DATE)}
    table = pa.table({SOURCE: documents.column(SOURCE)} | has)
    counts = table.group_by(SOURCE).aggregate([(TEXT, "sum"), (DATE, "sum")]).to_pylist()
    return {
        row[SOURCE]: FileNotes(texts=row[f"{TEXT}_sum"], dates=row[f"{DATE}_sum"]) for row in counts
    }


def _remove_blank(documents: pa.RecordBatch) -> tuple[pa.RecordBatch, pa.Table]:
    """Split a batch into documents with a text, and the ledger's rows of those without one."""
    texts = pc.fill_null(documents.column(TEXT), "")
    is_blank = pc.invert(pc.match_substring_regex(texts, _VISIBLE))
    kept, removed = split_removed(remove(documents, is_blank, because=EMPTY_REASON))
    return kept, removal_rows(READ_STEP, removed, pa.array([0] * removed.num_rows, pa.int64()))


def _record_hashes(documents: pa.RecordBatch) -> Iterator[tuple[str, int, int]]:
    """Yield each source file of a batch with the sum of its records' hashes, and their number."""
    names, hashes = documents.column(SOURCE), documents.column(RECORD_HASH)
    files = pc.unique(names).to_pylist()
    for name in files:
        own = hashes if len(files) == 1 else hashes.filter(pc.equal(names, name))
        yield name, _sum(own), len(own)


def _sum(hashes: pa.Array) -> int:
    """Return the sum of 16-byte numbers. Their quarters are summed, which cannot overflow."""
    quarters = np.frombuffer(hashes.buffers()[1] or b"", ">u4").reshape(-1, 4)
    own = quarters[hashes.offset : hashes.offset + len(hashes)]
    sums = own.sum(axis=0, dtype=np.uint64).tolist()
    return sum(part << 32 * (3 - k) for k, part in enumerate(sums))


@dataclass(frozen=True)
class ReplayTask:
    """A later pass over one run of the pass before: a picklable task."""

    decided_stages: tuple[DecidingStage, ...]
    decisions: Path
    segment: Segment
    run: SortedRun
    folder: Path
    watched: tuple[WatchedFile, ...] = ()
    """Files that the stages depend on, which must not change before the run is written."""


def run_later_pass(task: ReplayTask) -> SortedRun:
    """Apply what was decided on a run, carry it through the next segment, and write a new run.

    A run in the cache is used instead, unless it is damaged.
    """
    if cached := open_run(task.folder):
        return cached
    discard_damaged(task.folder)
    result = PassResult()
    decisions = open_decisions(task.decisions)
    for _, first, batch in task.run.batches((0, task.run.rows)):
        batch_decisions = decisions.slice(first, batch.num_rows)
        kept, removed = kept_and_removed(task.decided_stages, batch, batch_decisions)
        result.removed += removed
        if kept.num_rows:
            result.add(task.segment, kept)
    check_watched(task.watched)
    return result.write(task.folder, task.segment)
