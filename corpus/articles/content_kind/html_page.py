"""The description of an HTML page, for the model of its content kind."""

from __future__ import annotations

import re

import numpy as np

from corpus.array_types import Numbers
from corpus.articles.blocks.feature_columns import (
    CLASS_CUE,
    FIRST_NODE,
    FIRST_PAGE,
    FIRST_SEMANTIC,
    FIRST_SIBLING,
    HEADING_LEVEL,
    LINK_SHARE,
    NAMES,
    SIBLING_FEATURES,
    WORD_CUE,
)
from corpus.articles.blocks.features import ReadPage
from corpus.articles.blocks.markup import Markup
from corpus.articles.blocks.page_features import json_types
from corpus.articles.blocks.tags import SEMANTIC
from corpus.articles.blocks.text_features import good_blocks
from corpus.articles.content_kind.description import (
    PageDescription,
    column_means,
    describe,
    hash_tokens,
)
from corpus.articles.content_kind.stretches import longest_stretch, share
from corpus.articles.lines.counters import WORDS

GROUPS = ("address", "title", "class names", "words", "markup")
"""The groups of tokens."""
MAX_CHARACTERS = 500
"""Characters of a title or an address that are read."""
MAX_METAS = 200
"""Meta tags whose names are read."""
_VALUES = ("og:type", "generator", "twitter:card")
"""Meta tags whose values are tokens, too."""
_MAX_VALUE = 40
_LETTERS = re.compile(r"[a-z]+")
_WORDS = re.compile(r"\w+")
_BLOCK_COLUMNS = np.array([i for i in range(FIRST_NODE) if i not in (WORD_CUE, CLASS_CUE)])
_PAGE_COLUMNS = np.array(
    [i for i in range(FIRST_PAGE, len(NAMES)) if NAMES[i] != "page: mean cue of the words"]
)
"""Cues depend on the block model. The kind does not, so either can be trained again alone."""
_MENUS = np.array(
    [FIRST_SEMANTIC + SEMANTIC.index(n) for n in ("nav", "header", "footer", "aside")]
)
_WITH_ITS_PATH = FIRST_SIBLING + SIBLING_FEATURES.index("blocks with the same path")
_MIN_LINKED, _MIN_TITLE, _MAX_TITLE = 0.5, 5, 30
"""A linked title is a block of 5 to 30 words, at least half of them in links."""
SHAPE_COLUMNS = (
    "words outside of menus",
    "share of words outside of menus that are in links",
    "linked headings",
    "share of headings that are linked",
    "most blocks with the path of a linked title",
    "share of words in linked titles",
    "words in paragraphs",
    "share of words outside of menus that are in paragraphs",
    "most words between linked titles",
    "share of words between the same linked titles",
    "most paragraphs between linked titles",
    "most words between titles",
)
"""What tells a list of pages from one page: how many titles are links, and how much prose follows
without another title."""
COLUMNS = (
    *SHAPE_COLUMNS,
    *(NAMES[i] for i in _PAGE_COLUMNS),
    *(f"{NAMES[i]}, mean by words" for i in _BLOCK_COLUMNS),
    *(f"{NAMES[i]}, mean of blocks" for i in _BLOCK_COLUMNS),
)
"""What each column contains."""


def markup_tokens(markup: Markup) -> tuple[str, ...]:
    """Return the types of schema.org, the names of meta tags, and a few of their values."""
    metas = markup.metas[:MAX_METAS]
    return (
        *(f"type {name}" for name in sorted(json_types(markup))),
        *(name[:_MAX_VALUE] for name, _ in metas),
        *(f"{name} {value[:_MAX_VALUE].lower()}" for name, value in metas if name in _VALUES),
    )


def address_words(markup: Markup) -> list[str]:
    """Return the words of the address that the page gives for itself."""
    url = (markup.canonical or markup.meta("og:url"))[:MAX_CHARACTERS]
    return _LETTERS.findall(url.partition("//")[2].lower())


def title_words(markup: Markup) -> list[str]:
    """Return the words of the title of a page."""
    return _WORDS.findall(markup.title[:MAX_CHARACTERS].lower())


def page_shape(table: Numbers) -> list[float]:
    """Return `SHAPE_COLUMNS` of a page, given the features of its blocks."""
    words, is_prose = table[:, WORDS].astype(np.float64), good_blocks(table)
    is_inside = ~(table[:, _MENUS] > 0).any(1)
    is_linked, is_heading = table[:, LINK_SHARE] >= _MIN_LINKED, table[:, HEADING_LEVEL] > 0
    is_title = is_linked & is_inside & (words >= _MIN_TITLE) & (words <= _MAX_TITLE)
    is_linked_heading = is_linked & is_heading
    n_words, n_inside, n_prose = (words[own].sum() for own in (words > 0, is_inside, is_prose))
    between = longest_stretch(words, is_prose, is_title | is_linked_heading)
    section = longest_stretch(words, is_prose, is_title | is_heading)
    return [
        n_inside,
        share(words[is_inside & is_linked].sum(), n_inside),
        is_linked_heading.sum(),
        share(is_linked_heading.sum(), is_heading.sum()),
        table[is_title, _WITH_ITS_PATH].max(initial=0),
        share(words[is_title].sum(), n_words),
        n_prose,
        share(n_prose, n_inside),
        between.words,
        share(between.words, n_words),
        between.paragraphs,
        section.words,
    ]


def describe_html(page: ReadPage) -> PageDescription:
    """Return the description of a page that has blocks; `fill_features` has filled its table."""
    markup, table = page.markup, page.table
    means = column_means(table, _BLOCK_COLUMNS, table[:, WORDS])
    shape = np.array(page_shape(table), np.float32)
    return describe(
        [
            hash_tokens(address_words(markup)),
            hash_tokens(title_words(markup)),
            page.names.tokens,
            page.words,
            hash_tokens(markup_tokens(markup)),
        ],
        np.concatenate([shape, table[0, _PAGE_COLUMNS], means]),
    )
