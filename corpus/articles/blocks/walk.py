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

# ruff: noqa: FURB136, PLR1714  (numba compiles min and max again for each pair of types)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Bytes, Offsets
from corpus.articles.blocks.tags import (
    ARIA_HIDDEN,
    ATTRIBUTE_CODES,
    BLOCK,
    BODY,
    BR,
    BUTTON,
    CLASS,
    CODE,
    COLSPAN,
    CONTENT,
    CUSTOM,
    DATETIME,
    DD,
    DIV,
    DT,
    ENDS_DRAWING,
    ENDS_PARAGRAPH,
    HEADING,
    HIDDEN,
    HREF,
    HTML,
    ID,
    IMG,
    IS_HIDDEN,
    ITEMPROP,
    LANG,
    LAYOUT_CODES,
    LI,
    LINK,
    LIST_BARRIER,
    MATH,
    META,
    N_TAGS,
    NAME,
    NAME_BYTES,
    NOSCRIPT,
    OL,
    PRE,
    PROPERTY,
    RAW,
    REL,
    REVERSED,
    ROLE,
    ROWSPAN,
    SCRIPT,
    SHADOW,
    START,
    STRONG,
    STYLE,
    STYLE_TEXT,
    SVG,
    TABLE,
    TABLE_BARRIER,
    TABLE_PART,
    TABLES,
    TBODY,
    TD,
    TEMPLATE,
    TFOOT,
    TH,
    THEAD,
    TIME,
    TITLE,
    TR,
    TYPE,
    VALUE,
    VOID,
    WITH_NOSCRIPT,
    A,
    B,
    P,
    TagTables,
    name_code,
)  # fmt: skip
from corpus.kernels import njit

MAX_DEPTH = 512
"""Elements nest at most this deep; browsers have the same limit."""
MAX_NAME_BYTES = 200
"""Bytes of class, id and itemprop that count."""
_FORMULA_SCRIPT = np.uint64(name_code("math"))
_FORMULA_IMAGES = np.array(
    [name_code(name) for name in ("latex", "math", "mwe-math", "tex")], np.uint64
)
"""The type of scripts with TeX, and the class names of images of formulas."""
_FOREIGN_OBJECT, _DESCRIPTION = np.uint64(name_code("foreigno")), np.uint64(name_code("desc"))
"""Elements of a drawing that contain HTML, beside `title`."""
MAX_RECORDS = 512
"""Maximum number of places of a page that are noted."""
MAX_MARKED, MAX_TIMES = 96, 96
"""Maximum number of elements marked as author or date, and of `time` elements, among them."""
MIN_VISIBLE_BYTES = 500
"""A page with less visible text may have its text in `noscript`."""
MAX_STYLE_BYTES = 500
"""Bytes of a style that are read."""
_HIDING = (
    np.frombuffer(b"display:none", np.uint8),
    np.frombuffer(b"visibility:hidden", np.uint8),
)
_MARKS = np.frombuffer(
    b"author\0byline\0autor\0auteur\0writer\0contributor\0username\0creator\0publish\0posted\0date\0",
    np.uint8,
)
"""Parts of the names of elements with the author or the date of something, each before a zero."""
_STARTS_MARK = np.isin(np.arange(256) | 0x20, list(b"abcdpuw"))
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


@njit
def _name(data: Bytes, at: int) -> tuple[np.uint64, int, bool]:
    """Return the code of the name at a byte, where it ends, and whether it has a hyphen."""
    code, start, hyphen = np.uint64(0), at, False
    while at < data.size:
        byte = data[at]
        if byte <= 0x20 or byte == 0x2F or byte == 0x3E or (byte == 0x3D and at > start):
            break
        hyphen = hyphen or byte == 0x2D
        if at - start < NAME_BYTES:
            lower = byte | 0x20 if 0x41 <= byte <= 0x5A else byte
            code = (code << np.uint64(8)) | np.uint64(lower)
        at += 1
    return code, at, hyphen


@njit
def _find(codes: NDArray[np.uint64], code: np.uint64) -> int:
    """Return the place of a code in ascending codes, or -1."""
    low, high = 0, codes.size
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < codes.size and codes[low] == code else -1


