"""Plain text: one line for each block or row of a table, and code as it is."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.articles.blocks.layout.tables import Chunk


def joined_cells(cells: Iterable[str]) -> str:
    """Return cells separated by bars; an empty cell leaves two bars: `a | | c`."""
    words: list[str] = []
    for i, cell in enumerate(cells):
        words += ["|", cell] if i else [cell]
    return " ".join(filter(None, words))


def plain_row(chunk: Chunk) -> str:
    """Return what a block adds to a row of a grid."""
    bar = "" if chunk.starts_row else "| "
    return bar + joined_cells(chunk.cells)
