"""Why the block model keeps a block or not, in words: what spoke for it, and what against.

The contributions of the features to the score (`tree_contributions.py`) are summed by topic, such
as the links of a block or the class names around it. A topic is put into words by the values that
the block has. They are relative to the other blocks of the page: what all blocks have in
common explains none of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.articles.blocks.class_names import BAD_CUES, CUES
from corpus.articles.blocks.feature_columns import (
    FIRST_NEIGHBOUR,
    FIRST_NODE,
    FIRST_PAGE,
    FIRST_PLACE,
    FIRST_SIBLING,
    FIRST_WINDOW,
    INSIDE_DENSEST,
    LINK_SHARE,
    LINKS,
    N_FEATURES,
    NAMES,
    NODE_FEATURES,
    TITLE_SHARE,
)
from corpus.articles.blocks.features import ReadPage
from corpus.articles.blocks.model import BlockModel, score_tables
from corpus.articles.blocks.tags import TAGS
from corpus.articles.lines.counters import WORDS
from corpus.articles.reasons import (
    MAX_EXPLAINED,
    Reasons,
    Topic,
    change_of_scores,
    length_in_words,
    strongest,
    sums_by_topic,
)
from corpus.articles.tree_contributions import tree_contributions
from corpus.trees import predict

MAX_NAME = 24
"""Characters of a class name that are shown."""
_GOOD_CUES = ("body", "post", "product")
_SEMANTIC_TAGS = {
    "article", "main", "nav", "aside", "footer", "header", "form", "table", "figure", "blockquote",
    "dialog", "details",
}  # fmt: skip


class _Block(NamedTuple):
    """A block that is put into words."""

    page: ReadPage
    row: int

    @property
    def values(self) -> NDArray[np.float32]:
        """Its features."""
        return self.page.table[self.row]

    def value(self, name: str) -> float:
        """Return one of its features."""
        return float(self.values[NAMES.index(name)])

    def ancestors(self) -> list[int]:
        """Return its node and those above it, the innermost first."""
        nodes, node = [], int(self.page.blocks.node[self.row])
        while node >= 0:
            nodes.append(node)
            node = int(self.page.walk.parent[node])
        return nodes


def _length(block: _Block, *, keeps: bool) -> str:
    sentences = int(block.value("sentences that end in it"))
    return length_in_words(int(block.values[WORDS]), sentences, keeps=keeps)


def _vocabulary(_: _Block, *, keeps: bool) -> str:
    return "words of main content" if keeps else "words of boilerplate"


def _class_names(block: _Block, *, keeps: bool) -> str:
    """Name the nearest class that is a cue, or the nearest that there is."""
    walk, cues = block.page.walk, _GOOD_CUES if keeps else BAD_CUES
    parts = [part.strip("_") for cue in cues for part in CUES[cue].split()]
    nearest = ""
    for node in block.ancestors():
        raw = walk.names[walk.name_offsets[node] : walk.name_offsets[node + 1]].tobytes()
        for name in raw.decode("utf-8", "replace").split():
            nearest = nearest or name
            lower = name.lower().replace("-", "_")
            if any(part in lower for part in parts):
                return f"class {_shortened(name)}"
    return f"class {_shortened(nearest)}" if nearest else "no class names"


def _shortened(name: str) -> str:
    return name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…"


def _links(block: _Block, *, keeps: bool) -> str:
    share, n = float(block.values[LINK_SHARE]), int(block.values[LINKS])
    if share > 0.5:
        return "mostly a link" if n == 1 else "mostly links"
    return (
        f"{n} link{'' if n == 1 else 's'}" if n and not keeps else "few links" if n else "no link"
    )


def _element(block: _Block, **_: bool) -> str:
    """Name the element of the block, and the nearest one around it that has a meaning."""
    tags = [TAGS[int(block.page.walk.tag[node])] for node in block.ancestors()]
    around = next((tag for tag in tags[1:] if tag in _SEMANTIC_TAGS), None)
    return f"element {tags[0]}" + (f" in {around}" if around else "")


def _siblings(block: _Block, **_: bool) -> str:
    """Say how many blocks are built alike, and what most of them are like."""
    n = int(block.value("blocks with the same path"))
    links = block.value("share of words in links with the same path")
    if n <= 1:
        return ""
    if links > 0.5:
        return f"one of {n} such links"
    is_prose = block.value("share of good blocks with the same path") > 0.5
    return f"one of {n} such paragraphs" if is_prose else f"one of {n} such short texts"


def _container(block: _Block, *, keeps: bool) -> str:
    if block.values[INSIDE_DENSEST]:
        return "in the element with most text" if keeps else "at the edge of the text"
    return "near the element with most text" if keeps else "outside the element with most text"


def _place(block: _Block, **_: bool) -> str:
    share = block.value("share of words before it")
    return "top of the page" if share < 0.1 else "end of the page" if share > 0.9 else (
        "middle of the page"
    )  # fmt: skip


def _neighbours(_: _Block, *, keeps: bool) -> str:
    return "text before or after it" if keeps else "little text around it"


def _context(_: _Block, *, keeps: bool) -> str:
    return "blocks around it are content" if keeps else "blocks around it are boilerplate"


def _title(block: _Block, **_: bool) -> str:
    return "repeats the title" if block.values[TITLE_SHARE] > 0.5 else "words of title or summary"


def _typography(block: _Block, *, keeps: bool) -> str:
    if not keeps and block.value("share of digits") > 0.2:
        return "many digits"
    if not keeps and block.value("share of capitalised words") > 0.6:
        return "many capitals"
    return "written like running text" if keeps else "written like a label"


def _repeats(_: _Block, **__: bool) -> str:
    return "repeated on the page"


def _hidden(_: _Block, *, keeps: bool) -> str:
    return "visible" if keeps else "hidden by its style"


def _page(_: _Block, **__: bool) -> str:
    return ""  # the same for all blocks


_OF_TEXT: dict[str, Topic] = {
    "characters": _length, "words": _length, "ends a sentence": _length, "lines": _length,
    "sentences that end in it": _length, "commas per word": _length, "longest word": _length,
    "words per sentence": _length, "share of stop words": _length, "cue of its words": _vocabulary,
    "cue of its class names": _class_names, "share of words in links": _links, "links": _links,
    "share of words of the title": _title, "share of its words that are in the title": _title,
    "share of its words that are in the description": _title, "is preformatted": _element,
    "other equal lines on the page": _repeats, "position on the page": _place,
}  # fmt: skip
"""The topics of features of the block's own text; all others are of its typography."""


