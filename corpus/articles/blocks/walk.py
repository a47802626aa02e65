"""One walk over the bytes of an HTML page: its nodes, and the text of its blocks.

The walk is a tokenizer and a tree builder in one kernel. It follows the HTML standard where that
matters for blocks: void elements, raw text, implied end tags of paragraphs, list items and table
cells, HTML that ends an SVG drawing, end tags that match nothing. Only elements that begin and end
a block become nodes. The work is bounded by the bytes of the page: nothing is scanned twice without
a bound, and below `MAX_DEPTH` elements are read as if they were children of the last one above.

Where a page is broken, text is kept rather than lost: an element without visible content that is
never closed, or a comment that never ends, hides nothing. Only a script or style sheet without its
end tag hides the rest of the page: it has no text for people.

The text of all blocks is written to one buffer, each followed by three NUL bytes, with marks where
a link or bold text begins and ends. Entities are not yet replaced.
"""

# ruff: noqa: PLR1714  (numba compiles min and max again for each pair of types)

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.articles.blocks.block_writer import (
    add_break,
    add_mark,
    add_text,
    add_verbatim,
    end_block,
)
from corpus.articles.blocks.noted_places import (
    has_formula,
    is_json,
    note_layout,
    note_marked,
    note_metadata,
    note_place,
)
from corpus.articles.blocks.tags import (
    BLOCK,
    BODY,
    BR,
    CLASS,
    CODE,
    CUSTOM,
    ENDS_DRAWING,
    HIDDEN,
    HREF,
    HTML,
    IMG,
    LI,
    NOSCRIPT,
    OL,
    RAW,
    SCRIPT,
    SHADOW,
    STRONG,
    STYLE,
    SVG,
    TD,
    TEMPLATE,
    TH,
    TITLE,
    TYPE,
    VOID,
    XMP,
    A,
    B,
    TagTables,
    name_code,
)
from corpus.articles.blocks.tokens import close_tag_at, find_code, read_attributes, read_name
from corpus.articles.blocks.tree_builder import imply_ends, open_element, read_end_tag
from corpus.articles.blocks.walk_state import (
    AFTER_SPACE,
    BOLD_ON,
    BREAKS,
    DEPTH,
    FORMULAS,
    IMAGES,
    IN_BOLD,
    IN_LINK,
    IN_PRE,
    JSON_RECORD,
    LINK_OFF,
    LINK_ON,
    LINKS,
    N_NODES,
    NOSCRIPT_BYTES,
    TITLE_RECORD,
    VISIBLE,
    Walk,
)
from corpus.kernels import njit_without_allocation

_FOREIGN_OBJECT, _DESCRIPTION = np.uint64(name_code("foreignobject")), np.uint64(name_code("desc"))
"""Elements of a drawing that contain HTML, beside `title`."""


