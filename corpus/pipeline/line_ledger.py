"""The ledger of lines: what was cut from the texts of documents that are kept.

It is made from the decisions of every pass, which are on disk next to the runs. It is written one
range of places after the other, so that memory holds no more than the lines of one partition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import CUT_LINES, DUPLICATE_OF, ID, KEY
from corpus.pipeline.apply_stage import decision_column, open_decisions
from corpus.pipeline.arrow_files import parquet_file
from corpus.pipeline.decide import Decisions
from corpus.pipeline.portions import portions_of, rows_in_range
from corpus.pipeline.sorted_runs import sort_by_key
from corpus.stages.base import CUT_LINES_COLUMN

STAGE_NUMBER = "turn"
"""A column to sort by: the number of the stage, counted over all passes."""


def write_line_ledger(
    path: Path, decisions: Sequence[Decisions], ranges: Sequence[tuple[int, int]]
) -> None:
    """Write every line that was cut: range by range, and there by key, stage and place in the text.

    `decisions` has one element for each pass.
    """
    schema = pa.schema([*CUT_LINES, (KEY, pa.binary(16)), (STAGE_NUMBER, pa.int64())])
    with parquet_file(path, CUT_LINES, write_page_index=True) as out:
        for low, high in ranges:
            tables = [schema.empty_table(), *_lines_in_range(decisions, low, high)]
            table = sort_by_key(pa.concat_tables(tables), STAGE_NUMBER, "begin")
            if table.num_rows:
                out.write_table(table.select(CUT_LINES.names).combine_chunks())


def _lines_in_range(decisions: Sequence[Decisions], low: int, high: int) -> Iterator[pa.Table]:
    """Yield the lines that each stage cut from documents with places in [low, high)."""
    stage_number = 0
    for one_pass in decisions:
        for i, stage in enumerate(one_pass.stages):
            name = decision_column(i, CUT_LINES_COLUMN)
            for run, file in zip(one_pass.runs, one_pass.files, strict=True):
                decided = open_decisions(file)
                if name not in decided.schema.names:
                    break
                observed = run.observed()
                keys = observed.column(KEY)
                first, last = rows_in_range(portions_of(observed), keys, low, high)
                rows = pa.table(
                    {KEY: keys, ID: decided.column(ID), CUT_LINES_COLUMN: decided.column(name)}
                )
                is_alone = decided.column(DUPLICATE_OF).is_null().slice(first, last - first)
                rows = rows.slice(first, last - first).filter(is_alone)
                yield _one_row_per_line(rows, stage.stage, stage_number)
            stage_number += 1


def _one_row_per_line(documents: pa.Table, stage: str, stage_number: int) -> pa.Table:
    """Return the ledger's rows, with key and stage number, of documents with lists of cut lines."""
    cuts = documents.column(CUT_LINES_COLUMN).combine_chunks()
    cuts = pa.concat_arrays(cuts.chunks) if isinstance(cuts, pa.ChunkedArray) else cuts
    document = pc.list_parent_indices(cuts)
    lines = cuts.flatten()
    columns = {
        ID: documents.column(ID).take(document),
        "stage": pa.repeat(pa.scalar(stage), len(lines)),
        "begin": lines.field("begin"),
        "characters": lines.field("characters"),
        "hash": pa.array([hash.hex() for hash in lines.field("hash").to_pylist()], pa.string()),
        "documents": lines.field("documents"),
        "kept_in": lines.field("kept_in"),
        KEY: documents.column(KEY).take(document),
        STAGE_NUMBER: pa.array(np.full(len(lines), stage_number)),
    }
    return pa.table(columns)