def topic_of(column: int) -> Topic:
    """Return the topic of a feature, as the function that puts it into words."""
    name = NAMES[column]
    starts = (
        (FIRST_PAGE, _page), (FIRST_NEIGHBOUR, _neighbours), (FIRST_WINDOW, _neighbours),
        (FIRST_PLACE, _place), (FIRST_SIBLING, _siblings),
    )  # fmt: skip
    for first, topic in starts:
        if column >= first:
            return topic
    if column >= FIRST_NODE:
        is_sibling = "sibling" in NODE_FEATURES[(column - FIRST_NODE) % len(NODE_FEATURES)]
        return _siblings if is_sibling else _container
    if "in the names of" in name or name == "cues of boilerplate":
        return _class_names
    if name.startswith("hidden"):
        return _hidden
    if column >= INSIDE_DENSEST:
        return _container
    if name.startswith(("is ", "in ")) or name in ("depth", "level of heading"):
        return _element
    return _OF_TEXT.get(name, _typography)


_TOPICS = tuple(topic_of(column) for column in range(N_FEATURES))
_DISTINCT = (*dict.fromkeys(_TOPICS), _context)


def reasons_of(page: ReadPage, model: BlockModel) -> list[Reasons]:
    """Return the reasons for and against each of the first `MAX_EXPLAINED` blocks of a page.

    The features of a block explain its score of the first pass. What the second pass adds comes
    from the blocks around it.
    """
    scores, wide = score_tables(page, model)
    scores, wide = scores[:MAX_EXPLAINED], wide[:MAX_EXPLAINED]
    own = tree_contributions(wide[:, :N_FEATURES], model.first_pass)
    second = predict(wide, model.second_pass)
    by_topic = sums_by_topic(own, _TOPICS, _DISTINCT)
    by_topic[:, _DISTINCT.index(_context)] = change_of_scores(scores, second)
    return [strongest(_Block(page, row), by_topic[row], _DISTINCT) for row in range(len(wide))]
