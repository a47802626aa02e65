"""The features of a block: what each column of the table contains, and its number.

The columns of a block are its text; its place in the tree; its node and the ancestors of it; like
siblings; its place on the page with three windows around it; its neighbours; and the page.
"""

from __future__ import annotations

from corpus.articles.blocks.class_names import CUES
from corpus.articles.blocks.page_features import PAGE_FEATURES
from corpus.articles.blocks.tags import NUMBER, SEMANTIC
from corpus.articles.lines.counters import COUNTERS

TEXT_FEATURES = (
    *COUNTERS,
    "share of words in links",
    "links",
    "share of words in bold",
    "images before it",
    "lines",
    "is preformatted",
    "share of words of the title",
    "share of its words that are in the title",
    "share of its words that are in the description",
    "share of stop words",
    "words per sentence",
    "cue of its words",
    "cue of its class names",
)
(
    LINK_SHARE, LINKS, BOLD_SHARE, IMAGES, LINES, IS_VERBATIM, TITLE_SHARE, IN_TITLE,
    IN_DESCRIPTION, STOP_SHARE, WORDS_PER_SENTENCE, WORD_CUE, CLASS_CUE,
) = range(len(COUNTERS), len(TEXT_FEATURES))  # fmt: skip

ONE_HOT = (
    "p",
    "li",
    "td",
    "tr",
    "div",
    "pre",
    "dt",
    "dd",
    "blockquote",
    "figcaption",
    "section",
    "article",
    "button",
    "caption",
    "th",
    "summary",
    "footer",
    "header",
    "body",
)
ONE_HOT_NUMBERS = tuple(NUMBER[name] for name in ONE_HOT)
TREE_FEATURES = (
    *(f"is {name}" for name in ONE_HOT),
    "level of heading",
    "depth",
    "hidden by style",
    "hidden from readers",
    *(f"in {name}" for name in SEMANTIC),
    *(f"{cue} in the names of its node and the two above" for cue in CUES),
    *(f"{cue} in the names of any ancestor" for cue in CUES),
    "cues of boilerplate",
    "inside the densest node",
    "steps from the densest node up to a common ancestor",
    "steps from it up to a common ancestor",
    "share of words in the densest node",
    "share of good words in the densest node",
)
FIRST_TREE = len(TEXT_FEATURES)
HEADING_LEVEL = FIRST_TREE + len(ONE_HOT)
DEPTH, STYLE_HIDDEN, ARIA_HIDDEN = range(HEADING_LEVEL + 1, HEADING_LEVEL + 4)
FIRST_SEMANTIC = ARIA_HIDDEN + 1
FIRST_OWN_CUE = FIRST_SEMANTIC + len(SEMANTIC)
FIRST_ANY_CUE = FIRST_OWN_CUE + len(CUES)
BAD_CUES = FIRST_ANY_CUE + len(CUES)
INSIDE_DENSEST, UP_FROM_DENSEST, UP_FROM_BLOCK, DENSEST_WORDS, DENSEST_GOOD = range(
    BAD_CUES + 1, BAD_CUES + 6
)

LEVELS = 5
"""A block's node and the ancestors that are described one by one."""
NODE_FEATURES = (
    "words", "share of words in links", "share of the page's words", "share of good words",
    "words per block", "density", "like siblings", "rank among like siblings",
    "mean words of like siblings",
)  # fmt: skip
FIRST_NODE = FIRST_TREE + len(TREE_FEATURES)
SIBLING_FEATURES = (
    "most like siblings of any ancestor",
    "share of words in the like siblings of any ancestor",
    "blocks with the same path",
    "share of words with the same path",
    "mean words with the same path",
    "share of words in links with the same path",
    "share of good blocks with the same path",
    "mean cue of the words with the same path",
)
FIRST_SIBLING = FIRST_NODE + LEVELS * len(NODE_FEATURES)

PLACE_FEATURES = (
    "share of blocks before it", "share of words before it", "blocks before it",
    "blocks after it", "blocks after the first good one", "blocks after the last good one",
    "blocks since a good one", "blocks until a good one", "blocks after the first h1",
)  # fmt: skip
FIRST_PLACE = FIRST_SIBLING + len(SIBLING_FEATURES)
WINDOWS = (3, 8, 20)
WINDOW_FEATURES = (
    "words before", "words after", "good blocks before", "good blocks after",
    "share of words in links", "mean cue of words before", "mean cue of words after",
)  # fmt: skip
FIRST_WINDOW = FIRST_PLACE + len(PLACE_FEATURES)
NEIGHBOURS = (-2, -1, 1, 2)
NEIGHBOUR_FEATURES = (
    "words", "share of words in links", "ends a sentence", "is a heading", "tag", "same node",
    "cue of its words", "cue of its class names",
)  # fmt: skip
FIRST_NEIGHBOUR = FIRST_WINDOW + len(WINDOWS) * len(WINDOW_FEATURES)
FIRST_PAGE = FIRST_NEIGHBOUR + len(NEIGHBOURS) * len(NEIGHBOUR_FEATURES)

NAMES = (
    *TEXT_FEATURES,
    *TREE_FEATURES,
    *(f"{name} of ancestor {level}" for level in range(LEVELS) for name in NODE_FEATURES),
    *SIBLING_FEATURES,
    *PLACE_FEATURES,
    *(f"{name} within {size} blocks" for size in WINDOWS for name in WINDOW_FEATURES),
    *(f"{name} at {step:+d}" for step in NEIGHBOURS for name in NEIGHBOUR_FEATURES),
    *PAGE_FEATURES,
)
"""What each column contains."""
N_FEATURES = len(NAMES)
