"""The description of an HTML page, for the model of its content kind."""

from __future__ import annotations

import re

import numpy as np

from corpus.articles.blocks.feature_columns import (
    CLASS_CUE,
    FIRST_NODE,
    FIRST_PAGE,
    NAMES,
    WORD_CUE,
)
from corpus.articles.blocks.features import ReadPage
from corpus.articles.blocks.markup import Markup
from corpus.articles.blocks.page_features import json_types
from corpus.articles.content_kind.description import (
    PageDescription,
    column_means,
    describe,
    hash_tokens,
)
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
COLUMNS = (
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


def describe_html(page: ReadPage) -> PageDescription:
    """Return the description of a page that has blocks; `fill_features` has filled its table."""
    markup, table = page.markup, page.table
    means = column_means(table, _BLOCK_COLUMNS, table[:, WORDS])
    return describe(
        [
            hash_tokens(address_words(markup)),
            hash_tokens(title_words(markup)),
            page.names.tokens,
            page.words,
            hash_tokens(markup_tokens(markup)),
        ],
        np.concatenate([table[0, _PAGE_COLUMNS], means]),
    )
