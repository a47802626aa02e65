"""Write the text of the current block, and end the block."""

from __future__ import annotations

import numpy as np

from corpus.array_types import Bytes
from corpus.articles.blocks.walk_state import (
    AFTER_SPACE,
    BLOCK_START,
    BOLD_ON,
    BREAKS,
    DEPTH,
    IMAGES,
    IN_BOLD,
    IN_LINK,
    IN_PRE,
    LINK_ON,
    LINKS,
    N_BLOCKS,
    STARTED,
    TEXT_BYTES,
    VERBATIM,
    VISIBLE,
    Walk,
)
from corpus.kernels import njit_without_allocation


@njit_without_allocation
def _start_block(walk: Walk) -> None:
    """Write the marks that hold at the start of a block."""
    count = walk.counters
    for mark, holds in ((VERBATIM, IN_PRE), (LINK_ON, IN_LINK), (BOLD_ON, IN_BOLD)):
        if count[holds]:
            walk.text[count[TEXT_BYTES]] = mark
            count[TEXT_BYTES] += 1
    count[STARTED] = 1


@njit_without_allocation
def add_mark(walk: Walk, mark: int) -> None:
    """Write a mark within a block; before its first character, `_start_block` does it."""
    count = walk.counters
    if count[STARTED]:
        walk.text[count[TEXT_BYTES]] = mark
        count[TEXT_BYTES] += 1


@njit_without_allocation
def add_text(data: Bytes, start: int, stop: int, walk: Walk) -> None:
    """Add text to the block; outside `pre`, each run of ASCII white space becomes one space."""
    count, text = walk.counters, walk.text
    size, verbatim = count[TEXT_BYTES], count[IN_PRE] > 0
    for at in range(start, stop):
        byte = data[at]
        if byte <= 0x20:
            if not (byte == 0x20 or 0x09 <= byte <= 0x0D):
                continue
            if verbatim:
                if byte == 0x0D:
                    continue
            else:
                if not count[VISIBLE] or count[AFTER_SPACE]:
                    continue
                byte = np.uint8(0x20)
                count[AFTER_SPACE] = 1
        else:
            count[VISIBLE] = 1
            count[AFTER_SPACE] = count[BREAKS] = 0
        if not count[STARTED]:
            count[TEXT_BYTES] = size
            _start_block(walk)
            size = count[TEXT_BYTES]
        text[size] = byte
        size += 1
    count[TEXT_BYTES] = size


@njit_without_allocation
def add_break(walk: Walk) -> None:
    """Add the end of a line to the block."""
    count = walk.counters
    if not count[STARTED]:
        _start_block(walk)
    walk.text[count[TEXT_BYTES]] = 0x0A
    count[TEXT_BYTES] += 1


@njit_without_allocation
def end_block(walk: Walk) -> None:
    """End the current block; it belongs to the innermost node. A blank block is dropped."""
    count = walk.counters
    if count[VISIBLE]:
        for _ in range(3):
            walk.text[count[TEXT_BYTES]] = 0
            count[TEXT_BYTES] += 1
        block = count[N_BLOCKS]
        walk.block_node[block] = walk.stack_node[count[DEPTH] - 1]
        walk.block_links[block], walk.block_images[block] = count[LINKS], count[IMAGES]
        count[N_BLOCKS] += 1
        count[BLOCK_START] = count[TEXT_BYTES]
        count[IMAGES] = 0
    count[TEXT_BYTES] = count[BLOCK_START]
    count[VISIBLE] = count[STARTED] = count[LINKS] = count[BREAKS] = count[AFTER_SPACE] = 0


@njit_without_allocation
def add_verbatim(data: Bytes, start: int, stop: int, walk: Walk) -> None:
    """Add preformatted text, as a block of its own unless it is in `pre`."""
    count = walk.counters
    if not count[IN_PRE]:
        end_block(walk)
    count[IN_PRE] += 1
    add_text(data, start, stop, walk)
    count[IN_PRE] -= 1
    if not count[IN_PRE]:
        end_block(walk)