@njit
def _attributes(
    data: Bytes, at: int, last_quotes: Offsets, codes: NDArray[np.uint64], values: Offsets
) -> int:
    """Note where the values of attributes are; return where the tag ends, or -1 if it does not."""
    for i in range(codes.size):
        values[i, 0] = values[i, 1] = -1
    while at < data.size:
        byte = data[at]
        if byte == 0x3E:
            return at + 1
        if byte <= 0x20 or byte == 0x2F:
            at += 1
            continue
        code, at, _ = _name(data, at)
        attribute = -1
        for i in range(codes.size):
            if codes[i] == code and values[i, 0] < 0:
                attribute = i
        while at < data.size and data[at] <= 0x20:
            at += 1
        start = stop = at
        if at < data.size and data[at] == 0x3D:
            at += 1
            while at < data.size and data[at] <= 0x20:
                at += 1
            if at >= data.size:
                return -1
            quote = data[at]
            if (quote == 0x22 and last_quotes[0] > at) or (quote == 0x27 and last_quotes[1] > at):
                start = at + 1
                stop = start
                while data[stop] != quote:
                    stop += 1
                at = stop + 1
            else:
                start = at
                while at < data.size and data[at] > 0x20 and data[at] != 0x3E:
                    at += 1
                stop = at
        if attribute >= 0:
            values[attribute, 0], values[attribute, 1] = start, stop
    return -1


@njit
def _close_tag_at(data: Bytes, at: int, code: np.uint64) -> int:
    """Return where the next end tag with this name begins, or -1."""
    while at + 2 < data.size:
        if data[at] == 0x3C and data[at + 1] == 0x2F:
            found, end, _ = _name(data, at + 2)
            if found == code:
                return at
            at = end
        else:
            at += 1
    return -1


@njit
def _says_hidden(data: Bytes, start: int, stop: int) -> bool:
    """Return whether a style has `display: none` or `visibility: hidden`."""
    stop = stop if stop < start + MAX_STYLE_BYTES else start + MAX_STYLE_BYTES
    for which in range(2):
        pattern, matched = _HIDING[0] if which == 0 else _HIDING[1], 0
        for at in range(start, stop):
            byte = data[at]
            if byte == 0x20:
                continue
            lower = byte | 0x20 if 0x41 <= byte <= 0x5A else byte
            matched = matched + 1 if lower == pattern[matched] else int(lower == pattern[0])
            if matched == pattern.size:
                return True
    return False


@njit
def _start_block(walk: Walk) -> None:
    """Write the marks that hold at the start of a block."""
    count = walk.counters
    for mark, holds in ((VERBATIM, IN_PRE), (LINK_ON, IN_LINK), (BOLD_ON, IN_BOLD)):
        if count[holds]:
            walk.text[count[TEXT_BYTES]] = mark
            count[TEXT_BYTES] += 1
    count[STARTED] = 1


@njit
def _add_mark(walk: Walk, mark: int) -> None:
    """Write a mark within a block; before its first character, `_start_block` does it."""
    count = walk.counters
    if count[STARTED]:
        walk.text[count[TEXT_BYTES]] = mark
        count[TEXT_BYTES] += 1


@njit
def _add_text(data: Bytes, start: int, stop: int, walk: Walk) -> None:
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


@njit
def _add_break(walk: Walk) -> None:
    """Add the end of a line to the block."""
    count = walk.counters
    if not count[STARTED]:
        _start_block(walk)
    walk.text[count[TEXT_BYTES]] = 0x0A
    count[TEXT_BYTES] += 1


@njit
def _flush(walk: Walk) -> None:
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


@njit
def _pop(walk: Walk) -> None:
    """Close the innermost element."""
    count = walk.counters
    top = count[DEPTH] - 1
    tag = walk.stack_tag[top]
    if not count[IN_PRE] or tag == PRE:
        _flush(walk)
    if tag == PRE:
        count[IN_PRE] -= 1
    for state in (IN_LINK, IN_BOLD):
        if count[state] > top:
            count[state] = 0
    walk.n_open[tag] -= 1
    count[DEPTH] = top


@njit
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


