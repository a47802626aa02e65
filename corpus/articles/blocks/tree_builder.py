"""Open and close the elements of a page, with the end tags that HTML implies."""

from __future__ import annotations

from corpus.array_types import Bytes, Offsets
from corpus.articles.blocks.block_writer import add_break, add_mark, end_block
from corpus.articles.blocks.tags import (
    ARIA_HIDDEN,
    BLOCK,
    BODY,
    BUTTON,
    CLASS,
    CUSTOM,
    DD,
    DIV,
    DT,
    ENDS_PARAGRAPH,
    HEADING,
    HTML,
    ID,
    IS_HIDDEN,
    ITEMPROP,
    LI,
    LIST_BARRIER,
    PRE,
    ROLE,
    STRONG,
    STYLE_TEXT,
    TABLE,
    TABLE_BARRIER,
    TABLE_PART,
    TBODY,
    TD,
    TEMPLATE,
    TFOOT,
    TH,
    THEAD,
    TR,
    A,
    B,
    P,
    TagTables,
)
from corpus.articles.blocks.tokens import read_name, says_hidden
from corpus.articles.blocks.walk_state import (
    BOLD_OFF,
    DEPTH,
    IN_BOLD,
    IN_LINK,
    IN_PRE,
    LINK_OFF,
    MAX_NAME_BYTES,
    N_NODES,
    NAMES_BYTES,
    TEXT_BYTES,
    VISIBLE,
    Walk,
)
from corpus.kernels import njit_without_allocation

MAX_DEPTH = 512
"""Elements nest at most this deep; browsers have the same limit."""


@njit_without_allocation
def _pop(walk: Walk) -> None:
    """Close the innermost element."""
    count = walk.counters
    top = count[DEPTH] - 1
    tag = walk.stack_tag[top]
    if not count[IN_PRE] or tag == PRE:
        end_block(walk)
    if tag == PRE:
        count[IN_PRE] -= 1
    for state in (IN_LINK, IN_BOLD):
        if count[state] > top:
            count[state] = 0
    walk.n_open[tag] -= 1
    count[DEPTH] = top


@njit_without_allocation
def _close(walk: Walk, first: int, second: int, kinds: Offsets, barriers: int, also: int) -> None:
    """Close the innermost element of either tag and all in it, up to the nearest barrier."""
    if not walk.n_open[first] and not walk.n_open[second]:
        return
    place = walk.counters[DEPTH] - 1
    while place > 0:
        tag = walk.stack_tag[place]
        if tag in (first, second):
            while walk.counters[DEPTH] > place:
                _pop(walk)
            return
        if kinds[tag] & barriers or tag == also:
            return
        place -= 1


@njit_without_allocation
def imply_ends(walk: Walk, tag: int, kinds: Offsets) -> None:
    """Close the elements that the start of `tag` closes without an end tag."""
    if kinds[tag] & ENDS_PARAGRAPH:
        _close(walk, P, P, kinds, TABLE_BARRIER, BUTTON)
    if tag == LI:
        _close(walk, LI, LI, kinds, LIST_BARRIER, LI)
    elif tag in (DD, DT):
        _close(walk, DD, DT, kinds, LIST_BARRIER, DD)
    elif tag in (TD, TH):
        _close(walk, TD, TH, kinds, 0, TABLE)
    elif tag == TR:
        _close(walk, TR, TR, kinds, 0, TABLE)
    elif tag in (TBODY, TFOOT, THEAD):
        for part in (TBODY, TFOOT, THEAD):
            _close(walk, part, part, kinds, 0, TABLE)
    elif kinds[tag] & HEADING and kinds[walk.stack_tag[walk.counters[DEPTH] - 1]] & HEADING:
        _pop(walk)


