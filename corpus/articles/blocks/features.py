"""All features of the blocks of a page, in one table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.array_types import Flags, Numbers, Offsets, Words
from corpus.articles.blocks.block_text import Blocks, read_blocks
from corpus.articles.blocks.class_names import ClassNames, read_class_names
from corpus.articles.blocks.feature_columns import (
    CLASS_CUE,
    FIRST_PAGE,
    FIRST_SEMANTIC,
    LINK_SHARE,
    N_FEATURES,
    WORD_CUE,
)
from corpus.articles.blocks.page_features import MEASURED, read_page_info
from corpus.articles.blocks.place_features import fill_place
from corpus.articles.blocks.tags import H1, SEMANTIC
from corpus.articles.blocks.text_features import good_blocks, text_features
from corpus.articles.blocks.tree_features import Paths, tree_features
from corpus.articles.blocks.walk import Walk, walk_page
from corpus.articles.characters import CharacterTables
from corpus.articles.lines.counters import WORDS

_SHARES = np.array(
    [FIRST_SEMANTIC + SEMANTIC.index(name) for name in "article main form li table".split()]
)


class ReadPage(NamedTuple):
    """A page cut into blocks, with the features that no model has a part in."""

    walk: Walk
    blocks: Blocks
    names: ClassNames
    words: Words
    """The hash of each word (uint32[n_words])."""
    word_offsets: Offsets
    """Where the words of each block start (int64[n_blocks + 1])."""
    table: Numbers
    """The features of each block; those that need cues are filled in by `fill_features`."""
    page_columns: Numbers
    n_bytes: int


def read_page(html: bytes, characters: CharacterTables) -> ReadPage:
    """Return the blocks of a page; the bytes are UTF-8 and have no NUL."""
    walk = walk_page(html)
    blocks = read_blocks(walk, characters)
    names = read_class_names(walk.names, walk.name_offsets)
    info = read_page_info(html, walk)
    table = np.zeros((len(blocks.node), N_FEATURES), np.float32)
    words, offsets = text_features(blocks, info.title, info.description, characters, table)
    return ReadPage(walk, blocks, names, words, offsets, table, info.columns, len(html))


def fill_features(page: ReadPage, word_cues: Numbers, class_cues: Numbers) -> Paths:
    """Fill in the features of a page, given the cues of its blocks.

    `word_cues` and `class_cues` are the log-odds of each block by its words and by the class names
    of its ancestors (float32[n_blocks]).
    """
    walk, node, table = page.walk, page.blocks.node, page.table
    table[:, WORD_CUE], table[:, CLASS_CUE] = word_cues, class_cues
    good = good_blocks(table)
    tree = walk.parent, walk.tag, walk.depth, walk.semantics, walk.hidden
    _, paths = tree_features(tree, page.names, node, good, table)
    fill_place(node, walk.tag, H1, good, table)
    table[:, FIRST_PAGE:] = _page_columns(page, good, paths)
    return paths


def _page_columns(page: ReadPage, good: Flags, paths: Paths) -> Numbers:
    """Return the columns that all blocks of a page have in common."""
    table = page.table
    n = len(table)
    words = table[:, WORDS]
    total = max(float(words.sum()), 1.0)
    measured = [
        n,
        total,
        float(words @ table[:, LINK_SHARE]) / total,
        float(words @ good) / total,
        int(good.sum()),
        total / max(n, 1),
        float(words.max(initial=0)),
        page.n_bytes / 1000,
        float(table[:, WORD_CUE].mean()) if n else 0.0,
        *((words @ table[:, _SHARES]) / total).tolist(),
        paths.most_blocks,
        paths.most_words,
        paths.n_groups / max(n, 1),
    ]
    if len(measured) != len(MEASURED):
        raise AssertionError("a column of MEASURED is missing")
    columns: NDArray[np.float32] = np.concatenate([np.array(measured, np.float32), page.page_columns])
    return columns
