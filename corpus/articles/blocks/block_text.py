"""The text of blocks: entities and white space replaced, marks counted, short table rows joined."""

# ruff: noqa: FURB136  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import html
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Flags, Numbers, Offsets
from corpus.articles.blocks.tags import PRE, TR
from corpus.articles.blocks.walk_state import BOLD_OFF, BOLD_ON, LINK_OFF, LINK_ON, VERBATIM, Walk
from corpus.articles.characters import (
    LAST_CODE_POINT,
    SPACE,
    UNSPACED,
    WORD,
    CharacterTables,
    decode,
)
from corpus.kernels import njit, njit_without_allocation

MAX_ROW_CHARACTERS = 480
"""A table row of fewer bytes is one block, its cells separated by bars."""
_LONG_NUMBER = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,}[;]?")
"""A numeric entity that is no code point; Python refuses to read very long numbers."""


class Blocks(NamedTuple):
    """The blocks of a page that have visible text, in the order of the page."""

    text: Bytes
    """The text of all blocks."""
    spans: Offsets
    """Where the text of each block starts and stops (int64[n_blocks, 2])."""
    node: NDArray[np.int32]
    """The innermost node of each block (int32[n_blocks])."""
    links: Numbers
    """Links that begin in a block (float32[n_blocks])."""
    link_words: Numbers
    bold_words: Numbers
    """Words in links, and words in bold text (float32[n_blocks])."""
    images: Numbers
    """Images since the block before (float32[n_blocks])."""
    is_verbatim: Flags
    """Whether a block is preformatted: its spaces and line ends are kept."""
    part_spans: Offsets
    """Where each part of the text starts and stops (int64[n_parts, 2]). A row of a table has a part
    for each paragraph in a cell; other blocks have one part."""
    part_node: NDArray[np.int32]
    """The innermost node of each part (int32[n_parts])."""
    part_offsets: Offsets
    """Where the parts of each block start (int64[n_blocks + 1])."""


def unescaped(text: bytes) -> bytes:
    """Return text with its HTML entities replaced."""
    if b"&" not in text:
        return text
    decoded = _LONG_NUMBER.sub("\ufffd", text.decode("utf-8", "replace"))
    return html.unescape(decoded).encode("utf-8", "replace")


@njit_without_allocation
def _clean(
    raw: Bytes,
    characters: CharacterTables,
    text: Bytes,
    spans: Offsets,
    words: Numbers,
    is_verbatim: Flags,
) -> int:
    """Write each block to `text` without marks; return the number of bytes.

    Fills `spans`, the words in links and in bold text (`words`, float32[n_blocks, 2]), and
    `is_verbatim`. Each block has three spaces behind it.
    """
    classes = characters.classes
    size = at = block = 0
    while at < raw.size and block < spans.shape[0]:
        start = size
        in_link = in_bold = in_word = verbatim = False
        pending = 0
        last_visible = size
        while at < raw.size and raw[at] != 0:
            byte = raw[at]
            if byte < 0x09:
                at += 1
                if byte == VERBATIM:
                    verbatim = True
                in_link = (in_link or byte == LINK_ON) and byte != LINK_OFF
                in_bold = (in_bold or byte == BOLD_ON) and byte != BOLD_OFF
                continue
            first = at
            code, at = decode(raw, at, raw.size)
            bits = classes[code if code < LAST_CODE_POINT else LAST_CODE_POINT]
            if bits & SPACE:
                in_word = False
                if verbatim:
                    if code == 0x0A:
                        if last_visible == start:  # blank lines at the start
                            size = start
                        else:
                            size = last_visible
                            for _ in range(1 + pending):
                                text[size] = 0x0A
                                size += 1
                            pending = pending + 1 if pending < 8 else pending
                            size = last_visible + pending
                    elif code != 0x0D:
                        text[size] = 0x09 if code == 0x09 else 0x20
                        size += 1
                elif code == 0x0A:
                    pending = 0x0A
                elif pending == 0:
                    pending = 0x20
                continue
            if verbatim:
                pending = 0
            elif pending:
                if size > start:
                    text[size] = pending
                    size += 1
                pending = 0
            if bits & WORD:
                if bits & UNSPACED or not in_word:
                    words[block, 0] += in_link
                    words[block, 1] += in_bold
                in_word = not bits & UNSPACED
            else:
                in_word = False
            for i in range(first, at):
                text[size] = raw[i]
                size += 1
            last_visible = size
        at += 3
        spans[block, 0], spans[block, 1] = start, last_visible
        is_verbatim[block] = verbatim
        size = last_visible
        for _ in range(3):
            text[size] = 0x20
            size += 1
        block += 1
    return size


