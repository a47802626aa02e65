"""What the walk over a page writes: its nodes, its blocks, its counters and its marks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets

MAX_NAME_BYTES = 200
"""Bytes of class, id and itemprop that count."""
LINK_ON, LINK_OFF, BOLD_ON, BOLD_OFF, VERBATIM = 1, 2, 3, 4, 5
"""Marks in the text of blocks."""
(
    META_RECORD,
    TITLE_RECORD,
    JSON_RECORD,
    TIME_RECORD,
    CANONICAL_RECORD,
    LANGUAGE_RECORD,
    MARKED_RECORD,
) = range(7)

(
    TEXT_BYTES, NAMES_BYTES, N_NODES, N_BLOCKS, N_RECORDS, DEPTH, BLOCK_START, VISIBLE, STARTED,
    IN_LINK, IN_BOLD, IN_PRE, LINKS, IMAGES, BREAKS, AFTER_SPACE, NOSCRIPT_BYTES, FORMULAS,
    N_MARKED, N_TIMES, N_COUNTERS,
) = range(21)  # fmt: skip
"""Counters of the walk. `IN_LINK` and `IN_BOLD` are the number of elements open at their start."""


class Walk(NamedTuple):
    """What the walk writes; the arrays are as large as the page could need."""

    text: Bytes
    names: Bytes
    name_offsets: Offsets
    parent: NDArray[np.int32]
    tag: NDArray[np.int16]
    depth: NDArray[np.int16]
    semantics: NDArray[np.int32]
    hidden: Bytes
    layout: NDArray[np.int32]
    """Two numbers of a node (int32[n_nodes, 2]), 0 where the page does not say: columns and rows
    that a cell spans; first number of a list, and 1 if it counts down; number of an item, and 1 if
    it has one; where the class names of the code in a `pre` start and stop in the page."""
    block_node: NDArray[np.int32]
    block_links: NDArray[np.int32]
    block_images: NDArray[np.int32]
    stack_tag: NDArray[np.int16]
    stack_node: NDArray[np.int32]
    n_open: Offsets
    tag_counts: Offsets
    records: Offsets
    counters: Offsets
