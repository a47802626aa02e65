"""Apply a stage to a batch: check its output, split off what it removed, replay its decisions.

A stage must return the rows that it was given, in the same order. It removes a document only by
marking it with one of its `reasons`. So no stage can lose a document without a row in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import removal_excerpts
from corpus.documents import (
    DUPLICATE_OF,
    EVIDENCE,
    EXACT_DUPLICATE,
    ID,
    ID_IS_GIVEN,
    KEY,
    PORTION,
    READ_STEP,
    REASON,
    RECORD,
    RECORD_HASH,
    SCORE,
    SOURCE,
    TEXT,
    column,
    optional,
    reasons,
    remove,
    split_removed,
)
from corpus.errors import StageContractError
from corpus.pipeline.sorted_runs import REMOVED_DETAIL
from corpus.stages.base import (
    DECISION,
    CorpusStage,
    DecidingStage,
    Stage,
    mark_documents,
    with_columns,
)
from corpus.stages.own_mistakes import call_on_rows, is_own

HOW_TO_REMOVE = "to leave a document out, mark it with corpus.documents.remove"


class StageOutput(NamedTuple):
    """What a stage made of a batch."""

    kept: pa.RecordBatch
    removed: pa.Table
    """Rows of the ledger (`REMOVED_DETAIL`)."""


def apply_and_check(
    stage: Stage, documents: pa.RecordBatch, decisions: pa.RecordBatch | None = None
) -> tuple[pa.RecordBatch, StageOutput]:
    """Return a stage's output as it is, and split into kept and removed documents.

    Row *i* of `decisions` belongs to document *i*; without them, a document stage judges. Raises
    `StageError` if a stage of the user's own fails.
    """

    def apply(first: int, rows: int) -> tuple[pa.RecordBatch, StageOutput]:
        before = documents.slice(first, rows)
        if decisions is None:
            after = stage.apply(before)  # type: ignore[attr-defined]
        elif isinstance(stage, CorpusStage):
            after = stage.apply(before, decisions.slice(first, rows))
        else:
            after = mark_documents(before, decisions.slice(first, rows), stage.adds)
        if is_own(type(stage)) and isinstance(after, pa.RecordBatch):
            after.validate(full=True)  # such as texts that are not UTF-8
        return after, check_stage_output(stage, before, after)

    return call_on_rows(stage, documents, apply)


def check_stage_output(stage: Stage, before: pa.RecordBatch, after: pa.RecordBatch) -> StageOutput:
    """Split the output of a stage into kept documents and the ledger's rows of the removed ones.

    Raises `StageContractError` if rows are missing, reordered or changed in their origin, if a text
    is null, or if the stage does not declare a reason that it gives.
    """
    _check_rows(stage, before, after)
    _check_texts(stage, after)
    _check_reasons(stage, after)
    kept, removed = split_removed(after)
    characters = pc.utf8_length(removed.column(TEXT))
    if removed.num_rows:  # the lengths are filtered, not the texts
        characters = pc.utf8_length(before.column(TEXT)).filter(pc.is_valid(reasons(after)))
    return StageOutput(kept, removal_rows(stage.stage, removed, characters))


def _check_rows(stage: Stage, before: pa.RecordBatch, after: pa.RecordBatch) -> None:
    if not isinstance(after, pa.RecordBatch):
        raise StageContractError(
            f"stage {stage.stage!r} returned {_with_article(type(after).__name__)}, not the "
            "RecordBatch of its documents"
        )
    if missing := sorted({KEY, ID, TEXT} - set(after.schema.names)):
        raise StageContractError(f"stage {stage.stage!r} returned no column {missing[0]!r}")
    if not all(before.column(name).equals(after.column(name)) for name in (KEY, ID)):
        counts = f"{after.num_rows:,} instead of {before.num_rows:,} rows"
        differ = after.num_rows != before.num_rows
        raise StageContractError(
            f"stage {stage.stage!r} did not return the rows it was given, in the same order"
            f"{f': {counts}' if differ else ''}; {HOW_TO_REMOVE}"
        )
    portion = [PORTION] if PORTION in before.schema.names else []
    for name in (SOURCE, RECORD_HASH, ID_IS_GIVEN, RECORD, *portion):
        if name not in after.schema.names or not after.column(name).equals(before.column(name)):
            raise StageContractError(
                f"stage {stage.stage!r} changed {name!r}, which says where a row comes from"
            )


def _with_article(name: str) -> str:
    return f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}"


def _check_texts(stage: Stage, after: pa.RecordBatch) -> None:
    text = after.column(TEXT)
    if text.type != pa.large_string() or text.null_count:
        raise StageContractError(
            f"stage {stage.stage!r} returned documents without text, or text of type {text.type}; "
            + HOW_TO_REMOVE
        )


def _check_reasons(stage: Stage, after: pa.RecordBatch) -> None:
    _check_declared(stage, reasons(after))


def _check_declared(stage: Stage, used: pa.Array) -> None:
    """Raise `StageContractError` if the stage does not declare one of these reasons."""
    if undeclared := sorted(set(pc.unique(used.drop_null()).to_pylist()) - set(stage.reasons)):
        raise StageContractError(
            f"stage {stage.stage!r} removed documents for {undeclared[0]!r}, "
            "which is not among its `reasons`"
        )


def check_decisions(stage: DecidingStage, decisions: pa.RecordBatch, documents: int) -> None:
    """Raise `StageContractError` unless there is one decision for each document."""
    if not isinstance(decisions, pa.RecordBatch):
        raise StageContractError(
            f"stage {stage.stage!r} decided {_with_article(type(decisions).__name__)}, not a "
            "RecordBatch with one row for each document"
        )
    if decisions.num_rows != documents:
        raise StageContractError(
            f"stage {stage.stage!r} decided on {decisions.num_rows:,} documents, and there are "
            f"{documents:,}: `decide` returns one row for each, also for removed ones"
        )
    for field in (*DECISION, *(stage.adds if only_marks(stage) else ())):
        index = decisions.schema.get_field_index(field.name)
        if index < 0:
            raise StageContractError(f"stage {stage.stage!r} decided no column {field.name!r}")
        if decisions.schema.field(index).type != field.type:
            raise StageContractError(
                f"stage {stage.stage!r} decided {field.name!r} as "
                f"{decisions.schema.field(index).type}, not {field.type}"
            )
    _check_declared(stage, decisions.column("reason"))


def removal_rows(stage: str, removed: pa.RecordBatch, characters: pa.Array) -> pa.Table:
    """Return the ledger's rows (`REMOVED_DETAIL`) for documents that are marked as removed.

    `characters` (int64) is the length of each text before the stage.
    """
    n = removed.num_rows
    if n == 0:
        return REMOVED_DETAIL.empty_table()
    excerpts, beyond = removal_excerpts(removed, removed.column(REASON))
    columns = {
        ID: removed.column(ID),
        SOURCE: removed.column(SOURCE),
        "record": pa.array([digest.hex() for digest in removed.column(RECORD_HASH).to_pylist()]),
        "stage": pa.array([stage] * n),
        "reason": removed.column(REASON),
        "evidence": removed.column(EVIDENCE),
        "score": removed.column(SCORE),
        KEY: removed.column(KEY),
        PORTION: pc.fill_null(optional(removed, PORTION, pa.uint64()), 0),
        ID_IS_GIVEN: removed.column(ID_IS_GIVEN),
        "characters": characters,
        "excerpt": excerpts,
        "beyond": beyond,
    }
    return pa.Table.from_arrays(
        [pc.cast(columns[field.name], field.type) for field in REMOVED_DETAIL],
        schema=REMOVED_DETAIL,
    )


def decision_column(stage: int, name: str) -> str:
    """Return the name, in a file of decisions, of a column that stage number `stage` decided."""
    return f"{stage}/{name}"


ADDED = "added/"
"""The prefix, in a file of decisions, of a column that every document gets."""


def added_column(name: str) -> str:
    """Return the name, in a file of decisions, of a column that every document gets."""
    return f"{ADDED}{name}"


def open_decisions(path: Path) -> pa.RecordBatch:
    """Return the decisions on the documents of one run, row by row, memory-mapped."""
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)


class Applied(NamedTuple):
    """Documents to which decisions were applied."""

    documents: pa.RecordBatch
    """All of them, or fewer: those that are left, and perhaps others."""

    is_left: pa.Array
    """Which of these documents are left: bool[n_documents]."""

    removed: list[pa.Table]
    """Each stage's rows of the ledger (`REMOVED_DETAIL`)."""