@njit
def _rows_of(node: NDArray[np.int32], walk: Walk, rows: Offsets) -> None:
    """Fill in the table row that each block is in, or -1."""
    row_of_node = np.full(walk.parent.size, -1, np.int64)
    for i in range(1, walk.parent.size):
        tag = walk.tag[i]
        row_of_node[i] = i if tag == TR else row_of_node[walk.parent[i]]
        if tag == PRE:
            row_of_node[i] = -1
    for block in range(node.size):
        rows[block] = row_of_node[node[block]]


@njit_without_allocation
def _merge(blocks: Blocks, counts: Numbers, rows: Offsets) -> tuple[int, int]:
    """Drop blank blocks and join the cells of short table rows in place; return how many remain.

    `counts` (float32[n_blocks, 4]) has links, words in links and in bold text, and images. The
    second number is that of the parts.
    """
    text, spans, node = blocks.text, blocks.spans, blocks.node
    n, i, n_parts = 0, 0, 0
    while i < node.size:
        if spans[i, 1] == spans[i, 0]:
            i += 1
            continue
        stop = i + 1
        last = i
        if rows[i] >= 0:
            while stop < node.size and rows[stop] == rows[i]:
                if spans[stop, 1] > spans[stop, 0]:
                    last = stop
                    if spans[stop, 1] - spans[i, 0] >= MAX_ROW_CHARACTERS:
                        break  # a long row: reading on would take quadratic time
                stop += 1
        joined = last > i and spans[last, 1] - spans[i, 0] < MAX_ROW_CHARACTERS
        first_cell, cell_start = i, spans[i, 0]
        end = last + 1 if joined else i + 1
        spans[n, 0], is_verbatim = cell_start, blocks.is_verbatim[i]
        for k in range(counts.shape[1]):
            counts[n, k] = counts[i, k]
        stop_byte = spans[i, 1]
        blocks.part_offsets[n] = n_parts
        blocks.part_spans[n_parts, 0], blocks.part_spans[n_parts, 1] = cell_start, stop_byte
        blocks.part_node[n_parts] = node[i]
        n_parts += 1
        for j in range(i + 1, end):
            if spans[j, 1] == spans[j, 0]:
                continue
            size = stop_byte
            text[size], text[size + 1], text[size + 2] = 0x20, 0x7C, 0x20
            size += 3
            for at in range(spans[j, 0], spans[j, 1]):
                text[size] = 0x20 if text[at] == 0x0A else text[at]
                size += 1
            blocks.part_spans[n_parts, 0], blocks.part_spans[n_parts, 1] = stop_byte + 3, size
            blocks.part_node[n_parts] = node[j]
            n_parts += 1
            stop_byte = size
            for k in range(counts.shape[1]):
                counts[n, k] += counts[j, k]
        spans[n, 1] = stop_byte
        node[n] = rows[first_cell] if joined else node[i]
        blocks.is_verbatim[n] = is_verbatim
        n += 1
        i = end
    blocks.part_offsets[n] = n_parts
    return n, n_parts


def read_blocks(walk: Walk, characters: CharacterTables) -> Blocks:
    """Return the blocks of a page that have visible text."""
    raw = np.frombuffer(unescaped(walk.text.tobytes()), np.uint8)
    n = len(walk.block_node)
    text = np.empty(raw.size + 16, np.uint8)
    spans = np.zeros((n, 2), np.int64)
    words = np.zeros((n, 2), np.float32)
    is_verbatim = np.zeros(n, np.bool_)
    _clean(raw, characters, text, spans, words, is_verbatim)
    counts = np.column_stack([walk.block_links, words, walk.block_images]).astype(np.float32)
    node = walk.block_node.copy()
    rows = np.empty(n, np.int64)
    _rows_of(node, walk, rows)
    blocks = Blocks(
        text,
        spans,
        node,
        counts[:, 0],
        counts[:, 1],
        counts[:, 2],
        counts[:, 3],
        is_verbatim,
        part_spans=np.zeros((n, 2), np.int64),
        part_node=np.zeros(n, np.int32),
        part_offsets=np.zeros(n + 1, np.int64),
    )
    n, n_parts = _merge(blocks, counts, rows)
    text.setflags(write=False)  # as of other texts: kernels are compiled once for both
    links, link_words, bold_words, images = counts[:n].T.copy()
    return blocks._replace(
        spans=spans[:n],
        node=node[:n],
        links=links,
        link_words=link_words,
        bold_words=bold_words,
        images=images,
        is_verbatim=is_verbatim[:n],
        part_spans=blocks.part_spans[:n_parts],
        part_node=blocks.part_node[:n_parts],
        part_offsets=blocks.part_offsets[: n + 1],
    )
