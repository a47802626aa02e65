"""Give a page the arrays that the walk over its bytes fills in, and cut them to what it needed."""

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes
from corpus.articles.blocks.noted_places import MAX_RECORDS
from corpus.articles.blocks.tags import (
    ATTRIBUTE_CODES,
    LAYOUT_CODES,
    N_TAGS,
    TABLES,
    WITH_NOSCRIPT,
    TagTables,
)
from corpus.articles.blocks.tree_builder import MAX_DEPTH
from corpus.articles.blocks.walk import walk_bytes
from corpus.articles.blocks.walk_state import (
    N_BLOCKS,
    N_COUNTERS,
    N_NODES,
    N_RECORDS,
    NAMES_BYTES,
    NOSCRIPT_BYTES,
    TEXT_BYTES,
    Walk,
)
from corpus.kernels import njit_without_allocation

MIN_VISIBLE_BYTES = 500
"""A page with less visible text may have its text in `noscript`."""


@njit_without_allocation
def _last(data: Bytes, byte: int) -> int:
    """Return the last place of a byte, or -1."""
    for i in range(data.size):
        if data[data.size - 1 - i] == byte:
            return data.size - 1 - i
    return -1


def walk_page(html: bytes) -> Walk:
    """Return the nodes of a page and the text of its blocks, in the order of the page.

    Some forums have their posts in `noscript` for search engines, and build what people see by a
    script. That text is read if the page has no other.
    """
    walk = _walk_with(html, TABLES)
    n_hidden = walk.counters[NOSCRIPT_BYTES]
    if walk.text.size < MIN_VISIBLE_BYTES and n_hidden > MIN_VISIBLE_BYTES:
        return _walk_with(html, WITH_NOSCRIPT)
    return walk


def _walk_with(html: bytes, tables: TagTables) -> Walk:
    """Return what `walk_page` returns."""
    data = np.frombuffer(html, np.uint8)
    most = int(np.count_nonzero(data == ord("<"))) + 2
    walk = Walk(
        text=np.empty(len(html) + 8 * most + 16, np.uint8),
        names=np.empty(len(html) + 3 * most, np.uint8),
        name_offsets=np.zeros(most + 1, np.int64),
        parent=np.zeros(most, np.int32),
        tag=np.zeros(most, np.int16),
        depth=np.zeros(most, np.int16),
        semantics=np.zeros(most, np.int32),
        hidden=np.zeros(most, np.uint8),
        layout=np.zeros((most, 2), np.int32),
        block_node=np.zeros(most, np.int32),
        block_links=np.zeros(most, np.int32),
        block_images=np.zeros(most, np.int32),
        stack_tag=np.zeros(MAX_DEPTH, np.int16),
        stack_node=np.zeros(MAX_DEPTH, np.int32),
        n_open=np.zeros(N_TAGS, np.int64),
        tag_counts=np.zeros(N_TAGS, np.int64),
        records=np.zeros((MAX_RECORDS, 6), np.int64),
        counters=np.zeros(N_COUNTERS, np.int64),
    )
    quotes = np.array([_last(data, 0x22), _last(data, 0x27)])
    walk_bytes(
        *(data, walk, tables, ATTRIBUTE_CODES, quotes, html.rfind(b"-->")),
        np.empty((ATTRIBUTE_CODES.size, 2), np.int64),
        np.empty((LAYOUT_CODES.size, 2), np.int64),
        np.zeros(N_TAGS, np.bool_),
    )
    n_nodes, n_blocks = walk.counters[N_NODES], walk.counters[N_BLOCKS]
    return walk._replace(
        text=walk.text[: walk.counters[TEXT_BYTES]],
        names=walk.names[: walk.counters[NAMES_BYTES]],
        name_offsets=walk.name_offsets[: n_nodes + 1],
        parent=walk.parent[:n_nodes],
        tag=walk.tag[:n_nodes],
        depth=walk.depth[:n_nodes],
        semantics=walk.semantics[:n_nodes],
        hidden=walk.hidden[:n_nodes],
        layout=walk.layout[:n_nodes],
        block_node=walk.block_node[:n_blocks],
        block_links=walk.block_links[:n_blocks],
        block_images=walk.block_images[:n_blocks],
        records=walk.records[: walk.counters[N_RECORDS]],
    )