@njit_without_allocation
def open_element(data: Bytes, values: Offsets, tag: int, walk: Walk, tables: TagTables) -> None:
    """Open a block element; in `pre` and below `MAX_DEPTH` it is no node of its own."""
    count = walk.counters
    verbatim = count[IN_PRE] > 0
    if verbatim:
        if tag in (DIV, P, LI, TR) and count[VISIBLE]:
            add_break(walk)
        elif tag != CUSTOM and count[VISIBLE] and walk.text[count[TEXT_BYTES] - 1] > 0x20:
            if tag in (TD, TH):
                add_mark(walk, 0x20)
            else:
                add_break(walk)
    else:
        end_block(walk)
    depth = count[DEPTH]
    if depth == MAX_DEPTH:
        return
    node = walk.stack_node[depth - 1]
    if not verbatim:
        parent, node = node, count[N_NODES]
        semantics, hidden = walk.semantics[parent], walk.hidden[parent]
        semantics |= tables.semantics[tag]
        if values[ROLE, 0] >= 0:
            code, _, _ = read_name(data[values[ROLE, 0] : values[ROLE, 1]], 0)
            for i in range(tables.role_codes.size):
                if tables.role_codes[i] == code:
                    semantics |= tables.role_semantics[i]
        if values[IS_HIDDEN, 0] >= 0 or (
            values[STYLE_TEXT, 0] >= 0
            and says_hidden(data, values[STYLE_TEXT, 0], values[STYLE_TEXT, 1])
        ):
            hidden |= 1
        if values[ARIA_HIDDEN, 0] >= 0 and data[values[ARIA_HIDDEN, 0]] == 0x74:  # true
            hidden |= 2
        walk.parent[node], walk.tag[node] = parent, tag
        walk.depth[node] = walk.depth[parent] + 1
        walk.semantics[node], walk.hidden[node] = semantics, hidden
        size = count[NAMES_BYTES]
        most = size + MAX_NAME_BYTES
        for attribute in (CLASS, ID, ITEMPROP):
            for at in range(values[attribute, 0], values[attribute, 1]):
                if size < most:
                    walk.names[size] = data[at]
                    size += 1
            if values[attribute, 0] < values[attribute, 1] and size < most:
                walk.names[size] = 0x20
                size += 1
        count[NAMES_BYTES] = size
        walk.name_offsets[node + 1] = size
        count[N_NODES] += 1
    walk.stack_tag[depth], walk.stack_node[depth] = tag, node
    walk.n_open[tag] += 1
    count[DEPTH] += 1
    if tag == PRE:
        count[IN_PRE] += 1


@njit_without_allocation
def read_end_tag(walk: Walk, tag: int, tables: TagTables) -> None:
    """Read an end tag; one that matches nothing is ignored."""
    kinds, count = tables.kinds, walk.counters
    if tag == A:
        if count[IN_LINK]:
            count[IN_LINK] = 0
            add_mark(walk, LINK_OFF)
    elif tag in (B, STRONG):
        if count[IN_BOLD]:
            count[IN_BOLD] = 0
            add_mark(walk, BOLD_OFF)
    elif tag == P:
        _close(walk, P, P, kinds, TABLE_BARRIER, BUTTON)
        if not count[IN_PRE]:
            end_block(walk)  # without a paragraph to read_end_tag, it is an empty one
    elif tag == TEMPLATE:
        if not count[IN_PRE]:
            end_block(walk)
    elif tag in (BODY, HTML):
        return
    elif kinds[tag] & HEADING:
        if kinds[walk.stack_tag[count[DEPTH] - 1]] & HEADING:
            _pop(walk)
        else:
            _close(walk, tag, tag, kinds, TABLE_BARRIER, tag)
    elif tag == TABLE:
        _close(walk, tag, tag, kinds, 0, -1)
    elif kinds[tag] & TABLE_PART:
        _close(walk, tag, tag, kinds, 0, TABLE)
    elif kinds[tag] & BLOCK:
        _close(walk, tag, tag, kinds, TABLE_BARRIER, -1)