@njit
def _imply_ends(walk: Walk, tag: int, kinds: Offsets) -> None:
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


@njit
def _push(data: Bytes, values: Offsets, tag: int, walk: Walk, tables: TagTables) -> None:
    """Open a block element; in `pre` and below `MAX_DEPTH` it is no node of its own."""
    count = walk.counters
    verbatim = count[IN_PRE] > 0
    if verbatim:
        if tag in (DIV, P, LI, TR) and count[VISIBLE]:
            _add_break(walk)
        elif tag != CUSTOM and count[VISIBLE] and walk.text[count[TEXT_BYTES] - 1] > 0x20:
            if tag in (TD, TH):
                _add_mark(walk, 0x20)
            else:
                _add_break(walk)
    else:
        _flush(walk)
    depth = count[DEPTH]
    if depth == MAX_DEPTH:
        return
    node = walk.stack_node[depth - 1]
    if not verbatim:
        parent, node = node, count[N_NODES]
        semantics, hidden = walk.semantics[parent], walk.hidden[parent]
        semantics |= tables.semantics[tag]
        if values[ROLE, 0] >= 0:
            code, _, _ = _name(data[values[ROLE, 0] : values[ROLE, 1]], 0)
            for i in range(tables.role_codes.size):
                if tables.role_codes[i] == code:
                    semantics |= tables.role_semantics[i]
        if values[IS_HIDDEN, 0] >= 0 or (
            values[STYLE_TEXT, 0] >= 0
            and _says_hidden(data, values[STYLE_TEXT, 0], values[STYLE_TEXT, 1])
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


@njit
def _end(walk: Walk, tag: int, tables: TagTables) -> None:
    """Read an end tag; one that matches nothing is ignored."""
    kinds, count = tables.kinds, walk.counters
    if tag == A:
        if count[IN_LINK]:
            count[IN_LINK] = 0
            _add_mark(walk, LINK_OFF)
    elif tag in (B, STRONG):
        if count[IN_BOLD]:
            count[IN_BOLD] = 0
            _add_mark(walk, BOLD_OFF)
    elif tag == P:
        _close(walk, P, P, kinds, TABLE_BARRIER, BUTTON)
        if not count[IN_PRE]:
            _flush(walk)  # without a paragraph to end, it is an empty one
    elif tag == TEMPLATE:
        if not count[IN_PRE]:
            _flush(walk)
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


@njit
def _record(walk: Walk, kind: int, first: Offsets, second: Offsets) -> None:
    """Note a place of the page: its kind, two spans of bytes, and the block that follows."""
    count = walk.counters
    if count[N_RECORDS] < MAX_RECORDS:
        row = walk.records[count[N_RECORDS]]
        row[0], row[1], row[2], row[3], row[4] = kind, first[0], first[1], second[0], second[1]
        row[5] = count[N_BLOCKS]
        count[N_RECORDS] += 1


@njit
def _is_marked(data: Bytes, start: int, stop: int) -> bool:
    """Return whether `data[start:stop]` has one of `_MARKS`, in any case."""
    stop = stop if stop < start + MAX_NAME_BYTES else start + MAX_NAME_BYTES
    for first in range(start, stop - 3):
        if not _STARTS_MARK[data[first]]:
            continue
        at = first
        for mark in _MARKS:
            if mark == 0:
                if at >= 0:
                    return True
                at = first
            elif at >= 0:
                at = at + 1 if at < stop and data[at] | 0x20 == mark else -1
    return False


@njit
def _note_marked(data: Bytes, values: Offsets, at: int, walk: Walk) -> None:
    """Note an element whose names say that it has an author or a date; its content is at `at`."""
    if walk.counters[N_MARKED] >= MAX_MARKED:
        return
    for attribute in (ITEMPROP, REL, CLASS, ID):
        if values[attribute, 0] < values[attribute, 1] and _is_marked(
            data, values[attribute, 0], values[attribute, 1]
        ):
            values[TYPE, 0] = values[TYPE, 1] = at
            _record(walk, MARKED_RECORD, values[TYPE], values[attribute])
            walk.counters[N_MARKED] += 1
            return


@njit
def _note(data: Bytes, values: Offsets, tag: int, walk: Walk) -> None:
    """Note a start tag that has metadata."""
    if tag == META and values[CONTENT, 0] >= 0:
        for name in (PROPERTY, NAME, ITEMPROP):
            if values[name, 0] >= 0:
                _record(walk, META_RECORD, values[name], values[CONTENT])
                break
    elif tag == TIME and values[DATETIME, 0] >= 0 and walk.counters[N_TIMES] < MAX_TIMES:
        _record(walk, TIME_RECORD, values[DATETIME], values[ITEMPROP])
        walk.counters[N_TIMES] += 1
    elif tag == LINK and values[HREF, 0] >= 0 and values[REL, 0] >= 0:
        code, _, _ = _name(data[values[REL, 0] : values[REL, 1]], 0)
        if code == np.uint64(0x63616E6F6E696361):  # canonica
            _record(walk, CANONICAL_RECORD, values[HREF], values[REL])
    elif tag == HTML and values[LANG, 0] >= 0:
        _record(walk, LANGUAGE_RECORD, values[LANG], values[LANG])


@njit
def _is_json(data: Bytes, start: int, stop: int) -> bool:
    """Return whether the type of a script is JSON-LD."""
    for at in range(start, stop - 2):
        if data[at] | 0x20 == 0x6C and data[at + 1] | 0x20 == 0x64 and data[at + 2] == 0x2B:  # ld+
            return True
    return False


@njit
def _has_formula(data: Bytes, values: Offsets, tag: int) -> bool:
    """Return whether a start tag is that of a formula that `corpus.articles.formulas` can read."""
    if tag == SCRIPT and values[TYPE, 0] >= 0:
        code, _, _ = _name(data[values[TYPE, 0] : values[TYPE, 1]], 0)
        return code == _FORMULA_SCRIPT
    if tag == IMG and values[CLASS, 0] >= 0:
        code, _, _ = _name(data[values[CLASS, 0] : values[CLASS, 1]], 0)
        for formula in _FORMULA_IMAGES:
            if code == formula:
                return True
    return tag == MATH


@njit
def _number(data: Bytes, start: int, stop: int) -> int:
    """Return the number at the start of a value, of at most nine digits; 0 if there is none."""
    at, value, negative = start, 0, False
    while at < stop and data[at] <= 0x20:
        at += 1
    if at < stop and data[at] in (0x2B, 0x2D):
        negative = data[at] == 0x2D
        at += 1
    last = at + 9
    while at < stop and at < last and 0x30 <= data[at] <= 0x39:
        value = 10 * value + int(data[at]) - 0x30
        at += 1
    return -value if negative else value


@njit
def _note_layout(
    data: Bytes, at: int, last_quotes: Offsets, values: Offsets, tag: int, walk: Walk
) -> None:
    """Note what the attributes of a cell, list or item say about the layout of the last node."""
    _attributes(data, at, last_quotes, LAYOUT_CODES, values)
    layout = walk.layout[walk.counters[N_NODES] - 1]
    if tag == LI:
        layout[0] = _number(data, values[VALUE, 0], values[VALUE, 1])
        layout[1] = values[VALUE, 0] >= 0
    elif tag == OL:
        layout[0] = _number(data, values[START, 0], values[START, 1])
        layout[0] = layout[0] if values[START, 0] >= 0 else 1
        layout[1] = values[REVERSED, 0] >= 0
    else:
        layout[0] = _number(data, values[COLSPAN, 0], values[COLSPAN, 1])
        layout[1] = _number(data, values[ROWSPAN, 0], values[ROWSPAN, 1])


@njit
def _walk(
    data: Bytes,
    walk: Walk,
    tables: TagTables,
    attribute_codes: NDArray[np.uint64],
    last_quotes: Offsets,
    last_comment_end: int,
) -> None:
    """Fill in what `walk_page` returns."""
    codes, kinds, count = tables.codes, tables.kinds, walk.counters
    values = np.empty((attribute_codes.size, 2), np.int64)
    layout_values = np.empty((LAYOUT_CODES.size, 2), np.int64)
    never_closed = np.zeros(N_TAGS, np.bool_)
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
            _add_text(data, text_start, at, walk)
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
        code, at, hyphen = _name(data, at + 1 + closes)
        name_end = at
        found = _find(codes, code)
        tag = found if found >= 0 else CUSTOM if hyphen else -1
        at = _attributes(data, at, last_quotes, attribute_codes, values)
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
                end = _close_tag_at(data, at, code)
                at = end if end >= 0 else size
            continue
        if tag < 0:
            if not closes:
                _note_marked(data, values, at, walk)
            continue
        if closes:
            _end(walk, tag, tables)
            if tag == BR and not count[IN_PRE]:
                _flush(walk)
            continue
        walk.tag_counts[tag] += 1
        kind = kinds[tag]
        _note(data, values, tag, walk)
        count[FORMULAS] += _has_formula(data, values, tag)
        if not kind & (RAW | HIDDEN | VOID) and tag not in (HTML, BODY):
            _note_marked(data, values, at, walk)
        if kind & RAW and not never_closed[tag]:
            end = _close_tag_at(data, at, code)
            if end < 0 and tag not in (SCRIPT, STYLE):
                never_closed[tag] = True
                continue
            end = end if end >= 0 else size
            if tag == SCRIPT and values[TYPE, 0] >= 0:
                if _is_json(data, values[TYPE, 0], values[TYPE, 1]):
                    values[TYPE, 0], values[TYPE, 1] = at, end
                    _record(walk, JSON_RECORD, values[TYPE], values[TYPE])
            elif tag == TITLE:
                values[TYPE, 0], values[TYPE, 1] = at, end
                _record(walk, TITLE_RECORD, values[TYPE], values[TYPE])
            elif tag == NOSCRIPT:
                count[NOSCRIPT_BYTES] += end - at
            at = text_start = end
        elif tag == TEMPLATE and values[SHADOW, 0] >= 0:  # its content is shown
            if not count[IN_PRE]:
                _flush(walk)
        elif kind & HIDDEN and not never_closed[tag]:
            if data[at - 2] != 0x2F:  # not <svg/>
                skipping, skip_depth, html_depth, resume = tag, 1, 0, at
        elif tag == BR:
            if count[IN_PRE]:
                _add_break(walk)
            elif count[BREAKS]:
                _flush(walk)
            elif count[VISIBLE]:
                _add_break(walk)
                count[BREAKS] = 1
                count[AFTER_SPACE] = 1
        elif tag == IMG:
            count[IMAGES] += 1
        elif kind & VOID:
            if kind & BLOCK and not count[IN_PRE]:
                _flush(walk)
        elif tag == A:
            if values[HREF, 0] >= 0:
                count[LINKS] += 1
                if not count[IN_LINK]:
                    count[IN_LINK] = count[DEPTH]
                    _add_mark(walk, LINK_ON)
            elif count[IN_LINK]:
                count[IN_LINK] = 0
                _add_mark(walk, LINK_OFF)
        elif tag in (B, STRONG):
            if not count[IN_BOLD]:
                count[IN_BOLD] = count[DEPTH]
                _add_mark(walk, BOLD_ON)
        elif kind & BLOCK:
            if tag in (BODY, HTML):
                if not walk.n_open[BODY] and tag == BODY:
                    _push(data, values, tag, walk, tables)
                continue
            _imply_ends(walk, tag, kinds)
            n_nodes = count[N_NODES]
            _push(data, values, tag, walk, tables)
            has_attributes = data[name_end] != 0x3E
            lays_out = tag == OL or (has_attributes and tag in (LI, TD, TH))
            if lays_out and count[N_NODES] > n_nodes:
                _note_layout(data, name_end, last_quotes, layout_values, tag, walk)
        elif tag == CODE and count[IN_PRE] and values[CLASS, 0] >= 0:
            layout = walk.layout[walk.stack_node[count[DEPTH] - 1]]
            if not layout[1]:
                layout[0], layout[1] = values[CLASS, 0], values[CLASS, 1]
    if text_start < size:
        _add_text(data, text_start, size, walk)
    _flush(walk)


@njit
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
    _walk(data, walk, tables, ATTRIBUTE_CODES, quotes, html.rfind(b"-->"))
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