@njit_without_allocation
def walk_bytes(
    data: Bytes,
    walk: Walk,
    tables: TagTables,
    attribute_codes: NDArray[np.uint64],
    last_quotes: Offsets,
    last_comment_end: int,
    values: Offsets,
    layout_values: Offsets,
    never_closed: NDArray[np.bool_],
) -> None:
    """Fill in the arrays of `walk` (see `walk_page`).

    `last_quotes` has the last places of a double and of a single quotation mark, and
    `last_comment_end` that of `-->`; all are -1 where there is none. The kernel works in the last
    three: int64[n_attribute_codes, 2], int64[n_layout_codes, 2] and bool[N_TAGS], all false. It
    compiles faster than one that makes them.
    """
    codes, kinds, count = tables.codes, tables.kinds, walk.counters
    skipping, skip_depth, html_depth, resume = -1, 0, 0, 0
    walk.stack_tag[0], walk.stack_node[0] = HTML, 0
    walk.parent[0], walk.tag[0], count[N_NODES], count[DEPTH] = -1, HTML, 1, 1
    size, at, text_start = data.size, 0, 0
    while True:
        if at >= size:
            if skipping < 0:
                break
            never_closed[skipping] = True  # an element that never ends hides nothing
            skipping, at, text_start = -1, resume, resume
            continue
        if data[at] != 0x3C:
            at += 1
            continue
        after = data[at + 1] if at + 1 < size else np.uint8(0)
        closes = after == 0x2F
        first = data[at + 2] if closes and at + 2 < size else after
        is_tag = 0x61 <= (first | 0x20) <= 0x7A
        if not is_tag and not (after == 0x21 or after == 0x3F or closes):
            at += 1
            continue
        if skipping < 0 and at > text_start:
            add_text(data, text_start, at, walk)
        if not is_tag:
            is_comment = after == 0x21 and at + 3 < size and data[at + 2] == data[at + 3] == 0x2D
            at += 2
            if is_comment and last_comment_end >= at:
                while not (data[at] == 0x2D and data[at + 1] == 0x2D and data[at + 2] == 0x3E):
                    at += 1
                at += 3
            else:
                while at < size and data[at] != 0x3E:
                    at += 1
                at += 1
            text_start = at
            continue
        code, at, hyphen = read_name(data, at + 1 + closes)
        name_end = at
        found = find_code(codes, code)
        tag = found if found >= 0 else CUSTOM if hyphen else -1
        at = read_attributes(data, at, last_quotes, attribute_codes, values)
        if at < 0:  # a tag that the end of the page cuts off
            at = text_start = size
            continue
        text_start = at
        if skipping == SVG:
            if tag == TITLE or code in (_FOREIGN_OBJECT, _DESCRIPTION):
                html_depth += -1 if closes else 1
            elif html_depth <= 0 and not closes and tag >= 0 and kinds[tag] & ENDS_DRAWING:
                skipping = -1
        if skipping >= 0:
            if tag == skipping:
                skip_depth += -1 if closes else 1
                if skip_depth == 0:
                    skipping = -1
            if tag in (SCRIPT, STYLE) and not closes:
                end = close_tag_at(data, at, code)
                at = end if end >= 0 else size
            continue
        if tag < 0:
            if not closes:
                note_marked(data, values, at, walk)
            continue
        if closes:
            read_end_tag(walk, tag, tables)
            if tag == BR and not count[IN_PRE]:
                end_block(walk)
            continue
        walk.tag_counts[tag] += 1
        kind = kinds[tag]
        note_metadata(data, values, tag, walk)
        count[FORMULAS] += has_formula(data, values, tag)
        if not kind & (RAW | HIDDEN | VOID) and tag not in (HTML, BODY):
            note_marked(data, values, at, walk)
        if kind & RAW and not never_closed[tag]:
            end = close_tag_at(data, at, code)
            if end < 0 and tag not in (SCRIPT, STYLE):
                never_closed[tag] = True
                continue
            end = end if end >= 0 else size
            if tag == SCRIPT and values[TYPE, 0] >= 0:
                if is_json(data, values[TYPE, 0], values[TYPE, 1]):
                    values[TYPE, 0], values[TYPE, 1] = at, end
                    note_place(walk, JSON_RECORD, values[TYPE], values[TYPE])
            elif tag == TITLE:
                values[TYPE, 0], values[TYPE, 1] = at, end
                note_place(walk, TITLE_RECORD, values[TYPE], values[TYPE])
            elif tag == XMP:
                add_verbatim(data, at, end, walk)
            elif tag == NOSCRIPT:
                count[NOSCRIPT_BYTES] += end - at
            at = text_start = end
        elif tag == TEMPLATE and values[SHADOW, 0] >= 0:  # its content is shown
            if not count[IN_PRE]:
                end_block(walk)
        elif kind & HIDDEN and not never_closed[tag]:
            if data[at - 2] != 0x2F:  # not <svg/>
                skipping, skip_depth, html_depth, resume = tag, 1, 0, at
        elif tag == BR:
            if count[IN_PRE]:
                add_break(walk)
            elif count[BREAKS]:
                end_block(walk)
            elif count[VISIBLE]:
                add_break(walk)
                count[BREAKS] = 1
                count[AFTER_SPACE] = 1
        elif tag == IMG:
            count[IMAGES] += 1
        elif kind & VOID:
            if kind & BLOCK and not count[IN_PRE]:
                end_block(walk)
        elif tag == A:
            if values[HREF, 0] >= 0:
                count[LINKS] += 1
                if not count[IN_LINK]:
                    count[IN_LINK] = count[DEPTH]
                    add_mark(walk, LINK_ON)
            elif count[IN_LINK]:
                count[IN_LINK] = 0
                add_mark(walk, LINK_OFF)
        elif tag in (B, STRONG):
            if not count[IN_BOLD]:
                count[IN_BOLD] = count[DEPTH]
                add_mark(walk, BOLD_ON)
        elif kind & BLOCK:
            if tag in (BODY, HTML):
                if not walk.n_open[BODY] and tag == BODY:
                    open_element(data, values, tag, walk, tables)
                continue
            imply_ends(walk, tag, kinds)
            n_nodes = count[N_NODES]
            open_element(data, values, tag, walk, tables)
            has_attributes = data[name_end] != 0x3E
            lays_out = tag == OL or (has_attributes and tag in (LI, TD, TH))
            if lays_out and count[N_NODES] > n_nodes:
                note_layout(data, name_end, last_quotes, layout_values, tag, walk)
        elif tag == CODE and count[IN_PRE] and values[CLASS, 0] >= 0:
            layout = walk.layout[walk.stack_node[count[DEPTH] - 1]]
            if not layout[1]:
                layout[0], layout[1] = values[CLASS, 0], values[CLASS, 1]
    if text_start < size:
        add_text(data, text_start, size, walk)
    end_block(walk)
