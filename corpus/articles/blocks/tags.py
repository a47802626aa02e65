"""HTML tags by number, and what the walk over a page must know about each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NAME_BYTES = 8
"""Bytes of a name that its code has as they are."""
HASHED_BITS = 0xFFFFFFFF
"""Bits that are a hash of the rest in the code of a longer name: `template-x` is not `template`."""
HASH_FACTOR = 16777619


def name_code(name: str) -> int:
    """Return a name as one number of 64 bits, as the kernel reads it.

    The names of all tags and attributes of interest have different codes.
    """
    raw = name.encode()
    code = int.from_bytes(raw[:NAME_BYTES], "big")
    for byte in raw[NAME_BYTES:]:
        code = code & ~HASHED_BITS | (code ^ byte) * HASH_FACTOR & HASHED_BITS
    return code


def _names(text: str) -> tuple[str, ...]:
    """Return the names in a text, separated by spaces."""
    return tuple(text.split())


_BLOCKS = _names(
    """address article aside blockquote body button caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main
    menu nav ol p pre search section summary table tbody td tfoot th thead tr ul"""
)
"""Elements that begin and end a block. All others, unknown ones included, are within a block."""
_VOID = _names("area base br col embed hr img input link meta param source track wbr")
_RAW = _names("script style title textarea noscript iframe noembed noframes xmp")
"""Elements whose content is not markup. None of it is visible, except that of `xmp`. The content of
a `textarea` is visible, but it belongs to a form: on real pages it is code to copy, or the article
a second time."""
_HIDDEN = _names("audio canvas datalist math select svg template video")
"""Elements whose content is markup, but not visible text; a `template` with a shadow root is. That
of an `object` is visible where the object cannot be shown, and that of a `map` always is."""
_INLINE = _names("a b strong time code map object option label span")
"""Other elements that are of interest or are counted."""
_ENDS_PARAGRAPH = set(_BLOCKS) - set(
    _names("body button caption dd dt html legend li tbody td tfoot th thead tr")
)

TAGS = tuple(sorted({*_BLOCKS, *_VOID, *_RAW, *_HIDDEN, *_INLINE}, key=name_code))
"""The name of each tag number. The last number, `CUSTOM`, is an element with a hyphen."""
NUMBER = {name: number for number, name in enumerate(TAGS)}
CUSTOM = len(TAGS)
N_TAGS = CUSTOM + 1

BLOCK, VOID, RAW, HIDDEN, ENDS_PARAGRAPH = 1, 2, 4, 8, 16
HEADING, LIST_BARRIER, TABLE_PART, TABLE_BARRIER, ENDS_DRAWING = 32, 64, 128, 256, 512
"""What a tag is, as bits. A barrier is an element that the end tag of another kind cannot close."""

_MEMBERS = {
    BLOCK: _BLOCKS,
    VOID: _VOID,
    RAW: _RAW,
    HIDDEN: _HIDDEN,
    ENDS_PARAGRAPH: _ENDS_PARAGRAPH,
    HEADING: _names("h1 h2 h3 h4 h5 h6"),
    LIST_BARRIER: set(_BLOCKS) - set(_names("address div p")),
    TABLE_PART: _names("table caption tbody td tfoot th thead tr"),
    TABLE_BARRIER: _names("table caption td th"),
    ENDS_DRAWING: _names(
        """b blockquote body br center code dd div dl dt embed h1 h2 h3 h4 h5 h6 hr img li menu meta
        ol p pre span strong table ul"""
    ),
}

SEMANTIC = (
    "article", "main", "nav", "aside", "footer", "header", "section", "form", "ul", "ol", "table",
    "figure", "blockquote", "dialog", "button", "dl", "details", "tr", "li", "figcaption", "pre",
)  # fmt: skip
"""Elements whose descendants know that they are inside: bit `i` of a node is for the i-th."""
_ROLES = {
    "main": "main", "navigation": "nav", "complementary": "aside", "contentinfo": "footer",
    "banner": "header", "dialog": "dialog", "alertdialog": "dialog", "article": "article",
}  # fmt: skip


class TagTables(NamedTuple):
    """What the walk knows about tags, by tag number."""

    codes: NDArray[np.uint64]
    """The code of each name, in ascending order (uint64[n_tags - 1])."""
    kinds: NDArray[np.int64]
    """What the tag is, as bits (int64[n_tags])."""
    semantics: NDArray[np.int64]
    """The bit of a semantic element; 0 for others (int64[n_tags])."""
    role_codes: NDArray[np.uint64]
    role_semantics: NDArray[np.int64]
    """ARIA roles that mean the same as an element, and its bit."""


def _tables() -> TagTables:
    """Return the tables."""
    kinds = np.zeros(N_TAGS, np.int64)
    for bit, names in _MEMBERS.items():
        for name in names:
            kinds[NUMBER[name]] |= bit
    kinds[CUSTOM] = BLOCK
    semantics = np.zeros(N_TAGS, np.int64)
    for i, name in enumerate(SEMANTIC):
        semantics[NUMBER[name]] = 1 << i
    return TagTables(
        np.array([name_code(name) for name in TAGS], np.uint64),
        kinds,
        semantics,
        np.array([name_code(role) for role in _ROLES], np.uint64),
        np.array([1 << SEMANTIC.index(name) for name in _ROLES.values()], np.int64),
    )


TABLES = _tables()
WITH_NOSCRIPT = TABLES._replace(kinds=TABLES.kinds.copy())
"""Tables for a page that has its text for browsers without scripts."""
WITH_NOSCRIPT.kinds[NUMBER["noscript"]] = BLOCK

(A, B, BODY, BR, CODE, DD, DT, HTML, IMG, LI, LINK, META, P, PRE, SCRIPT, STRONG, TABLE, TD, TH) = (
    NUMBER[name]
    for name in _names(
        "a b body br code dd dt html img li link meta p pre script strong table td th"
    )
)
TIME, TITLE, TR, DIV, BUTTON, STYLE = (
    NUMBER[name] for name in _names("time title tr div button style")
)
TBODY, TFOOT, THEAD, H1, NOSCRIPT, OL, SVG, TEMPLATE = (
    NUMBER[name] for name in _names("tbody tfoot thead h1 noscript ol svg template")
)
BLOCKQUOTE, CAPTION, DL, MATH, MENU, UL, XMP = (
    NUMBER[name] for name in _names("blockquote caption dl math menu ul xmp")
)
HEADING_LEVELS = {NUMBER[f"h{level}"]: level for level in range(1, 7)}
"""The level of each heading, by its tag."""

ATTRIBUTES = (
    "class", "id", "itemprop", "role", "style", "hidden", "aria-hidden", "href", "name", "property",
    "content", "datetime", "type", "rel", "lang", "shadowrootmode",
)  # fmt: skip
"""The attributes that are read."""
(
    CLASS, ID, ITEMPROP, ROLE, STYLE_TEXT, IS_HIDDEN, ARIA_HIDDEN, HREF, NAME, PROPERTY, CONTENT,
    DATETIME, TYPE, REL, LANG, SHADOW,
) = range(len(ATTRIBUTES))  # fmt: skip
ATTRIBUTE_CODES = np.array([name_code(name) for name in ATTRIBUTES], np.uint64)
LAYOUT_ATTRIBUTES = ("colspan", "rowspan", "start", "reversed", "value")
"""The attributes of cells, lists and items that the layout of the text needs."""
COLSPAN, ROWSPAN, START, REVERSED, VALUE = range(len(LAYOUT_ATTRIBUTES))
LAYOUT_CODES = np.array([name_code(name) for name in LAYOUT_ATTRIBUTES], np.uint64)
for _codes in (ATTRIBUTE_CODES, LAYOUT_CODES):
    _codes.setflags(write=False)  # both of one type: the kernel is compiled once
