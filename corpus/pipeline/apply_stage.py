"""Apply a stage to a batch: check what it returns, and split off what it removed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from corpus.auditing.measure.examples import removal_excerpts
from corpus.documents import (
    EVIDENCE,
    ID,
    ID_IS_GIVEN,
    KEY,
    REASON,
    RECORD,
    RECORD_HASH,
    REPEATED,
    SCORE,
    SOURCE,
    TEXT,
    column,
    reasons,
    split_removed,
)
from corpus.errors import StageContractError
from corpus.pipeline.sorted_runs import REMOVED_DETAIL
from corpus.stages.base import CorpusStage, Stage


def check_stage_output(
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
    for name in (SOURCE, RECORD_HASH, ID_IS_GIVEN, RECORD):
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
    kept, gone = split_removed(after)
    sizes = before.filter(pc.is_valid(reasons(after))) if gone.num_rows else gone
    return kept, ledger(stage.stage, gone, pc.utf8_length(sizes.column(TEXT)))


def ledger(stage: str, gone: pa.RecordBatch, characters: pa.Array) -> pa.Table:
    """Return the ledger's rows (`REMOVED_DETAIL`) for marked documents; `characters` they had before."""
    n = gone.num_rows
    if n == 0:
        return REMOVED_DETAIL.empty_table()
    columns = {
        ID: gone.column(ID),
        SOURCE: gone.column(SOURCE),
        "record": pa.array([digest.hex() for digest in gone.column(RECORD_HASH).to_pylist()]),
        "stage": pa.array([stage] * n),
        "reason": gone.column(REASON),
        "evidence": gone.column(EVIDENCE),
        "score": gone.column(SCORE),
        KEY: gone.column(KEY),
        ID_IS_GIVEN: gone.column(ID_IS_GIVEN),
        "characters": characters,
        "excerpt": removal_excerpts(gone, gone.column(REASON)),
    }
    return pa.Table.from_arrays(
        [pc.cast(columns[field.name], field.type) for field in REMOVED_DETAIL],
        schema=REMOVED_DETAIL,
    )


def open_decisions(path: Path) -> pa.RecordBatch:
    """Return the decisions on one piece, row by row, memory-mapped."""
    from pyarrow import ipc

    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def apply(
    stages: Sequence[CorpusStage], documents: pa.RecordBatch, fates: pa.RecordBatch
) -> tuple[pa.RecordBatch, list[pa.Table]]:
    """Return the documents that the decisions leave, and the ledger's rows for the others."""
    documents = column(documents, ID, fates.column(ID), pa.string())
    stays = pc.invert(fates.column(REPEATED))
    documents, fates = documents.filter(stays), fates.filter(stays)
    gone = []
    for i, stage in enumerate(stages):
        prefix = f"{i}/"
        names = [name for name in fates.schema.names if name.startswith(prefix)]
        decisions = pa.record_batch({name[len(prefix) :]: fates.column(name) for name in names})
        after = stage.apply(documents, decisions)
        documents_before, stays = documents, pc.is_null(reasons(after))
        documents, removed = check_stage_output(stage, documents_before, after)
        fates = fates.filter(stays)
        gone.append(removed)
    return split_removed(documents)[0], gone