def apply_decisions(
    stages: Sequence[DecidingStage], documents: pa.RecordBatch, decisions: pa.RecordBatch
) -> Applied:
    """Apply what was decided on documents. Row *i* of `decisions` belongs to document *i*.

    No text is copied, unless a stage changes texts.
    """
    documents, repeated = _with_unique_ids(documents, decisions)
    is_left = decisions.column(DUPLICATE_OF).is_null()
    removed = [repeated] if repeated.num_rows else []
    for i, stage in enumerate(stages):
        if only_marks(stage):
            own = _decisions_of(i, decisions)
            documents, is_left, rows = _mark(stage, documents, own, is_left)
        else:
            documents, decisions = _filter(documents, is_left), _filter(decisions, is_left)
            after, output = apply_and_check(stage, documents, _decisions_of(i, decisions))
            documents, rows = output.kept, output.removed
            decisions = decisions.filter(pc.is_null(reasons(after)))
            is_left = decisions.column(DUPLICATE_OF).is_null()
        removed.append(rows)
    return Applied(documents, is_left, removed)


def kept_and_removed(
    stages: Sequence[DecidingStage], documents: pa.RecordBatch, decisions: pa.RecordBatch
) -> tuple[pa.RecordBatch, list[pa.Table]]:
    """Return the documents that the decisions keep, and each stage's rows of the ledger."""
    applied = apply_decisions(stages, documents, decisions)
    return _filter(applied.documents, applied.is_left), applied.removed


