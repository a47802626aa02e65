"""The ledger of lines: what was cut out of the texts of documents that stay.

It is made of the decisions of every pass, which lie beside the pieces, in the order of the shards:
one range of keys after the other, so that no more than a shard's is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpus.documents import ID, KEY, LINES, REPEATED
from corpus.pipeline.apply_stage import open_decisions
from corpus.pipeline.decide import Decided
from corpus.pipeline.sharding import END
from corpus.pipeline.sorted_runs import by_key, rows_between
from corpus.stages.base import CUTS

LEDGER = "ledger/lines.parquet"


def write_lines(path: Path, decided: Sequence[Decided], bounds: Sequence[int]) -> None:
    """Write what was cut by key, stage and place; `bounds` are where each range of keys begins."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    keyed = pa.schema([*LINES, (KEY, pa.binary(16)), ("turn", pa.int64())])
    with pq.ParquetWriter(path, LINES, compression="zstd", write_page_index=True) as out:
        for low, high in pairwise([*bounds, END]):
            found = [keyed.empty_table(), *_between(decided, low, high)]
            table = by_key(pa.concat_tables(found), "turn", "begin").select(LINES.names)
            if table.num_rows:
                out.write_table(table.combine_chunks())


def _between(decided: Sequence[Decided], low: int, high: int) -> Iterator[pa.Table]:
    """Yield what each decision cut from documents with these keys."""
    turn = 0
    for one in decided:
        for place, stage in enumerate(one.stages):
            for piece, file in zip(one.pieces, one.files, strict=True):
                fates = open_decisions(file)
                name = f"{place}/{CUTS}"
                if name not in fates.schema.names:
                    break
                keys = piece.observed().column(KEY)
                first, last = rows_between(keys, low, high)
                rows = pa.table({KEY: keys, ID: fates.column(ID), CUTS: fates.column(name)})
                stays = pc.invert(fates.column(REPEATED)).slice(first, last - first)
                yield _listed(rows.slice(first, last - first).filter(stays), stage.stage, turn)
            turn += 1


def _listed(rows: pa.Table, stage: str, turn: int) -> pa.Table:
    """Return a row for each line that was cut."""
    cuts = rows.column(CUTS).combine_chunks()
    cuts = pa.concat_arrays(cuts.chunks) if isinstance(cuts, pa.ChunkedArray) else cuts
    owner = pc.list_parent_indices(cuts)
    lines = cuts.flatten()
    columns = {
        ID: rows.column(ID).take(owner),
        "stage": pa.repeat(pa.scalar(stage), len(lines)),
        "begin": lines.field("begin"),
        "characters": lines.field("characters"),
        "hash": pa.array([hash.hex() for hash in lines.field("hash").to_pylist()], pa.string()),
        "documents": lines.field("documents"),
        "kept_in": lines.field("kept_in"),
        KEY: rows.column(KEY).take(owner),
        "turn": pa.array(np.full(len(lines), turn)),
    }
    return pa.table(columns)
