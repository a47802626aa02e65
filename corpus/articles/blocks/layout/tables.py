"""Which tables are written row by row, and which column each part of a row is in.

Many pages use tables for their layout, with paragraphs, lists or other tables in the cells. Such a
table is not a grid: its blocks are written like others. In a grid, a cell that spans columns or
rows is written once, in the first of them; the others are empty. A column without kept text is
left out. The work is bounded: a table with more than `MAX_COLUMNS` columns is not a grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from corpus.articles.blocks.block_text import Blocks
from corpus.articles.blocks.layout.containers import Containers
from corpus.articles.blocks.tags import CAPTION, HEADING_LEVELS, TD, TH, THEAD
from corpus.articles.blocks.walk_state import Walk

MAX_COLUMNS = 60
MAX_CELL_BYTES = 1000
"""A table with a longer paragraph is not a grid."""


class Chunk(NamedTuple):
    """What one block adds to its row of a grid."""

    cells: tuple[str, ...]
    """The text of each cell up to the last one with text of the block; the first block of a row
    starts with the first column, each further one with the column after the block before."""
    first_column: int
    starts_row: bool
    ends_row: bool
    starts_grid: bool
    is_header: bool
    n_columns: int


def grid_chunks(
    walk: Walk, blocks: Blocks, containers: Containers, kept: Sequence[int]
) -> dict[int, Chunk]:
    """Return what each kept block in a grid adds to its row, by the number of the block.

    `kept` are the numbers of the kept blocks in ascending order.
    """
    table_of = containers.table[blocks.node]
    by_table: dict[int, list[int]] = {}
    for block in kept:
        if table_of[block] >= 0:
            by_table.setdefault(int(table_of[block]), []).append(block)
    if not by_table:
        return {}
    cells = np.flatnonzero((walk.tag == TD) | (walk.tag == TH))
    cells = cells[np.argsort(containers.table[cells], kind="stable")]
    tables = containers.table[cells]
    outer = _outer_tables(walk, containers, by_table)
    chunks: dict[int, Chunk] = {}
    for table, own in by_table.items():
        is_caption = [walk.tag[blocks.node[block]] == CAPTION for block in own]
        n_captions = sum(is_caption)
        if table in outer or not all(is_caption[:n_captions]):
            continue
        start, stop = np.searchsorted(tables, [table, table + 1]).tolist()
        columns = _columns(walk, containers, cells[start:stop].tolist())
        placed = _placed(walk, blocks, containers, own[n_captions:], columns)
        if placed:
            chunks |= _chunks(walk, blocks, containers, placed)
    return chunks


def _outer_tables(walk: Walk, containers: Containers, tables: Iterable[int]) -> set[int]:
    """Return the tables that are around one of these tables."""
    outer: set[int] = set()
    for table in tables:
        above = int(containers.table[walk.parent[table]])
        while above >= 0 and above not in outer:
            outer.add(above)
            above = int(containers.table[walk.parent[above]])
    return outer


def _columns(walk: Walk, containers: Containers, cells: Sequence[int]) -> dict[int, int]:
    """Return the column of each cell of a table; empty if it has too many columns."""
    columns: dict[int, int] = {}
    rows_left: dict[int, int] = {}
    row, column = -1, 0
    for cell in cells:
        if containers.row[cell] != row:
            row, column = int(containers.row[cell]), 0
            rows_left = {at: n - 1 for at, n in rows_left.items() if n > 1}
        while column in rows_left:
            column += 1
        if column >= MAX_COLUMNS:
            return {}
        columns[cell] = column
        across, down = (max(1, n) for n in walk.layout[cell].tolist())
        end = min(column + across, MAX_COLUMNS)
        if down > 1:
            rows_left |= dict.fromkeys(range(column, end), down)
        column = end
    return columns


class _Placed(NamedTuple):
    """A part of a block, and the row and column that it is in."""

    block: int
    part: int
    row: int
    column: int


def _placed(
    walk: Walk,
    blocks: Blocks,
    containers: Containers,
    own: Sequence[int],
    columns: dict[int, int],
) -> list[_Placed]:
    """Return the parts of the kept blocks of a table in order; empty if it is not a grid."""
    placed: list[_Placed] = []
    for block in own:
        start, stop = blocks.part_offsets[block : block + 2].tolist()
        for part in range(start, stop):
            node = int(blocks.part_node[part])
            row, cell = int(containers.row[node]), int(containers.cell[node])
            size = blocks.part_spans[part, 1] - blocks.part_spans[part, 0]
            if row < 0 or cell not in columns or size > MAX_CELL_BYTES:
                return []
            if walk.tag[blocks.node[block]] in HEADING_LEVELS or blocks.is_verbatim[block]:
                return []
            at = _Placed(block, part, row, columns[cell])
            if placed and placed[-1].block != block and placed[-1][2:] == at[2:]:
                return []  # two blocks in one cell
            placed.append(at)
    n_rows, n_columns = (len({at[i] for at in placed}) for i in (2, 3))
    return placed if n_rows > 1 and n_columns > 1 else []


def _chunks(
    walk: Walk,
    blocks: Blocks,
    containers: Containers,
    placed: Sequence[_Placed],
) -> dict[int, Chunk]:
    """Return what each block of a grid adds to its row."""
    number = {column: i for i, column in enumerate(sorted({at.column for at in placed}))}
    by_block: dict[int, list[_Placed]] = {}
    for at in placed:
        by_block.setdefault(at.block, []).append(at)
    order = list(by_block)
    rows = [by_block[block][0].row for block in order]
    first = int(blocks.part_node[placed[0].part])
    has_header = walk.tag[containers.cell[first]] == TH or walk.tag[walk.parent[rows[0]]] == THEAD
    chunks: dict[int, Chunk] = {}
    next_column = 0
    for i, block in enumerate(order):
        starts_row = i == 0 or rows[i - 1] != rows[i]
        next_column = 0 if starts_row else next_column
        cells: dict[int, str] = {}
        for at in by_block[block]:
            column = number[at.column]
            cells[column] = " ".join(filter(None, [cells.get(column), _text(blocks, at.part)]))
        end = max(cells) + 1
        chunks[block] = Chunk(
            tuple(cells.get(column, "") for column in range(next_column, end)),
            next_column,
            starts_row=starts_row,
            ends_row=i + 1 == len(order) or rows[i + 1] != rows[i],
            starts_grid=i == 0,
            is_header=has_header and rows[i] == rows[0],
            n_columns=len(number),
        )
        next_column = end
    return chunks


def _text(blocks: Blocks, part: int) -> str:
    """Return the text of a part on one line."""
    start, stop = blocks.part_spans[part].tolist()
    return " ".join(blocks.text[start:stop].tobytes().decode("utf-8", "replace").split())