def only_marks(stage: DecidingStage) -> bool:
    """Return whether the decisions of a stage are all that it does to documents."""
    return not isinstance(stage, CorpusStage) or type(stage).apply is CorpusStage.apply


def _decisions_of(stage: int, decisions: pa.RecordBatch) -> pa.RecordBatch:
    """Return the columns that stage number `stage` decided, under their own names."""
    prefix = decision_column(stage, "")
    names = [name for name in decisions.schema.names if name.startswith(prefix)]
    return pa.record_batch({name.removeprefix(prefix): decisions.column(name) for name in names})


def _filter(rows: pa.RecordBatch, is_left: pa.Array) -> pa.RecordBatch:
    return rows if is_left.true_count == len(is_left) else rows.filter(is_left)


def _mark(
    stage: DecidingStage, documents: pa.RecordBatch, decisions: pa.RecordBatch, is_left: pa.Array
) -> tuple[pa.RecordBatch, pa.Array, pa.Table]:
    """Return all documents with the columns of a stage, which are left, and its ledger's rows."""
    reason = decisions.column(DECISION.names[0])
    is_removed = pc.and_(is_left, reason.is_valid())
    if not is_removed.true_count:
        return with_columns(documents, decisions, stage.adds), is_left, REMOVED_DETAIL.empty_table()
    few = mark_documents(documents.filter(is_removed), decisions.filter(is_removed), stage.adds)
    rows = removal_rows(stage.stage, few, pc.utf8_length(few.column(TEXT)))
    documents = with_columns(documents, decisions, stage.adds)
    return documents, pc.and_(is_left, reason.is_null()), rows


def _with_unique_ids(
    documents: pa.RecordBatch, decisions: pa.RecordBatch
) -> tuple[pa.RecordBatch, pa.Table]:
    """Return all documents with their new ids, and the ledger's rows of the repeated records."""
    documents = column(documents, ID, decisions.column(ID), pa.string())
    documents = column(documents, KEY, decisions.column(KEY), pa.binary(16))
    for name in decisions.schema.names:
        if name.startswith(ADDED):
            added = decisions.column(name)
            documents = column(documents, name.removeprefix(ADDED), added, added.type)
    duplicate_of = decisions.column(DUPLICATE_OF)
    if duplicate_of.null_count == len(duplicate_of):
        return documents, REMOVED_DETAIL.empty_table()
    is_repeated = duplicate_of.is_valid()
    few, evidence = documents.filter(is_repeated), duplicate_of.filter(is_repeated)
    few = remove(few, pa.repeat(True, len(evidence)), because=EXACT_DUPLICATE, evidence=evidence)
    return documents, removal_rows(READ_STEP, few, pc.utf8_length(few.column(TEXT)))
