"""What a node is in: the innermost list item or quote, table, row and cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.articles.blocks.tags import BLOCKQUOTE, LI, MENU, OL, TABLE, TD, TH, TR, UL
from corpus.articles.blocks.walk_state import Walk
from corpus.kernels import njit_without_allocation

Nodes = NDArray[np.int32]


class Containers(NamedTuple):
    """The innermost node of a kind that each node is or is in; -1 if there is none."""

    container: Nodes
    """A list item or quote (int32[n_nodes])."""
    list: Nodes
    """A list (int32[n_nodes])."""
    table: Nodes
    row: Nodes
    """A row of the same table (int32[n_nodes])."""
    cell: Nodes
    """A cell of the same row (int32[n_nodes])."""


@njit_without_allocation
def _fill(parent: Nodes, tag: NDArray[np.int16], found: Containers) -> None:
    """Fill in the containers of each node; a parent comes before its children."""
    for i in range(parent.size):
        kind, above = tag[i], parent[i]
        if above < 0:
            for nodes in found:
                nodes[i] = -1
            continue
        for nodes in found:
            nodes[i] = nodes[above]
        if kind in (LI, BLOCKQUOTE):
            found.container[i] = i
        elif kind in (UL, OL, MENU):
            found.list[i] = i
        elif kind == TABLE:
            found.table[i], found.row[i], found.cell[i] = i, -1, -1
        elif kind == TR:
            found.row[i], found.cell[i] = i, -1
        elif kind in (TD, TH):
            found.cell[i] = i


def read_containers(walk: Walk) -> Containers:
    """Return what each node of a page is in."""
    found = Containers(*(np.empty(walk.parent.size, np.int32) for _ in Containers._fields))
    _fill(walk.parent, walk.tag, found)
    return found
